"""Training on packed documents is training on each of them alone, in every family of models."""

from __future__ import annotations

from typing import Any

import families
import numpy as np
import pytest
import torch

from obverse.training.layout import laid_out, layout
from obverse.training.loss import batch_loss
from obverse.training.packing import IGNORED, Batch, Example, Integers, pack

CPU = torch.device("cpu")
# Longer than the windows and chunks of the tiny models.
LENGTHS = (23, 17, 12)
FAMILIES = [family for family in families.names() if family not in families.LEFT_OUT]
# They see what stands after a token too, so a branch cannot be read behind the beginning alone.
NOT_CAUSAL = {"cpmant", "prophetnet", "xlm", "xlnet"}


def document(rng: np.random.Generator, length: int) -> Example:
    tokens = rng.integers(3, 90, length)
    return Example(tokens, np.append(tokens[1:], IGNORED))


def plain_loss(model: Any, tokens: Integers, first: int = 1) -> float:
    """The summed loss of a document alone, as the library computes it, from its token ``first`` on."""
    with torch.no_grad():
        logits = model(input_ids=torch.from_numpy(tokens)[None], use_cache=False).logits[0, first - 1 : -1]
    expected = torch.from_numpy(tokens[first:])
    return float(torch.nn.functional.cross_entropy(logits.float(), expected, reduction="sum"))


def loss(model: Any, batch: Batch) -> float:
    with torch.no_grad():
        return float(batch_loss(model, batch, CPU))


@pytest.mark.parametrize("family", families.marked(FAMILIES))
def test_the_loss_of_packed_documents_is_that_of_each_alone(family: str) -> None:
    rng = np.random.default_rng(0)
    model, documents = families.tiny(family), [document(rng, length) for length in LENGTHS]
    expected = sum(plain_loss(model, one.tokens) for one in documents) / (sum(LENGTHS) - len(LENGTHS))
    for row_tokens in (sum(LENGTHS), 36):
        assert loss(model, pack(documents, row_tokens)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("family", families.marked(FAMILIES))
def test_a_document_does_not_see_its_neighbour(family: str) -> None:
    rng = np.random.default_rng(0)
    model, (first, second, other) = families.tiny(family), [document(rng, length) for length in (20, 12, 20)]
    unseen = [Example(one.tokens, np.full(20, IGNORED)) for one in (first, other)]
    found = [loss(model, pack([one, second], 32)) for one in unseen]
    assert found[0] == pytest.approx(found[1], abs=1e-5)


@pytest.mark.parametrize("family", families.marked(sorted({*FAMILIES} - NOT_CAUSAL)))
def test_a_branch_reads_as_if_it_stood_alone_behind_the_beginning(family: str) -> None:
    rng = np.random.default_rng(0)
    model, shared, ends = families.tiny(family), rng.integers(3, 90, 14), rng.integers(3, 90, (3, 5))
    labels = [*shared[1:], IGNORED]
    for end in ends:
        labels += [*end[1:], IGNORED]
    branches = np.repeat([0, 1, 2, 3], [14, 5, 5, 5])
    example = Example(np.concatenate([shared, *ends]), np.array(labels), branches)
    expected = plain_loss(model, shared)
    expected += sum(plain_loss(model, np.concatenate([shared, end]), 15) for end in ends)
    assert loss(model, pack([example], 29)) == pytest.approx(expected / (13 + 12), abs=1e-5)


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("llama", "packed"),
        ("mistral", "packed"),  # windows
        ("gemma3", "packed"),  # windows in some layers
        ("mixtral", "packed"),
        ("deepseek_v3", "packed"),
        ("bloom", "padded"),  # makes its own mask
        ("qwen3_5", "padded"),  # recurrent layers
        ("mamba", "padded"),
        ("lfm2", "padded"),  # convolutions
        ("roberta", "padded"),  # counts places by itself
        ("xlnet", "alone"),
    ],
)
def test_what_is_packed(family: str, expected: str) -> None:
    model = families.tiny(family)
    assert layout(model) == expected
    assert not model.training
    batch = pack([document(np.random.default_rng(0), length) for length in (9, 5)], 14)
    assert (laid_out(model, batch) is batch) is (expected == "packed")
    read = laid_out(model, batch)
    assert (read.size, read.pairs, read.predicted) == (batch.size, batch.pairs, batch.predicted)
    assert laid_out(model, read) is read


def test_rows_longer_than_what_attention_picks_from_are_not_packed() -> None:
    model, rng = families.tiny("llama"), np.random.default_rng(0)
    model.config.index_topk = 40
    short, long = (pack([document(rng, 20), document(rng, other)], 60) for other in (20, 21))
    assert laid_out(model, short) is short
    assert laid_out(model, long).documents.max() == 0


@pytest.mark.parametrize("branches", [False, True])
def test_an_unpacked_batch_predicts_each_place_once(branches: bool) -> None:
    rng = np.random.default_rng(0)
    documents = [document(rng, length) for length in (9, 4, 6)]
    if branches:
        documents[0] = Example(documents[0].tokens, documents[0].labels, np.repeat([0, 1, 2], [4, 3, 2]))
    batch = pack(documents, 14)
    unpacked = batch.unpacked()
    assert unpacked.predicted == batch.predicted
    assert unpacked.size == batch.size + (4 if branches else 0)
    assert unpacked.documents.max() == 0
    parts = unpacked.alike()
    assert sum(part.predicted for part in parts) == batch.predicted
    assert sum(part.size for part in parts) == unpacked.size
    assert all(2 * part.size >= part.tokens.size for part in parts)

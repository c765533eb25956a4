"""Attention in parts equals attention with a mask: the same losses and the same gradients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from obverse.models import load
from obverse.training import attention, layout
from obverse.training.loss import batch_loss
from obverse.training.packing import IGNORED, Batch, Example, pack

CPU = torch.device("cpu")


def example(rng: np.random.Generator, shared: int, *branches: int) -> Example:
    """A beginning of so many tokens, and branches behind it."""
    lengths = (shared, *branches)
    tokens = rng.integers(2, 50, sum(lengths))
    labels = np.where(rng.random(len(tokens)) < 0.7, rng.integers(2, 50, len(tokens)), IGNORED)
    return Example(tokens, labels, np.repeat(range(len(lengths)), lengths) if branches else None)


def row(*shapes: tuple[int, ...]) -> Batch:
    rng = np.random.default_rng(0)
    examples = [example(rng, *shape) for shape in shapes]
    return pack(examples, sum(len(one.tokens) for one in examples))


ROWS = {
    "one document": row((9,)),
    "several documents": row((9,), (4,), (1,), (7,)),
    "branches": row((9, 3, 2, 5)),
    "documents with branches and without": row((9, 3, 2), (6,), (1, 4, 4), (5, 1)),
}


@pytest.fixture
def model(tiny_folder: Path) -> Any:
    return load(str(tiny_folder), dtype="float32", device="cpu").model.requires_grad_(True)


def loss_and_gradients(model: Any, batch: Batch) -> tuple[float, list[torch.Tensor]]:
    model.zero_grad()
    loss = batch_loss(model, batch, CPU)
    loss.backward()
    grads = (parameter.grad for parameter in model.parameters())
    return loss.item(), [gradient.clone() for gradient in grads if gradient is not None]


@pytest.mark.parametrize("name", ROWS)
def test_in_parts_is_as_with_a_mask(name: str, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = ROWS[name]

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("this goes by the mask")

    with monkeypatch.context() as patch:
        patch.setattr(attention, "sdpa_attention_forward", never)
        loss, gradients = loss_and_gradients(model, batch)
    assert model.config._attn_implementation == "sdpa"
    monkeypatch.setattr(layout, "in_parts", no_parts)
    expected, others = loss_and_gradients(model, batch)
    assert loss == pytest.approx(expected, rel=1e-5)
    for gradient, other in zip(gradients, others, strict=True):
        torch.testing.assert_close(gradient, other, rtol=1e-4, atol=1e-6)


@contextmanager
def no_parts(*_: object, **__: object) -> Iterator[dict[str, object]]:
    yield {}


def test_parts_are_the_documents_and_their_branches() -> None:
    batch = row((5, 2, 1), (3,))
    parts = attention.parts_of(batch, batch.mask("cpu"), torch.float32)
    assert [(part.begin, part.branching, part.end) for part in parts] == [(0, 5, 8), (8, 11, 11)]
    assert parts[0].mask is not None
    assert (parts[0].mask == 0).int().tolist() == [
        [1, 1, 1, 1, 1, 1, 0, 0],
        [1, 1, 1, 1, 1, 1, 1, 0],
        [1, 1, 1, 1, 1, 0, 0, 1],
    ]


def test_several_rows_go_by_the_mask(model: Any) -> None:
    rng = np.random.default_rng(0)
    batch = pack([example(rng, 9), example(rng, 8)], 9)
    mask = batch.mask("cpu")
    with attention.in_parts(model, batch, mask, mask, causal=True) as given:
        assert given == {}
    batch = ROWS["one document"]
    mask = batch.mask("cpu", causal=False)
    with attention.in_parts(model, batch, mask, mask, causal=False) as given:
        assert given == {}

"""The loss: packed equals alone, row by row equals together, and what a model adds."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from random_examples import decoder, examples

from obverse.models import load
from obverse.training.adapters import make_trainable
from obverse.training.layout import layout
from obverse.training.loss import batch_loss
from obverse.training.packing import IGNORED, Batch, Example, pack


def few_labels(example: Example) -> Example:
    """The first label alone."""
    return Example(example.tokens, np.where(np.arange(len(example.labels)) == 0, example.labels, IGNORED))


def tiny(folder: Path) -> Any:
    """A model of the transformers library."""
    return load(str(folder), dtype="float32", device="cpu").model


def adapted(folder: Path) -> Any:
    """The same with adapters that change what it says."""
    model = make_trainable(load(str(folder), dtype="float32", device="cpu"), "lora", 2, 0)
    torch.manual_seed(0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_()
    return model.eval()


MODELS: dict[str, Callable[[Path], Any]] = {
    "ours": lambda _: decoder(),
    "ours, both sides": lambda _: decoder(is_causal=False),
    "library's": tiny,
    "library's, adapted": adapted,
}
each_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
BATCHES = {
    "two rows, labels everywhere": pack([Example(one.tokens, one.tokens) for one in examples(0)], 10),
    "two rows, fewer than half": pack(examples(0), 10),
    "two rows, few": pack([few_labels(example) for example in examples(0)], 10),
    "one row": pack(examples(0), 17),
    "one label": pack([few_labels(examples(0)[0])], 10),
}


@each_model
@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_the_loss_is_the_mean_of_what_each_document_alone_gives(
    make: Callable[[Path], Any], batch: Batch, tiny_folder: Path
) -> None:
    model = make(tiny_folder)
    terms = []
    for row, owners in enumerate(batch.documents):
        for document in range(owners.max() + 1):
            own = owners == document
            tokens, labels = (torch.from_numpy(one[row, own]) for one in (batch.tokens, batch.labels))
            likelihoods = model(input_ids=tokens[None], use_cache=False).logits[0].log_softmax(-1)
            terms += [-likelihoods[place, label] for place, label in enumerate(labels) if label != IGNORED]
    assert len(terms) == batch.predicted > 0
    assert batch_loss(model, batch, torch.device("cpu")).item() == pytest.approx(
        torch.stack(terms).mean().item(), rel=1e-5
    )


@each_model
@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_only_places_with_a_label_are_projected_where_the_model_can_do_that(
    make: Callable[[Path], Any], batch: Batch, tiny_folder: Path
) -> None:
    model = make(tiny_folder)
    assert layout(model) == "packed"  # which is found out by reading, once
    projected: list[int] = []
    model.get_output_embeddings().register_forward_hook(
        lambda _, given, __: projected.append(given[0].flatten(0, -2).shape[0])
    )
    batch_loss(model, batch, torch.device("cpu"))
    of_ours = hasattr(model, "projects_places")
    in_rows = len(batch.tokens) > 1 and 2 * batch.predicted >= batch.size and not of_ours
    assert sum(projected) == (batch.tokens.size if in_rows else batch.predicted)


@pytest.mark.parametrize(("labels", "rows"), [(7, 2), (8, 1), (9, 1)])
def test_rows_are_read_in_turn_where_less_than_half_of_the_places_have_a_label(
    labels: int, rows: int, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = np.arange(2, 18)
    given = np.where(np.arange(16) < labels, 5, IGNORED)
    batch = pack([Example(tokens[:8], given[::2]), Example(tokens[8:], given[1::2])], 8)
    assert (batch.tokens.shape, batch.predicted) == ((2, 8), labels)
    model, read = tiny(tiny_folder), list[int]()
    assert layout(model) == "packed"
    monkeypatch.setattr(model, "forward", counted(model.forward, read))
    batch_loss(model, batch, torch.device("cpu"))
    assert len(read) == rows


def test_ours_reads_all_rows_at_once_however_few_the_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    model, read, batch = decoder(), list[int](), BATCHES["two rows, few"]
    monkeypatch.setattr(model, "forward", counted(model.forward, read))
    batch_loss(model, batch, torch.device("cpu"))
    assert read == [len(batch.tokens)] == [2]


@pytest.mark.parametrize("changes", [{}, {"positions": "rotary"}, {"is_causal": False}])
def test_the_loss_of_packed_documents_is_the_mean_over_their_labels(changes: dict[str, Any]) -> None:
    model, cpu = decoder(**changes), torch.device("cpu")
    packed = batch_loss(model, pack(examples(0), 10), cpu)
    alone = [pack([example], 10) for example in examples(0)]
    labels = [batch.predicted for batch in alone]
    assert min(labels) < max(labels)
    losses = [batch_loss(model, batch, cpu) * batch.predicted for batch in alone]
    mean = torch.stack(losses).sum() / sum(labels)
    torch.testing.assert_close(packed, mean)
    gradients = [torch.autograd.grad(loss, list(model.parameters())) for loss in (packed, mean)]
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=1e-6)


def test_rows_with_few_labels_are_read_in_turn_and_lose_the_same(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load(str(tiny_folder), dtype="float32", device="cpu").model.requires_grad_(True)
    rng = np.random.default_rng(0)
    examples = []
    for length in (9, 30, 17, 40, 3):
        labels = np.full(length, IGNORED)
        labels[-2:] = rng.integers(2, 50, 2)
        branches = np.repeat([0, 1, 2], [length - 2, 1, 1])
        examples.append(Example(rng.integers(2, 50, length), labels, branches))
    batch = pack(examples, 45)
    rows = batch.rows()
    assert [row.tokens.shape for row in rows] == [(1, 43), (1, 39), (1, 17)]
    assert sum(row.predicted for row in rows) == batch.predicted == 10

    def loss_and_gradients() -> tuple[float, list[torch.Tensor]]:
        model.zero_grad()
        loss = batch_loss(model, batch, torch.device("cpu"))
        loss.backward()
        grads = [parameter.grad for parameter in model.parameters()]
        return loss.item(), [gradient.clone() for gradient in grads if gradient is not None]

    assert layout(model) == "packed"  # which is found out by reading, once
    read: list[int] = []
    monkeypatch.setattr(model, "forward", counted(model.forward, read))
    in_turn, gradients = loss_and_gradients()
    assert read == [1, 1, 1]
    monkeypatch.setattr("obverse.training.loss._keeps_places", lambda _: False)
    together, expected = loss_and_gradients()
    assert read == [1, 1, 1, 3]
    assert in_turn == pytest.approx(together, rel=1e-5)
    for gradient, other in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, other, rtol=1e-4, atol=1e-6)


def counted(forward: Callable[..., Any], rows: list[int]) -> Callable[..., Any]:
    """The same function, which notes how many rows it reads."""

    @functools.wraps(forward)
    def noting(*args: Any, **kwargs: Any) -> Any:
        rows.append(len(kwargs["input_ids"]))
        return forward(*args, **kwargs)

    return noting


def test_a_batch_without_labels_has_no_loss() -> None:
    nothing = Example(np.array([3, 4]), np.array([IGNORED, IGNORED]))
    assert batch_loss(decoder(), pack([nothing], 4), torch.device("cpu")).item() == 0


def test_a_mixture_adds_its_imbalance_to_the_loss() -> None:
    cpu, batch = torch.device("cpu"), pack(examples(0), 10)
    with_balance, without = decoder(experts=2, balance=3.0), decoder(experts=2, balance=0.0)
    added = batch_loss(with_balance, batch, cpu) - batch_loss(without, batch, cpu)
    layers = [layer.feed_forward.imbalance for layer in without.model.layers]
    torch.testing.assert_close(added, 3.0 * torch.stack(layers).mean())

"""Rehearsal: nothing at first, the divergence of two models after, and a model that drifts less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import FACTS

from obverse.costs import model_shape
from obverse.models import Pretrained, load
from obverse.training.adapters import make_trainable
from obverse.training.finetuning_options import Adapter
from obverse.training.loop import train
from obverse.training.loss import batch_loss
from obverse.training.objectives import next_token, tokenise
from obverse.training.optimizers import Training
from obverse.training.packing import pack_epoch
from obverse.training.rehearsal import Rehearsal, Rehearser, Texts, write_texts
from obverse.types import Document

DIVERGENCE = Rehearsal(texts=3, tokens=256, weight=2.0)
REPLAY = replace(DIVERGENCE, objective="replay")
CPU = torch.device("cpu")
either = pytest.mark.parametrize("adapter", ["lora", "full"])


@pytest.fixture
def tiny(tiny_folder: Path) -> Callable[[], Pretrained]:
    """Loads the tiny model anew; training changes it in place."""
    return lambda: load(str(tiny_folder), dtype="float32", device="cpu")


@pytest.fixture
def texts(tiny: Callable[[], Pretrained], tmp_path: Path) -> Texts:
    """What the tiny model writes."""
    return write_texts(tiny(), 3, tmp_path / "texts.json")


def changed(model: Any) -> Any:
    """The model with all that is trained moved a little."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return model


def log_probabilities(model: Any, texts: Texts) -> torch.Tensor:
    """``[texts, time - 1, vocabulary]``, in nats."""
    with torch.no_grad():
        logits = model(input_ids=torch.tensor(texts), use_cache=False).logits[:, :-1]
    return torch.log_softmax(logits.double(), -1)


def test_texts_are_kept_and_half_begin_as_the_model_begins(
    tiny: Callable[[], Pretrained], texts: Texts, tmp_path: Path
) -> None:
    model = tiny()
    state = torch.random.get_rng_state()
    again = write_texts(model, 3, tmp_path / "again.json")
    assert torch.equal(torch.random.get_rng_state(), state)
    assert texts == again == write_texts(model, 7, tmp_path / "texts.json")  # what lies there is read
    assert [len(text) for text in texts] == [128] * 3
    special = model.tokenizer.all_special_ids
    assert [text[0] in special for text in texts] == [False, model.tokenizer.bos_token_id is not None, False]


@either
def test_the_divergence_is_that_from_the_untouched_model(
    adapter: Adapter, tiny: Callable[[], Pretrained], texts: Texts
) -> None:
    model = make_trainable(tiny(), adapter, 4, 0)
    rehearser = Rehearser(model, DIVERGENCE, texts)
    assert rehearser.loss(model, 0, CPU).item() == pytest.approx(0.0, abs=1e-6)
    before, after = log_probabilities(tiny().model, texts), log_probabilities(changed(model), texts)
    each = (before.exp() * (before - after)).sum(-1).mean(-1)
    assert (each > 0.01).all()
    # Two texts a step, in turn.
    for step, pair in enumerate([(0, 1), (2, 0), (1, 2)]):
        expected = 2.0 * each[list(pair)].mean().item()
        assert rehearser.loss(model, step, CPU).item() == pytest.approx(expected, rel=1e-4)


def test_replay_is_the_loss_on_the_texts(tiny: Callable[[], Pretrained], texts: Texts) -> None:
    model = changed(make_trainable(tiny(), "full", 4, 0))
    rehearser = Rehearser(model, REPLAY, texts)
    expected = 2.0 * batch_loss(model, rehearser.batch(1), CPU).item()
    assert rehearser.loss(model, 1, CPU).item() == pytest.approx(expected, rel=1e-5)


def test_the_untouched_model_is_read_without_dropout_and_training_goes_on(
    tiny: Callable[[], Pretrained], texts: Texts
) -> None:
    model = make_trainable(tiny(), "lora", 4, 0)
    model.train()
    Rehearser(model, DIVERGENCE, texts).loss(model, 0, CPU).backward()
    assert model.training
    assert model.active_adapters == ["default"]
    assert all(parameter.grad is not None for parameter in model.parameters() if parameter.requires_grad)


@either
def test_who_rehearses_drifts_less(
    adapter: Adapter, tiny: Callable[[], Pretrained], texts: Texts, tmp_path: Path
) -> None:
    drifts = []
    for rehearses in (False, True):
        pretrained = tiny()
        documents = [Document(id, text) for id, text, _, _ in FACTS]
        examples = [next_token(text) for text in tokenise(pretrained.tokenizer, documents)]
        stream = [batch for epoch in range(6) for batch in pack_epoch(examples, 64, epoch)]
        model = make_trainable(pretrained, adapter, 4, 0)
        rehearser = Rehearser(model, replace(DIVERGENCE, weight=20.0), texts)
        train(
            model,
            stream,
            Training(1e-2),
            tmp_path / str(rehearses),
            rehearser=rehearser if rehearses else None,
        )
        drifts.append(rehearser.loss(model, 0, CPU).item())
    assert drifts[1] < drifts[0] / 2


def test_the_ledger_counts_both_models(tiny: Callable[[], Pretrained], texts: Texts) -> None:
    model = make_trainable(tiny(), "lora", 4, 0)
    shape = model_shape(model)
    counts = 256, 128 * 129, 254
    divergence = Rehearser(model, DIVERGENCE, texts).ledger(shape, 5)
    assert (divergence.tokens_trained, divergence.tokens_forward) == (1280, 1280)
    assert divergence.flops == 5 * (shape.training_flops(*counts) + shape.forward_flops(*counts))
    replay = Rehearser(model, REPLAY, texts).ledger(shape, 5)
    assert (replay.tokens_trained, replay.tokens_forward) == (1280, 0)
    assert replay.flops == 5 * shape.training_flops(*counts)

"""Seeds trained together become what they become one after the other."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from obverse.models.decoder import Decoder
from obverse.models.decoder_config import DecoderConfig
from obverse.training.loop import read_metrics, train
from obverse.training.optimizers import Training
from obverse.training.packing import IGNORED, Batch, Example, pack
from obverse.types import InputError

FOLDER = Path(__file__).parents[2] / "benchmarks"
TRAINING = Training(1e-2, weight_decay=0.1)
KINDS = {
    "rotary": {"positions": "rotary"},
    "learned": {"positions": "learned", "max_position_embeddings": 32},
    "tied, no shift": {"tie_word_embeddings": True, "shift": 0},
}


def decoder(seed: int, **changes: Any) -> Any:
    """A tiny decoder in float64, where rounding does not grow into anything within a few steps."""
    torch.manual_seed(seed)
    sizes: dict[str, Any] = {"vocab_size": 23, "hidden_size": 16, "num_attention_heads": 2}
    return Decoder(DecoderConfig(**{**sizes, **changes})).double()


def stream(seed: int, steps: int = 6, documents: int = 5) -> list[Batch]:
    """Batches of documents of any length, of which some tokens are to be predicted."""
    rng = np.random.default_rng(seed)
    batches = []
    for _ in range(steps):
        examples = []
        for length in rng.integers(3, 9, size=documents):
            tokens = rng.integers(23, size=length)
            labels = np.append(tokens[1:], IGNORED)
            labels[rng.random(length) < 0.3] = IGNORED
            labels[0] = tokens[1]
            examples.append(Example(tokens, labels))
        batches.append(pack(examples, 12))
    return batches


@pytest.fixture
def train_stacked(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("stacked").train_stacked


@pytest.mark.parametrize("changes", KINDS.values(), ids=KINDS)
def test_two_seeds_together_become_what_they_become_alone(
    train_stacked: Any, changes: dict[str, Any], tmp_path: Path
) -> None:
    streams = [stream(0, documents=4), stream(1, documents=9)]
    assert streams[0][0].tokens.shape != streams[1][0].tokens.shape  # so that padding is needed
    together = [decoder(seed, **changes) for seed in (3, 4)]
    losses = train_stacked(together, streams, TRAINING)
    for index, seed in enumerate((3, 4)):
        alone = decoder(seed, **changes)
        before = {name: weights.clone() for name, weights in alone.named_parameters()}
        train(alone, streams[index], TRAINING, tmp_path / str(seed))
        expected = [row["loss"] for row in read_metrics(tmp_path / str(seed))]
        np.testing.assert_allclose(losses[index], expected, rtol=1e-6)
        for name, weights in alone.named_parameters():
            assert not torch.equal(weights, before[name])
            torch.testing.assert_close(
                together[index].get_parameter(name), weights, rtol=0, atol=1e-5, msg=name
            )


def test_each_seed_is_clipped_alone(train_stacked: Any) -> None:
    tame, wild = decoder(0), decoder(1)
    with torch.no_grad():
        wild.lm_head.weight.mul_(50)
    alone = [decoder(0)]
    train_stacked([tame, wild], [stream(0), stream(1)], TRAINING)
    train_stacked(alone, [stream(0)], TRAINING)
    for left, right in zip(tame.parameters(), alone[0].parameters(), strict=True):
        torch.testing.assert_close(left, right, rtol=0, atol=1e-5)


def test_progress_is_told_after_each_step(train_stacked: Any) -> None:
    told: list[tuple[int, int]] = []
    train_stacked([decoder(0)], [stream(0, steps=3)], TRAINING, progress=lambda *now: told.append(now))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("models", "streams", "training", "message"),
    [
        ([{}], 2, TRAINING, "1 models and 2 streams"),
        ([], 0, TRAINING, "0 models"),
        ([{}, {"shift": 1}], 2, TRAINING, "different configurations"),
        ([{"experts": 2}], 1, TRAINING, "dense causal"),
        ([{"is_causal": False}], 1, TRAINING, "dense causal"),
        ([{}], 1, replace(TRAINING, optimizer="muon"), "adamw, not 'muon'"),
    ],
)
def test_what_cannot_be_stacked_is_refused_in_one_line(
    train_stacked: Any, models: list[dict[str, Any]], streams: int, training: Training, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        train_stacked(
            [decoder(0, **changes) for changes in models], [stream(0) for _ in range(streams)], training
        )
    assert "\n" not in str(caught.value)


def test_streams_of_different_lengths_are_refused(train_stacked: Any) -> None:
    with pytest.raises(InputError, match=r"lengths \[2, 3\]"):
        train_stacked([decoder(0), decoder(1)], [stream(0, steps=2), stream(1, steps=3)], TRAINING)


def test_a_loss_that_is_no_number_is_told(train_stacked: Any) -> None:
    model = decoder(0)
    with torch.no_grad():
        model.lm_head.weight.fill_(torch.nan)
    with pytest.raises(InputError, match="diverged"):
        train_stacked([model], [stream(0)], TRAINING)

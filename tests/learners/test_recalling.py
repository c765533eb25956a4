"""Recall in studies: both ways to learn it resume exactly, and each mode reads behind the thoughts that it says."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from obverse.answering.answerer import Asked
from obverse.answering.short import ShortReader
from obverse.answering.thinking import Thinking
from obverse.learners.recalling import Recalling, RecallingAnswerer, learn_recall
from obverse.models.decoder import Decoder
from obverse.models.decoder_config import DecoderConfig
from obverse.models.vocabulary import word_tokenizer
from obverse.reinforcement.reinforcing import Reinforcement
from obverse.reinforcement.rollouts import read_rollouts
from obverse.routes import route
from obverse.tasks.drawn.recall import TINY
from obverse.tasks.drawn.recall_thoughts import needed_thought
from obverse.tasks.drawn.simple_reversals import TINY as REVERSALS
from obverse.training import checkpoint
from obverse.training.optimizers import Training
from obverse.types import InputError, Ledger

TOKENIZER: Any = word_tokenizer(TINY.vocabulary)
TASK = TINY.build(0)
REINFORCED = Recalling(Thinking(most=8), Reinforcement(Training(1e-2), updates=4, questions=3, samples=4))
SHOWN = replace(REINFORCED, demonstrations=6)


@pytest.fixture(autouse=True)
def checkpoint_after_each_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long writing takes on this machine."""
    monkeypatch.setattr(checkpoint, "_SHARE", math.inf)


def decoder() -> Any:
    torch.manual_seed(0)
    model: Any = Decoder(
        DecoderConfig(vocab_size=len(TOKENIZER), hidden_size=32, num_hidden_layers=1, embedding_std=0.3)
    )
    return model.eval()


def learn(model: Any, recalling: Recalling, folder: Path, stop: int | None = None) -> Ledger:
    told: list[str] = []

    def progress(done: int, _: int, word: str) -> None:
        told.append(word)
        if done == stop:
            raise KeyboardInterrupt

    ledger, _ = learn_recall(model, TOKENIZER, TINY, 0, recalling, folder, seed=1, progress=progress)
    assert told[-1].startswith("loss" if recalling.demonstrations else "reward")
    return replace(ledger, seconds=0, peak_memory_bytes=0)


@pytest.mark.parametrize("recalling", [REINFORCED, SHOWN], ids=["reinforced", "shown"])
def test_interrupted_equals_uninterrupted(recalling: Recalling, tmp_path: Path) -> None:
    whole, resumed = decoder(), decoder()
    expected = learn(whole, recalling, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        learn(decoder(), recalling, tmp_path / "parts", stop=3)
    assert learn(resumed, recalling, tmp_path / "parts") == expected
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)
    rollouts = read_rollouts(tmp_path / "whole")
    assert len(rollouts) == (0 if recalling.demonstrations else 4 * 3 * 4)
    assert {row["question"] for row in rollouts} <= {question.id for question in TINY.exercises(0)}


@pytest.mark.parametrize(
    "name", ["think", "finetune+think:3", "finetune+force-think", "finetune+oracle-think"]
)
def test_each_way_of_thinking_reads_behind_its_thoughts(name: str) -> None:
    model, way = decoder(), route(name)
    reader = ShortReader(model, TOKENIZER)
    questions = [question for question in TASK.questions if question.latent][:5]
    prompts = [question.prompt for question in questions]
    answerer = RecallingAnswerer(model, TOKENIZER, TASK, way, REINFORCED, 0)
    (readings,) = answerer.answer(list(map(Asked, questions)))
    thoughts = [reading.thoughts for reading in readings]
    assert answerer.ledger.tokens_forward > 0
    assert {len(some) for some in thoughts} == {max(1, way.thoughts)}
    if way.answer == "needed thought":
        assert thoughts == [(needed_thought(TASK, question),) for question in questions]
    if way.answer == "forced thinking":
        assert all(len(text.split()) == 8 for (text,) in thoughts)
    if not way.thoughts:
        behind = [f"{prompt} think {text} so" for prompt, (text,) in zip(prompts, thoughts, strict=True)]
        alone = reader.read(behind, [question.choices for question in questions])
        for one, other in zip(readings, alone, strict=True):
            assert one.generated == other.generated
            assert one.log_likelihoods == pytest.approx(other.log_likelihoods)


def test_a_task_without_exercises_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without exercises"):
        learn_recall(decoder(), TOKENIZER, REVERSALS, 0, REINFORCED, tmp_path, seed=0)

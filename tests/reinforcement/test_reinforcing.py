"""Reinforcement: it resumes exactly, answers are not trained on, controls keep what they should, and it works."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from obverse.answering.short import ShortReader
from obverse.answering.thinking import Thinker, Thinking
from obverse.costs import Counts, model_shape
from obverse.models import load
from obverse.models.decoder import Decoder
from obverse.models.decoder_config import DecoderConfig
from obverse.models.vocabulary import word_tokenizer
from obverse.reinforcement import reinforcing
from obverse.reinforcement.policy import divergence, thought_log_probabilities
from obverse.reinforcement.reinforcing import (
    Reinforced,
    Reinforcement,
    _accumulate,
    _Start,
    deal_rewards,
    reinforce,
    roll_out,
)
from obverse.reinforcement.rollouts import Round, read_rollouts
from obverse.training import checkpoint
from obverse.training.adapters import make_trainable
from obverse.training.objectives import next_token, tokenise
from obverse.training.optimizers import Training
from obverse.training.packing import Batch, pack
from obverse.types import Document, InputError, Question

TOKENIZER: Any = word_tokenizer((*"abcdefgh", "think", "so"))
THINKING = Thinking(most=4)
QUESTIONS = [
    Question(f"q{prompt}", prompt, answer, ("a", "b", "c"))
    for prompt, answer in zip("fgh", "abc", strict=True)
]
BRIEF = Reinforcement(Training(1e-2), updates=5, questions=2, samples=6)
STORED: list[Batch] = [
    pack([next_token(text) for text in tokenise(TOKENIZER, [Document("d", "a b c d")])], 8)
] * 20


@pytest.fixture(autouse=True)
def checkpoint_after_each_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long writing takes on this machine."""
    monkeypatch.setattr(checkpoint, "_SHARE", math.inf)


def decoder(seed: int = 0) -> Any:
    torch.manual_seed(seed)
    model: Any = Decoder(
        DecoderConfig(vocab_size=len(TOKENIZER), hidden_size=32, num_hidden_layers=1, embedding_std=0.3)
    )
    return model.eval()


def recollect(thought: str) -> tuple[tuple[str, bool], ...]:
    return tuple((word, word in "abcd") for word in thought.split())


def taught(
    model: Any,
    reinforcement: Reinforcement,
    folder: Path,
    progress: Callable[[int, int, Round], None] = lambda *_: None,
) -> Reinforced:
    return reinforce(
        model,
        Thinker(model, TOKENIZER, THINKING),
        ShortReader(model, TOKENIZER),
        QUESTIONS,
        reinforcement,
        folder,
        seed=3,
        recollect=recollect,
        stored=STORED,
        progress=progress,
    )


def rolled(model: Any, reinforcement: Reinforcement = BRIEF) -> Any:
    readers = Thinker(model, TOKENIZER, THINKING), ShortReader(model, TOKENIZER)
    return roll_out(*readers, QUESTIONS, reinforcement, (3, 0), recollect)


def weights(model: Any) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in model.parameters()]


def stop_at(step: int) -> Callable[[int, int, Round], None]:
    def progress(done: int, *_: object) -> None:
        if done == step:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("stop", [1, 4])
@pytest.mark.parametrize(
    "reinforcement",
    [BRIEF, replace(BRIEF, divergence=0.1, retention=0.5, clip=0.2, passes=2, scaled=False)],
    ids=["plain", "everything"],
)
def test_interrupted_equals_uninterrupted_bit_for_bit(
    reinforcement: Reinforcement, stop: int, tmp_path: Path
) -> None:
    whole, parts = decoder(), decoder()
    expected = taught(whole, reinforcement, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        taught(parts, reinforcement, tmp_path / "parts", stop_at(stop))
    resumed = decoder()
    found = taught(resumed, reinforcement, tmp_path / "parts")
    assert all(torch.equal(*pair) for pair in zip(weights(whole), weights(resumed), strict=True))
    assert read_rollouts(tmp_path / "whole") == read_rollouts(tmp_path / "parts")
    shape = model_shape(whole)
    ledgers = [replace(one.ledger(shape), seconds=0, peak_memory_bytes=0) for one in (expected, found)]
    assert ledgers[0] == ledgers[1]
    assert not all(torch.equal(*pair) for pair in zip(weights(whole), weights(decoder()), strict=True))


def test_a_resumed_run_measures_the_divergence_from_the_model_before(tmp_path: Path) -> None:
    """Not from the one that it was interrupted at."""
    strong = replace(BRIEF, divergence=5.0)
    whole = decoder()
    taught(whole, strong, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        taught(decoder(), strong, tmp_path / "parts", stop_at(3))
    resumed = decoder()
    taught(resumed, strong, tmp_path / "parts")
    assert all(torch.equal(*pair) for pair in zip(weights(whole), weights(resumed), strict=True))


def test_each_rollout_is_a_line(tmp_path: Path) -> None:
    seen: list[tuple[int, int, Round]] = []
    taught(decoder(), BRIEF, tmp_path, lambda *told: seen.append(told))
    lines = read_rollouts(tmp_path)
    assert [line["step"] for line in lines] == [step for step in range(1, 6) for _ in range(2 * 6)]
    answers = {question.id: question.answer for question in QUESTIONS}
    for line in lines:
        assert line["reward"] == float(line["answer"] == answers[line["question"]])
        assert line["facts"] == [[word, word in "abcd"] for word in line["thought"].split()]
    assert [told[:2] for told in seen] == [(step, 5) for step in range(1, 6)]
    last = [line for line in lines if line["step"] == 5]
    assert seen[-1][2].reward == sum(line["reward"] for line in last) / 12
    facts = [true for line in last for _, true in line["facts"]]
    assert seen[-1][2].recalled == (sum(facts) / len(facts) if facts else None)


def test_a_line_that_was_cut_off_is_written_again(tmp_path: Path) -> None:
    taught(decoder(), BRIEF, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        taught(decoder(), BRIEF, tmp_path / "parts", stop_at(2))
    with (tmp_path / "parts" / "rollouts.jsonl").open("a") as stream:
        stream.write(json.dumps({"step": 3}) + '\n{"step": ')
    taught(decoder(), BRIEF, tmp_path / "parts")
    assert read_rollouts(tmp_path / "parts") == read_rollouts(tmp_path / "whole")


def test_answers_get_no_gradient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What stands behind a thought is never among what the gradient is taken through."""
    read: list[Any] = []

    def watched(model: Any, thoughts: Any, temperature: float) -> Any:
        read.extend(thoughts)
        return thought_log_probabilities(model, thoughts, temperature)

    monkeypatch.setattr(reinforcing, "thought_log_probabilities", watched)
    taught(decoder(), BRIEF, tmp_path)
    end = TOKENIZER("so").input_ids[0]
    assert 0 < len(read) <= 5 * 2 * 6
    for thought in read:
        assert end not in thought.tokens[:-1]
        assert thought.ended == (thought.tokens[-1] == end)


def test_parts_of_the_rollouts_add_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    once, turns = decoder(), decoder()
    one = replace(BRIEF, updates=1, divergence=0.1, passes=2)
    taught(once, one, tmp_path / "once")
    monkeypatch.setattr(reinforcing, "_TOKENS_AT_ONCE", 12)
    taught(turns, one, tmp_path / "turns")
    for whole, parts in zip(weights(once), weights(turns), strict=True):
        torch.testing.assert_close(whole, parts, atol=2e-4, rtol=1e-3)


@pytest.mark.parametrize("weight", [0.0, 0.1])
def test_equal_thoughts_are_read_once_and_count_as_often_as_they_were_drawn(
    weight: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = decoder()
    drawn = rolled(model, replace(BRIEF, samples=4))
    rollouts = [drawn[place] for place in (0, 0, 1, 0, 4, 4, 5, 5)]
    advantages = torch.tensor([0.5, 0.5, -1.5, 0.5, 0.0, 0.0, 0.0, 0.0])
    reinforcement = replace(BRIEF, divergence=weight)
    start = _Start(decoder(1)) if weight else None
    alone = decoder()
    for rollout, earned in zip(rollouts, advantages, strict=True):
        everything, chosen, _ = thought_log_probabilities(alone, [rollout.thought], 1.0)
        loss = -(chosen - chosen.detach()).exp().sum() * earned
        if start:
            with start.model(alone) as earlier:
                expected, _, _ = thought_log_probabilities(earlier, [rollout.thought], 1.0)
            loss = loss + weight * divergence(everything, expected.detach()).sum()
        (loss / len(rollouts)).backward()
    read: list[Any] = []

    def watched(model: Any, thoughts: Any, temperature: float) -> Any:
        read.extend(thoughts)
        return thought_log_probabilities(model, thoughts, temperature)

    monkeypatch.setattr(reinforcing, "thought_log_probabilities", watched)
    totals: dict[str, float] = defaultdict(float)
    _accumulate(model, rollouts, advantages, reinforcement, start, [], totals)
    assert len(read) == (2 * 4 if weight else 2)
    for one, other in zip(model.parameters(), alone.parameters(), strict=True):
        assert one.grad is not None
        torch.testing.assert_close(one.grad, other.grad, atol=1e-6, rtol=1e-4)


def test_shuffled_rewards_are_the_same_ones(tmp_path: Path) -> None:
    reinforcement = replace(BRIEF, questions=3, samples=40)
    rollouts = rolled(decoder(), reinforcement)
    own = deal_rewards(rollouts, reinforcement, (3, 0))
    dealt = deal_rewards(rollouts, replace(reinforcement, shuffled=True), (3, 0))
    assert own.flatten().tolist() == [rollout.reward for rollout in rollouts]
    assert sorted(own.flatten().tolist()) == sorted(dealt.flatten().tolist())
    assert not torch.equal(own, dealt)
    # The log has what was earned, not what was dealt.
    taught(decoder(), replace(BRIEF, shuffled=True), tmp_path)
    answers = {question.id: question.answer for question in QUESTIONS}
    assert all(
        line["reward"] == (line["answer"] == answers[line["question"]]) for line in read_rollouts(tmp_path)
    )


def test_where_all_earn_alike_nothing_changes(tmp_path: Path) -> None:
    model = decoder()
    before = weights(model)
    alike = [replace(question, answer="so") for question in QUESTIONS]
    for name in ("a", "b"):
        reinforce(
            model,
            Thinker(model, TOKENIZER, THINKING),
            ShortReader(model, TOKENIZER),
            alike,
            replace(BRIEF, scaled=name == "a"),
            tmp_path / name,
            seed=0,
        )
    if all(line["reward"] == 0 for name in "ab" for line in read_rollouts(tmp_path / name)):
        assert all(torch.equal(*pair) for pair in zip(before, weights(model), strict=True))
    else:
        pytest.fail("an answer was right by chance; take another")


class LastWord:
    """A reader that answers with the last word of the thought."""

    counts = Counts()

    def answer(self, prompts: Sequence[str], _: Sequence[int]) -> list[str]:
        return [prompt.split()[-2] for prompt in prompts]


@pytest.mark.parametrize("shuffled", [False, True])
def test_it_learns_which_thoughts_serve(shuffled: bool, tmp_path: Path) -> None:
    model, reader = decoder(), cast(ShortReader, LastWord())
    rewards: list[float] = []
    reinforce(
        model,
        Thinker(model, TOKENIZER, THINKING),
        reader,
        QUESTIONS,
        replace(BRIEF, questions=3, samples=24, updates=24, shuffled=shuffled),
        tmp_path,
        seed=0,
        progress=lambda *told: rewards.append(told[2].reward),
    )
    assert rewards[0] < 0.2
    assert rewards[-1] < 0.3 if shuffled else rewards[-1] > 0.8


def test_what_cannot_be_done_is_refused(tmp_path: Path) -> None:
    model = decoder()
    readers = Thinker(model, TOKENIZER, THINKING), ShortReader(model, TOKENIZER)
    with pytest.raises(InputError, match="no questions"):
        reinforce(model, *readers, [], BRIEF, tmp_path, seed=0)
    with pytest.raises(InputError, match="nothing is stored"):
        reinforce(model, *readers, QUESTIONS, replace(BRIEF, retention=1.0), tmp_path, seed=0)


def test_a_pretrained_model_learns_through_its_adapter(tiny_folder: Path, tmp_path: Path) -> None:
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    before = {name: value.clone() for name, value in pretrained.model.state_dict().items()}
    model = make_trainable(pretrained, "lora", 4, 0)
    thinking = Thinking(opens="\nThought:", closes="\n", most=5)
    thinker = Thinker(model, pretrained.tokenizer, thinking)
    questions = [
        Question("q", "Who paid?", " t", (" t",)),
        Question("r", "Who is the keeper?", " k", (" k",)),
    ]
    start = reinforcing._Start(model)
    thoughts = [thought for group in thinker.think([one.prompt for one in questions], 3) for thought in group]

    def drift() -> float:
        with torch.no_grad():
            now, _, _ = thought_log_probabilities(model, thoughts, 1.0)
            with start.model(model) as earlier:
                then, _, _ = thought_log_probabilities(earlier, thoughts, 1.0)
        return divergence(now, then).sum().item()

    assert drift() == pytest.approx(0, abs=1e-6)
    # What stands in for the answers: any thought earns by how it begins.
    changing = replace(BRIEF, training=Training(1e-2), shuffled=True, divergence=0.01, updates=3, samples=8)
    earning = cast(ShortReader, Parity())
    reinforce(model, thinker, earning, questions, changing, tmp_path, seed=0)
    assert len(read_rollouts(tmp_path)) == 3 * 2 * 8
    assert drift() > 1e-4
    kept = {name: value for name, value in model.state_dict().items() if "lora" not in name}
    assert len(kept) == len(before)
    for name, value in kept.items():
        plain = name.removeprefix("base_model.model.").replace(".base_layer", "")
        assert torch.equal(value, before[plain])


class Parity:
    """A reader to which every other thought leads to the answer."""

    counts = Counts()

    def answer(self, prompts: Sequence[str], _: Sequence[int]) -> list[str]:
        return [" t" if place % 2 else " k" for place in range(len(prompts))]

"""The stream: each branch of a row reads as its question asked alone, and only answers are predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, get_args

import numpy as np
import pytest
import torch
from conftest import make_tokenizer

from obverse.answering.encoding import Encoded, Request, encode
from obverse.models import load
from obverse.practice import stream as module
from obverse.practice.scenes import Plan, Structure, draw_scene
from obverse.practice.stream import Practice, PracticeStream, branched
from obverse.retrieval.assembly import Assembler, PromptForm
from obverse.training.packing import IGNORED, Batch, Example, pack
from obverse.types import InputError, Task

PLANS = [
    Plan(3, form="sentences", questions=3),
    Plan(4, "chains", form="list", questions=2),
    Plan(4, "kinds", questions=2, nonsense=True),
    Plan(1, form="table", questions=1),
]
ROW = 900


@pytest.fixture(scope="module")
def pretrained(tiny_folder: Path) -> Any:
    return load(str(tiny_folder), dtype="float32")


@pytest.fixture(scope="module")
def chatting(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tiny tokenizer with a chat template."""
    return make_tokenizer(tmp_path_factory.mktemp("chat"), chat=True)


@pytest.fixture(params=["plain", "chat"])
def assembler(request: pytest.FixtureRequest, pretrained: Any, chatting: Any) -> tuple[Any, Assembler]:
    """A tokenizer, and how it is asked."""
    tokenizer = chatting if request.param == "chat" else pretrained.tokenizer
    found = Assembler(tokenizer)
    assert found.form == request.param
    return tokenizer, found


def alone(tokenizer: Any, assembler: Assembler, scene: Task, answers: Sequence[str]) -> list[Encoded]:
    """Each question with its answer as it is scored when it is asked alone."""
    return [
        encode(
            tokenizer,
            assembler.prefix(scene.documents),
            [Request(assembler.prompt(question.prompt), (assembler.answer(answer),))],
            special_tokens=assembler.form == "plain",
        )[0]
        for question, answer in zip(scene.questions, answers, strict=True)
    ]


def right(scene: Task) -> list[str]:
    return [question.answer for question in scene.questions]


def numbers(branches: np.ndarray[Any, np.dtype[np.int64]] | None) -> list[int]:
    """The branches of a row or an example, the beginning apart."""
    assert branches is not None
    return sorted(set(branches.ravel().tolist()) - {0})


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.structure} {plan.facts}")
def test_a_branch_is_the_question_asked_alone(plan: Plan, assembler: tuple[Any, Assembler]) -> None:
    tokenizer, asking = assembler
    scene = draw_scene(Random(5), plan)
    example = branched(tokenizer, asking, scene, right(scene))
    assert example.branches is not None
    assert numbers(example.branches) == list(range(1, len(scene.questions) + 1))
    assert (example.labels[example.branches == 0] == IGNORED).all()
    for number, one in enumerate(alone(tokenizer, asking, scene, right(scene)), 1):
        own = (example.branches == 0) | (example.branches == number)
        text = one.texts[0]
        assert tuple(example.tokens[own].tolist()) == text
        assert example.positions[own].tolist() == list(range(len(text)))
        labels = example.labels[own]
        places = np.flatnonzero(labels != IGNORED)
        # The tokens that are scored, each predicted by the one before it, and the end.
        assert places.tolist() == list(range(one.starts[0] - 1, len(text) - 1))
        assert tuple(labels[places].tolist()) == text[one.starts[0] :]
    # The documents are read once.
    prefix = asking.prefix(scene.documents)
    assert (example.branches == 0).sum() >= len(tokenizer(prefix[:-20]).input_ids)


def test_a_label_is_inside_an_answer(assembler: tuple[Any, Assembler]) -> None:
    tokenizer, asking = assembler
    scene = draw_scene(Random(2), PLANS[0])
    answers = right(scene)
    example = branched(tokenizer, asking, scene, answers)
    assert example.branches is not None
    for number, answer in enumerate(answers, 1):
        own = example.labels[(example.branches == number) & (example.labels != IGNORED)]
        assert tokenizer.decode(own).removeprefix(" ") == answer + asking.end


def test_packed_branches_are_predicted_as_each_question_alone(
    pretrained: Any, assembler: tuple[Any, Assembler]
) -> None:
    tokenizer, asking = assembler
    model = pretrained.model
    drawn = [draw_scene(Random(number), plan) for number, plan in enumerate((PLANS[3], PLANS[1]))]
    examples = [branched(tokenizer, asking, scene, right(scene)) for scene in drawn]
    batch = pack(examples, 2 * ROW)
    assert len(batch.tokens) == 1
    with torch.no_grad():
        logits = model(
            input_ids=torch.from_numpy(batch.tokens),
            position_ids=torch.from_numpy(batch.positions),
            attention_mask=batch.mask("cpu"),
            use_cache=False,
        ).logits[0]
    assert batch.branches is not None
    checked = 0
    for document, scene in enumerate(drawn):
        for number, one in enumerate(alone(tokenizer, asking, scene, right(scene)), 1):
            text = torch.tensor([one.texts[0]])
            with torch.no_grad():
                expected = model(input_ids=text, use_cache=False).logits[0]
            here = (batch.documents[0] == document) & (batch.branches[0] == number)
            places = np.flatnonzero(here & (batch.labels[0] != IGNORED))
            start = one.starts[0]
            packed_loss = torch.nn.functional.cross_entropy(
                logits[places], torch.from_numpy(batch.labels[0, places]), reduction="none"
            )
            alone_loss = torch.nn.functional.cross_entropy(
                expected[start - 1 : -1], text[0, start:], reduction="none"
            )
            torch.testing.assert_close(packed_loss, alone_loss, rtol=0, atol=1e-5)
            checked += len(places)
    assert checked == batch.predicted


def parts(batch: Batch) -> list[object]:
    assert batch.branches is not None
    return [
        part.tolist()
        for part in (batch.tokens, batch.positions, batch.documents, batch.labels, batch.branches)
    ]


def test_a_step_is_the_same_each_time_and_no_other(pretrained: Any) -> None:
    practice = Practice(4, ROW, ROW)
    stream = PracticeStream(pretrained.tokenizer, practice)
    again = PracticeStream(pretrained.tokenizer, practice)
    assert len(stream) == 4
    batches = [str(parts(stream[step])) for step in range(4)]
    assert batches[::-1] == [str(parts(again[step])) for step in (3, 2, 1, 0)]
    assert len(set(batches)) == 4
    other = PracticeStream(pretrained.tokenizer, Practice(4, ROW, ROW, seed=1))
    assert str(parts(other[0])) not in batches
    with pytest.raises(IndexError):
        stream[4]


@pytest.mark.parametrize(("step_tokens", "scene_tokens"), [(500, 500), (500, ROW), (ROW, 500)])
def test_a_step_is_filled_and_no_scene_is_longer_than_it_may_be(
    pretrained: Any, step_tokens: int, scene_tokens: int
) -> None:
    stream = PracticeStream(pretrained.tokenizer, Practice(6, step_tokens, scene_tokens))
    for step in range(6):
        batch = stream[step]
        scenes = [np.unique(row[row >= 0], return_counts=True)[1] for row in batch.documents]
        assert max(counts.max() for counts in scenes) <= scene_tokens
        assert step_tokens <= batch.size < step_tokens + scene_tokens
        assert batch.predicted > 0
        # Short scenes together, long ones alone: attention costs the square of a row.
        longest = max(np.unique(row, return_counts=True)[1][-1] for row in batch.documents)
        assert batch.tokens.shape[1] <= max(512, longest)


def test_long_scenes_come_though_a_step_is_shorter(pretrained: Any) -> None:
    stream = PracticeStream(pretrained.tokenizer, Practice(40, 500, 2 * ROW))
    sizes = [stream[step].size for step in range(40)]
    assert max(sizes[:10]) < 1.5 * ROW < max(sizes[30:])


class Recorder:
    """Stands for drawing and branching, and keeps what they are given; each example fills a tenth of a row."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, length: int = ROW // 10) -> None:
        self.plans: list[Plan] = []
        self.scenes: list[Task] = []
        self.answers: list[list[str]] = []
        self.forms: list[PromptForm] = []
        self._length = length
        monkeypatch.setattr(module, "draw_scene", self._draw)
        monkeypatch.setattr(module, "branched", self._branch)

    def _draw(self, rng: Random, plan: Plan) -> Task:
        self.plans.append(plan)
        return draw_scene(rng, plan)

    def _branch(self, _: Any, assembler: Assembler, scene: Task, answers: Sequence[str]) -> Example:
        self.scenes.append(scene)
        self.answers.append(list(answers))
        self.forms.append(assembler.form)
        tokens = np.zeros(self._length, np.int64)
        return Example(tokens, tokens, tokens)


def test_all_structures_and_both_kinds_of_names_are_drawn_from_what_may_be_practised(
    chatting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(monkeypatch)
    stream = PracticeStream(chatting, Practice(40, ROW, ROW))
    for step in range(40):
        stream[step]
    plans = recorder.plans
    assert {plan.structure for plan in plans} == set(get_args(Structure))
    assert {plan.nonsense for plan in plans} == {True, False}
    assert {plan.form for plan in plans} == {"sentences", None}
    # Never what is measured on, and never three steps.
    assert {(plan.names, plan.relations, plan.phrasings) for plan in plans} == {("practice",) * 3}
    assert {plan.steps for plan in plans} == {2}
    assert 0.1 < recorder.forms.count("plain") / len(recorder.forms) < 0.3
    assert set(recorder.forms) == {"plain", "chat"}


def test_shuffled_exchanges_the_answers_alone(pretrained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(shuffled: bool) -> Recorder:
        recorder = Recorder(monkeypatch)
        practice = Practice(40, ROW, ROW, shuffled=shuffled)
        stream = PracticeStream(pretrained.tokenizer, practice)
        for step in range(40):
            stream[step]
        return recorder

    plain, shuffled = drawn(False), drawn(True)
    assert plain.scenes == shuffled.scenes
    assert plain.forms == shuffled.forms
    assert plain.answers == [right(scene) for scene in plain.scenes]
    asked = [question for scene in shuffled.scenes for question in scene.questions]
    answered = [answer for answers in shuffled.answers for answer in answers]
    assert all(answer in question.choices for question, answer in zip(asked, answered, strict=True))
    correct = [answer == question.answer for question, answer in zip(asked, answered, strict=True)]
    chance = sum(question.chance for question in asked) / len(asked)
    # Five standard deviations.
    assert abs(sum(correct) / len(asked) - chance) < 5 * (chance * (1 - chance) / len(asked)) ** 0.5
    assert len(asked) > 1_000


def test_shuffled_answers_are_the_same_each_time(pretrained: Any) -> None:
    practice = Practice(3, ROW, ROW, shuffled=True)
    one, other = (PracticeStream(pretrained.tokenizer, practice) for _ in range(2))
    plain = PracticeStream(pretrained.tokenizer, replace(practice, shuffled=False))
    assert [parts(one[step]) for step in range(3)] == [parts(other[step]) for step in range(3)]
    assert [parts(one[step]) for step in range(3)] != [parts(plain[step]) for step in range(3)]


def test_a_length_that_holds_no_scene_is_refused(tiny_folder: Path) -> None:
    stream = PracticeStream(load(str(tiny_folder)).tokenizer, Practice(1, scene_tokens=20))
    with pytest.raises(InputError, match="practice documents hardly ever fit 20 tokens"):
        stream[0]

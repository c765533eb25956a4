"""The learner of pretrained models: what is taught and asked once is taken over by all that is the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from obverse.learners.learner import Outcome, Teaching
from obverse.learners.pretrained import FromPretrained
from obverse.models import fingerprint, load
from obverse.practice.practising import Practising
from obverse.practice.stream import Practice
from obverse.routes import routes
from obverse.runs.progress import Progress
from obverse.tasks.drawn import DrawnTask, people
from obverse.tasks.drawn.kinship import TINY
from obverse.training import retention
from obverse.training.adapters import load_taught
from obverse.training.finetuning_options import FinetuningOptions
from obverse.training.loop import train
from obverse.types import Answer, InputError, Route

TASK = replace(TINY, form="natural")
NAMES = ("untouched", "context:2", "finetune")
BRIEF = FinetuningOptions(epochs=1)


def outcomes(folder: Path, model: Path) -> dict[str, Outcome]:
    """What the learner makes of the task, by what it trained in."""
    learner = FromPretrained(str(model), finetuning=BRIEF, dtype="float32")
    chosen = routes(NAMES)
    found = {}
    for parameters in ("none", "documents"):
        asked = tuple(route for route in chosen if route.parameters == parameters)
        found[parameters] = learner.run(Teaching("families", TASK, parameters, 0, asked), folder, Progress())
    return found


def by_question(answers: Any) -> dict[tuple[str, str, bool], Answer]:
    return {(answer.question, answer.route, answer.control): answer for answer in answers}


def test_what_a_teaching_results_in(tiny_folder: Path, tmp_path: Path) -> None:
    found = outcomes(tmp_path, tiny_folder)
    task = TASK.build(0)
    asked = {question.id for question in task.questions}
    for one, labels in (
        (found["none"], ("untouched", "context:2", "context:2 (false context)")),
        (found["documents"], ("finetune",)),
    ):
        assert tuple(one.rows) == labels
        for label, rows in one.rows.items():
            answers = by_question(answer for row in rows for answer in row.answers)
            questions = {question for question, *_ in answers}
            needing = {question.id for question in task.questions if question.needs}
            assert questions & asked == (asked if "context" not in label else needing)
            assert (questions > asked) == (
                "context" not in label
            )  # where nothing is shown documents are broken off
    assert found["none"].taught.flops == 0 < found["documents"].taught.flops
    assert found["none"].retained is None
    retained = found["documents"].retained
    assert retained
    assert retained[0] != retained[1]
    assert found["none"].form in ("chat", "plain")
    assert found["none"].dtype == "float32"
    assert found["none"].model == ""
    model = load_taught(
        load(str(tiny_folder), dtype="float32"), tmp_path / found["documents"].model / "model"
    )
    assert model.fingerprint != load(str(tiny_folder)).fingerprint


def test_what_was_answered_is_not_asked_again(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = outcomes(tmp_path, tiny_folder)
    monkeypatch.setattr("obverse.answering.asking.Asker.answer", None)
    monkeypatch.setattr("obverse.training.finetuning.train", None)
    assert outcomes(tmp_path, tiny_folder) == first


def test_what_only_a_model_from_scratch_learns_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    teaching = Teaching("families", TASK, "masked", 0, (Route("masked", "masked"),))
    with pytest.raises(InputError, match="'masked' is for models from scratch"):
        FromPretrained(str(tiny_folder)).run(teaching, tmp_path, Progress())


def test_texts_to_rehearse_are_written_once_for_all_that_rehearse(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "knowledge", lambda _: 0.5)
    plain = FromPretrained(str(tiny_folder), finetuning=BRIEF, dtype="float32")
    learners = [
        replace(plain, finetuning=replace(BRIEF, rehearse=rehearse, rehearsed_texts=2))
        for rehearse in (None, "divergence", "replay")
    ]
    teaching = Teaching("families", TASK, "documents", 0, tuple(routes(["finetune"])))
    assert len({teaching.key(learner) for learner in learners}) == 3
    found = [learner.run(teaching, tmp_path, Progress()) for learner in learners]
    assert [one.taught.tokens_generated for one in found] == [0, 2 * 127, 2 * 127]
    assert len({one.retained[1].perplexity for one in found if one.retained}) == 3
    texts = [path for path in (tmp_path / "rehearsed").glob("*.json") if "cost" not in path.name]
    assert len(texts) == 1


def test_a_model_practises_once_for_all_that_it_is_taught(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    practising = Practising(Practice(steps=2, step_tokens=400, scene_tokens=400), rank=2, rehearsal=None)
    learner = FromPretrained(str(tiny_folder), practising=practising, finetuning=BRIEF, dtype="float32")
    trained: list[int] = []

    def counted(model: Any, stream: Any, *args: Any, **kwargs: Any) -> Any:
        trained.append(len(stream))
        return train(model, stream, *args, **kwargs)

    monkeypatch.setattr("obverse.practice.practising.train", counted)
    bare, finetuned = (
        learner.run(Teaching("families", TASK, route.parameters, 0, (route,)), tmp_path, Progress())
        for route in routes(["untouched", "finetune"])
    )
    assert trained == [2]
    assert 0 < bare.taught.tokens_trained < finetuned.taught.tokens_trained
    assert bare.retained
    assert finetuned.retained
    assert bare.retained[0] == finetuned.retained[0]
    assert bare.retained[1] != finetuned.retained[1]


def test_tasks_that_only_ask_otherwise_share_what_was_taught(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = FromPretrained(str(tiny_folder), finetuning=BRIEF, dtype="float32", retention=False)
    trained: list[int] = []

    def counted(model: Any, stream: Any, *args: Any, **kwargs: Any) -> Any:
        trained.append(len(stream))
        return train(model, stream, *args, **kwargs)

    monkeypatch.setattr("obverse.training.finetuning.train", counted)

    def taught_by(name: str, task: DrawnTask, seed: int = 0, folder: str = "shared") -> Outcome:
        teaching = Teaching(name, task, "documents", seed, tuple(routes(["finetune"])))
        return learner.run(teaching, tmp_path / folder, Progress())

    told = people.TINY
    otherwise = replace(told, pool="trained completions")
    taught_by("people", told)
    shared = taught_by("people, other choices", otherwise)
    assert len(trained) == 1
    alone = taught_by("people, other choices", otherwise, folder="alone")
    assert len(trained) == 2
    answers = [
        by_question(answer for row in one.rows["finetune"] for answer in row.answers)
        for one in (shared, alone)
    ]
    assert answers[0].keys() == answers[1].keys() != set()
    for key, one in answers[0].items():
        # But for rounding, since the questions may have stood in other rows.
        assert one.log_likelihoods == pytest.approx(answers[1][key].log_likelihoods, abs=1e-4)
        assert replace(one, log_likelihoods=()) == replace(answers[1][key], log_likelihoods=())
    assert shared.taught.tokens_trained == alone.taught.tokens_trained > 0
    taught_by("people", told, seed=1)
    taught_by("people", replace(told, people=told.people + 1))
    assert len(trained) == 4
    plain = fingerprint.identity
    for other in ({"device": "cuda"}, {"code": "other"}):
        monkeypatch.setattr(fingerprint, "identity", lambda *given, other=other: {**plain(*given), **other})
        taught_by("people", told)
    assert len(trained) == 6

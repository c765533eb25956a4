"""The learner of pretrained models: it brings what a comparison brings, to the last digit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from obverse.engine.comparison import run_comparison
from obverse.engine.settings import Settings
from obverse.learners.learner import Outcome, Teaching
from obverse.learners.pretrained import FromPretrained
from obverse.models import fingerprint
from obverse.practice.practising import Practising
from obverse.practice.stream import Practice
from obverse.routes import routes
from obverse.runs.progress import Progress
from obverse.runs.run_folder import RunFolder, read_run_key
from obverse.tasks.drawn import DrawnTask, people
from obverse.tasks.drawn.kinship import TINY
from obverse.training import retention
from obverse.training.loop import train
from obverse.training.rehearsal import Rehearsal
from obverse.types import Answer, InputError, Route

TASK = replace(TINY, form="natural")
NAMES = ("untouched", "context:2", "finetune")


def brought(folder: Path, model: Path) -> dict[str, Outcome]:
    """What the learner brings, by what it trained in."""
    learner = FromPretrained(str(model), epochs=1, dtype="float32")
    chosen = routes(NAMES)
    found = {}
    for parameters in ("none", "documents"):
        asked = tuple(route for route in chosen if route.parameters == parameters)
        found[parameters] = learner.run(
            Teaching("families", TASK, parameters, 0, asked), folder, lambda *_: None
        )
    return found


def by_question(answers: Any) -> dict[tuple[str, str, bool], Answer]:
    return {(answer.question, answer.route, answer.control): answer for answer in answers}


def test_a_study_s_cell_is_what_compare_brings(tiny_folder: Path, tmp_path: Path) -> None:
    found = brought(tmp_path / "taught", tiny_folder)
    settings = Settings(str(tiny_folder), routes=NAMES, epochs=1, dtype="float32")
    folder = run_comparison(TASK.build(0), settings, tmp_path / "run", "a test", Progress())
    kept = RunFolder(folder, read_run_key(folder))
    for one in found.values():
        for label, rows in one.rows.items():
            route = next(arm for name in routes(NAMES) for arm in (name, name.twin) if arm.label == label)
            mine = by_question(answer for row in rows for answer in row.answers)
            assert mine == by_question(kept.cell(route, 0).answers)
            assert mine
    assert found["none"].taught.flops == 0 < found["documents"].taught.flops
    retained = found["documents"].retained
    assert found["none"].retained is None
    assert retained
    (row,) = json.loads((folder / "results.json").read_text())["retention"]
    assert (row["perplexity_before"], row["perplexity_after"]) == tuple(one.perplexity for one in retained)
    assert (row["knowledge_before"], row["knowledge_after"]) == tuple(one.knowledge for one in retained)
    assert found["none"].form in ("chat", "plain")
    assert found["none"].dtype == "float32"


def test_what_was_answered_is_not_asked_again(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = brought(tmp_path, tiny_folder)
    monkeypatch.setattr("obverse.answering.asking.Asker.answer", None)
    monkeypatch.setattr("obverse.training.finetuning.train", None)
    assert brought(tmp_path, tiny_folder) == first


def test_what_only_a_model_from_scratch_learns_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    teaching = Teaching("families", TASK, "masked", 0, (Route("masked", "masked"),))
    with pytest.raises(InputError, match="'masked' is for models from scratch"):
        FromPretrained(str(tiny_folder)).run(teaching, tmp_path, lambda *_: None)


def test_texts_to_rehearse_are_written_once_for_all_that_rehearse(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "knowledge", lambda _: 0.5)
    plain = FromPretrained(str(tiny_folder), epochs=1, dtype="float32")
    learners = [
        replace(plain, rehearsal=rehearsal)
        for rehearsal in (None, Rehearsal(texts=2), Rehearsal("likelihood", texts=2))
    ]
    teaching = Teaching("families", TASK, "documents", 0, tuple(routes(["finetune"])))
    assert len({teaching.key(learner) for learner in learners}) == 3
    found = [learner.run(teaching, tmp_path, lambda *_: None) for learner in learners]
    assert [one.taught.tokens_generated for one in found] == [0, 2 * 127, 2 * 127]
    assert len({one.retained[1].perplexity for one in found if one.retained}) == 3
    texts = [path for path in (tmp_path / "rehearsed").glob("*.json") if "cost" not in path.name]
    assert len(texts) == 1


def test_a_model_practises_once_for_all_that_it_is_taught(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    practising = Practising(Practice(steps=2, step_tokens=400, scene_tokens=400), rank=2, rehearsal=None)
    learner = FromPretrained(str(tiny_folder), practising=practising, epochs=1, dtype="float32")
    trained: list[int] = []

    def counted(model: Any, stream: Any, *args: Any, **kwargs: Any) -> Any:
        trained.append(len(stream))
        return train(model, stream, *args, **kwargs)

    monkeypatch.setattr("obverse.practice.practising.train", counted)
    bare, finetuned = (
        learner.run(Teaching("families", TASK, route.parameters, 0, (route,)), tmp_path, lambda *_: None)
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
    learner = FromPretrained(str(tiny_folder), epochs=1, dtype="float32", retention=False)
    trained: list[int] = []

    def counted(model: Any, stream: Any, *args: Any, **kwargs: Any) -> Any:
        trained.append(len(stream))
        return train(model, stream, *args, **kwargs)

    monkeypatch.setattr("obverse.training.finetuning.train", counted)

    def brings(name: str, task: DrawnTask, seed: int = 0, folder: str = "shared") -> Outcome:
        teaching = Teaching(name, task, "documents", seed, tuple(routes(["finetune"])))
        return learner.run(teaching, tmp_path / folder, lambda *_: None)

    told = people.TINY
    otherwise = replace(told, pool="trained completions")
    brings("people", told)
    shared = brings("people, other choices", otherwise)
    assert len(trained) == 1
    alone = brings("people, other choices", otherwise, folder="alone")
    assert len(trained) == 2
    answers = [by_question(one.rows["finetune"][0].answers) for one in (shared, alone)]
    assert answers[0] == answers[1]
    assert answers[0]
    assert shared.taught.tokens_trained == alone.taught.tokens_trained > 0
    brings("people", told, seed=1)
    brings("people", replace(told, people=told.people + 1))
    assert len(trained) == 4
    plain = fingerprint.identity
    for other in ({"device": "cuda"}, {"code": "other"}):
        monkeypatch.setattr(fingerprint, "identity", lambda *given, other=other: {**plain(*given), **other})
        brings("people", told)
    assert len(trained) == 6

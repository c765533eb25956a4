"""The learner from scratch: what it cannot learn is refused, and what it writes builds on the same model.

That it learns is tested with the studies.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from obverse.augmentation.from_cues import Writing
from obverse.learners.from_scratch import FromScratch
from obverse.learners.learner import LineCounts, Outcome, Teaching
from obverse.learners.recalling import Recalling
from obverse.models.architecture import Architecture
from obverse.reinforcement.reinforcing import Reinforcement
from obverse.reinforcement.rollouts import read_rollouts
from obverse.retrieval.bm25 import Bm25
from obverse.routes import routes
from obverse.runs.progress import Progress
from obverse.tasks.drawn import DrawnTask, recall, simple_reversals
from obverse.tasks.drawn.kinship import TINY
from obverse.training.experience import Recipe
from obverse.types import Document, InputError, ParametersChoice, Route

BOTH_WAYS = Recipe(Architecture(causal=False), steps=1)


@pytest.mark.parametrize(
    ("task", "parameters", "recipe", "message"),
    [
        (
            replace(TINY, form="natural"),
            "documents",
            Recipe(),
            "families: .* give the task in its formal form",
        ),
        (
            TINY,
            "masked",
            Recipe(steps=1),
            "'masked' cannot be taught to a model that reads from left to right",
        ),
        (
            TINY,
            "documents",
            BOTH_WAYS,
            "'documents' cannot be taught to a model that reads in both directions",
        ),
    ],
)
def test_what_cannot_be_learned_is_refused(
    task: DrawnTask, parameters: ParametersChoice, recipe: Recipe, message: str, tmp_path: Path
) -> None:
    teaching = Teaching("families", task, parameters, 0, (Route("route", parameters=parameters),))
    with pytest.raises(InputError, match=message) as refused:
        FromScratch(recipe).run(teaching, tmp_path, Progress())
    assert "\n" not in str(refused.value)


FEW = Recipe(steps=2, documents=8, practice=2)
LEARNER = FromScratch(FEW, evaluations=1)
FACTS = 16


def augmented(writing: Writing, folder: Path) -> Outcome:
    route = Route("augment", parameters="augmented")
    teaching = Teaching("reversals", simple_reversals.TINY, "augmented", 0, (route,))
    return replace(LEARNER, writing=writing).run(teaching, folder, Progress())


def models(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/taught.json")}


def test_however_it_writes_it_begins_with_the_same_model(tmp_path: Path) -> None:
    finetune = Teaching(
        "reversals", simple_reversals.TINY, "documents", 0, (Route("finetune", parameters="documents"),)
    )
    LEARNER.run(finetune, tmp_path, Progress())
    base = models(tmp_path)
    plain = augmented(Writing(), tmp_path)
    assert plain.lines is not None
    assert (plain.lines.written, plain.lines.kept, plain.lines.threshold) == (FACTS, None, None)
    augmented(Writing(samples=3, dose=1.0), tmp_path)
    assert base < models(tmp_path)
    assert len(models(tmp_path)) == 3


def test_false_lines_are_counted(tmp_path: Path) -> None:
    assert augmented(Writing(samples=3, dose=1.0), tmp_path).lines == LineCounts(3 * FACTS, 0)


def test_a_threshold_comes_from_another_task(tmp_path: Path) -> None:
    found = augmented(Writing(samples=3, dose=0.5, verified="entailment"), tmp_path)
    assert len(models(tmp_path)) == 2
    (other,) = models(tmp_path / "calibration")
    # The same teaching, of a task that is drawn anew.
    assert other in models(tmp_path)
    weights = [path.read_bytes() for path in sorted(tmp_path.rglob(f"{other}/model/model.safetensors"))]
    assert len(set(weights)) == 2
    assert found.lines is not None
    assert found.lines.written == 3 * FACTS
    assert found.lines.kept is not None
    assert found.lines.right_kept is not None
    assert found.lines.threshold is not None
    assert found.lines.right_kept <= min(found.lines.kept, found.lines.right)


def test_what_is_written_and_kept_is_the_same_again(tmp_path: Path) -> None:
    writing = Writing(samples=3, dose=0.5, verified="agreement")
    one, other = (augmented(writing, tmp_path / name) for name in ("one", "other"))
    assert one.lines == other.lines
    assert [row.answers for row in one.rows["augment"]] == [row.answers for row in other.rows["augment"]]


RECALLING = Recalling(reinforcement=Reinforcement(updates=2, questions=3, samples=4))


def recalled(names: tuple[str, ...], recalling: Recalling, folder: Path) -> Outcome:
    found = routes(names)
    teaching = Teaching("recall", recall.TINY, found[0].parameters, 0, found)
    return replace(LEARNER, recalling=recalling).run(teaching, folder, Progress())


def test_however_it_recalls_it_begins_with_the_same_model(tmp_path: Path) -> None:
    before = recalled(("finetune", "finetune+think"), RECALLING, tmp_path)
    (base,) = models(tmp_path)
    # Thoughts that are all worth the same train nothing by their rewards, but a divergence reads each of them.
    held = replace(RECALLING, reinforcement=replace(RECALLING.reinforcement, divergence=0.1))
    after = recalled(("recall", "think", "recall+think:3"), held, tmp_path)
    shown = recalled(("recall",), replace(RECALLING, demonstrations=2), tmp_path)
    assert len(models(tmp_path)) == 3
    logged = [len(read_rollouts(tmp_path / key)) for key in sorted(models(tmp_path) - {base})]
    assert sorted(logged) == [0, 2 * 3 * 4]
    assert before.taught.tokens_trained < after.taught.tokens_trained
    assert before.taught.flops < after.taught.flops
    assert (
        before.taught.tokens_generated == shown.taught.tokens_generated == 0 < after.taught.tokens_generated
    )
    thoughts = {
        label: {len(answer.thoughts) for row in rows for answer in row.answers}
        for label, rows in {**before.rows, **after.rows}.items()
    }
    assert thoughts == {
        "finetune": {0},
        "finetune+think": {1},
        "recall": {0},
        "recall+think": {1},
        "recall+think:3": {3},
    }
    asked = {label: row.asked for label, (row,) in after.rows.items()}
    assert asked["recall"].tokens_generated == 0 < asked["recall+think"].tokens_generated
    assert asked["recall+think"].flops > asked["recall"].flops


def test_thinking_goes_with_a_context(tmp_path: Path) -> None:
    outcome = recalled(("finetune+oracle+think",), RECALLING, tmp_path)
    assert set(outcome.rows) == {"finetune+oracle+think", "finetune+oracle+think (false context)"}
    for (row,) in outcome.rows.values():
        assert all(len(answer.thoughts) == 1 and answer.retrieved for answer in row.answers)


def test_what_is_stored_can_be_rehearsed_meanwhile(tmp_path: Path) -> None:
    rehearsed = replace(RECALLING, reinforcement=replace(RECALLING.reinforcement, retention=0.1))
    plain, held = (recalled(("recall",), how, tmp_path).taught for how in (RECALLING, rehearsed))
    assert held.tokens_trained > plain.tokens_trained


def test_indexing_is_paid_once_and_no_part_of_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = Bm25.index

    def slow_index(self: Bm25, documents: Sequence[Document], folder: Path) -> None:
        now[0] += 30
        index(self, documents, folder)

    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(Bm25, "index", slow_index)
    (route,) = routes(["finetune+retrieve"])
    teaching = Teaching("reversals", simple_reversals.TINY, "documents", 0, (route,))
    outcome = LEARNER.run(teaching, tmp_path, Progress())
    ((own,), (false,)) = outcome.rows["finetune+retrieve"], outcome.rows["finetune+retrieve (false context)"]
    assert (own.taught.seconds, own.asked.seconds) == (30, 0)
    assert false.asked.seconds == 0

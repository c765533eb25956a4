"""Which cells a study has, which are taught together, and that a cell's file keeps the outcome."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from guesser import FewFacts, Guesser, made_up_study

from obverse.answering.thinking import Thinking
from obverse.engine.cells import StudyCell, cell_texts, chains, missing, read_cell, study_cells
from obverse.learners.from_scratch import FromScratch
from obverse.learners.learner import CurvePoint, LineCounts, Outcome, Teaching
from obverse.learners.recalling import Recalling
from obverse.routes import route, routes
from obverse.tasks.drawn import recall
from obverse.types import Answer, AnsweredRow, Document, InputError, Ledger, ParametersChoice, Route

FINETUNE, ORACLE = Route("finetune", "documents"), Route("finetune+oracle", "documents", "oracle")


def cell(route: Route, seed: int = 0) -> StudyCell:
    return StudyCell("good", Guesser(), Teaching("few", FewFacts(), route.parameters, seed, (route,)))


def answer(route: Route, seed: int = 0) -> Answer:
    return Answer(
        "q", route.name, route.control, seed, (-math.inf, 0.1 + 0.2), (1, 2), "\ud800\n", True, False, ("d",)
    )


def outcome_of(*routes: Route) -> Outcome:
    row = AnsweredRow((), Ledger(), Ledger(flops=3), None)
    return Outcome(
        {route.label: (replace(row, answers=(answer(route),)), row) for route in routes},
        Ledger(1, 2, 3, 4, 0.1, 6),
        1_000,
        (CurvePoint(0, 1, 100, "oracle:2", "reversal", True, 1 / 3, 4),),
        LineCounts(10, 9),
        form="chat",
        prompt="{question}<|end|>",
    )


def test_a_cell_for_each_task_model_seed_and_route() -> None:
    study = replace(
        made_up_study(), tasks={"few": FewFacts(), "more": FewFacts(7)}, only={"more": ("finetune",)}
    )
    cells = study_cells(study)
    found = [(one.teaching.task_name, one.model, one.teaching.seed, one.route.name) for one in cells]
    assert len(found) == len(set(found)) == 2 * 2 * 3 + 2 * 2 * 1
    assert found[:3] == [("few", "good", 0, name) for name in study.routes]
    assert len({one.key for one in cells}) == len(cells)


def test_an_unknown_route_is_bad_input() -> None:
    with pytest.raises(InputError, match="unknown route 'osmosis'"):
        study_cells(replace(made_up_study(), routes=("osmosis",)))


def test_a_key_is_of_the_route_too_and_not_of_the_models_name() -> None:
    one = cell(FINETUNE)
    assert one.key == replace(one, model="other").key
    assert (
        len({one.key, cell(ORACLE).key, cell(FINETUNE, 1).key, cell(replace(ORACLE, distractors=2)).key}) == 4
    )


class Nothing:
    """A retriever that finds nothing."""

    identity: Mapping[str, object] = {}
    ledger = Ledger()

    def index(self, documents: Sequence[Document], folder: Path) -> None:
        """Nothing is kept."""

    def search(self, queries: Sequence[str], _: int) -> list[list[str]]:
        return [[] for _ in queries]


def test_a_key_is_of_what_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    own, bm25 = (cell(route(name)).key for name in (f"retrieve:{__name__}:Nothing", "retrieve"))
    assert own != bm25
    assert cell(route(f"retrieve:{__name__}:Nothing")).key == own
    monkeypatch.setattr(Nothing, "identity", {"of": "another model"})
    assert cell(route(f"retrieve:{__name__}:Nothing")).key != own


def test_cells_that_share_their_parameters_are_taught_together() -> None:
    found = chains(study_cells(made_up_study(seeds=1)))
    names = [[[route.name for route in job.teaching.routes] for job in chain] for chain in found]
    assert names == 2 * [[["untouched"]], [["finetune", "finetune+oracle"]]]
    for chain in found:
        for job in chain:
            assert {one.teaching.key(one.learner) for one in job.cells} == {job.key}


def test_equal_cells_of_two_names_are_done_once() -> None:
    study = replace(made_up_study(seeds=1), models={"one": Guesser(), "same": Guesser()})
    assert sum(len(job.cells) for chain in chains(study_cells(study)) for job in chain) == 3


def test_what_begins_with_the_documents_model_comes_after_it() -> None:
    def parameters(*wanted: ParametersChoice) -> list[list[str]]:
        cells = [cell(Route(name, name)) for name in wanted]
        return [[job.teaching.parameters for job in chain] for chain in chains(cells)]

    assert parameters("augmented", "reversed", "documents") == [["documents", "augmented"], ["reversed"]]
    assert parameters("augmented", "none") == [["augmented"], ["none"]]
    assert parameters("recalled", "augmented", "documents") == [["documents", "recalled", "augmented"]]


def test_what_many_begin_with_comes_first() -> None:
    task = recall.TINY
    found = routes(("finetune", "recall"))
    plain = FromScratch()
    others = [FromScratch(recalling=Recalling(Thinking(most=most))) for most in (4, 8)]
    cells = [
        StudyCell("decoder", learner, Teaching("few", task, way.parameters, 0, (way,)))
        for learner, way in [(others[0], found[1]), (others[1], found[1]), (plain, found[0])]
    ]
    ordered = chains([cell(FINETUNE), cell(ORACLE), *cells])
    assert [chain[0].learner for chain in ordered] == [plain, Guesser(), *others]


def test_a_file_keeps_what_was_outcome_of(tmp_path: Path) -> None:
    ((job,),) = chains([cell(ORACLE)])
    whole = outcome_of(ORACLE, ORACLE.twin)
    ((key, text),) = cell_texts(job, whole).items()
    path = tmp_path / f"{key}.json"
    path.write_text(text, encoding="ascii")
    assert read_cell(path) == whole


def test_a_file_keeps_its_own_routes_alone(tmp_path: Path) -> None:
    ((job,),) = chains([cell(FINETUNE), cell(ORACLE)])
    texts = cell_texts(job, outcome_of(FINETUNE, ORACLE, ORACLE.twin))
    assert list(texts) == [one.key for one in job.cells]
    labels = []
    for number, text in enumerate(texts.values()):
        path = tmp_path / str(number)
        path.write_text(text)
        labels.append(list(read_cell(path).rows))
    assert labels == [["finetune"], ["finetune+oracle", "finetune+oracle (false context)"]]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({ORACLE.label: ORACLE}, "gave no answers by finetune\\+oracle \\(false context\\)"),
        ({ORACLE.label: ORACLE, ORACLE.twin.label: ORACLE}, "names another route or seed"),
    ],
)
def test_a_learner_that_leaves_out_or_mixes_up_a_route_is_found_out(
    rows: dict[str, Route], said: str
) -> None:
    ((job,),) = chains([cell(ORACLE)])
    given = {
        label: (AnsweredRow((answer(route),), Ledger(), Ledger(), None),) for label, route in rows.items()
    }
    with pytest.raises(ValueError, match=said):
        cell_texts(job, Outcome(given, Ledger(), 1))


def test_cells_without_a_file_are_missing(tmp_path: Path) -> None:
    cells = study_cells(made_up_study(seeds=1))
    (tmp_path / "cells").mkdir()
    cells[1].path(tmp_path).touch()
    assert missing(cells, tmp_path) == (cells[0], *cells[2:])

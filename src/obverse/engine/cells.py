"""The cells of a study: what decides each, which of them are taught together, and the file that keeps one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.code_fingerprint import CODE
from obverse.engine.study import Study
from obverse.learners.learner import BUILDING, CurvePoint, Learner, LineCounts, Outcome, Teaching
from obverse.retrieval.contexts import plugin_identity
from obverse.routes import routes
from obverse.runs.kept_answers import row_from
from obverse.types import Document, Ledger, Retained, Route, content_hash

if TYPE_CHECKING:
    from obverse.augmentation.for_routes import Lines


@dataclass(frozen=True)
class StudyCell:
    """One task, model, route and seed.

    Args:
        model: the name of the learner in its study.
        teaching: with this one route.
    """

    model: str
    learner: Learner
    teaching: Teaching

    @property
    def route(self) -> Route:
        """The route of the cell; its false-context twin, if it has one, belongs to the same cell."""
        return self.teaching.routes[0]

    @cached_property
    def described(self) -> dict[str, object]:
        """Everything that decides the cell, as plain values."""
        route = {**asdict(self.route), "plugin": plugin_identity(self.route)}
        return {**self.teaching.described(self.learner), "route": route}

    @cached_property
    def key(self) -> str:
        """Hash of everything that decides the cell (64 hexadecimal digits)."""
        return content_hash(self.described)

    @property
    def labels(self) -> dict[str, Route]:
        """The routes that are asked: this one, and its twin where it has a context."""
        return {route.label: route for route in self.route.arms}

    def path(self, folder: Path) -> Path:
        """The cell's file in the folder of its run."""
        return folder / "cells" / f"{self.key}.json"


@dataclass(frozen=True)
class Job:
    """A teaching by a learner, and the cells that it fills."""

    learner: Learner
    teaching: Teaching
    cells: tuple[StudyCell, ...]

    @cached_property
    def key(self) -> str:
        """Of the teaching."""
        return self.teaching.key(self.learner)

    @property
    def label(self) -> str:
        """What it is, for a line of progress."""
        names = ", ".join(route.name for route in self.teaching.routes)
        return f"{self.teaching.task_name}, {self.cells[0].model}, {names}, seed {self.teaching.seed}"


_BEGINNING = '{"cell": '

Chain = tuple[Job, ...]
"""Jobs to be done in this order by one process: a teaching, and those that begin with its model."""


def study_cells(study: Study) -> tuple[StudyCell, ...]:
    """Every cell, in the order of the tables.

    Raises:
        InputError: no such route.
    """
    known = {route.name: route for route in routes(study.routes)}
    by_name = {name: known[found.name] for name in study.routes for found in routes([name])}
    return tuple(
        StudyCell(model, learner, Teaching(task_name, task, route.parameters, seed, (route,)))
        for task_name, task in study.tasks.items()
        for model, learner in study.models_of(task_name).items()
        for seed in range(1 if model in study.once else study.seeds)
        for name in study.routes_of(task_name, model)
        if seed == 0 or name not in study.once
        for route in (by_name[name],)
    )


def chains(cells: Iterable[StudyCell]) -> tuple[Chain, ...]:
    """The jobs that fill these cells; what begins with another's model comes after it, in the same chain.

    First come chains with the models that most others begin with, then those with the most jobs, so that workers
    seldom wait for each other and come to an end together.
    """
    together: dict[str, dict[str, StudyCell]] = {}
    for cell in cells:
        together.setdefault(cell.teaching.key(cell.learner), {}).setdefault(cell.key, cell)
    jobs = {key: _job(tuple(alike.values())) for key, alike in together.items()}
    following: dict[str, list[Job]] = {}
    for key, job in jobs.items():
        base = _base(job, job.learner)
        following.setdefault(base if base in jobs else key, []).append(job)
    ordered = (
        tuple(sorted(chain, key=lambda job: job.teaching.parameters in BUILDING))
        for chain in following.values()
    )
    begun = Counter(_base(job, getattr(job.learner, "plain", job.learner)) for job in jobs.values())
    return tuple(sorted(ordered, key=lambda chain: (max(1, begun[chain[0].key]), len(chain)), reverse=True))


def _job(cells: tuple[StudyCell, ...]) -> Job:
    first = cells[0]
    return Job(first.learner, replace(first.teaching, routes=tuple(cell.route for cell in cells)), cells)


def _base(job: Job, learner: Learner) -> str:
    """Key of the teaching whose model this one by ``learner`` begins with; its own where that is none."""
    if job.teaching.parameters in BUILDING:
        return replace(job.teaching, parameters="documents").key(learner)
    return job.teaching.key(learner)


def cell_texts(job: Job, outcome: Outcome) -> dict[str, str]:
    """The file of each cell, as text, by the cell's key.

    Raises:
        ValueError: a route was neither asked nor refused, or an answer says that it is another's.
    """
    return {cell.key: _cell_text(cell, outcome) for cell in job.cells}


def _cell_text(cell: StudyCell, outcome: Outcome) -> str:
    refused = outcome.refused.get(cell.route.name)
    labels = {} if refused else cell.labels
    for label, route in labels.items():
        expected = (route.name, route.control, cell.teaching.seed)
        answers = [answer for row in outcome.rows.get(label, ()) for answer in row.answers]
        if not answers:
            raise ValueError(f"the learner gave no answers by {label}")
        for answer in answers:
            if (answer.route, answer.control, answer.seed) != expected:
                raise ValueError(f"an answer to {answer.question} by {label} names another route or seed")
    content = {
        "cell": cell.described,  # first, see _BEGINNING
        "rows": {label: [asdict(row) for row in outcome.rows[label]] for label in labels},
        "taught": asdict(outcome.taught),
        "parameters": outcome.parameters,
        "curves": [asdict(point) for point in outcome.curves],
        "lines": asdict(outcome.lines) if outcome.lines else None,
        "form": outcome.form,
        "prompt": outcome.prompt,
        "dtype": outcome.dtype,
        "retained": [asdict(one) for one in outcome.retained] if outcome.retained else None,
        "refused": refused,
        "augmented": asdict(outcome.augmented) if outcome.augmented else None,
        "model": outcome.model,
    }
    return json.dumps(content) + "\n"  # escaped: what a model says may hold what no encoding has


def read_cell(path: Path) -> Outcome:
    """What a cell's file holds: the answers of its own routes, and what was taught."""
    content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    route = content["cell"]["route"]["name"]
    return Outcome(
        rows={label: tuple(map(row_from, rows)) for label, rows in content["rows"].items()},
        taught=Ledger(**content["taught"]),
        parameters=content["parameters"],
        curves=tuple(CurvePoint(**point) for point in content["curves"]),
        lines=LineCounts(**content["lines"]) if content["lines"] else None,
        form=content["form"],
        prompt=content["prompt"],
        dtype=content["dtype"],
        retained=(Retained(**kept[0]), Retained(**kept[1])) if (kept := content["retained"]) else None,
        refused={route: content["refused"]} if content["refused"] else {},
        augmented=_augmented(content["augmented"]) if content["augmented"] else None,
        model=content["model"],
    )


def _augmented(content: Mapping[str, Any]) -> Lines:
    from obverse.augmentation.for_routes import Lines

    kept = tuple(
        Document(**{**line, "answers": tuple(map(tuple, line["answers"]))}) for line in content["kept"]
    )
    return Lines(**{**content, "kept": kept, "ledger": Ledger(**content["ledger"])})


def missing(cells: Sequence[StudyCell], folder: Path) -> tuple[StudyCell, ...]:
    """The cells that have no file in the folder of their run."""
    return tuple(cell for cell in cells if not cell.path(folder).exists())


def of_other_code(cells: Iterable[StudyCell], folder: Path) -> int:
    """How many of these cells lie in the folder of their run as another program made them, or other libraries."""
    wanted = {_apart_from_code(cell.described): cell.path(folder) for cell in cells}
    found = {
        apart
        for path in (folder / "cells").glob("*.json")
        if (apart := _apart_from_code(_description(path))) in wanted and wanted[apart] != path
    }
    return len(found)


def _apart_from_code(described: Mapping[str, object]) -> str:
    return content_hash({name: value for name, value in described.items() if name not in (CODE, "obverse")})


def _description(path: Path) -> dict[str, object]:
    """The beginning of a cell's file, without the answers that follow."""
    text = path.read_text(encoding="utf-8")
    described: dict[str, object] = json.JSONDecoder().raw_decode(text, len(_BEGINNING))[0]
    return described

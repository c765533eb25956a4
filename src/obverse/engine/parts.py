"""From cells to results: a part for each task and model, and the points of a sweep.

A part has the files of a comparison of one model, so that all that reads one reads the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from obverse.engine.cells import StudyCell, read_cell
from obverse.engine.study import Study, Sweep, described
from obverse.files import write_text
from obverse.judging import wording
from obverse.judging.remarks import about_scoring
from obverse.judging.run_record import RunRecord
from obverse.judging.summary import summarise, teaching_name
from obverse.learners.learner import TASK_SEED, Learner, Outcome
from obverse.reports.result_files import write_answers, write_results
from obverse.runs.environment import environment
from obverse.tasks import find_leaks, save_task
from obverse.tasks.completions import completions
from obverse.tasks.drawn.cued import cued
from obverse.types import MARGIN, ParametersChoice, Question, Route, Task, content_hash

# Beyond this the search for leaks takes minutes.
_MOST_SEARCHED = 5_000


@dataclass(frozen=True)
class Part:
    """The finished cells of one task and model; there is one at least.

    Args:
        routes: those with a finished cell, in the order of the tables.
    """

    task: Task
    model: str
    learner: Learner
    routes: tuple[Route, ...]
    cells: tuple[tuple[StudyCell, Outcome], ...]

    @property
    def refused(self) -> dict[str, str]:
        """Name of a route -> why the model cannot be asked by it."""
        return {name: reason for _, outcome in self.cells for name, reason in outcome.refused.items()}

    @property
    def teachings(self) -> list[tuple[StudyCell, Outcome]]:
        """One cell of each teaching: what was taught is the same in all."""
        found: dict[tuple[ParametersChoice, int], tuple[StudyCell, Outcome]] = {}
        for cell, outcome in self.cells:
            found.setdefault((cell.route.parameters, cell.teaching.seed), (cell, outcome))
        return list(found.values())


def parts_of(study: Study, cells: Sequence[StudyCell], folder: Path) -> Iterator[Part]:
    """The parts that have a finished cell, in the order of the tables.

    Args:
        cells: of the study, in the order of the tables.
        folder: of the run.
    """
    for task_name, settings in study.tasks.items():
        task = replace(settings.build(TASK_SEED), name=task_name)
        for model, learner in study.models_of(task_name).items():
            own = [cell for cell in cells if (cell.teaching.task_name, cell.model) == (task_name, model)]
            found = tuple((cell, read_cell(cell.path(folder))) for cell in own if cell.path(folder).exists())
            if found:
                finished = {cell.route for cell, _ in found}
                routes = dict.fromkeys(cell.route for cell in own if cell.route in finished)
                yield Part(task, model, learner, tuple(routes), found)


def record_of(part: Part, metric: str, derived: tuple[Question, ...]) -> RunRecord:
    """The answers of a part, and what teaching cost and changed.

    Args:
        derived: the questions of recall in the trained form.
    """
    record = RunRecord(part.task, derived, metric, refused=part.refused)
    for cell, outcome in part.cells:
        seed = cell.teaching.seed
        for label, route in cell.labels.items():
            if label in outcome.rows:
                record.cells[route.name, route.control, seed] = outcome.rows[label]
        record.teaching[cell.route.parameters, seed] = outcome.taught
        if outcome.retained:
            record.retention[cell.route.parameters, seed] = outcome.retained
    return record


def part_results(
    part: Part, record: RunRecord, leaks: str | list[dict[str, Any]], margin: float = MARGIN
) -> dict[str, Any]:
    """What the results of every part begin with: the figures, and the checks of them."""
    outcome = part.cells[0][1]
    results = summarise(record, part.routes, part.model, margin)
    results["checks"] |= {"leaks": leaks, "prompt_form": outcome.form, "prompt": outcome.prompt}
    results["checks"]["scorer"]["dtype"] = outcome.dtype
    return results


def write_part(folder: Path, part: Part, record: RunRecord, results: Mapping[str, Any]) -> None:
    """Write the files of a part but for its page."""
    save_task(part.task, folder / "task")
    write_answers(folder, record.asked, record.answers, record.diagnoses(part.routes))
    write_results(folder, results)


def part_folder(folder: Path, part: Part, taken: set[str]) -> Path:
    """The folder of a part below that of its run, as the folder of a run.

    Args:
        taken: the names that other parts have; this one is added.
    """
    place = folder / "parts" / _slug(f"{part.task.name}-{part.model}", taken)
    place.mkdir(parents=True, exist_ok=True)
    write_text(place / "run.json", json.dumps({"key": content_hash(["part", place.name])}))
    return place


def write_parts(study: Study, cells: Sequence[StudyCell], folder: Path, command: str) -> list[dict[str, Any]]:
    """Write ``parts/<slug>`` for each task and model that has a finished cell.

    Args:
        cells: of the study, in the order of the tables; those without a file are left out.
        folder: of the run.
        command: what the user typed, for the record.

    Returns:
        For each part its slug and its results.
    """
    parts: list[dict[str, Any]] = []
    taken: set[str] = set()
    leaks: dict[str, str | list[dict[str, Any]]] = {}
    for part in parts_of(study, cells, folder):
        if part.task.name not in leaks:
            leaks[part.task.name] = _leaks(part.task)
        record = record_of(part, study.metric, _asked_completions(part))
        results = part_results(part, record, leaks[part.task.name])
        results |= _about(part, results["checks"]["scorer"], command)
        place = part_folder(folder, part, taken)
        write_part(place, part, record, results)
        parts.append({"slug": place.name, "results": results})
    return parts


def sweep_points(sweep: Sweep, parts: Iterable[Mapping[str, Any]], metric: str) -> dict[str, Any]:
    """Where each part stands on the axis, and what each of its routes reached there, by kind of question."""
    points = []
    for part in parts:
        false = {
            (row["route"], row["kind"], row["latent"]): {name: row[name] for name in ("mean", "low", "high")}
            for row in part["results"]["estimates"]
            if row["metric"] == metric and row["control"]
        }
        for row in part["results"]["estimates"]:
            place = sweep.places.get((row["task"], row["model"]))
            wanted = row["kind"] in sweep.kinds and row["metric"] == metric and not row["control"]
            if place is None or not wanted:
                continue
            panel, line, x = place
            kept = ("task", "model", "route", "kind", "mean", "low", "high", "questions", "seeds")
            points.append(
                {
                    **{"panel": panel, "line": line, "x": x},
                    **{name: row[name] for name in kept},
                    "false": false.get((row["route"], row["kind"], row["latent"])),
                }
            )
    return {"axis": sweep.axis, "kinds": list(sweep.kinds), "points": points}


def now() -> str:
    """The time of day, for the record."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _about(part: Part, scorer: Mapping[str, Any], command: str) -> dict[str, Any]:
    """What stands beside the figures of a part of a study."""
    outcome = part.cells[0][1]
    remarks = [wording.upper_bound(*bound)] if (bound := _cued(part)) else []
    return {
        "notes": [*remarks, *about_scoring(scorer)],
        "curves": _curves(part),
        "augmentation": [
            {"seed": cell.teaching.seed, **asdict(found.lines)}
            for cell, found in part.teachings
            if found.lines is not None
        ],
        "command": command,
        "date": now(),
        "settings": {
            "routes": [route.name for route in part.routes],
            "seeds": len({cell.teaching.seed for cell, _ in part.cells}),
            "task": described(part.cells[0][0].teaching.task),
            "model": described(part.learner),
        },
        "environment": environment({"dtype": outcome.dtype, "parameters": outcome.parameters, "threads": 1}),
    }


def _cued(part: Part) -> tuple[int, int] | None:
    """How many of the latent questions a model wrote the answers of; ``None`` where none wrote from cues."""
    if all(found.lines is None for _, found in part.cells):
        return None
    return cued(part.cells[0][0].teaching.task, TASK_SEED)


def _asked_completions(part: Part) -> tuple[Question, ...]:
    asked = {
        answer.question
        for _, outcome in part.cells
        for rows in outcome.rows.values()
        for row in rows
        for answer in row.answers
    }
    return tuple(question for question in completions(part.task) if question.id in asked)


def _curves(part: Part) -> list[dict[str, Any]]:
    return [
        {"route": teaching_name(cell.route), **asdict(point)}
        for cell, outcome in part.teachings
        for point in outcome.curves
    ]


def _leaks(task: Task) -> str | list[dict[str, Any]]:
    if len(task.documents) > _MOST_SEARCHED:
        return (
            f"Not searched for among {len(task.documents):,} documents: the task is drawn so that none says what "
            "a latent question asks."
        )
    return [asdict(leak) for leak in find_leaks(task)]


def _slug(name: str, taken: set[str]) -> str:
    """A name for a folder that no other part has."""
    slug = base = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "part"
    number = 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug

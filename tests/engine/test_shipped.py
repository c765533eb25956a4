"""The studies that ship: each can be read, and its small form runs to its page."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import make_model, make_tokenizer
from typer.testing import CliRunner

from obverse.cli import app
from obverse.engine.running import run_study
from obverse.engine.study_file import load_study, small_form
from obverse.learners.learner import Learner
from obverse.learners.pretrained import FromPretrained
from obverse.runs.progress import Progress
from obverse.training import retention

STUDIES = Path(__file__).parents[2] / "experiments"
ANALYSIS = STUDIES / "analysis"
FILES = sorted(STUDIES.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_study_has_a_small_form_with_its_own_tasks_and_models(file: Path) -> None:
    study = load_study(file)
    small = small_form(study)
    assert study.name == file.stem.replace("_", "-")
    assert small.name == f"{study.name}-small"
    assert set(small.models) <= set(study.models)
    assert set(small.routes) <= set(study.routes)


def run(study: str, out: Path) -> dict[str, object]:
    """The results of a study's small form, in this process."""
    done = CliRunner().invoke(
        app, ["study", "run", str(STUDIES / study), "--small", "--workers", "1", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    results: dict[str, object] = json.loads((out / "results.json").read_text())
    return results


@pytest.mark.slow
def test_from_scratch_runs_every_route_and_asks_every_kind(tmp_path: Path) -> None:
    results = run("from_scratch.py", tmp_path)
    study = small_form(load_study(STUDIES / "from_scratch.py"))
    assert results["failed"] == []
    found: dict[str, set[str]] = {}
    for part in results["parts"]:  # type: ignore[attr-defined]
        estimates = part["results"]["estimates"]
        found[part["results"]["task"]["name"]] = {row["route"] for row in estimates}
        assert part["results"]["curves"]
        notes = " ".join(part["results"]["notes"])
        assert ("augment is an upper bound:" in notes) is any(row["route"] == "augment" for row in estimates)
    assert found == {task: set(study.routes_of(task, "decoder")) for task in study.tasks}
    assert (tmp_path / "report.html").exists()


@pytest.mark.slow
def test_the_partner_analysis_reads_what_its_study_taught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("obverse.engine.running.write_pages", lambda folder: folder)  # they are tested above
    results = run("partner_code.py", tmp_path)
    assert results["failed"] == []
    done = subprocess.run(
        [sys.executable, ANALYSIS / "partners.py", tmp_path, "--small"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    means = json.loads(done.stdout.splitlines()[-1])
    assert set(means) == {"one cycle; tied", "one cycle; untied"}
    for row in means.values():
        assert all(0 <= value <= 1 for value in row.values())


@pytest.mark.slow
def test_hallucination_verifies_every_sort_of_falsehoods(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("obverse.engine.running.write_pages", lambda folder: folder)  # they are tested above
    results = run("hallucination.py", tmp_path)
    assert results["failed"] == []
    written = {
        part["results"]["model"]: row
        for part in results["parts"]  # type: ignore[attr-defined]
        for row in part["results"]["augmentation"]
    }
    assert all((row["kept"] is None) == ("not verified" in model) for model, row in written.items())
    points = results["sweep"]["points"]  # type: ignore[index]
    assert len({(point["panel"], point["line"]) for point in points}) == 9
    assert {(point["panel"], point["line"]) for point in points} >= {("not verified", "whole facts")}
    done = subprocess.run(
        [sys.executable, ANALYSIS / "verifiers.py", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| entailment |") == sum("by entailment" in model for model in written)


@pytest.mark.slow
def test_matched_trains_as_much_with_lines_as_without_and_votes_in_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("obverse.engine.running.write_pages", lambda folder: folder)  # they are tested above
    results = run("matched.py", tmp_path)
    assert results["failed"] == []
    lines, tokens, voted = {}, {}, set()
    for part in results["parts"]:  # type: ignore[attr-defined]
        found = part["results"]
        if not found["augmentation"]:  # it answers in context instead
            voted |= {row["route"] for row in found["estimates"]}
            continue
        (row,) = found["augmentation"]
        lines[found["model"]] = row["written"]
        tokens[found["model"]] = next(
            cost["tokens_trained"] for cost in found["costs"] if cost["phase"] == "teach"
        )
    assert lines["0 lines, temperature 0.3"] == 0 < lines["1 lines, temperature 0.3"]
    assert 5 * lines["1 lines, temperature 0.3"] == lines["5 lines, temperature 0.3"]
    assert max(tokens.values()) < 1.2 * min(tokens.values())
    assert voted == {"finetune", "finetune+oracle:2"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "parts", "model", "route", "rounds", "tables"),
    [
        (
            "learned_recall.py",
            "chains",
            "reinforced",
            "recall+think:16",
            {1, 2},
            (("chains_table",), ("drawn_table",), ("prices_table",)),
        ),
        (
            "three_step_recall.py",
            "chains of three steps",
            "reinforced",
            "recall+think:16",
            {1, 2, 3, 4},
            (("chains_table", "chains of three steps"), ("drawn_table", "chains of three steps")),
        ),
        (
            "listed_recall.py",
            "reversals of 20",
            "room for 8 facts",
            "recall+force-think:16",
            {1, 2, 3, 4},
            (("lists_table",),),
        ),
    ],
)
def test_recall_is_pooled_over_its_worlds(
    file: str,
    parts: str,
    model: str,
    route: str,
    rounds: set[int],
    tables: tuple[tuple[str, ...], ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("obverse.engine.running.write_pages", lambda folder: folder)  # they are tested above
    results = run(file, tmp_path / "run")
    assert results["failed"] == []
    done = subprocess.run(
        [sys.executable, ANALYSIS / "recall.py", tmp_path / "run", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out" / "results.json").read_text())
    rows = {(row["task"], row["model"], row["route"], row["kind"]): row for row in found["estimates"]}
    held_out = rows[parts, model, route, "held-out B"]
    assert held_out["worlds"] == 2
    assert held_out["questions"] == sum(
        estimate["questions"]
        for part in results["parts"]  # type: ignore[attr-defined]
        if part["results"]["task"]["name"] in (f"{parts} 1", f"{parts} 2")
        and part["results"]["model"] == model
        for estimate in part["results"]["estimates"]
        if (estimate["route"], estimate["kind"], estimate["metric"]) == (route, "held-out B", "strict")
    )
    if parts == "chains":
        assert (parts, model, "finetune+oracle:2 (false context)", "held-out B") in rows
    assert {row["step"] for row in found["rounds"]} == rounds
    assert found["thoughts"]
    assert all(row["thought"] is not None for row in found["thoughts"])
    monkeypatch.syspath_prepend(str(STUDIES.parent / "tools"))
    written = runpy.run_path(str(STUDIES.parent / "tools" / "recall_tables.py"))
    for table, *chains in tables:
        assert "|---" in written[table](found, *chains)
    assert (tmp_path / "out" / "overview.svg").exists()


def keep(folder: Path) -> dict[str, Any]:
    """What is kept of the run in a folder, whose pages were not written."""
    (folder / "run" / "figures").mkdir(exist_ok=True)
    (folder / "run" / "figures" / "overview.svg").write_text("<svg/>", encoding="utf-8")
    runpy.run_path(str(ANALYSIS / "keep.py"))["main"](folder / "run", folder / "kept")
    assert (folder / "kept" / "overview.svg").exists()
    kept: dict[str, Any] = json.loads((folder / "kept" / "results.json").read_text(encoding="utf-8"))
    metrics = {row["metric"] for part in kept["parts"] for row in part["results"]["estimates"]}
    assert metrics == {"accuracy", "strict"}
    return kept


@pytest.mark.parametrize(
    "name",
    [
        "practice",
        "practice_amount",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("pretrained", "retention")),
    ],
)
def test_what_is_for_pretrained_models_runs_with_any_of_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    make_tokenizer(folder)
    make_model(folder, max_position_embeddings=8192)
    monkeypatch.setattr(retention, "knowledge", lambda _: 0.5)  # it is tested by itself
    monkeypatch.setattr("obverse.engine.running.write_pages", lambda folder: folder)  # so are the pages
    small = small_form(load_study(STUDIES / f"{name}.py"))
    models: dict[str, Learner] = {}
    for model, learner in small.models.items():
        assert isinstance(learner, FromPretrained)
        models[model] = replace(learner, model=str(folder), dtype="float32")
    tasks = dict(list(small.tasks.items())[:1])
    places = {
        place: where
        for place, where in (small.sweep.places if small.sweep else {}).items()
        if place[0] in tasks
    }
    sweep = replace(small.sweep, places=places) if small.sweep else None
    learners = {task: named for task, named in small.learners.items() if task in tasks}
    _, results = run_study(
        replace(small, models=models, tasks=tasks, sweep=sweep, learners=learners),
        tmp_path / "run",
        workers=1,
        progress=Progress(),
    )
    assert results["failed"] == []
    assert len(results["parts"]) == sum(len(small.models_of(task)) for task in tasks)
    kept = keep(tmp_path)
    assert [part["slug"] for part in kept["parts"]] == [part["slug"] for part in results["parts"]]
    if name == "pretrained":
        runpy.run_path(str(ANALYSIS / "arms.py"))["main"](tmp_path / "kept")
        drawn = (tmp_path / "kept" / "arms.svg").read_text(encoding="utf-8")
        assert "people and works: latent questions" in drawn
        assert "syllogisms" not in drawn
    if sweep:
        assert {(point["panel"], point["line"]) for point in results["sweep"]["points"]} == {
            (panel, line) for panel, line, _ in places.values()
        }

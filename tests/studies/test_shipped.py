"""The studies that ship: each can be read, and its small form runs to its page."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from obverse.cli import app
from obverse.studies.study_file import load_study, small_form

STUDIES = Path(__file__).parents[2] / "studies"
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


def test_from_scratch_runs_every_route_and_asks_every_kind(tmp_path: Path) -> None:
    results = run("from_scratch.py", tmp_path)
    study = small_form(load_study(STUDIES / "from_scratch.py"))
    assert results["failed"] == []
    found: dict[str, set[str]] = {}
    for part in results["parts"]:  # type: ignore[attr-defined]
        estimates = part["results"]["estimates"]
        found[part["results"]["task"]["name"]] = {row["route"] for row in estimates}
        assert part["results"]["curves"]
    assert found == {task: set(study.routes_of(task, "decoder")) for task in study.tasks}
    assert (tmp_path / "report.html").exists()


def test_the_partner_analysis_reads_what_its_study_taught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("obverse.studies.running.write_pages", lambda folder: folder)  # they are tested above
    results = run("partner_code.py", tmp_path)
    assert results["failed"] == []
    done = subprocess.run(
        [sys.executable, STUDIES / "analysis" / "partners.py", tmp_path, "--small"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    means = json.loads(done.stdout.splitlines()[-1])
    assert set(means) == {"one cycle; tied", "one cycle; untied"}
    for row in means.values():
        assert all(0 <= value <= 1 for value in row.values())

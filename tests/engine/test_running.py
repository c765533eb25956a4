"""A study from its file to its results and pages: resumed, changed, failed, and on the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import Command
from guesser import FewFacts, Guesser, cell_files, made_up_study

from obverse.engine.cells import study_cells
from obverse.engine.result import Result, rebuild_page
from obverse.engine.running import run_study
from obverse.engine.study import Study, Sweep
from obverse.learners.learner import Learner
from obverse.tasks import load_task
from obverse.types import InputError

FILE = """
from dataclasses import replace
from guesser import Guesser, made_up_study

STUDY = replace(made_up_study(), small=made_up_study(seeds=1, learner=Guesser({learner})))
"""


def run(study: Study, folder: Path, **settings: Any) -> dict[str, Any]:
    found, results = run_study(study, folder, workers=1, **settings)
    assert found == folder
    assert json.loads((folder / "results.json").read_text()) == json.loads(json.dumps(results))
    return results


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, only to be looked at."""
    folder = tmp_path_factory.mktemp("done") / "run"
    run(made_up_study(), folder)
    return folder


@pytest.fixture
def unwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pages: they are slow, and looked at elsewhere."""
    monkeypatch.setattr("obverse.engine.running.write_pages", lambda _: None)


def estimate(results: dict[str, Any], **wanted: object) -> dict[str, Any]:
    (row,) = [
        row for row in results["estimates"] if all(row[name] == value for name, value in wanted.items())
    ]
    return dict(row)


def test_the_documented_shape(done: Path) -> None:
    results = json.loads((done / "results.json").read_text())
    assert results.keys() == {
        *("study", "title", "about", "metric", "seeds", "command", "date", "environment"),
        *("parts", "sweep", "failed"),
    }
    assert [part["slug"] for part in results["parts"]] == ["few-good", "few-bad"]
    assert (results["metric"], results["seeds"], results["sweep"], results["failed"]) == (
        "strict",
        2,
        None,
        [],
    )
    assert results["environment"]["threads"] == 1
    for part in results["parts"]:
        found = part["results"]
        assert json.loads((done / "parts" / part["slug"] / "results.json").read_text()) == found
        assert (found["metric"], found["task"]["name"], found["checks"]["leaks"]) == ("strict", "few", [])
        assert {(row["task"], row["model"]) for row in found["estimates"]} == {("few", found["model"])}
        assert [(row["route"], row["seed"]) for row in found["curves"]] == [
            ("untouched", 0),
            ("finetune", 0),
            ("untouched", 1),
            ("finetune", 1),
        ]
        assert found["augmentation"] == []
        assert found["settings"]["task"] == {"type": "FewFacts", "facts": 6}


@pytest.mark.usefixtures("unwritten")
def test_what_is_right_is_right_by_the_metric_of_the_study(done: Path, tmp_path: Path) -> None:
    results = json.loads((done / "results.json").read_text())["parts"][0]["results"]
    whole = {"route": "finetune+oracle", "kind": "*", "latent": None}
    answers = Result(done / "parts" / "few-good").answers.to_pylist()
    right = [row["strict"] for row in answers if (row["route"], row["control"]) == ("finetune+oracle", False)]
    row = estimate(results, **whole, metric="strict", control=False)
    assert (row["mean"], row["questions"], row["seeds"]) == (sum(right) / 24, 12, 2)
    assert 0 < row["mean"] < 1
    assert estimate(results, **whole, metric="strict", control=True)["mean"] == 0.0
    assert "exact match" in results["recommendation"]["sentence"]
    chosen = run(replace(made_up_study(), metric="accuracy"), tmp_path)["parts"][0]["results"]
    assert "chance 50%" in chosen["recommendation"]["sentence"]


def test_teaching_costs_what_it_cost_for_each_route_that_shares_it(done: Path) -> None:
    costs = json.loads((done / "results.json").read_text())["parts"][0]["results"]["costs"]
    assert {(row["route"], row["flops"], row["seconds"]) for row in costs if row["phase"] == "teach"} == {
        (name, 7, 2.0) for name in made_up_study().routes
    }


def test_a_part_is_a_run_like_that_of_a_comparison(done: Path) -> None:
    folder = done / "parts" / "few-bad"
    page = folder / "report.html"
    page.unlink()
    assert rebuild_page(folder) == page
    assert page.exists()
    task = replace(FewFacts().build(0), name="few")
    assert load_task(folder / "task") == replace(task, name=load_task(folder / "task").name)
    assert len(Result(folder).answers) == 12 * 2 * 4  # questions, seeds, and three routes with one twin


@pytest.mark.usefixtures("unwritten")
def test_only_what_is_missing_is_done(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    study = made_up_study(learner=Guesser(notes=str(notes)))
    before = run(study, tmp_path / "run")
    cells, trained = cell_files(tmp_path / "run"), sorted(notes.iterdir())
    assert len(trained) == 8
    study_cells(study)[1].path(tmp_path / "run").unlink()
    again = run(study, tmp_path / "run")
    assert cell_files(tmp_path / "run") == cells
    assert sorted(notes.iterdir()) == trained  # its model was there
    assert [part["results"]["estimates"] for part in again["parts"]] == [
        part["results"]["estimates"] for part in before["parts"]
    ]


@pytest.mark.usefixtures("unwritten")
def test_a_changed_study_keeps_the_cells_that_are_the_same(tmp_path: Path) -> None:
    run(made_up_study(seeds=1), tmp_path)
    old = cell_files(tmp_path)
    assert run(made_up_study(seeds=2), tmp_path)["seeds"] == 2
    assert old.items() < cell_files(tmp_path).items()


def test_the_folder_of_another_study_is_refused(done: Path) -> None:
    before = cell_files(done)
    with pytest.raises(InputError, match="holds the results of another run"):
        run_study(made_up_study("other"), done)
    assert cell_files(done) == before


@pytest.mark.usefixtures("unwritten")
def test_what_fails_is_listed_and_tried_again(tmp_path: Path) -> None:
    broken: dict[str, Learner] = {"good": Guesser(0.9), "bad": Guesser(0.2, fails=("finetune",))}
    study = replace(made_up_study(seeds=1), models=broken)
    results = run(study, tmp_path)
    assert results["failed"] == [
        {"task": "few", "model": "bad", "route": name, "seed": 0, "reason": "RuntimeError: the coin is lost"}
        for name in ("finetune", "finetune+oracle")
    ]
    routes = [{row["route"] for row in part["results"]["costs"]} for part in results["parts"]]
    assert routes == [{"untouched", "finetune", "finetune+oracle"}, {"untouched"}]
    (why,) = (tmp_path / "failures").iterdir()
    assert "few, bad, finetune, finetune+oracle, seed 0\nTraceback" in why.read_text()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Guesser, "_train", lambda *_: None)
        assert run(study, tmp_path)["failed"] == []
    assert not list((tmp_path / "failures").iterdir())


@pytest.mark.usefixtures("unwritten")
def test_seeds_that_failed_are_left_out_of_what_is_compared(tmp_path: Path) -> None:
    study = made_up_study(seeds=3)
    run(study, tmp_path)
    cells = [cell for cell in study_cells(study) if cell.model == "good"]
    (gone,) = [cell for cell in cells if (cell.route.name, cell.teaching.seed) == ("finetune", 1)]
    gone.path(tmp_path).unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Guesser, "run", lambda *_: 1 / 0)
        results = run(study, tmp_path)
    assert [(row["route"], row["seed"]) for row in results["failed"]] == [("finetune", 1)]
    part = results["parts"][0]["results"]
    seeds = {row["route"]: row["seeds"] for row in part["estimates"]}
    assert seeds == {"untouched": 3, "finetune": 2, "finetune+oracle": 3}


def test_all_may_fail(tmp_path: Path) -> None:
    study = made_up_study(seeds=1, learner=Guesser(fails=("untouched", "finetune")))
    results = run(study, tmp_path)
    assert (results["parts"], len(results["failed"])) == ([], 6)
    assert "the coin is lost" in (tmp_path / "report.html").read_text()


@pytest.mark.usefixtures("unwritten")
def test_a_sweep_says_where_each_part_stands(tmp_path: Path) -> None:
    places = {("few", "good"): ("panel", "line", 0.9), ("few", "bad"): ("panel", "line", 0.2)}
    study = replace(made_up_study(), sweep=Sweep("skill", ("reversal",), places), routes=("finetune+oracle",))
    results = run(study, tmp_path)
    assert (results["sweep"]["axis"], results["sweep"]["kinds"]) == ("skill", ["reversal"])
    for point, part in zip(results["sweep"]["points"], results["parts"], strict=True):
        row = estimate(part["results"], kind="reversal", metric="strict", control=False)
        false = estimate(part["results"], kind="reversal", metric="strict", control=True)
        shared = ("task", "model", "route", "kind", "mean", "low", "high", "questions", "seeds")
        assert point == {
            **{name: row[name] for name in shared},
            "false": {name: false[name] for name in ("mean", "low", "high")},
            **dict(zip(("panel", "line", "x"), places["few", row["model"]], strict=True)),
        }


@pytest.mark.usefixtures("unwritten")
def test_a_model_that_shares_nothing_is_remarked_on(tmp_path: Path) -> None:
    models: dict[str, Learner] = {"sharing": Guesser(0.1), "alone": Guesser(0.1, unshared="it keeps no keys")}
    sharing, alone = run(replace(made_up_study(seeds=1), models=models), tmp_path)["parts"]
    assert sharing["results"]["notes"] == []
    (remark,) = alone["results"]["notes"]
    assert remark.startswith("This model reads each text by itself, from its beginning (it keeps no keys):")


@pytest.mark.usefixtures("unwritten")
def test_names_of_parts_that_look_alike_have_folders_of_their_own(tmp_path: Path) -> None:
    models: dict[str, Learner] = {"a b": Guesser(0.1), "A/B": Guesser(0.2), "é": Guesser(0.3)}
    study = replace(made_up_study(seeds=1), models=models, routes=("finetune",))
    assert [part["slug"] for part in run(study, tmp_path)["parts"]] == ["few-a-b", "few-a-b-2", "few"]


@pytest.mark.usefixtures("unwritten")
def test_a_large_task_is_not_searched_for_leaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("obverse.engine.parts._MOST_SEARCHED", 5)
    checks = run(made_up_study(seeds=1), tmp_path)["parts"][0]["results"]["checks"]
    assert checks["leaks"].startswith("Not searched for among 6 documents: the task is drawn so")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"workers": 0}, "there must be at least 1 worker, not 0"),
        ({"workers": 2, "cluster": "auto"}, "leave out --workers or --ray"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run_study(made_up_study(), tmp_path / "run", **settings)
    assert not (tmp_path / "run").exists()


def test_pages_are_written_again(done: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("obverse.reports.pages.write_study", lambda folder: folder / "page")
    ended = command("study", "report", done)
    assert (ended.code, ended.out) == (0, f"{done / 'page'}\n")


def test_a_folder_without_a_study_has_no_pages(done: Path, command: Command) -> None:
    ended = command("study", "report", done / "cells")
    assert (ended.code, ended.out) == (2, "")
    assert "holds no run" in ended.err


@pytest.mark.usefixtures("unwritten")
def test_the_command_line(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("study.py").write_text(FILE.format(learner="fails=('finetune',)"))
    ended = command("study", "run", "study.py", "--small", "--workers", 1)
    folder = Path("runs") / "made-up-small"
    assert ended.code == 1
    assert f"Page: {folder}/report.html" in ended.out
    assert ended.err.splitlines()[-1] == (
        f"obverse: 4 cells failed; {folder}/failures says where in the code"
    )
    Path("study.py").write_text(FILE.format(learner=""))
    command_line = ("study", "run", "study.py", "--small", "--workers", 1)
    assert command(*command_line).code == 0
    results = json.loads((folder / "results.json").read_text())
    assert (results["study"], results["failed"]) == ("made-up-small", [])
    assert results["command"] == "obverse study run study.py --small --workers 1"


def test_studies_are_listed(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    nothing = command("study", "list")
    assert (nothing.code, nothing.out) == (2, "")
    assert nothing.err.startswith("obverse: experiments: holds no study here; ")
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "tossing.py").write_text(FILE.format(learner=""))
    (tmp_path / "experiments" / "broken.py").write_text("1 / 0\n")
    (tmp_path / "experiments" / "_shared.py").write_text("1 / 0\n")
    ended = command("study", "list")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "made-up: A made-up study (experiments/tossing.py)",
        "Run one with: obverse study run FILE, or in its small form with --small",
    ]
    assert ended.err.splitlines() == [
        "obverse: experiments/broken.py:1: ZeroDivisionError: division by zero; mend the study's file"
    ]


@contextmanager
def at_work(tmp_path: Path) -> Iterator[tuple[Any, list[str]]]:
    """A study that two workers are in the middle of, and its arguments."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "hold").touch()
    path = tmp_path / "study.py"
    path.write_text(FILE.format(learner=f"notes={str(tmp_path / 'notes')!r}"))
    arguments = ["study", "run", str(path), "--small", "--workers", "2", "--out", str(tmp_path / "run")]
    code = "import sys; sys.argv[0] = 'obverse'\nfrom obverse.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    ) as process:
        while len(list((tmp_path / "notes").glob("*.*"))) < 2:
            assert process.poll() is None, "it ended before it could be interrupted"
            time.sleep(0.01)
        yield process, arguments


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_workers_end_with_a_first_process_that_is_killed(tmp_path: Path) -> None:
    with at_work(tmp_path) as (process, _):
        process.kill()
    workers = [int(note.suffix[1:]) for note in (tmp_path / "notes").glob("*.*")]
    ends = time.monotonic() + 20
    while any(map(psutil.pid_exists, workers)) and time.monotonic() < ends:
        time.sleep(0.01)
    assert not any(map(psutil.pid_exists, workers))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_control_c_ends_the_workers_and_the_same_command_goes_on(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(tmp_path) as (process, arguments):
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "obverse: interrupted; the same command takes up where it was"
    assert "Traceback" not in err
    (tmp_path / "notes" / "hold").unlink()
    monkeypatch.setattr("obverse.engine.running.write_pages", lambda _: None)
    assert command(*arguments, "--workers", 1).code == 0
    assert len(cell_files(tmp_path / "run")) == 6

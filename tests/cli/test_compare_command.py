"""The command line: what it prints, and that it is thin."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Command, Finished

from obverse.engine import comparison
from obverse.engine.settings import Settings
from obverse.options import from_flat
from obverse.tasks import load_task, read_task
from obverse.tasks.drawn import catalogue
from obverse.tasks.drawn.kinship import Kinship
from obverse.tasks.questions import question_template
from obverse.types import InputError, Task


def test_help_answers_at_once() -> None:
    def seconds() -> float:
        """Of the processor: a busy machine takes longer."""
        began = os.times()
        code = "from obverse.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True
        )
        assert "compare" in done.stdout
        ended = os.times()
        return sum(ended[2:4]) - sum(began[2:4])  # of children

    assert min(seconds() for _ in range(3)) < 1.0


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["compare", "--help"], ["ask", "--help"], ["questions", "--help"], ["demo", "--help"]],
)
def test_every_command_explains_itself(command: Command, arguments: list[str]) -> None:
    ended = command(*arguments)
    assert ended.code == 0
    assert "Usage: obverse" in ended.out
    assert ended.err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare"],
        ["compare", "a"],
        ["compare", "a", "b", "--task", "codebooks"],
        ["compare", "a", "b", "--no-such-option"],
        ["compare", "a", "b", "--seeds", "many"],
        ["compare", "a", "b", "--adapter", "middle"],
        ["compare", "a", "b", "--rehearse", "likelihood"],
        ["no-such-command"],
        ["ask", "run"],
    ],
)
def test_wrong_usage(command: Command, arguments: list[str]) -> None:
    ended = command(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert "Usage:" in ended.err
    assert "Traceback" not in ended.err


def test_compare_takes_a_task_of_the_package(
    command: Command, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = Kinship(form="natural", families=8, depth=2, chains=2)
    monkeypatch.setattr(
        catalogue, "CATALOGUE", {"kinship": catalogue.Entry("", {("natural", "small"): drawn})}
    )
    arguments = ["--task", "kinship", "--routes", "untouched,oracle", "--model", tiny_folder]
    ended = command("compare", *arguments, "--out", tmp_path / "run")
    assert ended.code == 0
    assert "held-out grandparent" in ended.out
    assert load_task(tmp_path / "run" / "task") == drawn.build(0)


OWN = """
from obverse.types import Document, Question, Task

class Clocks:
    def build(self, seed):
        question = Question("q", "Who winds the clock?", "Ann", ("Ann", "Ben"))
        return Task("clocks", (Document("d", f"Ann winds clock {seed}."),), (question,))

class Other:
    pass
"""


def test_compare_takes_a_task_of_the_user_s_own(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_clocks.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    seen: list[Task] = []

    def look(task: Task, *_: object, **__: object) -> None:
        seen.append(task)
        raise InputError("that is all")

    monkeypatch.setattr(comparison, "run_comparison", look)
    assert command("compare", "--task", "own_clocks:Clocks").err == "obverse: that is all\n"
    assert [task.documents[0].text for task in seen] == ["Ann winds clock 0."]
    for name, said in (
        ("own_clocks:Nothing", "the module own_clocks has no Nothing"),
        ("own_clocks:Other", "has no build"),
        ("nowhere_at_all:Clocks", "cannot be loaded: ModuleNotFoundError"),
    ):
        ended = command("compare", "--task", name)
        assert ended.code == 2
        assert ended.err.startswith(f"obverse: task {name!r}: {said}")
        assert len(ended.err.splitlines()) == 1
    assert (
        command("tasks", "export", "own_clocks:Clocks", "out", "--to", "inspect", "--form", "formal").code
        == 2
    )
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("given", "expected"), [([], None), (["--rehearse", "replay"], "replay")], ids=["without", "replay"]
)
def test_what_is_to_be_rehearsed_reaches_the_settings(
    command: Command,
    task_files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    given: list[str],
    expected: str | None,
) -> None:
    seen: list[Settings] = []

    def look(_: Task, settings: Settings, *__: object, **___: object) -> None:
        seen.append(settings)
        raise InputError("that is all")

    monkeypatch.setattr(comparison, "run_comparison", look)
    assert command("compare", *task_files, *given).code == 2
    assert seen == [from_flat(Settings, {"rehearse": expected})]


def test_the_question_template_can_be_read_as_it_is(command: Command, tmp_path: Path) -> None:
    ended = command("questions", "template")
    assert (ended.code, ended.out, ended.err) == (0, question_template(), "")
    (tmp_path / "questions.jsonl").write_text(ended.out)
    for name in ("harbour-clock", "library", "maren-hollis"):
        (tmp_path / "documents").mkdir(exist_ok=True)
        (tmp_path / "documents" / f"{name}.md").write_text("Some text.")
    task = read_task(tmp_path / "documents", tmp_path / "questions.jsonl")
    assert {question.kind for question in task.questions} == {"recall", "reversal", "chain"}


def test_compare_ends_with_table_recommendation_and_page(
    command: Command, finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All is done already, so what is seen is what the command makes of it.
    monkeypatch.setattr(comparison, "write_pages", lambda _: None)
    monkeypatch.setenv("COLUMNS", "160")
    folder = shutil.copytree(finished.folder, tmp_path / "run")
    ended = command(*finished.command, "--out", folder)
    assert ended.code == 0
    results = json.loads((folder / "results.json").read_text())
    lines = ended.out.splitlines()
    assert lines[-1] == f"Page: {folder / 'report.html'}"
    assert "untouched" in ended.out
    assert "reversal" in ended.out
    sentence = " ".join(results["recommendation"]["sentence"].split())
    assert sentence in " ".join(ended.out.split())
    assert results["command"].startswith("obverse compare ")
    assert results["command"].endswith(f"--out {folder}")
    assert ended.err.splitlines()[0] == "Loading the model ..."


@pytest.mark.parametrize(
    ("route", "shown"),
    [
        ("retrieve", "(route retrieve; in the context: olwen, "),
        ("context", "(route context; all 4 documents in the context)"),
        ("finetune", "(route finetune)"),
    ],
)
def test_ask_shows_what_stood_in_the_prompt(
    command: Command, finished: Finished, route: str, shown: str
) -> None:
    ended = command("ask", finished.folder, "What is Olwen Thorne the keeper of?", "--route", route)
    assert ended.code == 0
    assert ended.err.splitlines()[-1].startswith(shown)


def test_ask_takes_a_route_that_can_be_asked(command: Command, finished: Finished) -> None:
    assert "(route " in command("ask", finished.folder, "Who?").err
    for arguments in (["--route", "oracle"], ["--route", "masked"]):
        ended = command("ask", finished.folder, "Who?", *arguments)
        assert ended.code == 2
        assert ended.err.splitlines()[-1].startswith("obverse: ")


def test_report_writes_the_same_page_again_wherever_the_run_lies(
    command: Command, finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(finished.folder, tmp_path / "elsewhere"))
    (folder / "report.html").unlink()
    shutil.rmtree(folder / "figures")
    monkeypatch.chdir(tmp_path)
    ended = command("report", "elsewhere")
    assert (ended.code, ended.out, ended.err) == (0, f"elsewhere{os.sep}report.html\n", "")
    assert (folder / "report.html").read_bytes() == (finished.folder / "report.html").read_bytes()
    assert {path.name for path in (folder / "figures").iterdir()} == {
        path.name for path in (finished.folder / "figures").iterdir()
    }


def test_an_error_of_ours_is_not_hidden(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise ZeroDivisionError("a mistake in the program")

    monkeypatch.setattr("obverse.tasks.question_template", fail)
    with pytest.raises(ZeroDivisionError):
        command("questions", "template")


@pytest.mark.parametrize(
    "problem",
    [KeyboardInterrupt(), OSError(28, "No space left on device"), RuntimeError("x: No space left on device")],
)
def test_what_is_not_a_mistake_is_one_line(
    command: Command, monkeypatch: pytest.MonkeyPatch, problem: BaseException
) -> None:
    def fail() -> str:
        raise problem

    monkeypatch.setattr("obverse.tasks.question_template", fail)
    ended = command("questions", "template")
    if isinstance(problem, KeyboardInterrupt):
        assert ended.code == 130
        assert ended.err == "obverse: interrupted; the same command takes up where it was\n"
    else:
        assert ended.code == 2
        assert ended.err.startswith("obverse: the disk is full; what was done is kept")
        assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("out", [None, "run", "documents/run"])
def test_results_are_not_written_among_the_documents(
    task_files: tuple[Path, Path],
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    out: str | None,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    documents = Path("documents") if out == "documents/run" else Path()
    for name, file in (("compare", [task_files[1]]), ("augment", [])):
        if name == "augment" and out is None:
            continue
        ended = command(name, documents, *file, *(["--out", out] if out else []))
        assert ended.code == 2
        assert f"lies in {documents}, whose files are read as documents" in ended.err
    assert sorted(tmp_path.rglob("*")) == before

"""Every command that README and docs show is run: here with a tiny model, or in a small form by the test named here."""

from __future__ import annotations

import re
import shlex
import shutil
from functools import partial
from pathlib import Path

import pytest
from conftest import Command, Finished, write_task
from test_documentation import PRESENT, ROOT
from typer.testing import CliRunner

from obverse.cli import app

# What stands for a name of the user's own.
DOCUMENTS, MODEL = "DOCUMENTS", "NAME_OR_FOLDER"
# What makes a comparison short, in place of what is shown for these options.
BRIEF = {"--epochs": "1", "--dtype": "float32", "--device": "cpu"}
# Where the small form of a command runs that takes long, needs a server, or belongs to another program.
ELSEWHERE = {
    r"obverse compare .*--augmented": "tests/cli/test_augment_command.py",
    r"obverse compare --task": "tests/cli/test_compare_command.py",
    r"obverse augment ": "tests/cli/test_augment_command.py",
    r"obverse demo ": "tests/test_package.py",
    r"obverse practice ": "tests/cli/test_practice_command.py",
    r"obverse questions (write|check|import) ": "tests/cli/test_question_command.py",
    r"obverse compare squad/": "tests/questions/importers/test_squad.py",
    r"obverse study run ": "tests/engine/test_shipped.py",
    r"obverse study report ": "tests/engine/test_running.py",
    r"obverse tasks gallery ": "tests/reports/test_gallery.py",
    r"(lm_eval|inspect|trl|cd) ": "tests/exports/test_command.py",
    r"python benchmarks/(\w+)\.py": "tests/benchmarks",
    r"python experiments/analysis/": "tests/engine/test_shipped.py",
    r"python tools/": "tests/test_documentation.py",
}
# What sets up the environment in which tests run.
SETUP = r"make |pip install |export "


def shown() -> list[str]:
    """Every line of the blocks of commands in README and docs."""
    blocks = [
        block
        for page in PRESENT
        for block in re.findall(r"```bash\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    ]
    commands = [re.sub(r"\\\n\s*", "", block) for block in blocks]  # one command goes over several lines
    lines = {line.split(" #")[0].strip() for block in commands for line in block.splitlines()}
    return sorted(line for line in lines if line and not re.match(SETUP, line))


HERE = [line for line in shown() if not any(re.match(form, line) for form in ELSEWHERE)]


@pytest.mark.parametrize("line", sorted(set(shown()) - set(HERE)))
def test_what_runs_elsewhere_names_a_test_that_is_there(line: str) -> None:
    place = next(place for form, place in ELSEWHERE.items() if re.match(form, line))
    assert (ROOT / place).exists()
    program = re.match(r"python (\S+\.py)", line)
    assert program is None or (ROOT / program[1]).exists()


@pytest.mark.parametrize("line", [line for line in shown() if line.startswith("obverse ")])
def test_a_command_that_is_shown_has_the_options_that_it_is_shown_with(line: str) -> None:
    words = shlex.split(line.partition(" > ")[0])[1:]
    within = words[0] in ("questions", "study", "tasks", "export")
    told = CliRunner().invoke(app, [*words[: 1 + within], "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert told.exit_code == 0
    for option in (word for word in words if word.startswith("--")):
        assert option in re.sub(r"\x1b\[[0-9;]*m", "", told.output)


@pytest.fixture
def place(tmp_path: Path, tiny_folder: Path, finished: Finished, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with documents, questions, a model and a finished run under the names that pages use."""
    documents, _ = write_task(tmp_path)
    shutil.copytree(documents, tmp_path / DOCUMENTS)
    shutil.copytree(finished.folder, tmp_path / "runs" / "NAME")
    for name in (MODEL, "runs/practice/model"):
        shutil.copytree(tiny_folder, tmp_path / name)
    (tmp_path / "experiments").symlink_to(ROOT / "experiments")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def in_brief(words: list[str]) -> list[str]:
    """A comparison with a tiny model, on the CPU, and one pass over the documents."""
    options = {name: value for name, value in BRIEF.items() if name not in words} | {"--model": MODEL}
    changed = [BRIEF.get(before, word) for before, word in zip(["", *words], words, strict=False)]
    return changed + [word for name, value in options.items() if name not in words for word in (name, value)]


@pytest.mark.slow
@pytest.mark.parametrize("line", [line for line in HERE if line.startswith("obverse compare")])
def test_a_comparison_that_is_shown_runs(line: str, place: Path, command: Command) -> None:
    ended = command(*in_brief(shlex.split(line)[1:]))
    assert ended.code == 0, ended.err
    assert list(place.glob("runs/*/report.html"))


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("line", [line for line in HERE if not line.startswith("obverse compare")])
def test_a_command_that_is_shown_runs(line: str, command: Command) -> None:
    program, *words = shlex.split(line.partition(" > ")[0])
    assert program == "obverse"
    ended = command(*words)
    assert ended.code == 0, ended.err


@pytest.mark.slow
@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("page", ["README.md", "docs/guides/export.md", "docs/guides/studies.md"])
def test_a_program_that_is_shown_runs(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import obverse
    from obverse.engine.comparison import compare

    brief = partial(compare, model=MODEL, epochs=1, dtype="float32", device="cpu")
    monkeypatch.setattr(obverse, "compare", brief, raising=False)
    program = re.search(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    assert program
    exec(program[1], {})

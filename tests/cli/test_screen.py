"""Output that cannot be encoded or written stops no work, and is told where it was lost."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Command
from filelock import FileLock

from obverse.cli.screen import Output, standard_streams

CODE = "import sys; sys.argv[0] = 'obverse'\nfrom obverse.cli import main; main()"


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of the command line in a shell, which ends with its exit code, also in a pipe."""
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        capture_output=True,
        text=True,
        errors="backslashreplace",
        env={**os.environ, "OBVERSE": sys.executable, "CODE": CODE, **environment},
        check=False,
    )


LIST = '"$OBVERSE" -c "$CODE" tasks list'
SHOW = '"$OBVERSE" -c "$CODE" questions template'


class Broken(io.StringIO):
    """A stream into which nothing can be written."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, _: str) -> int:
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252"])
def test_what_an_encoding_does_not_have_is_written_as_escapes(encoding: str) -> None:
    written = io.BytesIO()
    output = Output(io.TextIOWrapper(written, encoding=encoding))
    output.write("ab \u2192 \u20ac \ud800\n")
    output.flush()
    shown = written.getvalue().decode(encoding)
    assert shown in (
        "ab \\u2192 \\u20ac \\ud800\n",
        "ab \\u2192 \u20ac \\ud800\n",
        "ab \u2192 \u20ac \\ud800\n",
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EBADF])
def test_what_cannot_be_written_is_dropped_and_known(number: int) -> None:
    output = Output(Broken(number))
    for _ in range(3):
        assert output.write("text") == 4
    assert output.problem is not None
    assert output.problem.errno == number


def test_a_reader_that_went_away_is_no_problem() -> None:
    output = Output(Broken(errno.EPIPE))
    output.write("text")
    assert output.problem is None


def test_the_streams_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    before = sys.stdout, sys.stderr
    with standard_streams() as output:
        print("into nothing")
        assert output.problem is None
    assert (sys.stdout, sys.stderr) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("command", [LIST, SHOW])
def test_a_full_disk_behind_standard_output(command: str) -> None:
    done = shell(f"{command} >/dev/full")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "obverse: standard output cannot be written (No space left on device); what the command wrote into files is "
        "there\n"
    )


@pytest.mark.parametrize("line", [f"{SHOW} >&-", f"{SHOW} | true", f"{LIST} | head -1", f"{LIST} >&- 2>&-"])
def test_nobody_who_reads(line: str) -> None:
    done = shell(line)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_error_that_cannot_be_told_keeps_its_exit_code() -> None:
    command = '"$OBVERSE" -c "$CODE" report nowhere'
    assert [shell(f"{command} {end}").returncode for end in ("2>&-", "2>/dev/full")] == [2, 2]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "ascii:strict"])
def test_a_narrow_encoding(encoding: str) -> None:
    done = shell(
        '"$OBVERSE" -c "$CODE" ask "caf\u00e9 \u2192" Who', PYTHONIOENCODING=encoding, PYTHONUTF8="1"
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "holds no run" in done.stderr


@pytest.fixture
def run(task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path, command: Command) -> list[object]:
    """The arguments of a comparison that is finished."""
    given = ["compare", *task_files, "--model", tiny_folder, "--routes", "untouched", "--device", "cpu"]
    arguments = [*given, "--out", tmp_path / "run"]
    assert command(*arguments).code == 0
    return arguments


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_finished_run_that_cannot_be_written_is_shown(
    run: list[object], tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    before = contents(folder)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "somewhere")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    ended = command(*run)
    assert ended.code == 0
    assert "untouched" in ended.out
    assert f"Page: {folder / 'report.html'}" in ended.out
    said = " ".join(ended.err.split())
    assert f"{folder}: cannot be written (Read-only file system)" in said
    assert "The run is finished" in said
    assert contents(folder) == before
    (folder / "results.json").unlink()
    ended = command(*run)
    assert ended.code == 2
    assert "cannot be written (Read-only file system); name another folder" in ended.err


@pytest.mark.usefixtures("run")
def test_the_page_of_a_run_that_cannot_be_written_goes_elsewhere(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, page = tmp_path / "run", (tmp_path / "run" / "report.html").read_bytes()
    plain = Path.open

    def refuse(path: Path, mode: str = "r", *arguments: object, **options: object) -> object:
        if mode != "r" and path.is_relative_to(folder):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return plain(path, mode, *arguments, **options)  # type: ignore[call-overload]  # as it was given

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr("obverse.reports.page.write_figures", lambda *_: None)
    ended = command("report", folder)
    assert ended.code == 2
    assert ended.err == (
        f"obverse: {folder / 'report.html'}: cannot be written (Read-only file system); name another folder with "
        "--out\n"
    )
    ended = command("report", folder, "--out", tmp_path / "elsewhere")
    assert (ended.code, ended.out) == (0, f"{tmp_path / 'elsewhere' / 'report.html'}\n")
    assert (tmp_path / "elsewhere" / "report.html").read_bytes() == page


def test_a_place_that_is_not_there(tmp_path: Path, command: Command) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "nowhere" / "tasks.html", tmp_path / "file" / "tasks.html"):
        ended = command("tasks", "gallery", place)
        assert ended.code == 2
        assert ended.err.startswith(f"obverse: {place}: ")
        assert ended.err.count("\n") == 1


def test_no_study_to_list(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = command("study", "list")
    assert (ended.code, ended.out) == (2, "")
    assert "holds no study here" in ended.err

"""The folder of a run: what is refused, and that no answer is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from obverse.runs.run_folder import Cell, RunFolder, check_apart, read_run_key
from obverse.types import Answer, AnsweredRow, InputError, Ledger, Route

ANSWER = Answer(
    question="q1",
    route="retrieve",
    control=True,
    seed=3,
    log_likelihoods=(-1.1, -0.1234567890123456789),
    token_counts=(1, 2),
    generated='Ünruh\u2028 "x"\n\ud800',
    strict=False,
    lenient=True,
    retrieved=("a", "b"),
)
ROW = AnsweredRow((ANSWER, ANSWER), Ledger(1, 2, 3, 4, 0.5, 6), Ledger(seconds=0.25), 1e-6)
BARE = AnsweredRow((), Ledger(), Ledger(), None)


def listing(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refusal(path: Path, key: str = "key") -> str:
    with pytest.raises(InputError) as caught:
        RunFolder(path, key)
    return str(caught.value)


def test_a_folder_is_made_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    RunFolder(path, "key")
    assert read_run_key(path) == "key"
    before = listing(path)
    RunFolder(path, "key")
    assert listing(path) == before


def test_an_empty_folder_of_the_user_s_is_taken(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    RunFolder(tmp_path, "key")
    assert read_run_key(tmp_path) == "key"


def test_the_run_of_another_key_is_left_alone(tmp_path: Path) -> None:
    RunFolder(tmp_path, "key")
    before = listing(tmp_path)
    assert "holds the results of another run" in refusal(tmp_path, "other")
    assert listing(tmp_path) == before


def test_a_refusal_says_what_differs(tmp_path: Path) -> None:
    before = {"documents": "d", "model weights": 64 * "m", "epochs": None, "code": "c"}
    RunFolder(tmp_path, "key", before)
    with pytest.raises(
        InputError, match=r"another run \(what differs: model weights, epochs \(none, now 3\)\); name"
    ):
        RunFolder(tmp_path, "other", before | {"model weights": 64 * "n", "epochs": 3})
    assert "(other documents, questions, model or settings, or by another command)" in refusal(
        tmp_path, "other"
    )
    with pytest.raises(InputError, match="or by another command"):
        RunFolder(tmp_path, "other", {"study": "name"})


CLAIMING = """
import sys
from pathlib import Path
from obverse.runs.run_folder import RunFolder
from obverse.types import InputError
root, key, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for number in range(rounds):
    print(number, flush=True)
    sys.stdin.readline()  # both are let go at the same moment
    try:
        with RunFolder(root / str(number), key).lock():
            print("ran", flush=True)
    except InputError as problem:
        print(problem, flush=True)
"""


def test_of_two_processes_that_want_a_folder_one_gets_it(tmp_path: Path) -> None:
    rounds = 40
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMING, str(tmp_path), key, str(rounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for key in ("one", "two")
    ]

    def hear(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    for number in range(rounds):
        assert [hear(process) for process in processes] == [str(number)] * 2
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = dict(zip(("one", "two"), map(hear, processes), strict=True))
        (winner,) = [key for key, line in said.items() if line == "ran"]
        (refused,) = [line for line in said.values() if line != "ran"]
        assert "holds the results of another run" in refused
        assert read_run_key(tmp_path / str(number)) == winner
    for process in processes:
        process.communicate()


def test_a_folder_that_became_another_run_s_is_not_worked_in(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "key")
    (tmp_path / "run.json").write_text(json.dumps({"key": "other"}))
    with pytest.raises(InputError, match="holds the results of another run"), folder.lock():
        pytest.fail("in a folder of another run")


def test_results_do_not_go_where_documents_are_read(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "documents")
    for out in ("documents", "documents/run", "link/run", "documents/../documents/a/b"):
        with pytest.raises(InputError, match="whose files are read as documents"):
            check_apart(tmp_path / out, tmp_path / "documents")
    check_apart(tmp_path / "documents-run", tmp_path / "documents")
    check_apart(tmp_path / "run", tmp_path / "documents.jsonl")


@pytest.mark.parametrize("name", ["notes.txt", ".hidden"])
def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    before = listing(tmp_path)
    assert "is not empty and holds no run" in refusal(tmp_path)
    assert listing(tmp_path) == before


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '"x"', "\udcff"])
def test_a_broken_key_is_no_run(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    assert "holds no run" in refusal(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert "is a file" in refusal(tmp_path / "file")
    assert "cannot be written" in refusal(tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("path", ["/proc/nowhere/run", "/proc/run", f"/tmp/{'x' * 300}"])
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that nobody can write, on Linux")
def test_a_place_that_cannot_be_written(path: str) -> None:
    assert "cannot be written" in refusal(Path(path))


def test_another_process_at_work_is_not_disturbed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from obverse.runs.run_folder import RunFolder\n"
        f"with RunFolder(Path({str(tmp_path)!r}), 'key').lock():\n"
        "    print('at work', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "at work\n"
        with (
            pytest.raises(InputError, match="another process is working on this run"),
            RunFolder(tmp_path, "key").lock(),
        ):
            pytest.fail("two at once")
        other.communicate("")
    with RunFolder(tmp_path, "key").lock():
        pass  # free again


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, "key")
    route = Route("retrieve", context="search", plugin="bm25", control=True)
    cell = folder.cell(route, 3)
    for row in (ROW, BARE, ROW):
        cell.append(row)
    assert cell.rows == folder.cell(route, 3).rows == [ROW, BARE, ROW]
    assert folder.cell(route, 3).answers == (ANSWER,) * 4
    assert folder.cell(route, 3).done == {"q1"}
    assert not folder.cell(Route("retrieve"), 3).rows
    assert not folder.cell(route, 4).rows


@pytest.mark.parametrize("torn", [b'{"answers": [', b'{"answers": []', b"\xc3", b"\0" * 50])
def test_a_row_that_was_cut_off_is_taken_away(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "cell.jsonl"
    Cell(path).append(ROW)
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    cell = Cell(path)
    assert cell.rows == [ROW]
    assert path.read_bytes() == whole + torn
    cell.append(BARE)
    assert Cell(path).rows == [ROW, BARE]


def test_a_row_that_does_not_fit_on_the_disk_is_an_error_and_never_taken_for_written(tmp_path: Path) -> None:
    # The system writes as much as fits and says how much that was; only the next write fails.
    path = tmp_path / "cell.jsonl"
    Cell(path).append(ROW)
    limit = path.stat().st_size + 100
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import resource\n"
        "from pathlib import Path\n"
        "from test_run_folder import ROW, Cell\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "try:\n"
        "    Cell(Path(sys.argv[2])).append(ROW)\n"
        "except OSError as problem:\n"
        "    print('told', problem.errno)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("told")
    assert path.stat().st_size <= limit
    assert Cell(path).rows == [ROW]


def test_the_key_of_a_folder_without_a_run(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps({"key": "key"}))
    with pytest.raises(InputError, match="holds no run"):
        read_run_key(tmp_path)

"""Files are there whole or not at all; a full disk is recognised."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from obverse.files import append_line, is_disk_full, read_lines, replacing, write_text


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "eins\n")
    write_text(path, "zwölf\n")
    assert path.read_bytes() == "zwölf\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "before")

    def interrupted() -> None:
        with replacing(path) as scratch:
            scratch.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_until_it_is_whole_nobody_sees_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replacing(path) as scratch:
        scratch.write_text("half")
        assert not path.exists()
        assert scratch.parent == path.parent
    assert path.read_text() == "half"


def full_disk() -> OSError:
    """The real thing: what the system says when there is no space."""
    with (
        pytest.raises(OSError, match="No space left") as caught,
        Path("/dev/full").open("wb", buffering=0) as stream,
    ):
        stream.write(b"x")
    return caught.value


def wrapped(cause: BaseException) -> BaseException:
    try:
        raise RuntimeError("could not save") from cause
    except RuntimeError as problem:
        return problem


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_is_recognised_however_it_is_wrapped() -> None:
    problem = full_disk()
    assert problem.errno == errno.ENOSPC
    assert is_disk_full(problem)
    assert is_disk_full(wrapped(wrapped(problem)))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_used_up_quota_counts_as_a_full_disk(number: int) -> None:
    assert is_disk_full(OSError(number, os.strerror(number)))


def test_the_words_of_libraries_that_have_errors_of_their_own() -> None:
    assert is_disk_full(RuntimeError("I/O error: No space left on device (os error 28)"))


@pytest.mark.parametrize("problem", [OSError(errno.EACCES, "no"), ValueError("full"), KeyboardInterrupt()])
def test_other_errors_are_something_else(problem: BaseException) -> None:
    assert not is_disk_full(problem)
    assert not is_disk_full(wrapped(problem))


def test_lines_are_kept_one_by_one_and_a_torn_one_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    assert read_lines(path) == []
    append_line(path, "one")
    append_line(path, "zwei ü \ud800")
    with path.open("ab") as stream:
        stream.write(b"thr")  # as a process leaves it that is killed
    assert read_lines(path) == [b"one", "zwei ü \\ud800".encode()]
    append_line(path, "three")
    assert read_lines(path)[2:] == [b"three"]

"""Files are there whole or not at all; a full disk is recognised."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from obverse.files import append_line, file_name, is_disk_full, read_lines, replacing, sync, write_text


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


def opened(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def test_it_is_on_disk_before_it_takes_the_place_and_then_its_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, str]] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append(("sync", opened(descriptor))))
    replace = Path.replace

    def noting(path: Path, target: Path) -> Path:
        done.append(("replace", str(target)))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", noting)
    write_text(tmp_path / "a.txt", "text")
    scratch = str(tmp_path / f".a.txt.{os.getpid()}")
    assert done == [("sync", scratch), ("replace", str(tmp_path / "a.txt")), ("sync", str(tmp_path))]


def test_a_folder_is_on_disk_after_all_that_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a", "in/b"):
        (tmp_path / name).touch()
    done: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append(opened(descriptor)))
    sync(tmp_path)
    assert sorted(done) == [str(tmp_path / name) for name in ("", "a", "in", "in/b")]
    assert done[-1] == str(tmp_path)
    assert done.index(str(tmp_path / "in/b")) < done.index(str(tmp_path / "in"))
    sync(tmp_path, inside=False)
    assert done[4:] == [str(tmp_path)]


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


TORN = [b'{"n": 2', b'{"n": [2]', b"\xc3", b"\0" * 50, b'"text"']


@pytest.mark.parametrize("torn", TORN)
def test_reading_changes_nothing_and_a_torn_line_gives_way_to_the_next(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "lines"
    assert read_lines(path) == []
    append_line(path, '{"n": "zwei \u00fc \ud800"}')
    first = '{"n": "zwei \u00fc \\ud800"}'.encode()
    with path.open("ab") as stream:
        stream.write(torn)  # as a process leaves it that is killed
    before = path.read_bytes()
    assert read_lines(path) == [first]
    assert path.read_bytes() == before
    append_line(path, '{"n": 3}')
    assert path.read_bytes() == first + b'\n{"n": 3}\n'


def test_a_last_line_that_only_lacks_its_end_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b'{"n": 1}\n{"n": 2}')  # as an editor leaves it
    assert read_lines(path) == [b'{"n": 1}', b'{"n": 2}']
    append_line(path, '{"n": 3}')
    assert read_lines(path) == [b'{"n": 1}', b'{"n": 2}', b'{"n": 3}']


def test_a_link_stays_and_what_it_names_is_replaced(tmp_path: Path) -> None:
    named, link = tmp_path / "folder" / "named", tmp_path / "link"
    named.parent.mkdir()
    named.write_text("before")
    link.symlink_to(named)
    write_text(link, "after")
    assert link.is_symlink()
    assert named.read_text() == "after"


def test_a_device_is_written_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "through")
    assert os.read(reading, 100) == b"through"
    os.close(reading)
    assert pipe.is_fifo()


def test_what_utf_8_cannot_hold_comes_back_from_json(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9")  # a file's name in another encoding, as in a command
    write_text(tmp_path / "a.json", json.dumps({"command": name}, ensure_ascii=False))
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"command": name}


def test_a_name_that_is_plain_is_the_files_and_others_get_one_of_their_own() -> None:
    for plain in ("finetune+oracle:2", "retrieve:my_module:tf-idf", "bm25"):
        assert file_name(plain) == plain
    others = [
        "a/b",
        "a b",
        "A",
        "a:B",
        "",
        ".",
        "..",
        "-x",
        "long" * 50,
        "long" * 51,
        "灯台",
        "маяк",
        "\ud800",
    ]
    names = list(map(file_name, others))
    assert len(set(map(str.lower, names))) == len(others)
    for name in names:
        assert name.isascii()
        assert "/" not in name
        assert not name.startswith((".", " "))
        assert len(name) < 120

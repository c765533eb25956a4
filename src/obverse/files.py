"""Writing files so that nothing half-written is ever found."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

# What every file system tells apart and takes, whatever stands behind it.
_PLAIN = re.compile(r"[a-z0-9][a-z0-9.+:_-]{0,99}")


def file_name(name: str) -> str:
    """A name as that of a file or a folder: itself where it is plain and short, else its beginning and a hash."""
    if _PLAIN.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{re.sub(r'[^a-z0-9.+:_-]+', '-', name.lower())[:60].lstrip('.-')}-{digest[:12]}"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a scratch path; what is written there takes the place of ``path`` whole, or not at all.

    It is on disk when this returns.  A link stays, and what it names is replaced; a device or a pipe is written as it
    is.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    place = path.resolve()
    scratch = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        yield scratch
        sync(scratch)
        scratch.replace(place)
        sync(place.parent, inside=False)
    except OSError as problem:
        if problem.filename == str(scratch):  # which nobody knows
            problem.filename = str(path)
        raise
    finally:
        with suppress(OSError):  # where nothing can be written, nothing was
            scratch.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all; what UTF-8 cannot hold is written as JSON spells it."""
    with (
        replacing(path) as scratch,
        scratch.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream,
    ):
        stream.write(text)


def sync(path: Path, *, inside: bool = True) -> None:
    """Have a file or a folder on disk, whatever happens next.

    Args:
        inside: whether everything in the folder is meant, and not only what its entries are called.
    """
    if inside and path.is_dir():
        for child in path.iterdir():
            sync(child)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_lines(path: Path) -> list[bytes]:
    """The lines that `append_line` wrote, without one that was cut off; the file stays as it is."""
    if not path.exists():
        return []
    ended, end, tail = path.read_bytes().rpartition(b"\n")
    return (ended + end).splitlines() + ([tail] if _is_record(tail) else [])


def append_line(path: Path, line: str) -> None:
    """Write a line to disk before anything else happens, in place of one that was cut off.

    Args:
        line: a JSON object, so that a line shows whether it is whole.
    """
    with path.open("a+b") as stream:
        _mend(stream)
        stream.write((line + "\n").encode("utf-8", "backslashreplace"))
        stream.flush()
        os.fsync(stream.fileno())


def _mend(stream: BinaryIO) -> None:
    """End the last line where only its line end is missing, and take it away where more is."""
    if (size := stream.seek(0, os.SEEK_END)) == 0:
        return
    stream.seek(size - 1)
    if stream.read(1) == b"\n":
        return
    stream.seek(0)
    ended, end, tail = stream.read().rpartition(b"\n")
    if _is_record(tail):
        stream.write(b"\n")
    else:
        stream.truncate(len(ended + end))


def _is_record(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def is_disk_full(problem: BaseException) -> bool:
    """Whether an error, of ours or of a library that wraps it, says that the disk is full."""
    seen: BaseException | None = problem
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if "No space left on device" in str(seen):  # the Rust libraries have errors of their own
            return True
        seen = seen.__cause__ or seen.__context__
    return False

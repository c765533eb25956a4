"""Writing files so that nothing half-written is ever found."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a scratch path; what is written there takes the place of ``path`` whole, or not at all."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield scratch
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with replacing(path) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def read_lines(path: Path) -> list[bytes]:
    """The lines that `append_line` wrote; one that was cut off while it was written is taken out of the file."""
    if not path.exists():
        return []
    whole = path.read_bytes()
    end = whole.rfind(b"\n") + 1
    if end < len(whole):
        os.truncate(path, end)
    return whole[:end].splitlines()


def append_line(path: Path, line: str) -> None:
    """Write a line to disk before anything else happens."""
    with path.open("ab") as stream:
        stream.write((line + "\n").encode("utf-8", "backslashreplace"))
        stream.flush()
        os.fsync(stream.fileno())


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

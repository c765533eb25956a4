"""What commands print with."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

console, error_console = Console(), Console(stderr=True)


def typed_command() -> str:
    """The command line as the user typed it, for the record of a run."""
    return shlex.join(["obverse", *sys.argv[1:]])


def say(message: str) -> None:
    """One line on the standard error stream."""
    line = " ".join(message.splitlines())
    error_console.print(f"obverse: {line}", markup=False, highlight=False, soft_wrap=True)


class Output:
    """A standard stream whose failures stop no work: what cannot be written any more is dropped.

    What the stream's encoding does not have is written as escapes.

    Attributes:
        problem: why something could not be written; a reader that went away is none.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.problem: OSError | None = None
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        """As of any text stream."""
        with self._dropping():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """As of any text stream."""
        with self._dropping():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextmanager
    def _dropping(self) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            if problem.errno != errno.EPIPE:
                self.problem = problem
            # What waits in the stream's buffers is dropped with what follows.
            with suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)


@contextmanager
def standard_streams() -> Iterator[Output]:
    """Make the standard streams such that no failure of theirs stops a command; yield standard output."""
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed: its number must not become that of a file of results
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for good
        setattr(sys, name, Output(getattr(sys, name)))
    try:
        yield sys.stdout  # type: ignore[misc]  # set above
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before

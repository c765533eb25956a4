"""The command line: a thin layer over what can be called from Python.

Nothing heavy is imported before it is needed, so that ``obverse --help`` answers at once.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from obverse.cli import (
    augment_command,
    compare_command,
    export_command,
    practice_command,
    question_command,
    study_command,
    task_command,
)
from obverse.cli.screen import say, standard_streams
from obverse.quiet import quiet_libraries
from obverse.types import InputError

app = typer.Typer(
    name="obverse",
    help="Teach a language model your documents by every route, and see which route answers what, at which price.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    compare_command.compare,
    compare_command.demo,
    compare_command.ask,
    compare_command.report,
    practice_command.practice,
    augment_command.augment,
):
    app.command()(command)
app.add_typer(question_command.app, name="questions")
app.add_typer(study_command.app, name="study")
app.add_typer(task_command.app, name="tasks")
app.add_typer(export_command.app, name="export")

_INTERRUPTED = 130
# Errors of a file or folder, and not of the program.
_PLACES = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENAMETOOLONG,
    errno.ELOOP,
    errno.EIO,
)


def main() -> None:
    """Run the command line: exit code 2 and a line for each fault of bad input, 130 for Ctrl-C."""
    quiet_libraries()
    with standard_streams() as output:
        try:
            with _shown_remarks(), report_errors():
                app(prog_name="obverse")
        except SystemExit as end:
            output.flush()
            if output.problem is None:
                raise
            said = output.problem.strerror
            say(f"standard output cannot be written ({said}); what the command wrote into files is there")
            raise SystemExit(end.code or 1) from None


class _RemarkHandler(logging.Handler):
    """Prints what the package logs: what is no error, and should be known."""

    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())


@contextmanager
def _shown_remarks() -> Iterator[None]:
    log, handler = logging.getLogger("obverse"), _RemarkHandler()
    log.addHandler(handler)
    log.setLevel(logging.WARNING)  # whatever libraries set for all logs
    try:
        yield
    finally:
        log.removeHandler(handler)


@contextmanager
def report_errors() -> Iterator[None]:
    """Print an error that the user can correct as one line, and end with exit code 2."""
    from obverse.files import is_disk_full

    try:
        yield
    except InputError as problem:
        for fault in problem.faults:
            say(fault)
        raise SystemExit(2) from None
    except SystemExit as end:
        if end.code == _INTERRUPTED:  # what typer makes of Ctrl-C
            say("interrupted; the same command takes up where it was")
        raise
    except Exception as problem:
        if is_disk_full(problem):
            say("the disk is full; what was done is kept: free some space and run the same command again")
        elif isinstance(problem, OSError) and problem.errno in _PLACES and problem.filename is not None:
            said = os.strerror(problem.errno).lower()
            say(f"{problem.filename}: {said}; name a place that is there and can be read and written")
        else:
            raise
        raise SystemExit(2) from None

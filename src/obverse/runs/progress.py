"""Progress of long work: what is under way, how far it is, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

Advance = Callable[[int, int, str], None]

_SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """Shows stages and steps on a console, or nothing where there is none.

    On a terminal there are bars with the time left; where the output goes into a file, a line for each stage and
    one now and then while it lasts.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console
        self._remarks: set[str] = set()

    def remark(self, text: str) -> None:
        """Say something in a line of its own, once."""
        if self._console is not None and text not in self._remarks:
            self._remarks.add(text)
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def stage(self, what: str) -> Iterator[None]:
        """Work whose length is not known."""
        with self.steps(what):
            yield

    @contextmanager
    def steps(self, what: str) -> Iterator[Advance]:
        """Work in steps; call what this yields with steps done, steps in all, and a word about the last."""
        if self._console is None:
            yield lambda *_: None
        elif not self._console.is_terminal:
            self._console.print(f"{what} ...", highlight=False)
            yield _lines(self._console)
        else:
            bars = Bars(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("left:"),
                TimeRemainingColumn(),
                TextColumn("{task.fields[note]}"),
                console=self._console,
            )
            with bars:
                shown = bars.add_task(what, total=None, note="")
                yield lambda done, of, note: bars.update(shown, completed=done, total=of, note=note)
                if bars.tasks[0].total is None:  # a stage without steps: done
                    bars.update(shown, total=1, completed=1)


class RelayedProgress(Progress):
    """Progress as calls: steps done, steps in all, and what is under way with a word about the last step."""

    def __init__(self, report: Advance) -> None:
        super().__init__()
        self._report = report

    @contextmanager
    def steps(self, what: str) -> Iterator[Advance]:
        """As of any progress."""
        self._report(0, 1, what)
        yield lambda done, of, note: self._report(done, of, f"{what} {note}".rstrip())


def _lines(console: Console) -> Advance:
    """Lines instead of bars: how far, and the time left at the pace so far, when enough time has gone by."""
    began = said = time.monotonic()
    first: int | None = None

    def advance(done: int, of: int, note: str) -> None:
        nonlocal began, said, first
        now = time.monotonic()
        if first is None:
            # How much of it an earlier run had done is not known, so the pace is that from here on.
            began, first = now, done
        if now - said >= _SECONDS_BETWEEN_LINES:
            said = now
            left = ""
            if done > first:
                left = f", about {(now - began) / (done - first) * (of - done):.0f} s left"
            console.print(
                f"  {done}/{of}{left} {note}".rstrip(),
                highlight=False,
                markup=False,
                soft_wrap=True,
            )

    return advance

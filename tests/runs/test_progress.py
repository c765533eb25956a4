"""Progress on a terminal, in a file, and nowhere."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from obverse.runs.progress import Progress, RelayedProgress


def shown(*, terminal: bool) -> str:
    stream = StringIO()
    progress = Progress(Console(file=stream, force_terminal=terminal, width=120))
    with progress.stage("Loading"):
        pass
    with progress.steps("Teaching") as advance:
        for done in range(1, 5):
            advance(done, 4, f"loss {done}")
    return stream.getvalue()


def test_a_terminal_shows_steps_and_the_time_left() -> None:
    text = shown(terminal=True)
    for part in ("Loading", "Teaching", "4/4", "left:", "loss 4"):
        assert part in text


def test_a_file_gets_a_line_for_each_stage() -> None:
    assert shown(terminal=False) == "Loading ...\nTeaching ...\n"


def test_a_file_gets_a_line_now_and_then_with_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 20.0, 40.0, 60.0, 80.0])
    monkeypatch.setattr("obverse.runs.progress.time.monotonic", lambda: next(clock))
    stream = StringIO()
    with Progress(Console(file=stream, width=120)).steps("Teaching") as advance:
        for done in range(7, 11):  # six were done by an earlier run
            advance(done, 10, "loss 1")
    assert (
        stream.getvalue() == "Teaching ...\n  8/10, about 40 s left loss 1\n  10/10, about 0 s left loss 1\n"
    )


def test_steps_that_are_done_many_at_a_time_are_counted_as_many(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 40.0, 80.0])
    monkeypatch.setattr("obverse.runs.progress.time.monotonic", lambda: next(clock))
    stream = StringIO()
    with Progress(Console(file=stream, width=120)).steps("Asking") as advance:
        advance(35, 150, "")
        advance(75, 150, "")
    assert stream.getvalue() == "Asking ...\n  35/150\n  75/150, about 75 s left\n"


def test_without_a_console_nothing_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with Progress().steps("Teaching") as advance:
        advance(1, 2, "")
    assert capfd.readouterr() == ("", "")


def test_an_error_passes_through() -> None:
    with pytest.raises(KeyboardInterrupt), Progress(Console(file=StringIO())).stage("Loading"):
        raise KeyboardInterrupt


def test_a_remark_is_said_once() -> None:
    stream = StringIO()
    progress = Progress(Console(file=stream, width=120))
    for text in ("one", "two", "one"):
        progress.remark(text)
    assert stream.getvalue() == "one\ntwo\n"


def test_progress_is_relayed_with_the_stage_that_is_under_way() -> None:
    seen: list[tuple[int, int, str]] = []
    progress = RelayedProgress(lambda *step: seen.append(step))
    with progress.stage("Loading"):
        pass
    with progress.steps("Teaching") as advance:
        advance(1, 4, "loss 2")
        advance(2, 4, "")
    progress.remark("nobody reads this")
    assert seen == [(0, 1, "Loading"), (0, 1, "Teaching"), (1, 4, "Teaching loss 2"), (2, 4, "Teaching")]

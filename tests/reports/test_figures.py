"""Figures are drawn in a process of their own, and a page does without them where that dies."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair
import psutil
import pytest
from made_up_run import write_run

from obverse.reports.figures import write_figure
from obverse.reports.page import write_page

CHART = altair.Chart(altair.InlineData([{"a": 1}])).mark_bar().encode(x="a:Q")


def test_one_process_draws_all_figures_of_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    run = subprocess.run

    def counted(*arguments: Any, **options: Any) -> Any:
        started.append(arguments)
        return run(*arguments, **options)

    monkeypatch.setattr(subprocess, "run", counted)
    page = write_page(write_run(tmp_path / "run"))
    assert len(started) == 1
    assert sorted(path.name for path in (page.parent / "figures").iterdir()) == [
        "accuracy.png",
        "accuracy.svg",
        "costs.png",
        "costs.svg",
    ]


@pytest.fixture
def ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has the process that draws end in some way."""

    def end(how: str) -> None:
        program = tmp_path / "python"
        program.write_text(f"#!/bin/sh\n{how}\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))

    return end


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (
            "kill -TRAP $$",
            "the process that draws died (Trace/breakpoint trap); it needs more memory or address space",
        ),
        ("echo warning >&2; echo 'ValueError: no' >&2; exit 1", ": ValueError: no"),
        ("exit 3", ": the process that draws ended with code 3"),
        ("echo '[['", ": Expecting value"),
    ],
)
def test_a_page_does_without_figures(
    tmp_path: Path, ending: Callable[[str], None], caplog: pytest.LogCaptureFixture, how: str, why: str
) -> None:
    ending(how)
    page = write_page(write_run(tmp_path / "run"))
    assert "<html" in page.read_text(encoding="utf-8")
    assert not list((page.parent / "figures").iterdir())
    (said,) = [record.getMessage() for record in caplog.records if record.name.startswith("obverse")]
    assert said.startswith("the figures (accuracy, costs) were not drawn as SVG and PNG: ")
    assert why in said


def test_without_a_python_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    write_figure(CHART, tmp_path / "chart", {})
    assert "the figures (chart) were not drawn as SVG and PNG: " in caplog.text
    assert not list(tmp_path.iterdir())


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
from pathlib import Path
from obverse.reports.page import write_page
print(write_page(Path(sys.argv[1])))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit address space so")
def test_a_page_where_address_space_is_limited(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(folder), str(32 << 30)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0
    assert (folder / "report.html").exists()
    assert "were not drawn as SVG and PNG: the process that draws died" in ended.stderr


DRAWING = """
import sys
from pathlib import Path
import altair
from obverse.reports.figures import write_figure
chart = altair.Chart(altair.InlineData([{"a": 1}])).mark_bar().encode(x="a:Q")
print("ready", flush=True)
while True:
    write_figure(chart, Path(sys.argv[1]), {})
"""


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", DRAWING, str(tmp_path / "chart")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    process.stdout.readline()
    children: list[psutil.Process] = []
    while not children:
        time.sleep(0.01)
        children = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGINT)
    process.wait(20)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive

"""The figures for a paper or a README: the page's panels side by side, as SVG and as PNG."""

from __future__ import annotations

import base64
import json
import logging
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.files import replacing, write_text
from obverse.judging import wording
from obverse.reports.charts import accuracy_panel, growth_panel, panel_title, price_panel
from obverse.reports.palette import Look, theme
from obverse.reports.tables import Summary

if TYPE_CHECKING:
    import altair

    from obverse.reports.charts import Panel

PANEL_WIDTH = 250
SPACING = 32

_LOG = logging.getLogger(__name__)
_MOST_SECONDS = 600


@dataclass(frozen=True)
class Figure:
    """What is to be drawn.

    Args:
        path: of its files, without an ending.
        legend: the configuration of its legends.
    """

    chart: Panel | altair.ConcatChart | altair.VConcatChart
    path: Path
    legend: dict[str, Any]


def write_figures(summary: Summary, looks: dict[str, Look], folder: Path) -> None:
    """Write ``accuracy`` and ``costs`` into ``folder``, each as SVG and as PNG."""
    folder.mkdir(exist_ok=True)
    # The routes are named at the axes of the one and in a legend of the other.
    below = {"orient": "bottom", "columns": 6, "symbolOpacity": 1}
    draw(
        [
            Figure(_accuracy(summary, looks), folder / "accuracy", {"disable": True}),
            Figure(_costs(summary, looks), folder / "costs", below),
        ]
    )


def _accuracy(summary: Summary, looks: dict[str, Look]) -> altair.ConcatChart:
    import altair

    panels = [
        accuracy_panel(summary, looks, row).properties(width=PANEL_WIDTH, title=panel_title(summary, row))
        for row in summary.totals + summary.kinds
    ]
    return altair.concat(*panels, columns=3, spacing=SPACING).properties(
        title=figure_title(
            f"Accuracy by route and kind of question: {summary.results['model']}",
            f"Filled: share of questions answered right ({wording.METRICS[summary.metric]}), with its 95% interval. "
            f"Hollow: the same with false context.{_dashed(summary)}",
        )
    )


def _costs(summary: Summary, looks: dict[str, Look]) -> altair.ConcatChart:
    import altair

    panels = [
        price_panel(summary, looks, row, "seconds").properties(
            width=PANEL_WIDTH, title=panel_title(summary, row)
        )
        for row in summary.parts
    ]
    growth = growth_panel(summary, looks, "seconds").properties(
        width=PANEL_WIDTH, height=240, title="Cost as questions go on"
    )
    return altair.concat(*panels, growth, columns=3, spacing=SPACING).properties(
        title=figure_title(
            f"Accuracy and cost of the routes: {summary.results['model']}",
            f"Bars: 95% intervals.{_dashed(summary)} Hollow circles: where the costs of two routes cross.",
        )
    )


def _dashed(summary: Summary) -> str:
    return " Dashed: chance." if summary.has_chance else ""


def figure_title(text: str, explanation: str) -> altair.Title:
    """The heading of a figure, with a line below that says how to read it."""
    import altair

    return altair.Title(text, subtitle=explanation, anchor="start", fontSize=17, offset=20)


def write_figure(
    chart: Panel | altair.ConcatChart | altair.VConcatChart, path: Path, legend: dict[str, Any]
) -> None:
    """Write one figure; see `draw`."""
    draw([Figure(chart, path, legend)])


def draw(figures: Sequence[Figure]) -> None:
    """Write figures as SVG and as PNG, for white paper.

    They are drawn in one process of their own.  Where that cannot be, none is written, which is logged as a warning: a
    page has its charts without them.

    Raises:
        OSError: a file cannot be written.
    """
    try:
        # Not in the user's folder, where other modules may have the names of ours.
        process = subprocess.run(
            [sys.executable, "-P", "-m", "obverse.reports.drawer"],
            input=json.dumps([_specification(figure) for figure in figures]),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_MOST_SECONDS,
            check=True,
        )
        drawn: list[tuple[str, str]] = json.loads(process.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as problem:
        names = ", ".join(figure.path.name for figure in figures)
        _LOG.warning("the figures (%s) were not drawn as SVG and PNG: %s", names, _reason(problem))
        return
    for figure, (svg, png) in zip(figures, drawn, strict=True):
        write_text(figure.path.with_suffix(".svg"), svg)
        with replacing(figure.path.with_suffix(".png")) as scratch:
            scratch.write_bytes(base64.b64decode(png))


def _reason(problem: Exception) -> str:
    """Why a process did not draw."""
    if not isinstance(problem, subprocess.CalledProcessError):
        return str(problem)
    if problem.returncode < 0:
        name = signal.strsignal(-problem.returncode) or f"signal {-problem.returncode}"
        return f"the process that draws died ({name}); it needs more memory or address space (ulimit -v)"
    lines = [line for line in str(problem.stderr).splitlines() if line.strip()]
    return lines[-1] if lines else f"the process that draws ended with code {problem.returncode}"


def _specification(figure: Figure) -> dict[str, Any]:
    """The chart as Vega-Lite has it, with its colours."""
    specification: dict[str, Any] = figure.chart.to_dict()
    config = theme(dark=False)
    config |= {"background": "white", "padding": 16, "legend": {**config["legend"], **figure.legend}}
    specification["config"] = config
    return specification

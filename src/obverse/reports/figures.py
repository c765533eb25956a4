"""The figures for a paper or a README: the page's panels side by side, as SVG and as PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.files import replacing, write_text
from obverse.reports import wording
from obverse.reports.charts import accuracy_panel, growth_panel, panel_title, price_panel
from obverse.reports.palette import Look, theme
from obverse.reports.summary import Summary

if TYPE_CHECKING:
    import altair

    from obverse.reports.charts import Panel

PANEL_WIDTH = 250
SPACING = 32


def write_figures(summary: Summary, looks: dict[str, Look], folder: Path) -> None:
    """Write ``accuracy`` and ``costs`` into ``folder``, each as SVG and as PNG."""
    folder.mkdir(exist_ok=True)
    # The routes are named at the axes of the one and in a legend of the other.
    write_figure(_accuracy(summary, looks), folder / "accuracy", legend={"disable": True})
    write_figure(
        _costs(summary, looks),
        folder / "costs",
        legend={"orient": "bottom", "columns": 6, "symbolOpacity": 1},
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
    """Write a chart beside ``path`` as SVG and as PNG, for white paper.

    Args:
        path: without an ending.
        legend: the configuration of its legends.
    """
    import vl_convert

    specification = chart.to_dict()
    config = theme(dark=False)
    config |= {"background": "white", "padding": 16, "legend": {**config["legend"], **legend}}
    specification["config"] = config
    write_text(path.with_suffix(".svg"), vl_convert.vegalite_to_svg(specification))
    with replacing(path.with_suffix(".png")) as scratch:
        scratch.write_bytes(vl_convert.vegalite_to_png(specification, scale=2))

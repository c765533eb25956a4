"""The page of a study: what every part of it found, and the picture of that for a README."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from obverse.judging import wording
from obverse.reports.curves import Curves, curve_kinds, curve_panels, learning_curves
from obverse.reports.figures import PANEL_WIDTH, SPACING, figure_title, write_figure
from obverse.reports.matrix import matrix_figure
from obverse.reports.page import write_page
from obverse.reports.palette import Look, looks
from obverse.reports.rendering import write_html
from obverse.reports.sweeps import Sweep, read_sweep, sweep_panel
from obverse.reports.tables import Figures, Results, Summary

if TYPE_CHECKING:
    import altair

    from obverse.reports.charts import Panel

COLUMNS = 3


@dataclass(frozen=True)
class Part:
    """One task with one model, as it stands on a study's page.

    Args:
        number: among the parts, from 0.
        slug: the name of its folder.
        results: as of a comparison.
    """

    number: int
    slug: str
    results: Results

    @property
    def title(self) -> str:
        """The task and the model."""
        return f"{self.results['task']['name']}, {self.results['model']}"

    @property
    def address(self) -> str:
        """Of its own page, seen from the study's."""
        return f"parts/{quote(self.slug)}/report.html"

    @property
    def augmentation(self) -> list[Figures]:
        """What the model wrote by itself, by seed."""
        return list(self.results.get("augmentation", ()))

    @cached_property
    def summary(self) -> Summary:
        """Its results, looked up by route and row."""
        return Summary(self.results)

    @cached_property
    def curves(self) -> list[Curves]:
        """Its learning curves."""
        return learning_curves(self.results)

    @cached_property
    def curve_kinds(self) -> dict[str, tuple[bool, Look]]:
        """The kinds in its learning curves."""
        return curve_kinds(self.curves)


def write_study(folder: Path) -> Path:
    """Write ``report.html`` and ``figures/overview``, and the page of each part where the parts make no sweep.

    Args:
        folder: of a study: holds ``results.json`` and ``parts/``.

    Returns:
        The path of the study's page.

    Raises:
        OSError: a file is missing, or a page cannot be written.
    """
    results: Results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    parts = [Part(number, part["slug"], part["results"]) for number, part in enumerate(results["parts"])]
    answered = [part for part in parts if part.summary.routes]
    sweep = read_sweep(results)
    if sweep is None:
        for part in answered:
            write_page(folder / "parts" / part.slug)
    _write_figures(results, answered, sweep, folder / "figures")
    panels: dict[str, Panel] = {}
    for part in answered:
        panels |= curve_panels(f"curves-{part.number}", part.curves, part.curve_kinds)
    if sweep:
        panels |= {f"sweep-{number}": sweep_panel(sweep, panel) for number, panel in enumerate(sweep.panels)}
    page = folder / "report.html"
    write_html(
        page,
        "study.html.j2",
        panels,
        results=results,
        parts=answered,
        sweep=sweep,
        looks=looks(dict.fromkeys(route for part in answered for route in part.summary.routes)),
    )
    return page


def _write_figures(results: Results, parts: list[Part], sweep: Sweep | None, folder: Path) -> None:
    """The overview as SVG and as PNG; no picture where nothing was answered."""
    folder.mkdir(exist_ok=True)
    metric = wording.METRICS[results["metric"]]
    if sweep and sweep.panels:
        legend = {"orient": "bottom", "columns": COLUMNS, "symbolOpacity": 1}
        write_figure(_sweep_figure(sweep, results["title"], metric), folder / "overview", legend)
    elif parts:
        title = figure_title(
            results["title"],
            f"Share of questions answered right ({metric}), with its 95% interval; false: with false context.",
        )
        figure = matrix_figure([(part.title, part.summary) for part in parts], title)
        write_figure(figure, folder / "overview", {})


def _sweep_figure(sweep: Sweep, title: str, metric: str) -> altair.ConcatChart:
    import altair

    panels = [
        sweep_panel(sweep, panel).properties(
            width=PANEL_WIDTH,
            title=altair.Title(panel.kind, subtitle=panel.panel, limit=PANEL_WIDTH, subtitlePadding=4),
        )
        for panel in sweep.panels
    ]
    # The kinds of one setting stand beside each other where they fill a row.
    kinds = len({panel.kind for panel in sweep.panels})
    columns = kinds if kinds in (2, COLUMNS) else COLUMNS
    return altair.concat(*panels, columns=columns, spacing=SPACING).properties(
        title=figure_title(title, f"Share of questions answered right ({metric}). Bars: 95% intervals.")
    )

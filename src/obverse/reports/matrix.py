"""The overview of a study as a picture: for each part a matrix of kinds of questions and routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from obverse.judging import wording
from obverse.reports.palette import FULL, PAGES
from obverse.reports.tables import Summary

if TYPE_CHECKING:
    import altair

    from obverse.reports.charts import Panel

# Of all columns together, in pixels: with the names of the kinds a picture for a column of text.
WIDTH = 620
NARROWEST, WIDEST = 46, 96
CELL_HEIGHT = 42
INK, SOFT = "#1d2126", "#454c55"


def matrix_panel(summary: Summary) -> Panel:
    """Accuracy of each route on each kind of question, with its interval and that with false context.

    Explicit kinds stand above latent ones.
    """
    import altair

    values: list[dict[str, Any]] = []
    for row in summary.kinds:
        for route in summary.routes:
            if estimate := summary.estimate(route, row):
                twin = summary.estimate(route, row, control=True)
                values.append(
                    {
                        "kind": wording.kind(row.kind, bool(row.latent)),
                        "route": route,
                        "mean": estimate["mean"],
                        "share": wording.percent(estimate["mean"]),
                        "bounds": wording.bounds(estimate),
                        "twin": f"false {wording.percent(twin['mean'])}" if twin else "",
                    }
                )
    kinds = [wording.kind(row.kind, bool(row.latent)) for row in summary.kinds]
    step = min(max(WIDTH // max(len(summary.routes), 1), NARROWEST), WIDEST)
    base = altair.Chart(altair.InlineData(values)).encode(
        x=altair.X("route:N", sort=list(summary.routes), title=None)
        .scale(domain=list(summary.routes))
        .axis(orient="top", labelAngle=-35, domain=False, ticks=False, labelPadding=4, labelLimit=200),
        y=altair.Y("kind:N", sort=kinds, title=None)
        .scale(domain=kinds)
        .axis(domain=False, ticks=False, labelPadding=8, labelLimit=200),
    )
    colour = altair.Color("mean:Q", legend=None).scale(
        domain=[0, 1], range=[PAGES["light"], FULL["light"]], interpolate="lab"
    )
    return altair.layer(
        base.mark_rect(stroke="#dfe2e6", strokeWidth=1).encode(color=colour),
        base.mark_text(dy=-9, fontSize=13, fontWeight=600, color=INK).encode(text="share:N"),
        base.mark_text(dy=4, fontSize=9, color=SOFT).encode(text="bounds:N"),
        base.mark_text(dy=14, fontSize=9, color=SOFT).encode(text="twin:N"),
    ).properties(width={"step": step}, height={"step": CELL_HEIGHT})


def matrix_figure(titled: Sequence[tuple[str, Summary]], title: altair.Title) -> altair.VConcatChart:
    """The matrices of all parts, one below the other, each with its title."""
    import altair

    panels = [
        matrix_panel(summary).properties(
            title=altair.Title(name, anchor="start", frame="group", fontSize=14, offset=8, limit=WIDTH)
        )
        for name, summary in titled
    ]
    return altair.vconcat(*panels, spacing=28).properties(title=title)

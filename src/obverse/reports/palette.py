"""Colours and shapes: one pair for each route, in every chart and table, in light and in dark.

Route colours follow Okabe and Ito, so that they differ for colour-blind readers too, and are neither too light
for white paper nor too dark for a dark page (at least 3:1 against both).  Shapes say the same a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from obverse.types import UNTOUCHED

BASELINE_COLOUR = "#7b838c"
ROUTE_COLOURS = ("#d55e00", "#0e79b8", "#0f9a73", "#b0629a", "#a97c00", "#6b74d6", "#c2504f")

# Outlines in a square from -1 to 1, so that the charts and the page's legend draw the same.
SHAPES = (
    "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0Z",
    "M-0.85,-0.85H0.85V0.85H-0.85Z",
    "M0,-1.1L1,0.8H-1Z",
    "M0,-1.2L1.2,0L0,1.2L-1.2,0Z",
    "M0,1.1L1,-0.8H-1Z",
    "M-0.4,-1H0.4V-0.4H1V0.4H0.4V1H-0.4V0.4H-1V-0.4H-0.4Z",
)

# Blue where the knowledge did not arrive, brown where it was there and of no use: the pair that colour-blind
# readers tell apart best.
VERDICT_COLOURS = {
    "never stored": "#4c6f9f",
    "not retrieved": "#8fb0d6",
    "stored, not usable": "#d9b36c",
    "not usable even in context": "#a5682a",
    "undetermined": "#9a9ea3",
}
# Those on which dark text reads better than white.
PALE_VERDICTS = ("not retrieved", "stored, not usable", "undetermined")


@dataclass(frozen=True)
class Look:
    """How a route is drawn."""

    colour: str
    shape: str


def looks(routes: Iterable[str]) -> dict[str, Look]:
    """A look for each route; the untouched model, which all are compared with, is grey."""
    shapes, colours = cycle(SHAPES), cycle(ROUTE_COLOURS)
    return {
        route: Look(BASELINE_COLOUR if route == UNTOUCHED else next(colours), next(shapes))
        for route in routes
    }


def theme(*, dark: bool) -> dict[str, Any]:
    """The charts' configuration for paper and a light page, or for a dark one."""
    ink, soft, line = ("#e6e8ea", "#a9b0b8", "#3a4048") if dark else ("#1d2126", "#59616b", "#dfe2e6")
    return {
        "background": None,
        "font": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
        "view": {"stroke": None},
        "axis": {
            "labelColor": soft,
            "titleColor": soft,
            "titleFontWeight": "normal",
            "labelFontSize": 12,
            "titleFontSize": 12,
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
            "labelLimit": 170,
        },
        "title": {
            "anchor": "start",
            "color": ink,
            "subtitleColor": soft,
            "fontSize": 14,
            "subtitleFontSize": 12,
        },
        "legend": {"labelColor": ink, "titleColor": soft, "labelFontSize": 12, "labelLimit": 260},
        "style": {
            "chance": {"color": soft},
            "crossing": {"color": ink},
        },
    }

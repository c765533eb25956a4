"""Colours and shapes: one pair for each route, in every chart and table, in light and in dark.

What is trained into the parameters decides a route's hue, what stands beside it in the context the shade.  The hues
follow Okabe and Ito, so that they differ for colour-blind readers too; no shade is too light for white paper or too
dark for a dark page (at least 3:1 against both).  Shapes tell apart what shades alone would not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from obverse.judging import wording
from obverse.types import UNTOUCHED

BASELINE_COLOUR = "#7b838c"
# Three shades of each hue.
HUES = (
    ("#d55e00", "#bc392a", "#e76f22"),
    ("#0e79b8", "#0d9ec2", "#2e63ca"),
    ("#0f9a73", "#097921", "#03a48d"),
    ("#b0629a", "#b7366a", "#da69b9"),
    ("#a97c00", "#766803", "#a79109"),
    ("#6b74d6", "#6e54c6", "#ab79ed"),
)
PAGES = {"light": "#ffffff", "dark": "#15181c"}
# A share of 0 has the colour of the page, and a share of 1 this one: ink is read on it as well as on the page.
FULL = {"light": "#74b0e0", "dark": "#1f5f96"}

# Outlines in a square from -1 to 1, so that the charts and the page's legend draw the same.
SHAPES = (
    "M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0Z",
    "M-0.85,-0.85H0.85V0.85H-0.85Z",
    "M0,-1.1L1,0.8H-1Z",
    "M0,-1.2L1.2,0L0,1.2L-1.2,0Z",
    "M0,1.1L1,-0.8H-1Z",
    "M-0.4,-1H0.4V-0.4H1V0.4H0.4V1H-0.4V0.4H-1V-0.4H-0.4Z",
    "M-1.1,0L0.8,-1V1Z",
    "M0,-0.45L0.6,-1.05L1.05,-0.6L0.45,0L1.05,0.6L0.6,1.05L0,0.45L-0.6,1.05L-1.05,0.6L-0.45,0L-1.05,-0.6L-0.6,-1.05Z",
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
    """How a route, or a line of a chart, is drawn."""

    colour: str
    shape: str


def looks(routes: Iterable[str]) -> dict[str, Look]:
    """A look for each route; the untouched model, which all are compared with, is grey.

    No two routes with the same parameters share a shape before all are used, and of those left each route gets the
    shape that the fewest others have.
    """
    hues = cycle(HUES)
    families: dict[str, tuple[str, ...]] = {UNTOUCHED: (BASELINE_COLOUR,)}
    members: Counter[str] = Counter()
    used: Counter[str] = Counter()
    used_in_family: Counter[tuple[str, str]] = Counter()
    found: dict[str, Look] = {}
    for route in routes:
        family = UNTOUCHED if route == UNTOUCHED else wording.parameters_part(route)
        if family not in families:
            families[family] = next(hues)
        shades = families[family]
        shape = min(SHAPES, key=lambda shape: (used_in_family[family, shape], used[shape]))
        found[route] = Look(shades[members[family] % len(shades)], shape)
        members[family] += 1
        used[shape] += 1
        used_in_family[family, shape] += 1
    return found


def line_looks(names: Iterable[str]) -> dict[str, Look]:
    """A look for each line of a chart whose lines are no routes: a hue and a shape of its own."""
    colours = cycle([shades[place] for place in range(3) for shades in HUES])
    return {
        name: Look(colour, shape) for name, colour, shape in zip(names, colours, cycle(SHAPES), strict=False)
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

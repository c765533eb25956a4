"""The charts, as panels without theme or width: the page fits and colours them, figures set them side by side.

One row of questions is one panel, rather than one facet of a large chart, so that a phone can show them one
below the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from obverse.judging import wording
from obverse.reports.palette import PALE_VERDICTS, VERDICT_COLOURS, Look
from obverse.reports.tables import Figures, Row, Summary, Unit

if TYPE_CHECKING:
    import altair

    Panel = altair.Chart | altair.LayerChart | altair.FacetChart

UNIT_TITLES: dict[Unit, str] = {"seconds": "seconds", "flops": "FLOPs"}
POINT_SIZE = 90
ROUTE_HEIGHT = 24
# Beyond this many questions nobody plans.
MOST_QUESTIONS = 10_000_000
POINTS_PER_DECADE = 8


def accuracy_panel(summary: Summary, looks: dict[str, Look], row: Row) -> Panel:
    """Accuracy of each route on one row's questions: interval, chance, and the false-context twin."""
    import altair

    values: list[dict[str, Any]] = []
    for route in summary.routes:
        if estimate := summary.estimate(route, row):
            twin = summary.estimate(route, row, control=True)
            values.append(
                {
                    "route": route,
                    **_bounded(estimate),
                    "twin": twin["mean"] if twin else None,
                    "accuracy": wording.accuracy(estimate),
                    "with false context": wording.accuracy(twin),
                }
            )
    base = altair.Chart(altair.InlineData(values)).encode(
        y=altair.Y("route:N", sort=[value["route"] for value in values], title=None).axis(
            domain=False, ticks=False, labelPadding=12
        ),
        color=colour_scale("route", looks),
        tooltip=["route:N", "accuracy:N", "with false context:N"],
    )
    share = altair.X("mean:Q", title=None).scale(domain=[0, 1]).axis(share_axis())
    twins = base.mark_point(size=1.8 * POINT_SIZE, filled=False, opacity=1).encode(
        x=altair.X("twin:Q", title=None), shape=shape_scale("route", looks)
    )
    return altair.layer(
        *_chance_line(summary, row, "x"),
        base.mark_rule(strokeWidth=3, opacity=0.55, strokeCap="round").encode(
            x=altair.X("low:Q", title=None), x2="high:Q"
        ),
        base.mark_point(size=POINT_SIZE, filled=True, opacity=1).encode(
            x=share, shape=shape_scale("route", looks)
        ),
        # Larger, so that it is seen around the filled one.  Routes without a twin have no such point.
        twins.transform_filter("datum.twin !== null"),
    ).properties(height=ROUTE_HEIGHT * len(values))


def price_panel(summary: Summary, looks: dict[str, Look], row: Row, unit: Unit) -> Panel:
    """Accuracy on one row's questions against what teaching and asking cost in this run."""
    import altair

    values: list[dict[str, Any]] = []
    for route in summary.routes:
        estimate = summary.estimate(route, row)
        cost = summary.total_cost(route, unit, summary.asked(route))
        # A logarithmic axis has no zero.
        if estimate and cost > 0:
            values.append(
                {"route": route, **_bounded(estimate), "cost": cost, "accuracy": wording.accuracy(estimate)}
            )
    scale, axis = _logarithmic([value["cost"] for value in values])
    base = altair.Chart(altair.InlineData(values)).encode(
        x=altair.X("cost:Q", title=f"cost of this run in {UNIT_TITLES[unit]}").scale(scale).axis(axis),
        color=colour_scale("route", looks),
        tooltip=["route:N", "accuracy:N", altair.Tooltip("cost:Q", format=",.3~g", title=UNIT_TITLES[unit])],
    )
    share = altair.Y("mean:Q", title=None).scale(domain=[0, 1]).axis(share_axis())
    return altair.layer(
        *_chance_line(summary, row, "y"),
        base.mark_rule(strokeWidth=3, opacity=0.55, strokeCap="round").encode(
            y=altair.Y("low:Q", title=None), y2="high:Q"
        ),
        base.mark_point(size=1.6 * POINT_SIZE, filled=True, opacity=1).encode(
            y=share, shape=shape_scale("route", looks)
        ),
    ).properties(height=240)


def growth_panel(summary: Summary, looks: dict[str, Look], unit: Unit) -> Panel:
    """What each route costs in all, teaching included, as questions go on; circles where two prices cross."""
    import altair

    met = [
        entry
        for entry in summary.results["crossings"]
        if entry["unit"] == unit and entry["questions"] and entry["questions"] >= 1
    ]
    furthest = max([1000, *(entry["questions"] for entry in met), *map(summary.asked, summary.routes)])
    decades = math.ceil(math.log10(min(furthest, MOST_QUESTIONS)))
    steps = [10 ** (step / POINTS_PER_DECADE) for step in range(decades * POINTS_PER_DECADE + 1)]
    lines: list[dict[str, Any]] = [
        {
            "route": route,
            "questions": questions,
            "cost": cost,
            "marked": step % POINTS_PER_DECADE == 0,
        }
        for route in summary.routes
        for step, questions in enumerate(steps)
        if (cost := summary.total_cost(route, unit, questions)) > 0
    ]
    crossings = [
        {
            "questions": entry["questions"],
            "cost": summary.total_cost(entry["route"], unit, entry["questions"]),
            "crossing": f"{entry['route']} is cheaper than {entry['reference']} "
            + wording.crossing(entry["questions"]),
        }
        for entry in met
        if entry["questions"] <= 10**decades
    ]
    x = altair.X("questions:Q", title="number of questions").scale(type="log", domain=[1, 10**decades])
    x = x.axis(values=[10**power for power in range(decades + 1)], format=",~s", grid=False, labelFlush=False)
    scale, axis = _logarithmic([line["cost"] for line in lines])
    y = altair.Y("cost:Q", title=f"{UNIT_TITLES[unit]} in all").scale(scale).axis(axis)
    base = altair.Chart(altair.InlineData(lines)).encode(x=x, y=y, color=colour_scale("route", looks))
    marks = base.transform_filter("datum.marked").mark_point(size=POINT_SIZE / 2, filled=True, opacity=1)
    return altair.layer(
        base.mark_line(strokeWidth=2.5),
        marks.encode(
            shape=shape_scale("route", looks),
            tooltip=[
                "route:N",
                altair.Tooltip("questions:Q", format=","),
                altair.Tooltip("cost:Q", format=",.3~g"),
            ],
        ),
        altair.Chart(altair.InlineData(crossings))
        .mark_point(size=POINT_SIZE, style="crossing", filled=False, strokeWidth=1.5, opacity=1)
        .encode(x=x, y=y, tooltip="crossing:N"),
    ).properties(height=320)


def diagnosis_panel(summary: Summary, counts: Iterable[Figures]) -> Panel:
    """How many latent questions each route failed, by verdict.

    Args:
        counts: entries with ``route``, ``verdict`` and ``count``.
    """
    import altair

    causes = list(VERDICT_COLOURS)
    values = [{**entry, "order": causes.index(entry["verdict"])} for entry in counts]
    routes = [route for route in summary.routes if any(entry["route"] == route for entry in values)]
    base = altair.Chart(altair.InlineData(values)).encode(
        y=altair.Y("route:N", sort=routes, title=None).axis(domain=False, ticks=False, labelPadding=8),
        x=altair.X("count:Q", stack="zero", title="failed latent questions").axis(
            tickMinStep=1, tickCount=6, format="d", labelFlush=False
        ),
        order="order:O",
        tooltip=["route:N", "verdict:N", "count:Q"],
    )
    # A count stands in the middle of its bar, where the bar is wide enough to hold it.
    widest = max(
        (sum(value["count"] for value in values if value["route"] == route) for route in routes), default=0
    )
    pale = altair.FieldOneOfPredicate("verdict", list(PALE_VERDICTS))
    ink = altair.when(pale).then(altair.value("#14171a")).otherwise(altair.value("#ffffff"))
    middle = altair.X("count:Q", stack="zero", bandPosition=0.5)
    return altair.layer(
        base.mark_bar(height=22).encode(
            color=altair.Color("verdict:N", title=None).scale(
                domain=causes, range=list(VERDICT_COLOURS.values())
            )
        ),
        base.transform_filter(f"datum.count >= {widest / 20}")
        .mark_text(fontSize=12)
        .encode(x=middle, text="count:Q", color=ink),
    ).properties(height=34 * len(routes))


def share_axis() -> altair.Axis:
    """Marks at the quarters of a share, in percent."""
    import altair

    return altair.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], labelFlush=False)


def panel_title(summary: Summary, row: Row) -> str:
    """What a panel is about: the row and how many questions it holds."""
    name = wording.kind(row.label, bool(row.latent) and not row.is_total)
    return f"{name}, {wording.count(summary.questions(row))} questions"


def _chance_line(summary: Summary, row: Row, channel: Literal["x", "y"]) -> list[altair.Chart]:
    """A dashed line where guessing would be, if guessing can be right."""
    import altair

    if not summary.has_chance:
        return []
    rule = altair.Chart(altair.InlineData([{"chance": summary.chance(row)}])).mark_rule(
        style="chance", strokeDash=[4, 3]
    )
    return [rule.encode(**{channel: "chance:Q"})]


def _bounded(estimate: Figures) -> dict[str, float]:
    return {bound: estimate[bound] for bound in ("mean", "low", "high")}


def colour_scale(field: str, looks: Mapping[str, Look]) -> altair.Color:
    """The colour of each route, or of each line, that a field names."""
    import altair

    return altair.Color(f"{field}:N", title=None).scale(
        domain=list(looks), range=[look.colour for look in looks.values()]
    )


def shape_scale(field: str, looks: Mapping[str, Look]) -> altair.Shape:
    """The shape of each route, or of each line, that a field names."""
    import altair

    return altair.Shape(f"{field}:N", title=None).scale(
        domain=list(looks), range=[look.shape for look in looks.values()]
    )


def _logarithmic(values: list[float]) -> tuple[altair.Scale, altair.Axis]:
    """Scale and axis that go from one power of ten to another and name only these."""
    import altair

    lowest = math.floor(math.log10(min(values, default=1)))
    highest = max(math.ceil(math.log10(max(values, default=1))), lowest + 1)
    powers = [10.0**power for power in range(lowest, highest + 1)]
    # Plain numbers for seconds, prefixes where there would be too many digits.
    form = ",~f" if highest <= 6 else "~s"
    return altair.Scale(type="log", domain=[powers[0], powers[-1]]), altair.Axis(
        values=powers, format=form, labelFlush=False
    )

"""Sweeps: accuracy against a factor that a study varies, a panel for each kind of question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from obverse.judging import wording
from obverse.reports.charts import POINT_SIZE, colour_scale, shape_scale, share_axis
from obverse.reports.palette import Look, line_looks
from obverse.reports.tables import Figures, Results

if TYPE_CHECKING:
    from obverse.reports.charts import Panel

# Where the highest value is so many times the lowest, equal factors get equal room.
LOGARITHMIC_FROM = 30
MOST_MARKS = 6


@dataclass(frozen=True)
class SweepPanel:
    """What one panel shows: a kind of question, under one setting of everything that lines do not vary.

    Args:
        panel: the setting; empty where there is one alone.
        kind: of the questions.
        points: (line, value on the axis) -> the entry of the results.
    """

    panel: str
    kind: str
    points: Mapping[tuple[str, float], Figures]

    @property
    def title(self) -> str:
        """The setting and the kind."""
        return f"{self.panel}: {self.kind}" if self.panel else self.kind

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines, in the order of the results."""
        return tuple(dict.fromkeys(line for line, _ in self.points))

    @property
    def values(self) -> tuple[float, ...]:
        """Where on the axis there are points, ascending."""
        return tuple(sorted({value for _, value in self.points}))


@dataclass(frozen=True)
class Sweep:
    """All panels of a sweep, and the look of each line, the same in every panel."""

    axis: str
    panels: tuple[SweepPanel, ...]
    looks: Mapping[str, Look]


def read_sweep(results: Results) -> Sweep | None:
    """The sweep of a study's results; ``None`` where it has none.

    Where a study asked several routes, each has a line of its own.
    """
    sweep = results["sweep"]
    if sweep is None:
        return None
    several = len({point["route"] for point in sweep["points"]}) > 1
    groups: dict[tuple[str, str], dict[tuple[str, float], Figures]] = {}
    for point in sweep["points"]:
        parts = (point["line"], point["route"] if several else "")
        line = ", ".join(filter(None, parts))
        groups.setdefault((point["panel"], point["kind"]), {})[line, float(point["x"])] = point
    panels = tuple(SweepPanel(panel, kind, points) for (panel, kind), points in groups.items())
    lines = dict.fromkeys(line for panel in panels for line in panel.lines)
    return Sweep(sweep["axis"], panels, line_looks(lines))


def sweep_panel(sweep: Sweep, panel: SweepPanel) -> Panel:
    """Accuracy against the factor: a line with its 95% intervals for each line of the sweep."""
    import altair

    values = [
        {
            "line": line,
            "x": value,
            **{bound: point[bound] for bound in ("mean", "low", "high")},
            "accuracy": wording.accuracy(point),
        }
        for (line, value), point in panel.points.items()
    ]
    marks = sorted({value for each in sweep.panels for value in each.values})
    low, high = marks[0], marks[-1]
    logarithmic = low > 0 and high / low >= LOGARITHMIC_FROM
    scale = altair.Scale(type="log" if logarithmic else "linear", domain=_with_margin(low, high, logarithmic))
    axis = altair.Axis(grid=False, labelFlush=False, format=",.6~g", labelOverlap=True)
    if len(marks) <= MOST_MARKS:
        axis.values = marks
    base = altair.Chart(altair.InlineData(values)).encode(
        x=altair.X("x:Q", title=sweep.axis).scale(scale).axis(axis),
        color=colour_scale("line", dict(sweep.looks)),
        tooltip=["line:N", altair.Tooltip("x:Q", title="value", format=",.6~g"), "accuracy:N"],
    )
    share = altair.Y("mean:Q", title=None).scale(domain=[0, 1]).axis(share_axis())
    return altair.layer(
        base.mark_rule(strokeWidth=3, opacity=0.4, strokeCap="round").encode(
            y=altair.Y("low:Q", title=None), y2="high:Q"
        ),
        base.mark_line(strokeWidth=2.25).encode(y=share),
        base.mark_point(size=0.7 * POINT_SIZE, filled=True, opacity=1).encode(
            y=share, shape=shape_scale("line", dict(sweep.looks))
        ),
    ).properties(height=240)


def _with_margin(low: float, high: float, logarithmic: bool) -> list[float]:
    """The ends of the axis, a little outside of the points so that their marks are whole."""
    if logarithmic:
        margin = (high / low) ** 0.05
        return [low / margin, high * margin]
    margin = 0.05 * (high - low) or 0.5
    return [low - margin, high + margin]

"""Learning curves: accuracy on validation questions while a model is trained, by kind of question.

They show when each ability appears.  The questions are about other facts than those that are tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from obverse.judging import wording
from obverse.reports.charts import colour_scale, share_axis
from obverse.reports.palette import Look, line_looks
from obverse.reports.tables import Figures, Results

if TYPE_CHECKING:
    from obverse.reports.charts import Panel

SOLID, DASHED = (1, 0), (6, 4)


@dataclass(frozen=True)
class Curves:
    """What one panel shows: a teaching, asked with one context.

    Args:
        route: the teaching.
        context: what stood in the prompt, as routes name it; empty for nothing.
        points: entries with ``seed``, ``step``, ``tokens``, ``kind``, ``latent``, ``mean`` and ``questions``.
    """

    route: str
    context: str
    points: tuple[Figures, ...]

    @property
    def title(self) -> str:
        """The teaching and the context in words."""
        return wording.taught_and_shown(self.route, self.context)

    @property
    def means(self) -> list[dict[str, Any]]:
        """Accuracy by kind and step, over the seeds that were asked then; explicit kinds first."""
        groups: dict[tuple[bool, str, int], list[Figures]] = {}
        for point in sorted(self.points, key=lambda point: (point["latent"], point["step"])):
            groups.setdefault((point["latent"], point["kind"], point["step"]), []).append(point)
        return [
            {
                "kind": kind,
                "latent": latent,
                "step": step,
                "tokens": round(sum(point["tokens"] for point in points) / len(points)),
                "mean": sum(point["mean"] for point in points) / len(points),
                "seeds": len(points),
            }
            for (latent, kind, step), points in groups.items()
        ]

    @property
    def appearances(self) -> list[dict[str, Any]]:
        """For each kind the first steps at which half and nine tenths were right, and what was right at the last."""
        means = self.means
        kinds = dict.fromkeys((mean["kind"], mean["latent"]) for mean in means)
        rows = []
        for kind, latent in kinds:
            line = [mean for mean in means if (mean["kind"], mean["latent"]) == (kind, latent)]
            half, most = (
                next((mean["step"] for mean in line if mean["mean"] >= share), None) for share in (0.5, 0.9)
            )
            rows.append(
                {
                    "kind": kind,
                    "latent": latent,
                    "half": half,
                    "most": most,
                    "last": line[-1]["step"],
                    "mean": line[-1]["mean"],
                }
            )
        return rows


def learning_curves(results: Results) -> list[Curves]:
    """The panels of a comparison's results: one for each teaching and context, in the order of the results."""
    groups: dict[tuple[str, str], list[Figures]] = {}
    for point in results.get("curves", ()):
        groups.setdefault((point["route"], point["context"]), []).append(point)
    return [Curves(route, context, tuple(points)) for (route, context), points in groups.items()]


def curve_kinds(curves: Sequence[Curves]) -> dict[str, tuple[bool, Look]]:
    """Kind -> whether it is latent, and its look, the same in every panel; explicit kinds first."""
    kinds = {point["kind"]: bool(point["latent"]) for panel in curves for point in panel.points}
    ordered = sorted(kinds, key=lambda kind: kinds[kind])
    return {kind: (kinds[kind], look) for kind, look in line_looks(ordered).items()}


def curve_panels(
    prefix: str, curves: Sequence[Curves], kinds: dict[str, tuple[bool, Look]]
) -> dict[str, Panel]:
    """The charts by the names of their places on a page: the prefix and a number."""
    return {f"{prefix}-{number}": curve_panel(panel, kinds) for number, panel in enumerate(curves)}


def curve_panel(curves: Curves, kinds: dict[str, tuple[bool, Look]]) -> Panel:
    """Accuracy against the training step: a bold line for the mean of each kind, a thin one for each seed."""
    import altair

    dash = altair.StrokeDash("kind:N", title=None).scale(
        domain=list(kinds), range=[DASHED if latent else SOLID for latent, _ in kinds.values()]
    )
    step = altair.X("step:Q", title="training step").axis(
        tickCount=5, tickMinStep=1, format=",d", grid=False, labelFlush=False, labelOverlap=True
    )
    share = altair.Y("mean:Q", title=None).scale(domain=[0, 1]).axis(share_axis())
    colour = colour_scale("kind", {kind: look for kind, (_, look) in kinds.items()})
    seeds = [{name: point[name] for name in ("kind", "seed", "step", "mean")} for point in curves.points]
    means = altair.Chart(altair.InlineData(curves.means)).encode(x=step, y=share, color=colour)
    return altair.layer(
        altair.Chart(altair.InlineData(seeds))
        .mark_line(strokeWidth=1, opacity=0.45)
        .encode(x=step, y=share, color=colour, strokeDash=dash, detail="seed:N"),
        means.mark_line(strokeWidth=2.75).encode(strokeDash=dash),
        means.mark_point(size=14, filled=True, opacity=1).encode(
            tooltip=[
                "kind:N",
                altair.Tooltip("step:Q", format=","),
                altair.Tooltip("tokens:Q", format=","),
                altair.Tooltip("mean:Q", format=".0%", title="right"),
                "seeds:Q",
            ]
        ),
    ).properties(height=220)

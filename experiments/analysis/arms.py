"""The three arms of experiments/pretrained.py in one figure: as it is, fine-tuned, with documents in view.

    python experiments/analysis/arms.py OUT

``OUT`` holds what experiments/analysis/keep.py wrote; ``arms.svg`` and ``arms.png`` are written beside it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair

from obverse.reports.charts import POINT_SIZE, share_axis
from obverse.reports.figures import PANEL_WIDTH, SPACING, figure_title, write_figure
from obverse.reports.palette import BASELINE_COLOUR, HUES

if TYPE_CHECKING:
    from obverse.reports.charts import Panel

TASKS = ("people and works", "nonsense comparatives", "syllogisms")
# What is asked, by kind and whether it is latent.
ASKED = {
    "completions": ("completion", False),
    "explicit questions": ("*", False),
    "latent questions": ("*", True),
}
AS_IT_IS, AS_IT_CAME = "practised", "not practised"
LORA, FULL = "low-rank, fine-tuned", "all weights, fine-tuned"
PARAMETERS, CONTEXT = HUES[0][0], HUES[1][0]
# How an arm is called and coloured, by model and route.
ARMS = {
    (AS_IT_IS, "untouched"): ("as it is", BASELINE_COLOUR),
    (LORA, "finetune"): ("fine-tuned, low-rank", PARAMETERS),
    (FULL, "finetune"): ("fine-tuned, all weights", PARAMETERS),
    (AS_IT_CAME, "context"): ("in context, not practised", CONTEXT),
    (AS_IT_IS, "context"): ("all documents in context", CONTEXT),
    (AS_IT_IS, "oracle:10"): ("needed among 10 others", CONTEXT),
    (AS_IT_IS, "retrieve"): ("retrieved (BM25)", CONTEXT),
}


def main(folder: Path) -> None:
    """Draw what is kept there."""
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    points = list(_points(results))
    tasks = [task for task in TASKS if any(point["task"] == task for point in points)]
    panels = [
        _panel([point for point in points if (point["task"], point["asked"]) == (task, asked)]).properties(
            width=PANEL_WIDTH, title=altair.Title(f"{task}: {asked}", frame="group", offset=8)
        )
        for asked in ASKED
        for task in tasks
    ]
    figure = altair.concat(*panels, columns=len(tasks), spacing=SPACING).properties(
        title=figure_title(
            "Fine-tuned, or with the documents in the prompt: a model of 135 million parameters",
            f"Accuracy by likelihood over choices, with 95% intervals over questions and {results['seeds']} trainings. "
            "Hollow: false context. Dashed: chance.",
        )
    )
    write_figure(figure, folder / "arms", {"disable": True})


def _points(results: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What stands in the figure: an arm on one sort of questions of a task."""
    found = {
        (row["task"], row["model"], row["route"], row["kind"], row["latent"], row["control"]): row
        for part in results["parts"]
        for row in part["results"]["estimates"]
        if row["metric"] == "accuracy"
    }
    for task in TASKS:
        for asked, (kind, latent) in ASKED.items():
            for (model, route), (arm, colour) in ARMS.items():
                if row := found.get((task, model, route, kind, latent, False)):
                    twin = found.get((task, model, route, kind, latent, True))
                    bounds = {name: row[name] for name in ("mean", "low", "high", "chance")}
                    yield {
                        "task": task,
                        "asked": asked,
                        "arm": arm,
                        "colour": colour,
                        **bounds,
                        "twin": twin and twin["mean"],
                    }


def _panel(points: list[dict[str, Any]]) -> Panel:
    """The arms below each other."""
    names = [arm for arm, _ in ARMS.values()]
    base = altair.Chart(altair.InlineData(points)).encode(
        y=altair.Y("arm:N", sort=names, title=None)
        .scale(domain=[name for name in names if any(point["arm"] == name for point in points)])
        .axis(domain=False, ticks=False, labelLimit=230, labelPadding=10),
        color=altair.Color("colour:N").scale(None),
    )
    share = altair.X("mean:Q", title=None).scale(domain=[0, 1]).axis(share_axis())
    twins = base.mark_point(size=1.8 * POINT_SIZE, filled=False, opacity=1)
    return altair.layer(
        altair.Chart(altair.InlineData(points[:1]))
        .mark_rule(style="chance", strokeDash=[4, 3])
        .encode(x=altair.X("chance:Q", title=None)),
        base.mark_rule(strokeWidth=3, opacity=0.55, strokeCap="round").encode(
            x=altair.X("low:Q", title=None), x2="high:Q"
        ),
        base.mark_point(size=POINT_SIZE, filled=True, opacity=1).encode(x=share),
        twins.encode(x=altair.X("twin:Q", title=None)).transform_filter("datum.twin !== null"),
    ).properties(height=altair.Step(24))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

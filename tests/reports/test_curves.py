"""Learning curves: means over seeds, when abilities appear, and every kind in every panel."""

from __future__ import annotations

import json
from typing import Any

from obverse.reports.curves import DASHED, SOLID, curve_kinds, curve_panels, learning_curves


def point(
    kind: str, latent: bool, step: int, mean: float, seed: int = 0, context: str = ""
) -> dict[str, Any]:
    return {
        "route": "finetune",
        "seed": seed,
        "step": step,
        "tokens": 10 * step,
        "context": context,
        "kind": kind,
        "latent": latent,
        "mean": mean,
        "questions": 4,
    }


POINTS = [
    point("reversal", True, 100, 0.0),
    point("recall", False, 200, 1.0),
    point("recall", False, 100, 0.25),
    point("recall", False, 100, 0.75, seed=1),
    point("reversal", True, 200, 0.25),
    point("recall", False, 100, 1.0, context="oracle:2"),
]


def test_one_panel_for_each_teaching_and_context() -> None:
    found = learning_curves({"curves": POINTS})
    assert [(curves.route, curves.context, len(curves.points)) for curves in found] == [
        ("finetune", "", 5),
        ("finetune", "oracle:2", 1),
    ]
    assert learning_curves({}) == []


def test_means_are_over_the_seeds_that_were_asked() -> None:
    found = [
        (mean["kind"], mean["step"], mean["mean"], mean["seeds"])
        for mean in learning_curves({"curves": POINTS})[0].means
    ]
    assert found == [
        ("recall", 100, 0.5, 2),
        ("recall", 200, 1.0, 1),
        ("reversal", 100, 0.0, 1),
        ("reversal", 200, 0.25, 1),
    ]


def test_when_abilities_appear() -> None:
    recall, reversal = learning_curves({"curves": POINTS})[0].appearances
    assert (recall["kind"], recall["half"], recall["most"], recall["last"], recall["mean"]) == (
        "recall",
        100,
        200,
        200,
        1.0,
    )
    assert (reversal["half"], reversal["most"], reversal["mean"]) == (None, None, 0.25)


def test_panels_hold_every_kind_and_dash_the_latent_ones() -> None:
    curves = learning_curves({"curves": POINTS})
    kinds = curve_kinds(curves)
    assert [(kind, latent) for kind, (latent, _) in kinds.items()] == [("recall", False), ("reversal", True)]
    panels = {name: panel.to_dict() for name, panel in curve_panels("curves", curves, kinds).items()}
    assert list(panels) == ["curves-0", "curves-1"]
    for panel in panels.values():
        thin, bold, _ = panel["layer"]
        assert thin["mark"]["strokeWidth"] < bold["mark"]["strokeWidth"]
        assert thin["encoding"]["detail"]["field"] == "seed"
        for layer in (thin, bold):
            assert layer["encoding"]["strokeDash"]["scale"]["domain"] == ["recall", "reversal"]
            assert layer["encoding"]["strokeDash"]["scale"]["range"] == [list(SOLID), list(DASHED)]
    assert all(f'"kind": "{kind}"' in json.dumps(panels["curves-0"]) for kind in kinds)

"""Sweeps: points find their panel and line, and the axis holds them all."""

from __future__ import annotations

from typing import Any

import pytest

from obverse.reports.sweeps import Sweep, read_sweep, sweep_panel


def results(values: tuple[float, ...], routes: tuple[str, ...] = ("finetune",)) -> dict[str, Any]:
    points = [
        {
            "panel": panel,
            "line": line,
            "x": x,
            "route": route,
            "kind": "held-out reversal",
            "mean": 0.5,
            "low": 0.4,
            "high": 0.6,
        }
        for panel in ("", "cycle")
        for line in ("few", "many")
        for route in routes
        for x in values
    ]
    return {"sweep": {"axis": "facts", "kinds": ["held-out reversal"], "points": points}}


def sweep_of(values: tuple[float, ...], routes: tuple[str, ...] = ("finetune",)) -> Sweep:
    sweep = read_sweep(results(values, routes))
    assert sweep
    return sweep


def test_a_study_without_a_sweep() -> None:
    assert read_sweep({"sweep": None}) is None


def test_panels_lines_and_values() -> None:
    sweep = sweep_of((2, 1))
    assert [panel.title for panel in sweep.panels] == ["held-out reversal", "cycle: held-out reversal"]
    assert sweep.panels[0].lines == ("few", "many")
    assert sweep.panels[0].values == (1.0, 2.0)
    assert sweep.panels[1].points["many", 2.0]["panel"] == "cycle"
    assert set(sweep.looks) == {"few", "many"}


def test_each_route_has_its_line() -> None:
    sweep = sweep_of((1,), ("finetune", "reversed"))
    assert sweep.panels[0].lines == ("few, finetune", "few, reversed", "many, finetune", "many, reversed")


@pytest.mark.parametrize(
    ("values", "kind"),
    [((0.0, 0.5, 1.0), "linear"), ((100, 1000, 20000), "log"), ((0.0, 1000.0), "linear"), ((3.0,), "linear")],
)
def test_the_axis_holds_every_point(values: tuple[float, ...], kind: str) -> None:
    sweep = sweep_of(values)
    line = sweep_panel(sweep, sweep.panels[0]).to_dict()["layer"][1]["encoding"]
    low, high = line["x"]["scale"]["domain"]
    assert line["x"]["scale"]["type"] == kind
    assert low < min(values) <= max(values) < high
    assert line["x"]["axis"]["values"] == list(values)
    assert line["y"]["scale"]["domain"] == [0, 1]

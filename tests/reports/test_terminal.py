"""The tables on the terminal: the figures are there, and they fit."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from made_up_run import HOSTILE, ROUTES, write_run
from made_up_study import study_results, write_study_folder
from rich.console import Console

from obverse.reports.terminal import print_results, print_study


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = write_run(tmp_path_factory.mktemp("run") / "comparison") / "results.json"
    content: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return content


def printed(results: dict[str, Any], width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_results(results, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def of_routes(results: dict[str, Any], routes: tuple[str, ...]) -> dict[str, Any]:
    return {
        **results,
        "estimates": [entry for entry in results["estimates"] if entry["route"] in routes],
    }


def test_a_wide_terminal_holds_all_in_one_table(results: dict[str, Any]) -> None:
    text = printed(results, 140)
    assert text.count("accuracy") == 1
    for estimate in results["estimates"]:
        if estimate["metric"] == "accuracy":
            low, high = (f"{100 * estimate[bound]:.0f}" for bound in ("low", "high"))
            assert f"[{low}, {high}]" in text
    for kind in ("completion", "recall reworded", "all latent", "all questions"):
        assert f" {kind} " in text
    assert "100%* [65, 100]" in text


def test_false_context_stands_beside_every_figure_with_a_context(results: dict[str, Any]) -> None:
    tables = printed(results, 200).split("explicit: a document says the answer")[0]
    controls = [row for row in results["estimates"] if row["control"] and row["metric"] == "accuracy"]
    shown = {row["kind"] for row in controls}
    assert len(shown) > 3
    assert tables.count("f ") >= len(controls)
    low, high = (f"{100 * controls[0][bound]:.0f}" for bound in ("low", "high"))
    assert f"f {100 * controls[0]['mean']:.0f}% [{low}, {high}]" in tables


def test_the_rest_of_the_results(results: dict[str, Any]) -> None:
    text = printed(results, 100)
    assert "18.4 → 21.7" in text
    assert "3.0 min, 5.4 TFLOP" in text
    assert "2.4 s, 72 GFLOP" in text
    assert "stored, not usable" in text
    assert "undetermined" not in text
    assert "Not run: masked" in text
    # The last thing that is printed is what to do.
    joined = " ".join(text.split())
    assert results["notes"][0] in joined
    assert results["recommendation"]["sentence"] in joined
    assert joined.endswith(results["latent_recommendation"]["sentence"])


@pytest.mark.parametrize("width", [100, 80, 60])
def test_no_figure_is_cut(results: dict[str, Any], width: int) -> None:
    text = printed(of_routes(results, ROUTES[:5]), width)
    tables = text.split("explicit: a document says the answer")[0]
    assert "…" not in tables
    assert all(len(line) <= width for line in text.splitlines())
    assert text.count("accuracy") == (1 if width >= 80 else 2)


def test_brackets_are_not_markup(results: dict[str, Any]) -> None:
    odd = {**results, "notes": ["[red]not red[/red] [/]"]}
    assert "[red]not red[/red] [/]" in printed(odd, 100)


def test_without_a_latent_recommendation(results: dict[str, Any]) -> None:
    text = " ".join(printed({**results, "latent_recommendation": None}, 100).split())
    assert text.endswith(results["recommendation"]["sentence"])


def printed_study(folder: Path, *, sweep: bool) -> str:
    console = Console(file=io.StringIO(), width=120)
    print_study(study_results(write_study_folder(folder, sweep=sweep)), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_exact_match_has_no_chance(results: dict[str, Any]) -> None:
    assert "chance" in printed(results, 140)
    exact = printed({**results, "metric": "strict"}, 140)
    assert "chance" not in exact.split("explicit: a document")[0]
    assert "exact match" in exact


def test_a_study(tmp_path: Path) -> None:
    text = printed_study(tmp_path, sweep=False)
    assert "simple reversals, decoder 8M" in text
    assert "Seed 1: the model itself wrote 1,000 lines for augment, 910 of them right (91%)." in text
    joined = " ".join(text.split())
    assert (
        f"Failed: simple reversals, decoder, masked, seed 1: RuntimeError: out of memory {HOSTILE}" in joined
    )
    recall = next(line for line in text.splitlines() if line.startswith("  forward recall"))
    # The first table holds as many routes as fit.
    assert len(recall.split()) - 2 >= 6
    assert "95%" in recall
    assert "[85, 100]" in text


def test_a_sweep(tmp_path: Path) -> None:
    text = printed_study(tmp_path, sweep=True)
    assert "cycle: held-out reversal: exact match by share of reversals trained" in text
    line = next(line for line in text.splitlines() if line.startswith(" 1,000 facts"))
    assert line.split("]")[2].strip() == "32% [24, 40"
    assert "f 16%" in text
    assert "Failed: simple reversals" in text
    assert "forward recall" not in text


def test_the_co_occurrence_baseline_stands_below_the_table(results: dict[str, Any]) -> None:
    text = " ".join(printed(results, 200).split())
    assert "Co-occurrence baseline" in text
    assert "without a model): 37% of all explicit, 37% of all latent, 37% of all questions." in text

"""From answers to results: exact small cases, and the shape that others build on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Finished

from obverse.answers.asking import AnsweredRow
from obverse.routes import routes
from obverse.studies.run_folder import Cell
from obverse.studies.summary import Outcome, summarise
from obverse.types import Answer, Document, Ledger, Question, Task

QUESTIONS = tuple(
    Question(
        id=f"q{number}",
        prompt=f"Question {number}?",
        answer="a",
        choices=("a", "b"),
        kind="reversal",
        latent=True,
        needs=("d",),
        group=f"g{number}",
    )
    for number in range(10)
)
COMPLETION = Question("completion:d:0", "The", "a", ("a", "b"), kind="completion", needs=("d",))
TASK = Task("made up", (Document("d", "text"),), QUESTIONS)


def answer(question: str, route: str, right: bool, *, control: bool = False, seed: int = 0) -> Answer:
    likelihoods = (-1.0, -2.0) if right else (-2.0, -1.0)
    return Answer(question, route, control, seed, likelihoods, (1, 4), "a", True, right)


class MadeUp:
    """An outcome put together by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.outcome = Outcome(TASK, (COMPLETION,))

    def cell(self, route: str, right: int, *, control: bool = False, seed: int = 0) -> None:
        """A cell in which the first ``right`` questions are answered rightly, at a cost that is easily added."""
        cell = Cell(self.folder / f"{route}.{control}.{seed}.jsonl")
        for number, question in enumerate(QUESTIONS):
            given = answer(question.id, route, number < right, control=control, seed=seed)
            taught = Ledger(flops=7, seconds=1.0) if number == 0 else Ledger()
            cell.append(AnsweredRow((given,), taught, Ledger(10, 0, 2, 100, 0.5, 1000 + number), None))
        self.outcome.cells[route, control, seed] = cell

    def results(self, *names: str) -> dict[str, Any]:
        found = summarise(self.outcome, routes(names), "made up", 1_000)
        return dict(json.loads(json.dumps(found)))  # it must be plain values


@pytest.fixture
def made(tmp_path: Path) -> MadeUp:
    return MadeUp(tmp_path)


def only(rows: list[dict[str, Any]], **wanted: object) -> dict[str, Any]:
    (found,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return found


def test_means_and_what_they_rest_on(made: MadeUp) -> None:
    made.cell("untouched", 3)
    results = made.results("untouched")
    whole = {"kind": "*", "latent": None, "metric": "accuracy", "control": False}
    row = only(results["estimates"], route="untouched", **whole)
    assert (row["mean"], row["questions"], row["seeds"], row["chance"]) == (0.3, 10, 1, 0.5)
    assert row["low"] <= 0.3 <= row["high"]
    assert (row["task"], row["model"]) == ("made up", "made up")
    # Per token -1/1 stands against -2/4, and -2/1 against -1/4: the longer choice wins every time.
    assert only(results["estimates"], **(whole | {"metric": "accuracy_per_token"}))["mean"] == 0.0
    assert only(results["estimates"], **(whole | {"metric": "strict"}))["mean"] == 1.0
    assert only(results["estimates"], **(whole | {"metric": "lenient"}))["mean"] == 0.3


def test_routes_that_answer_alike_are_not_distinguishable(made: MadeUp) -> None:
    made.cell("untouched", 5)
    made.cell("retrieve", 5)
    made.cell("retrieve", 5, control=True)
    differences = made.results("untouched", "retrieve")["differences"]
    pairs = {(row["route"], row["reference"]) for row in differences}
    assert pairs == {
        ("untouched", "retrieve"),
        ("retrieve", "untouched"),
        ("retrieve", "retrieve (false context)"),
    }
    assert {(row["mean"], row["verdict"]) for row in differences} == {(0.0, "not distinguishable")}


def test_a_difference_and_its_mirror_image_agree(made: MadeUp) -> None:
    made.cell("untouched", 0)
    made.cell("retrieve", 10)
    differences = made.results("untouched", "retrieve")["differences"]
    whole = {"kind": "*", "latent": None}
    up = only(differences, route="retrieve", reference="untouched", **whole)
    down = only(differences, route="untouched", reference="retrieve", **whole)
    assert (up["mean"], up["verdict"]) == (1.0, "higher")
    assert (down["mean"], down["verdict"]) == (-1.0, "lower")
    assert (down["low"], down["high"]) == pytest.approx((-up["high"], -up["low"]))


def test_costs_of_asking_are_sums_over_questions_and_means_over_seeds(made: MadeUp) -> None:
    for seed in (0, 1):
        made.cell("finetune", 5, seed=seed)
        made.outcome.teaching[seed] = Ledger(tokens_trained=100 * (seed + 1), flops=9, seconds=3.0)
    derived = Answer(COMPLETION.id, "finetune", False, 0, (-1.0, -2.0), (1, 1), "", False, False)
    made.outcome.cells["finetune", False, 0].append(
        AnsweredRow((derived,), Ledger(), Ledger(10_000, 0, 0, 10_000, 99.0, 1), None)
    )
    costs = made.results("finetune")["costs"]
    ask = only(costs, phase="ask")
    assert (ask["questions"], ask["tokens_forward"], ask["tokens_generated"]) == (10, 100, 20)
    assert (ask["flops"], ask["seconds"], ask["peak_memory_bytes"]) == (1000, 5.0, 1009)
    teach = only(costs, phase="teach")
    assert (teach["tokens_trained"], teach["flops"], teach["seconds"]) == (150, 9 + 7, 4.0)


def test_failures_are_counted_by_cause(made: MadeUp) -> None:
    made.cell("untouched", 4)
    made.cell("context", 7)
    diagnosis = made.results("untouched", "context")["diagnosis"]
    found = {(row["route"], row["kind"], row["verdict"]): row["count"] for row in diagnosis if row["count"]}
    assert found == {
        ("untouched", "reversal", "never stored"): 6,
        ("context", "reversal", "not usable even in context"): 3,
    }


def test_a_refused_route_is_named_and_left_out(made: MadeUp) -> None:
    made.cell("untouched", 5)
    made.cell("context", 5)
    made.outcome.refused["context"] = "too long"
    results = made.results("untouched", "context")
    assert results["refused"] == [{"route": "context", "reason": "too long"}]
    assert {row["route"] for row in results["estimates"] + results["costs"]} == {"untouched"}


def test_an_oracle_is_not_recommended_where_there_is_another_route(made: MadeUp) -> None:
    made.cell("untouched", 1)
    made.cell("retrieve", 9)
    made.cell("retrieve", 1, control=True)
    made.cell("oracle", 10)
    made.cell("oracle", 1, control=True)
    results = made.results("untouched", "retrieve", "oracle")
    assert results["recommendation"]["route"] == "retrieve"
    assert made.results("oracle")["recommendation"]["sentence"]  # by itself it does not stop the summary


def test_the_documented_shape(finished: Finished) -> None:
    results = json.loads((finished.folder / "results.json").read_text())
    estimate = {
        *("task", "model", "route", "kind", "latent", "control", "metric"),
        *("mean", "low", "high", "questions", "seeds", "chance"),
    }
    difference = {"route", "reference", "kind", "latent", "mean", "low", "high", "verdict"}
    cost = {
        *("route", "phase", "questions", "tokens_forward", "tokens_trained", "tokens_generated"),
        *("flops", "seconds", "peak_memory_bytes"),
    }
    shapes = {
        "estimates": estimate,
        "differences": difference,
        "costs": cost,
        "crossings": {"route", "reference", "questions", "unit"},
        "diagnosis": {"route", "kind", "verdict", "count"},
        "retention": {"route", "seed", "perplexity_before", "perplexity_after"},
    }
    for name, keys in shapes.items():
        assert results[name]
        assert all(row.keys() == keys for row in results[name]), name
    assert {row["phase"] for row in results["costs"]} == {"teach", "ask"}
    assert results.keys() >= {
        *("task", "model", "command", "date", "recommendation", "latent_recommendation", "notes"),
        *("refused", "settings", "environment", "checks"),
    }
    assert results["checks"].keys() >= {"leaks", "drawn_choices", "scorer", "prompt_form"}
    assert 0 <= results["checks"]["scorer"]["max_difference"] < 1e-4
    assert results["environment"].keys() >= {"python", "torch", "transformers", "device", "dtype", "threads"}
    assert results["settings"]["epochs"] == 60
    assert results["settings"]["finetuning"]["epochs"] == 60


def test_every_route_has_its_costs(finished: Finished) -> None:
    costs = json.loads((finished.folder / "results.json").read_text())["costs"]
    assert only(costs, route="untouched", phase="teach")["flops"] == 0
    assert only(costs, route="finetune", phase="teach")["tokens_trained"] > 0
    assert only(costs, route="context", phase="teach")["tokens_forward"] > 0  # what is encoded once
    for row in costs:
        if row["phase"] == "ask":
            assert row["questions"] == 8
            assert min(row["flops"], row["tokens_forward"], row["tokens_generated"], row["seconds"]) > 0

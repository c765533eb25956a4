"""From answers to results: exact small cases, and the shape that others build on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from conftest import Finished

from obverse.judging.question_scores import Scores, paired
from obverse.judging.remarks import notes
from obverse.judging.run_record import RunRecord
from obverse.judging.summary import summarise
from obverse.routes import routes
from obverse.types import (
    Answer,
    AnsweredRow,
    Document,
    Ledger,
    ParametersChoice,
    Question,
    Retained,
    Route,
    Task,
)

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
PARAMETERS: dict[str, ParametersChoice] = {"finetune": "documents", "reversed+oracle:2": "reversed"}
TASK = Task("made up", (Document("d", "text"),), QUESTIONS)


def answer(question: str, route: str, right: bool, *, control: bool = False, seed: int = 0) -> Answer:
    likelihoods = (-1.0, -2.0) if right else (-2.0, -1.0)
    return Answer(question, route, control, seed, likelihoods, (1, 4), "a", True, right)


class MadeUp:
    """An record put together by hand."""

    def __init__(self) -> None:
        self.record = RunRecord(TASK, (COMPLETION,))

    def cell(self, route: str, right: int, *, control: bool = False, seed: int = 0) -> None:
        """A cell in which the first ``right`` questions are answered rightly, at a cost that is easily added."""
        rows = []
        for number, question in enumerate(QUESTIONS):
            given = answer(question.id, route, number < right, control=control, seed=seed)
            if route == "context":
                given = replace(given, retrieved=("d",))
            taught = Ledger(flops=7, seconds=1.0) if number == 0 else Ledger()
            rows.append(AnsweredRow((given,), taught, Ledger(10, 0, 2, 100, 0.5, 1000 + number), None))
        self.record.cells[route, control, seed] = rows

    def results(self, *names: str) -> dict[str, Any]:
        found = summarise(self.record, routes(names), "made up")
        return dict(json.loads(json.dumps(found)))  # it must be plain values


@pytest.fixture
def made() -> MadeUp:
    return MadeUp()


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


def test_routes_that_answer_alike_show_no_significant_difference(made: MadeUp) -> None:
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
    assert {(row["mean"], row["verdict"]) for row in differences} == {(0.0, "no significant difference")}


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
        made.record.teaching["documents", seed] = Ledger(
            tokens_trained=100 * (seed + 1), flops=9, seconds=3.0
        )
    derived = Answer(COMPLETION.id, "finetune", False, 0, (-1.0, -2.0), (1, 1), "", False, False)
    more = AnsweredRow((derived,), Ledger(), Ledger(10_000, 0, 0, 10_000, 99.0, 1), None)
    made.record.cells["finetune", False, 0] = (*made.record.cells["finetune", False, 0], more)
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
    made.record.refused["context"] = "too long"
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
    for found in (made.results("oracle"), made.results("oracle", "untouched")):
        assert found["recommendation"]["route"] is None
        assert found["latent_recommendation"]["route"] is None


def test_what_is_given_the_needed_thought_is_not_recommended_either(made: MadeUp) -> None:
    made.cell("untouched", 0)
    made.cell("untouched+oracle-think", 10)
    assert made.results("untouched", "untouched+oracle-think")["recommendation"] == {
        "route": None,
        "sentence": "No route is recommended: beside the untouched model (0% [0, 30]) none was asked that can be.",
    }


def test_all_goes_by_the_metric_of_the_run(made: MadeUp) -> None:
    """By likelihood five of ten are right and two of ten, by exact match all: the two metrics must disagree."""
    made.cell("untouched", 2)
    made.cell("retrieve", 5)
    made.cell("retrieve", 0, control=True)
    by_likelihood = made.results("untouched", "retrieve")
    made.record.wanted = "strict"
    exact = made.results("untouched", "retrieve")
    assert (by_likelihood["metric"], exact["metric"]) == ("accuracy", "strict")
    pair = {"route": "retrieve", "reference": "untouched", "kind": "*", "latent": None}
    assert only(by_likelihood["differences"], **pair)["mean"] == pytest.approx(0.3)
    assert only(exact["differences"], **pair)["mean"] == 0.0
    assert sum(row["count"] for row in by_likelihood["diagnosis"]) == 8 + 5
    assert exact["diagnosis"] == []
    assert "chance" not in exact["recommendation"]["sentence"]
    assert "chance 50%" in by_likelihood["recommendation"]["sentence"]
    control = {row["metric"] for row in exact["estimates"] if row["control"]}
    assert control == {"accuracy", "accuracy_per_token", "strict"}
    assert {row["metric"] for row in by_likelihood["estimates"] if row["control"]} == control - {"strict"}


def test_each_teaching_has_its_own_price_and_retention(made: MadeUp) -> None:
    for number, (route, parameters) in enumerate(PARAMETERS.items(), 1):
        made.cell(route, 5)
        made.record.teaching[parameters, 0] = Ledger(flops=100 * number)
        made.record.retention[parameters, 0] = (Retained(1.0, 0.5), Retained(2.0 * number, 0.25))
    ran = [Route(route, parameters) for route, parameters in PARAMETERS.items()]
    results = summarise(made.record, ran, "made up")
    costs = {row["route"]: row["flops"] for row in results["costs"] if row["phase"] == "teach"}
    assert costs == {"finetune": 100 + 7, "reversed+oracle:2": 200 + 7}
    after = {row["route"]: row["perplexity_after"] for row in results["retention"]}
    assert after == {"finetune": 2.0, "reversed": 4.0}


def test_seeds_are_paired_where_some_have_failed(made: MadeUp) -> None:
    for seed in (0, 1, 2):
        made.cell("finetune", 3 * seed, seed=seed)
    for seed in (1, 2, 3):
        made.cell("finetune+oracle", 3 * seed, seed=seed)
    differences = made.results("finetune", "finetune+oracle")["differences"]
    pair = {"route": "finetune", "reference": "finetune+oracle", "kind": "*", "latent": None}
    assert only(differences, **pair)["mean"] == 0.0  # over seeds 1 and 2, which are the same


def test_seeds_that_have_nothing_in_common_are_paired_in_their_order() -> None:
    def scores(*seeds: int) -> Scores:
        return Scores(answer("q0", "finetune", True, seed=seed) for seed in seeds)

    def found(own: Scores, other: Scores) -> tuple[tuple[int, ...], tuple[int, ...]]:
        one, two = paired(own, other)
        return one.seeds, two.seeds

    assert found(scores(0, 1, 2), scores(4, 3)) == ((0, 1), (3, 4))
    assert found(scores(0, 1, 2), scores(2, 1, 3)) == ((1, 2), (1, 2))
    assert found(scores(0, 1, 2), scores(7)) == ((0, 1, 2), (7,))


def test_what_is_told_the_needed_documents_is_not_recommended(made: MadeUp) -> None:
    made.cell("untouched", 1)
    made.cell("finetune", 9)
    made.cell("context:2", 10)
    ran = [Route("untouched"), Route("finetune", "documents"), Route("context:2", "none", "part")]
    assert summarise(made.record, ran, "made up")["recommendation"]["route"] == "finetune"


def test_the_documented_shape(finished: Finished) -> None:
    results = json.loads((finished.folder / "results.json").read_text())
    estimate = {
        *("task", "model", "route", "kind", "latent", "control", "metric"),
        *("mean", "low", "high", "questions", "seeds", "chance"),
    }
    difference = {"route", "reference", "kind", "latent", "mean", "low", "high", "verdict", "more_questions"}
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
        "retention": {
            "route",
            "seed",
            "perplexity_before",
            "perplexity_after",
            "knowledge_before",
            "knowledge_after",
        },
    }
    for name, keys in shapes.items():
        assert results[name]
        assert all(row.keys() == keys for row in results[name]), name
    assert {row["phase"] for row in results["costs"]} == {"teach", "ask"}
    assert results.keys() >= {
        *("task", "model", "command", "date", "recommendation", "latent_recommendation", "notes"),
        *("refused", "settings", "environment", "checks"),
    }
    assert results["checks"].keys() >= {"leaks", "drawn_choices", "nested_choices", "scorer", "prompt_form"}
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


def test_what_counting_words_reaches_is_told_for_every_row(made: MadeUp) -> None:
    made.cell("untouched", 5)
    made.record.task = replace(TASK, documents=(Document("d", "Question 3 is b."),))
    rows = {(row["kind"], row["latent"]): row for row in made.results("untouched")["co_occurrence"]}
    # Only "b" follows the question's words; the completion's word "the" stands nowhere, so its choices tie.
    assert (rows["reversal", True]["mean"], rows["reversal", True]["questions"]) == (0.0, 10)
    assert rows["completion", False]["mean"] == 0.5
    assert rows["*", None]["questions"] == 10


def test_choices_that_stand_in_another_are_remarked_on() -> None:
    made_up = MadeUp()
    made_up.cell("untouched", 5)
    results = made_up.results("untouched")
    assert results["checks"]["nested_choices"] == []
    assert not any("stands in another" in note for note in notes(results, 1))
    nested = replace(QUESTIONS[3], answer="b", choices=("b", "b c"))
    made_up.record = replace(
        made_up.record, task=replace(TASK, questions=(*QUESTIONS[:3], nested, *QUESTIONS[4:]))
    )
    results = made_up.results("untouched")
    assert results["checks"]["nested_choices"] == [{"question": nested.id, "choices": ["b", "b c"]}]
    said = f"In 1 question one choice stands in another ({nested.id}: 'b' in 'b c')"
    assert any(note.startswith(said) for note in notes(results, 1))


def test_few_questions_are_said_to_be_few_with_how_many_it_takes(made: MadeUp) -> None:
    made.cell("untouched", 4)
    made.cell("retrieve", 8)
    made.cell("retrieve", 5, control=True)
    made.cell("finetune", 7)
    results = made.results("untouched", "retrieve", "finetune")
    row = only(
        results["differences"], route="retrieve", reference="retrieve (false context)", kind="*", latent=None
    )
    assert row["verdict"] == "no significant difference"
    assert 0 < row["more_questions"] < 100
    found = results["recommendation"]
    assert found["route"] is None
    assert f"(about {row['more_questions']} more questions about other facts would tell)" in found["sentence"]
    assert "(about" in found["sentence"].partition("above chance")[2][:8]

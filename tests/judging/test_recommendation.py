"""The sentence word for word, and the prices that decide between equals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from obverse.judging.recommendation import (
    Crossing,
    Recommendation,
    RouteSummary,
    crossings,
    more_needed,
    recommend,
)
from obverse.judging.statistics import Difference
from obverse.types import Estimate

HIGHER = Difference(0.3, 0.2, 0.4, "higher", 0)
LOWER = Difference(-0.3, -0.4, -0.2, "lower", 0)
UNDECIDED = Difference(-0.02, -0.12, 0.08, "no significant difference", 317)
UNTOLD = (
    "there is no significant difference between it and the untouched model (about 320 more questions about other facts "
    "would tell)"
)
NO_WORSE = Difference(-0.01, -0.04, 0.02, "no significant difference", 0)

BASELINES = "(chance 25%, untouched 30% [21, 40]; 95% intervals in brackets)"


def summary(
    route: str,
    mean: float,
    interval: tuple[float, float] = (0.5, 0.9),
    *,
    chance: Difference = HIGHER,
    untouched: Difference | None = HIGHER,
    control: Difference | None = None,
    teach: float = 0.0,
    ask: float = 1.0,
) -> RouteSummary:
    """Seconds as given, and a thousand FLOPs a second."""
    low, high = interval
    return RouteSummary(
        route,
        Estimate(mean, low, high, questions=100, seeds=1),
        chance,
        untouched,
        control,
        chance=0.25,
        teach_flops=1000 * teach,
        ask_flops=1000 * ask,
        teach_seconds=teach,
        ask_seconds=ask,
    )


PLAIN = summary("untouched", 0.3, (0.21, 0.4), untouched=None, ask=0.05)


def test_the_best_route_alone() -> None:
    found = recommend(
        [
            PLAIN,
            summary("context", 0.84, (0.761, 0.9), control=HIGHER, ask=2.14),
            summary("finetune", 0.62),
        ],
        {("finetune", "context"): LOWER},
    )
    assert found.route == "context"
    assert found.sentence == (
        f"Recommended: context, which answers 84% [76, 90] of 100 questions right {BASELINES} "
        "at 0 s to teach and 2.1 s per question."
    )


def test_the_cheapest_that_is_no_worse_and_where_the_others_become_cheaper() -> None:
    found = recommend(
        [
            PLAIN,
            summary("context", 0.8, control=HIGHER, ask=2.0),
            summary("finetune", 0.78, teach=600, ask=0.1),
            summary("retrieve", 0.75, control=HIGHER, teach=1, ask=0.5),
        ],
        # In either order.
        {("context", "finetune"): NO_WORSE.mirrored, ("retrieve", "context"): NO_WORSE},
    )
    assert found.route == "retrieve"
    # 1 + 0.5 n = 600 + 0.1 n at n = 1497.5.
    assert found.sentence == (
        f"Recommended: retrieve, which answers 75% [50, 90] of 100 questions right {BASELINES} "
        "at 1 s to teach and 0.5 s per question; within 5 points of the best too, and no cheaper for as many "
        "questions: context (80% [50, 90]; 0 s to teach and 2 s per question), finetune (78% [50, 90]; 600 s "
        "to teach and 0.1 s per question); from 1,498 questions on, finetune is the cheapest of these."
    )


def test_routes_that_are_no_worse_take_the_lead_in_turn() -> None:
    routes = [
        summary("slow", 0.80, teach=0, ask=4),
        summary("middle", 0.79, teach=1_000, ask=2),
        summary("never", 0.78, teach=3_000, ask=1.9),
        summary("quick", 0.77, teach=3_000, ask=1),
    ]
    found = recommend(routes, {("slow", route.route): NO_WORSE.mirrored for route in routes[1:]})
    assert found.route == "slow"
    assert found.sentence.endswith(
        "from 501 questions on, middle is the cheapest of these; "
        "from 2,001 questions on, quick is the cheapest of these."
    )


def test_a_cheaper_route_that_is_worse_is_not_taken() -> None:
    found = recommend(
        [summary("context", 0.9, ask=5.0), summary("retrieve", 0.7, ask=0.1)],
        {("context", "retrieve"): HIGHER},
    )
    assert found.route == "context"
    assert "retrieve" not in found.sentence


def test_a_cheaper_route_that_the_data_do_not_separate_is_not_taken() -> None:
    found = recommend(
        [summary("context", 0.9, ask=5.0), summary("retrieve", 0.88, ask=0.1)],
        {("retrieve", "context"): UNDECIDED},
    )
    assert found.route == "context"
    assert found.sentence.endswith(
        "at 0 s to teach and 5 s per question; the data do not separate retrieve (88% [50, 90]; 0 s to teach and "
        "0.1 s per question), which is cheaper, from context (90% [50, 90]): about 320 more questions about other "
        "facts would tell."
    )


@pytest.mark.parametrize("ask", [5.0, 6.0])
def test_one_that_is_not_separated_and_no_cheaper_is_not_named(ask: float) -> None:
    found = recommend(
        [summary("context", 0.9, ask=5.0), summary("retrieve", 0.88, ask=ask)],
        {("retrieve", "context"): UNDECIDED},
    )
    assert found.route == "context"
    assert "retrieve" not in found.sentence


def test_the_margin_decides_what_is_no_worse() -> None:
    routes = [summary("context", 0.9, ask=5.0), summary("retrieve", 0.88, ask=0.1)]
    wide = recommend(routes, {("retrieve", "context"): UNDECIDED}, margin=0.15)
    assert wide.route == "retrieve"
    assert "within 15 points of the best too, and no cheaper" in wide.sentence
    assert recommend(routes, {("retrieve", "context"): NO_WORSE}, margin=0.03).route == "context"


def test_lower_by_less_than_the_margin_is_no_worse() -> None:
    slightly = Difference(-0.02, -0.03, -0.01, "lower", 0)
    routes = [summary("context", 0.9, ask=5.0), summary("retrieve", 0.88, ask=0.1)]
    assert recommend(routes, {("retrieve", "context"): slightly}).route == "retrieve"


def test_a_gain_that_is_shown_to_be_small_needs_no_further_questions() -> None:
    found = recommend([PLAIN, summary("context", 0.4, untouched=NO_WORSE)], {})
    assert found.route is None
    assert found.sentence.endswith("but it is shown to be less than 5 points above the untouched model.")


def test_no_gain_is_called_small_that_may_be_large() -> None:
    """Where the observed difference is below zero, these questions can be enough and the upper bound still be high."""
    lopsided = Difference(-0.01, -0.04, 0.06, "no significant difference", 0)
    found = recommend([PLAIN, summary("context", 0.4, untouched=lopsided)], {})
    assert found.sentence.endswith(
        "but there is no significant difference between it and the untouched model."
    )
    beyond = Difference(-0.06, -0.13, 0.01, "no significant difference", 40)
    found = recommend([PLAIN, summary("context", 0.4, untouched=beyond)], {})
    assert found.sentence.endswith("but it is shown to be less than 5 points above the untouched model.")


def test_where_no_number_of_questions_tells() -> None:
    assert more_needed(None).startswith("how many more questions would tell cannot be said")
    assert more_needed(1) == "about 1 more question about other facts would tell"
    assert [more_needed(number).split()[1] for number in (1, 99, 317, 1234)] == ["1", "99", "320", "1,300"]


def test_two_of_one_price_take_the_lead_together() -> None:
    routes = [
        summary("slow", 0.80, teach=0, ask=4),
        summary("quick", 0.79, teach=3_000, ask=1),
        summary("as quick", 0.78, teach=3_000, ask=1),
    ]
    found = recommend(routes, {("slow", route.route): NO_WORSE.mirrored for route in routes[1:]})
    assert found.sentence.endswith("from 1,001 questions on, quick is the cheapest of these.")
    assert found.sentence.count("questions on") == 1


def test_where_only_the_exact_answer_counts_there_is_no_chance() -> None:
    untouched = replace(PLAIN, chance=0.0)
    context = replace(summary("context", 0.4, (0.3, 0.5)), chance=0.0)
    assert "(exact match, untouched 30% [21, 40]; 95%" in recommend([untouched, context], {}).sentence
    none = replace(summary("context", 0.0, (0.0, 0.04), chance=LOWER, untouched=UNDECIDED), chance=0.0)
    assert recommend([untouched, none], {}).sentence == (
        "The data do not decide: no route is shown to answer better than zero and the untouched model; highest is "
        "context with 0% [0, 4] (exact match, untouched 30% [21, 40]; 95% intervals in brackets), but its interval "
        f"does not lie above zero and {UNTOLD}."
    )


def test_chance_stands_beside_what_was_reached() -> None:
    found = recommend([replace(summary("context", 0.9, (0.8, 0.95)), chance=0.75)], {})
    assert "(chance 75%, untouched not asked; 95% intervals in brackets)" in found.sentence


def test_of_equal_prices_the_better() -> None:
    found = recommend(
        [summary("retrieve", 0.7), summary("context", 0.8)], {("retrieve", "context"): NO_WORSE}
    )
    assert found.route == "context"
    assert "questions on" not in found.sentence


def test_without_an_untouched_model_and_a_control_chance_decides() -> None:
    found = recommend([summary("finetune", 0.5, (0.26, 0.7), untouched=None)], {})
    assert found.route == "finetune"
    assert "(chance 25%, untouched not asked; 95% intervals in brackets)" in found.sentence


def test_a_higher_mean_that_does_not_count_is_named_with_the_reason() -> None:
    found = recommend(
        [
            PLAIN,
            summary("context", 0.9, (0.8, 0.95), control=UNDECIDED),
            summary("finetune", 0.6, teach=20, ask=0.1),
        ],
        {},
    )
    assert found.route == "finetune"
    assert found.sentence.endswith(
        "at 20 s to teach and 0.1 s per question; context has a higher mean (90% [80, 95]) but "
        + UNTOLD.replace("the untouched model", "its own false-context control")
        + "."
    )


def test_a_higher_mean_is_named_with_every_reason_and_one_that_is_no_higher_is_not() -> None:
    routes = [
        PLAIN,
        summary("context", 0.9, (0.2, 0.95), chance=LOWER, untouched=NO_WORSE, control=LOWER),
        summary("finetune", 0.6),
        summary("retrieve", 0.6, untouched=UNDECIDED),
        summary("oracle", 0.5, untouched=UNDECIDED),
    ]
    found = recommend(routes, {}, margin=0.04)
    assert found.route == "finetune"
    assert found.sentence.endswith(
        "per question; context has a higher mean (90% [20, 95]) but its interval does not lie above chance, it is "
        "shown to be less than 4 points above the untouched model and it is lower than its own false-context control."
    )


@pytest.mark.parametrize(
    ("contender", "reason"),
    [
        (
            summary("context", 0.4, (0.25, 0.55), chance=UNDECIDED),
            "its interval does not lie above chance (about 320 more questions about other facts would tell)",
        ),
        (
            summary("context", 0.4, (0.3, 0.5), untouched=UNDECIDED),
            UNTOLD,
        ),
        (
            summary("context", 0.4, (0.1, 0.5), chance=NO_WORSE, untouched=UNDECIDED),
            "its interval does not lie above chance and " + UNTOLD,
        ),
    ],
)
def test_no_route_qualifies(contender: RouteSummary, reason: str) -> None:
    found = recommend([PLAIN, contender], {})
    assert found.route is None
    low, high = (round(100 * bound) for bound in (contender.estimate.low, contender.estimate.high))
    assert found.sentence == (
        "The data do not decide: no route is shown to answer better than chance and the untouched model; highest is "
        f"context with 40% [{low}, {high}] {BASELINES}, but {reason}."
    )


def test_no_route_beats_its_control() -> None:
    found = recommend([summary("retrieve", 0.6, untouched=None, control=LOWER)], {})
    assert found.route is None
    assert found.sentence == (
        "The data do not decide: no route is shown to answer better than chance and its own false-context control; "
        "highest is retrieve with 60% [50, 90] (chance 25%, untouched not asked; 95% intervals in brackets), but "
        "it is lower than its own false-context control."
    )


def test_each_route_does_harm() -> None:
    known = summary("untouched", 0.95, (0.9, 0.99), untouched=None)
    found = recommend(
        [known, summary("finetune", 0.7, untouched=LOWER), summary("context", 0.6, untouched=LOWER)], {}
    )
    assert found.route is None
    assert found.sentence == (
        "No route is recommended: each answers worse than the untouched model; highest is finetune with "
        "70% [50, 90] (chance 25%, untouched 95% [90, 99]; 95% intervals in brackets)."
    )


def test_only_the_untouched_model_ran() -> None:
    found = recommend([PLAIN], {})
    assert found.route is None
    assert found.sentence == (
        "No route is recommended: beside the untouched model (30% [21, 40]) none was asked that can be."
    )


def test_nothing_ran() -> None:
    assert recommend([], {}) == Recommendation(None, "No route is recommended: none was asked that can be.")


def test_a_missing_verdict_is_an_error() -> None:
    with pytest.raises(KeyError):
        recommend([summary("context", 0.8), summary("retrieve", 0.7)], {})


def test_crossings_of_each_ordered_pair() -> None:
    routes = [summary("finetune", 0.5, teach=100, ask=1), summary("context", 0.5, teach=0, ask=3)]
    # In FLOPs teaching is cheap and in seconds it is not.
    routes[0] = replace(routes[0], teach_flops=1000.0)
    assert crossings(routes) == (
        Crossing("finetune", "context", 0.5, "flops"),
        Crossing("context", "finetune", None, "flops"),
        Crossing("finetune", "context", 50.0, "seconds"),
        Crossing("context", "finetune", None, "seconds"),
    )
    routes.append(summary("retrieve", 0.5))
    pairs = [(one.route, one.reference, one.unit) for one in crossings(routes)]
    assert len(pairs) == len(set(pairs)) == 12


@pytest.mark.parametrize(
    ("teach", "ask", "expected"),
    [
        (10.0, 2.0, None),  # the same price
        (5.0, 2.0, 0.0),  # cheaper to teach, the same to ask
        (15.0, 2.0, None),
        (10.0, 1.0, 0.0),  # the same to teach, cheaper to ask
        (5.0, 1.0, 0.0),
        (15.0, 1.0, 5.0),
        (5.0, 3.0, None),  # cheaper only for a few
    ],
)
def test_where_prices_cross(teach: float, ask: float, expected: float | None) -> None:
    reference = summary("reference", 0.5, teach=10, ask=2)
    route = summary("route", 0.5, teach=teach, ask=ask)
    assert {item.questions for item in crossings([route, reference]) if item.route == "route"} == {expected}

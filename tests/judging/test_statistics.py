"""Intervals against exact tests, against simulation, and against what must never change them."""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obverse.judging.statistics import (
    Difference,
    Floats,
    difference,
    difference_from,
    estimate,
    estimate_pooled,
)
from obverse.types import Estimate

# Ten thousand resamples place a bound within about this of where infinitely many would.
RESAMPLING_ERROR = 0.01


def names(clusters: int, size: int = 1) -> list[str]:
    """``size`` neighbouring questions in each cluster."""
    return [f"fact {index // size}" for index in range(clusters * size)]


def outcomes(right: int, wrong: int) -> Floats:
    return np.array([[1.0] * right + [0.0] * wrong])


@pytest.mark.parametrize(
    ("right", "wrong", "low", "high"),
    [
        # Clopper-Pearson bounds, from tables of the beta distribution.
        (8, 2, 0.4439, 0.9748),
        (19, 1, 0.7513, 0.9987),
        (0, 10, 0.0, 0.3085),
        (10, 0, 0.6915, 1.0),
        (3, 0, 0.2924, 1.0),
        (50, 50, 0.3983, 0.6017),
    ],
)
def test_single_questions_get_the_exact_binomial_interval(
    right: int, wrong: int, low: float, high: float
) -> None:
    result = estimate(outcomes(right, wrong), names(right + wrong), rng_seed=1)
    assert result.mean == right / (right + wrong)
    assert (result.questions, result.seeds) == (right + wrong, 1)
    assert result.low == pytest.approx(low, abs=RESAMPLING_ERROR)
    assert result.high == pytest.approx(high, abs=RESAMPLING_ERROR)


def test_clusters_count_and_not_their_questions() -> None:
    # 10 clusters of 20 questions, all right: no more certain than 10 questions.
    result = estimate(np.ones((1, 200)), names(10, size=20), rng_seed=1)
    assert result.high == 1.0
    assert result.low == pytest.approx(0.025 ** (1 / 10), abs=RESAMPLING_ERROR)


def test_the_mean_is_pooled_over_questions_of_uneven_clusters() -> None:
    result = estimate([[1, 1, 1, 0]], ["a", "a", "a", "b"], rng_seed=1)
    assert result.mean == 0.75


def test_one_cluster_leaves_the_whole_range() -> None:
    scores = np.ones((2, 5))
    one = ["a"] * 5
    result = estimate(scores, one, rng_seed=1)
    assert (result.mean, result.low, result.high) == (1.0, 0.0, 1.0)
    assert difference(scores, np.zeros((1, 5)), one, rng_seed=1) == Difference(
        1.0, -1.0, 1.0, "no significant difference", None
    )


def test_equal_clusters_anywhere_keep_a_width() -> None:
    result = estimate(np.full((1, 20), 0.5), names(20), rng_seed=1)
    missed = 1 - 0.025 ** (1 / 20)
    assert result.low == pytest.approx(0.5 * (1 - missed), abs=RESAMPLING_ERROR)
    assert result.high == pytest.approx(0.5 + 0.5 * missed, abs=RESAMPLING_ERROR)


@pytest.mark.parametrize(
    ("won", "lost", "drawn", "verdict"),
    [
        # The two-sided exact McNemar test: p = 1/16, 1/32, .035 and .065; draws do not matter to it.
        (5, 0, 0, "no significant difference"),
        (6, 0, 0, "higher"),
        (5, 0, 35, "no significant difference"),
        (6, 0, 34, "higher"),
        (0, 6, 34, "lower"),
        (10, 2, 20, "higher"),
        (9, 2, 20, "no significant difference"),
        (0, 0, 40, "no significant difference"),
        (20, 20, 0, "no significant difference"),
    ],
)
def test_verdicts_are_those_of_the_exact_paired_test(won: int, lost: int, drawn: int, verdict: str) -> None:
    route = outcomes(won + drawn, lost)
    reference = np.array([[0.0] * won + [1.0] * (drawn + lost)])
    result = difference(route, reference, names(won + lost + drawn), rng_seed=1)
    assert result.mean == pytest.approx((won - lost) / (won + lost + drawn))
    assert result.verdict == verdict


def test_equal_differences_keep_a_width() -> None:
    missed = 1 - 0.025 ** (1 / 40)
    same = difference(np.ones((1, 40)), np.ones((1, 40)), names(40), rng_seed=1)
    assert same.mean == 0.0
    assert same.high == pytest.approx(missed, abs=RESAMPLING_ERROR)
    assert same.low == pytest.approx(-missed, abs=RESAMPLING_ERROR)
    opposite = difference(np.ones((1, 40)), np.zeros((1, 40)), names(40), rng_seed=1)
    assert (opposite.mean, opposite.high) == (1.0, 1.0)
    assert opposite.low == pytest.approx(1 - 2 * missed, abs=2 * RESAMPLING_ERROR)


def test_coverage_of_clustered_answers_near_the_ceiling() -> None:
    # 20 facts of 3 questions; some facts are known and others are not, so that answers hang together.
    # The percentile bootstrap covers the mean in less than nine of ten such runs.
    rng = np.random.default_rng(7)
    mean, covered, runs = 0.9, 0, 200
    for run in range(runs):
        knowledge = rng.beta(mean, 1 - mean, size=20)
        scores = (rng.random(60) < np.repeat(knowledge, 3)).astype(float)
        result = estimate(scores[np.newaxis], names(20, size=3), rng_seed=run)
        covered += result.low <= mean <= result.high
    assert covered / runs >= 0.92


def test_coverage_over_trainings_that_differ() -> None:
    # Each training is good or bad as a whole: it is the seeds that limit what is known.
    rng = np.random.default_rng(11)
    covered, runs = 0, 200
    for run in range(runs):
        quality = rng.normal(0.5, 0.1, size=(5, 1)).clip(0, 1)
        scores = (rng.random((5, 60)) < quality).astype(float)
        result = estimate(scores, names(60), rng_seed=run)
        covered += result.low <= 0.5 <= result.high
    assert covered / runs >= 0.9


def test_pairing_narrows_the_difference() -> None:
    # Both know the same 40 questions, and the route 8 more.
    reference = outcomes(40, 40)
    route = outcomes(48, 32)
    shuffled = np.random.default_rng(3).permutation(reference[0])[np.newaxis]
    paired = difference(route, reference, names(80), rng_seed=1)
    unpaired = difference(route, shuffled, names(80), rng_seed=1)
    assert paired.mean == pytest.approx(0.1)
    assert unpaired.mean == pytest.approx(0.1)
    assert paired.high - paired.low < 0.7 * (unpaired.high - unpaired.low)
    assert (paired.verdict, unpaired.verdict) == ("higher", "no significant difference")


def test_seeds_that_differ_widen_and_seeds_that_agree_do_not() -> None:
    one = np.tile([[1.0, 0.0]], (1, 20))
    agreeing = np.repeat(one, 3, axis=0)
    differing = np.stack([np.ones(40), np.tile([1.0, 0.0], 20), np.zeros(40)])
    widths = [
        result.high - result.low
        for scores in (one, agreeing, differing)
        for result in [estimate(scores, names(40), rng_seed=1)]
    ]
    assert widths[1] == pytest.approx(widths[0], abs=RESAMPLING_ERROR)
    assert widths[2] > 2 * widths[0]


def test_one_seed_is_paired_with_each_of_several() -> None:
    rng = np.random.default_rng(5)
    trained = (rng.random((3, 30)) < 0.7).astype(float)
    untouched = (rng.random((1, 30)) < 0.3).astype(float)
    broadcast = difference(trained, untouched, names(30), rng_seed=1)
    assert broadcast == difference(trained, np.repeat(untouched, 3, axis=0), names(30), rng_seed=1)


def test_the_order_of_questions_does_not_matter() -> None:
    rng = np.random.default_rng(9)
    scores = (rng.random((2, 30)) < 0.6).astype(float)
    clusters = names(10, size=3)
    order = rng.permutation(30)
    reordered = [clusters[index] for index in order]
    first, second = estimate(scores, clusters, 1), estimate(scores[:, order], reordered, 1)
    assert (first.low, first.high) == pytest.approx((second.low, second.high))


def test_the_same_seed_gives_the_same_interval() -> None:
    scores = outcomes(12, 8)
    assert estimate(scores, names(20), 1) == estimate(scores, names(20), 1)
    assert estimate(scores, names(20), 1) != estimate(scores, names(20), 2)
    undecided = [difference(scores, np.full((1, 20), 0.5), names(20), 1) for _ in range(4)]
    assert len(set(undecided)) == 1
    assert (undecided[0].more_questions or 0) > 20


@pytest.mark.parametrize(
    ("scores", "clusters", "message"),
    [
        ([[1.0, 0.0]], ["a"], r"shape \(1, 2\)"),
        ([1.0, 0.0], ["a", "b"], r"shape \(2,\)"),
        (np.empty((1, 0)), [], r"shape \(1, 0\)"),
        ([[1.5, 0.0]], ["a", "b"], "outside 0 to 1"),
        ([[math.nan, 0.0]], ["a", "b"], "outside 0 to 1"),
    ],
)
def test_scores_that_cannot_be_are_refused(scores: Floats, clusters: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimate(scores, clusters, 1)


@pytest.mark.parametrize("trainings", [["w"], ["w", "w", "v"]])
def test_a_training_for_each_pooled_question_is_required(trainings: list[str]) -> None:
    with pytest.raises(ValueError, match="zip"):
        estimate_pooled([1.0, 0.0], ["a", "b"], trainings, 1)


@pytest.mark.parametrize("questions", [1, 4])
def test_seeds_that_cannot_be_paired_are_refused(questions: int) -> None:
    with pytest.raises(ValueError, match="2 seeds cannot be paired with 3"):
        difference(np.ones((2, questions)), np.ones((3, questions)), names(questions), 1)


@st.composite
def clustered_scores(draw: st.DrawFn) -> tuple[list[list[float]], list[list[float]], list[str]]:
    seeds, questions = draw(st.integers(1, 3)), draw(st.integers(1, 12))
    score = st.sampled_from([0.0, 0.25, 1 / 3, 1.0])
    table = st.lists(st.lists(score, min_size=questions, max_size=questions), min_size=seeds, max_size=seeds)
    clusters = st.lists(st.sampled_from("abcde"), min_size=questions, max_size=questions)
    return draw(table), draw(table), draw(clusters)


@settings(max_examples=50, deadline=None)
@given(clustered_scores())
def test_bounds_enclose_the_mean_and_stay_in_range(
    data: tuple[list[list[float]], list[list[float]], list[str]],
) -> None:
    scores, reference, clusters = data
    result = estimate(scores, clusters, 1)
    assert 0 <= result.low <= result.mean <= result.high <= 1
    assert result.low < result.high

    forward = difference(scores, reference, clusters, 1)
    assert -1 <= forward.low <= forward.mean <= forward.high <= 1
    assert forward.low < forward.high
    assert (forward.verdict == "no significant difference") == (forward.low <= 0 <= forward.high)

    backward = difference(reference, scores, clusters, 1)
    assert (backward.low, backward.high) == pytest.approx((-forward.high, -forward.low))


def test_one_training_is_pooled_as_it_is_estimated_alone() -> None:
    scores = [1.0, 0.0, 1.0, 1.0, 0.5, 0.0]
    clusters = ["a", "a", "b", "c", "d", "d"]
    pooled = estimate_pooled(scores, clusters, ["w"] * 6, rng_seed=3)
    alone = estimate([scores], clusters, rng_seed=3)
    assert astuple(pooled) == pytest.approx(astuple(alone))


def test_clusters_of_all_trainings_count_where_trainings_agree() -> None:
    pooled = estimate_pooled(np.ones(40), names(20) + names(20), ["v"] * 20 + ["w"] * 20, rng_seed=1)
    assert (pooled.mean, pooled.high, pooled.questions, pooled.seeds) == (1.0, 1.0, 40, 2)
    assert pooled.low == pytest.approx(0.025 ** (1 / 40), abs=RESAMPLING_ERROR)


def test_trainings_that_differ_widen_what_is_pooled() -> None:
    trainings = [f"w{number // 50}" for number in range(200)]
    alike = estimate_pooled([0.0, 1.0] * 100, names(200), trainings, rng_seed=1)
    apart = estimate_pooled([0.0] * 100 + [1.0] * 100, names(200), trainings, rng_seed=1)
    assert alike.mean == apart.mean == 0.5
    assert apart.high - apart.low > 2 * (alike.high - alike.low)


def test_one_question_pooled_leaves_the_whole_range() -> None:
    assert estimate_pooled([1.0], ["a"], ["w"], rng_seed=1) == Estimate(1.0, 0.0, 1.0, 1, 1)


def won_lost_drawn(won: int, lost: int, drawn: int) -> tuple[Floats, Floats]:
    return outcomes(won + drawn, lost), np.array([[0.0] * won + [1.0] * (drawn + lost)])


def more_questions(
    route: Floats, reference: Floats, clusters: list[str], rng_seed: int, margin: float = 0.05
) -> int | None:
    return difference(route, reference, clusters, rng_seed, margin).more_questions


def test_what_is_told_apart_needs_no_more_questions() -> None:
    assert more_questions(*won_lost_drawn(6, 0, 0), names(6), 1) == 0  # higher
    assert more_questions(*won_lost_drawn(0, 0, 200), names(200), 1) == 0  # equal to within five points
    route, reference = won_lost_drawn(0, 0, 40)
    assert difference(route, reference, names(40), 1).low < -0.05
    assert more_questions(route, reference, names(40), 1, margin=0.1) == 0


def test_a_route_that_is_perhaps_lower_needs_more_questions() -> None:
    found = difference(*won_lost_drawn(4, 12, 24), names(40), 1)
    assert 0 < found.high < 0.05  # the other is at most so much lower, which says nothing of this one
    assert found.low < -0.05
    assert (found.more_questions or 0) > 0


def test_five_of_five_need_one_more_question() -> None:
    # The exact test tells six wins in six from none, and not five in five.
    assert more_questions(*won_lost_drawn(5, 0, 0), names(5), 1) == 1
    # The same facts with four questions each: a further fact is four questions.
    route, reference = np.ones((1, 20)), np.zeros((1, 20))
    assert more_questions(route, reference, names(5, size=4), 1) == pytest.approx(4, abs=1)


def test_identical_answers_need_what_the_exact_bound_needs() -> None:
    # 1 - .025^(1/n) < .05 from n = 72 on.
    found = more_questions(np.ones((1, 12)), np.ones((1, 12)), names(12), 1)
    assert found == pytest.approx(72 - 12, abs=3)


def test_one_cluster_says_nothing_of_how_many_are_needed() -> None:
    assert more_questions(np.ones((1, 5)), np.zeros((1, 5)), ["a"] * 5, 1) is None


def test_no_number_of_questions_makes_up_for_trainings_that_differ() -> None:
    trained = np.stack([np.ones(40), np.zeros(40), np.tile([1.0, 0.0], 20)])
    assert more_questions(trained, np.full((1, 40), 0.5), names(40), 1) is None


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize(("won", "lost", "half_width"), [(20, 28, 0.08), (12, 13, 0.04)])
def test_with_so_many_questions_the_half_width_is_what_was_to_be_reached(
    won: int, lost: int, half_width: float, size: int
) -> None:
    # Of a hundred facts the route loses 8 more than it wins: lower once the half-width is .08; or 1 more: within the
    # margin of .05 once it is .04.
    pair = [np.repeat(scores, size, axis=1) for scores in won_lost_drawn(won, lost, 100 - won - lost)]
    more = more_questions(pair[0], pair[1], names(100, size), 1)
    assert more is not None
    facts = 100 + round(more / size)
    rng = np.random.default_rng(2)
    widths = []
    for _ in range(20):
        drawn = rng.choice(100, facts)
        route, reference = (np.repeat(scores[:, ::size][:, drawn], size, axis=1) for scores in pair)
        found = difference(route, reference, names(facts, size), 1)
        widths.append((found.high - found.low) / 2)
    assert np.mean(widths) == pytest.approx(half_width, rel=0.06)


def test_the_number_does_not_depend_on_the_order_of_the_two() -> None:
    route, reference = won_lost_drawn(9, 4, 20)
    forward, backward = (
        more_questions(*pair, names(33), 1) for pair in ((route, reference), (reference, route))
    )
    assert forward == pytest.approx(backward, rel=0.1)
    turned = difference(route, reference, names(33), 1).mirrored
    assert astuple(turned)[:3] == pytest.approx(astuple(difference(reference, route, names(33), 1))[:3])


def test_no_worse_is_within_the_margin() -> None:
    assert Difference(0.0, -0.04, 0.04, "no significant difference", 0).is_no_worse()
    assert not Difference(0.0, -0.06, 0.06, "no significant difference", 0).is_no_worse()
    assert Difference(0.0, -0.06, 0.06, "no significant difference", 0).is_no_worse(0.1)
    assert Difference(-0.03, -0.04, -0.02, "lower", 0).is_no_worse()  # lower, and by less than matters


@pytest.mark.parametrize("right", [0, 2])
def test_two_clusters_that_agree_keep_the_exact_width(right: int) -> None:
    # 1 - .025^(1/2), the Clopper-Pearson bound for none of two.
    result = estimate(np.full((1, 6), right / 2), names(2, size=3), 1)
    missed = 1 - 0.025 ** (1 / 2)
    assert (result.low, result.high) == pytest.approx(
        (1 - missed, 1.0) if right else (0.0, missed), abs=RESAMPLING_ERROR
    )


def test_two_seeds_that_contradict_each_other_leave_the_whole_range() -> None:
    result = estimate(np.stack([np.ones(30), np.zeros(30)]), names(30), 1)
    assert result.mean == 0.5
    assert (result.low, result.high) == pytest.approx((0.0, 1.0), abs=0.01)


@pytest.mark.parametrize(("low", "expected"), [(-0.051, False), (-0.05, False), (-0.049, True), (0.1, True)])
def test_what_may_be_worse_by_the_margin_is_not_shown_to_be_no_worse(low: float, expected: bool) -> None:
    found = Difference(0.0, low, 0.2, "no significant difference", None)
    assert found.is_no_worse() is found.is_no_worse(0.05) is expected
    assert found.is_no_worse(0.2)


@pytest.mark.parametrize(("right", "wrong"), [(3, 0), (8, 2), (19, 1), (5, 15)])
def test_the_difference_from_chance_has_the_interval_of_the_mean(right: int, wrong: int) -> None:
    asked = names(right + wrong)
    mean, found = (
        estimate(outcomes(right, wrong), asked, 1),
        difference_from(outcomes(right, wrong), 0.25, asked, 1),
    )
    assert (found.low, found.high) == pytest.approx((mean.low - 0.25, mean.high - 0.25))
    assert (found.verdict == "higher") is (mean.low > 0.25)


def test_three_right_of_three_are_above_even_chance_with_three_more() -> None:
    # .025^(1/n) > .5 from n = 6 on.
    assert difference_from(np.ones((1, 3)), 0.5, names(3), 1).more_questions == 3
    assert difference_from(np.ones((1, 6)), 0.5, names(6), 1).more_questions == 0

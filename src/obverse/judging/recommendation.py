"""Which route to take, in one sentence that follows from the intervals and the prices.

A route is worth its price only if it answers better than guessing, than the untouched model, and than the
same route with false context.  Of these the best is recommended, or a cheaper one that is shown to be no worse by
more than a margin (non-inferiority): that few questions show no significant difference does not make two routes equal.
Where the data do not separate a cheaper route from the best, and where no route qualifies, the sentence says so, why,
and how many more questions it takes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

from obverse.judging.statistics import Difference
from obverse.types import MARGIN, UNTOUCHED, Estimate

Unit = Literal["flops", "seconds"]


@dataclass(frozen=True)
class RouteSummary:
    """What one route reached and what it cost.

    Args:
        route: its name; the model as it came is ``untouched``.
        estimate: accuracy by the primary metric over all that was asked.
        against_chance: this route minus what guessing reaches, which is 0 where only the exact answer counts.
        against_untouched: this route minus the untouched model; ``None`` where that did not run, and for the untouched
            model itself.
        against_control: this route minus its own false-context control; ``None`` without one.
        chance: the accuracy of guessing; 0 where only the exact answer counts.
        teach_flops, teach_seconds: paid once.
        ask_flops, ask_seconds: paid for each question.
    """

    route: str
    estimate: Estimate
    against_chance: Difference
    against_untouched: Difference | None
    against_control: Difference | None
    chance: float
    teach_flops: float
    ask_flops: float
    teach_seconds: float
    ask_seconds: float


@dataclass(frozen=True)
class Crossing:
    """From how many questions on ``route`` is cheaper than ``reference``.

    Args:
        questions: where the total costs meet: beyond it the route is the cheaper; 0 where it always is, and
            ``None`` where it never becomes so for good.
        unit: what is counted.
    """

    route: str
    reference: str
    questions: float | None
    unit: Unit


@dataclass(frozen=True)
class Recommendation:
    """The route to take, ``None`` where the data name none, and the sentence that says why."""

    route: str | None
    sentence: str


def crossings(summaries: Sequence[RouteSummary]) -> tuple[Crossing, ...]:
    """Where the prices of each ordered pair of routes cross, in FLOPs and then in seconds."""
    units: tuple[Unit, ...] = ("flops", "seconds")
    return tuple(
        Crossing(route.route, reference.route, _crossing(route, reference, unit), unit)
        for unit in units
        for route, reference in permutations(summaries, 2)
    )


def recommend(
    summaries: Sequence[RouteSummary],
    differences: Mapping[tuple[str, str], Difference],
    margin: float = MARGIN,
) -> Recommendation:
    """The cheapest of the routes that are shown to be no worse than the best by more than ``margin``.

    The price is in seconds as measured, for teaching and for as many questions as the estimates rest on; the
    sentence also says from how many questions on another of these routes is cheaper.

    Args:
        summaries: of the routes that ran and can be taken, without their controls; of all questions or of a part of
            them.
        differences: (route, reference) -> how the one compares with the other; each pair in one order is enough.
        margin: how much worse than the best a cheaper route may be.

    Raises:
        KeyError: the difference between two routes is missing.
    """
    contenders = [summary for summary in summaries if summary.route != UNTOUCHED]
    candidates = [summary for summary in contenders if not _objections(summary, margin)]
    if not candidates:
        return Recommendation(None, _no_recommendation(summaries, contenders, margin))

    best = max(candidates, key=_mean)
    others = {
        summary.route: _difference(differences, summary.route, best.route)
        for summary in candidates
        if summary is not best
    }
    no_worse = [
        summary for summary in candidates if summary is best or others[summary.route].is_no_worse(margin)
    ]
    questions = best.estimate.questions
    # Of two that cost the same, the better one.
    by_price = sorted(no_worse, key=lambda summary: (_seconds(summary, questions), -_mean(summary)))
    chosen = by_price[0]
    unseparated = [
        summary
        for summary in candidates
        if summary not in no_worse
        and others[summary.route].verdict == "no significant difference"
        and _seconds(summary, questions) < _seconds(chosen, questions)
    ]

    parts = [
        f"Recommended: {chosen.route}, which answers {_accuracy(chosen)} of {questions:,} questions right "
        f"({_baselines(chosen, summaries)}) at {_price(chosen)}"
    ]
    if len(by_price) > 1:
        parts.append(
            f"within {points(margin)} of the best too, and no cheaper for as many questions: "
            + ", ".join(f"{other.route} ({_accuracy(other)}; {_price(other)})" for other in by_price[1:])
        )
    parts += [
        f"from {first:,} questions on, {summary.route} is the cheapest of these"
        for first, summary in _cheaper_later(chosen, no_worse)
    ]
    parts += [
        f"the data do not separate {summary.route} ({_accuracy(summary)}; {_price(summary)}), which is cheaper, from "
        f"{best.route} ({_accuracy(best)}): {more_needed(others[summary.route].more_questions)}"
        for summary in unseparated
    ]
    parts += [
        f"{summary.route} has a higher mean ({_accuracy(summary)}) but {_joined(_objections(summary, margin))}"
        for summary in contenders
        if summary not in candidates and _mean(summary) > _mean(best)
    ]
    return Recommendation(chosen.route, "; ".join(parts) + ".")


def more_needed(questions: int | None) -> str:
    """How many more questions would tell two routes apart, as a clause (`Difference.more_questions`)."""
    if questions is None:
        return "how many more questions would tell cannot be said: all are about one fact, or trainings differ too much"
    return f"about {_rounded(questions):,} more question{'s' * (questions != 1)} about other facts would tell"


def points(margin: float) -> str:
    """A margin in words."""
    return f"{100 * margin:g} points"


def _rounded(number: int) -> int:
    """With two digits, upwards: the number is an estimate."""
    step = int(10 ** max(0, len(str(number)) - 2))
    return -(-number // step) * step


def _mean(summary: RouteSummary) -> float:
    return summary.estimate.mean


def _objections(summary: RouteSummary, margin: float) -> list[str]:
    """Why a route is no candidate; empty for a candidate."""
    objections = []
    if summary.against_chance.verdict != "higher":
        needed = _needed(summary.against_chance)
        objections.append(f"its interval does not lie above {_least(summary)}{needed}")
    for found, reference in (
        (summary.against_untouched, "the untouched model"),
        (summary.against_control, "its own false-context control"),
    ):
        if found is None or found.verdict == "higher":
            continue
        if found.verdict == "lower":
            objections.append(f"it is lower than {reference}")
        elif found.high < margin:
            objections.append(f"it is shown to be less than {points(margin)} above {reference}")
        else:
            objections.append(
                f"there is no significant difference between it and {reference}{_needed(found)}"
            )
    return objections


def _needed(found: Difference) -> str:
    """In brackets, how many more questions would tell; empty where these are enough."""
    return f" ({more_needed(found.more_questions)})" if found.more_questions != 0 else ""


def _no_recommendation(
    summaries: Sequence[RouteSummary], contenders: Sequence[RouteSummary], margin: float
) -> str:
    if not contenders:
        beside = f"beside the untouched model ({_accuracy(summaries[0])}) " if summaries else ""
        return f"No route is recommended: {beside}none was asked that can be."
    highest = max(contenders, key=_mean)
    figures = f"{highest.route} with {_accuracy(highest)} ({_baselines(highest, summaries)})"
    verdicts = [summary.against_untouched.verdict for summary in contenders if summary.against_untouched]
    if len(verdicts) == len(contenders) and set(verdicts) == {"lower"}:
        return f"No route is recommended: each answers worse than the untouched model; highest is {figures}."
    references = [_least(highest)]
    if verdicts:
        references.append("the untouched model")
    if any(summary.against_control for summary in contenders):
        references.append("its own false-context control")
    return (
        f"The data do not decide: no route is shown to answer better than {_joined(references)}; "
        f"highest is {figures}, but {_joined(_objections(highest, margin))}."
    )


def _joined(clauses: Sequence[str]) -> str:
    """Clauses in a row, the last one behind *and*."""
    return " and ".join(filter(None, (", ".join(clauses[:-1]), clauses[-1])))


def _difference(differences: Mapping[tuple[str, str], Difference], route: str, reference: str) -> Difference:
    if (route, reference) in differences:
        return differences[route, reference]
    return differences[reference, route].mirrored


def _crossing(route: RouteSummary, reference: RouteSummary, unit: Unit) -> float | None:
    """The number of questions beyond which ``route`` is cheaper, see `Crossing`."""
    if unit == "flops":
        extra_teaching = route.teach_flops - reference.teach_flops
        saved_asking = reference.ask_flops - route.ask_flops
    else:
        extra_teaching = route.teach_seconds - reference.teach_seconds
        saved_asking = reference.ask_seconds - route.ask_seconds
    if saved_asking > 0:
        return max(0.0, extra_teaching / saved_asking)
    return 0.0 if saved_asking == 0 and extra_teaching < 0 else None


def _cheaper_later(chosen: RouteSummary, no_worse: Sequence[RouteSummary]) -> list[tuple[int, RouteSummary]]:
    """The routes that are cheapest in turn as questions go on, with the first number at which each is."""
    later: list[tuple[int, RouteSummary]] = []
    current = chosen
    while True:
        overtaking = [
            (crossing, summary.ask_seconds, summary)
            for summary in no_worse
            if summary.ask_seconds < current.ask_seconds
            and (crossing := _crossing(summary, current, "seconds")) is not None
        ]
        if not overtaking:
            return later
        # Where several overtake at once, the one with the lowest price per question stays ahead.
        crossing, _, current = min(overtaking, key=lambda entry: entry[:2])
        later.append((math.floor(crossing) + 1, current))


def _seconds(summary: RouteSummary, questions: int) -> float:
    return summary.teach_seconds + questions * summary.ask_seconds


def _accuracy(summary: RouteSummary) -> str:
    """The mean and, in brackets, its interval."""
    estimate = summary.estimate
    return f"{100 * estimate.mean:.0f}% [{100 * estimate.low:.0f}, {100 * estimate.high:.0f}]"


def _least(summary: RouteSummary) -> str:
    """What any route must exceed."""
    return "chance" if summary.chance else "zero"


def _baselines(summary: RouteSummary, summaries: Sequence[RouteSummary]) -> str:
    """What the accuracy is to be read against: chance and the untouched model."""
    asked = [_accuracy(other) for other in summaries if other.route == UNTOUCHED]
    untouched = f", untouched {asked[0] if asked else 'not asked'}"
    guessing = f"chance {100 * summary.chance:.0f}%" if summary.chance else "exact match"
    return f"{guessing}{untouched}; 95% intervals in brackets"


def _price(summary: RouteSummary) -> str:
    return f"{_duration(summary.teach_seconds)} to teach and {_duration(summary.ask_seconds)} per question"


def _duration(seconds: float) -> str:
    """Seconds with two significant digits, or whole ones."""
    return f"{seconds:,.0f} s" if seconds >= 9.5 else f"{seconds:.2g} s"

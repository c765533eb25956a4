"""From answers to results: estimates, differences, costs, diagnosis, recommendation.

Everything that a page or a table shows is computed here, once, from the answers and costs of a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from obverse.judging.diagnosis import count
from obverse.judging.question_scores import METRICS, PRIMARY, Metric, Scores, metrics_of, paired
from obverse.judging.recommendation import RouteSummary, crossings, recommend
from obverse.judging.run_record import RunRecord
from obverse.judging.spending import costs_of
from obverse.judging.statistics import Difference, difference, difference_from, estimate
from obverse.tasks.baselines import co_occurrence, share_right
from obverse.tasks.choices import nested
from obverse.types import (
    MARGIN,
    UNTOUCHED,
    Estimate,
    Question,
    Route,
    derive_seed,
)

# A control need not be asked for more than likelihoods, but is always scored by what the run goes by.
_CONTROL_METRICS = (PRIMARY, "accuracy_per_token")


@dataclass(frozen=True)
class _Subset:
    """Questions that a table row is about; ``kind`` ``*`` stands for all kinds but completions."""

    kind: str
    latent: bool | None
    questions: tuple[Question, ...]


def teaching_name(route: Route) -> str:
    """Name of the route that has the same parameters and no context."""
    return UNTOUCHED if route.parameters == "none" else route.name.split("+")[0]


def summarise(
    record: RunRecord, routes: Sequence[Route], model: str, margin: float = MARGIN
) -> dict[str, Any]:
    """All results of a run as plain values for a JSON file.

    Args:
        routes: those that were asked for, in the order of the tables.
        model: its name, for the record.
        margin: how much worse than the best a cheaper route may be to be recommended.
    """
    ran = [route for route in routes if route.name not in record.refused]
    scores = {
        (name, control): Scores(
            answer for answer in record.answers if (answer.route, answer.control) == (name, control)
        )
        for name, control in dict.fromkeys((name, control) for name, control, _ in record.cells)
        if name not in record.refused
    }
    subsets = _subsets(record)
    metric, metrics = record.metric, metrics_of(record.answers)
    estimates = list(_estimates(ran, scores, subsets, metric, metrics))
    differences = list(_differences(ran, scores, subsets, METRICS[metric], margin))
    costs = [row for route in ran for row in costs_of(route, record)]
    compared = {
        latent: {
            (row["route"], row["reference"]): Difference(
                **{part.name: row[part.name] for part in fields(Difference)}
            )
            for row in differences
            if row["kind"] == "*" and row["latent"] is latent
        }
        for latent in (None, True)
    }
    guessed = {
        (route.name, subset.latent): _above_chance(route, scores[route.name, False], subset, metric, margin)
        for route in ran
        for subset in subsets
        if subset.kind == "*"
    }
    summaries = {
        latent: _summaries(
            ran,
            estimates,
            compared[latent],
            {route: found for (route, asked), found in guessed.items() if asked is latent and found},
            costs,
            latent,
            metric,
        )
        for latent in (None, True)
    }
    # These are told what a question needs: a bound on what retrieval can reach, not a route to take.
    bounds = {
        route.name for route in ran if route.context in ("oracle", "part") or route.answer == "needed thought"
    }
    usable = {
        latent: [summary for summary in found if summary.route not in bounds]
        for latent, found in summaries.items()
    }
    counted = co_occurrence(record.task.documents)
    diagnosis = count(record.diagnoses(routes), record.asked)
    teachings = {route.parameters: teaching_name(route) for route in routes}
    return {
        "task": {
            "name": record.task.name,
            "fingerprint": record.task.fingerprint,
            "documents": len(record.task.documents),
            "questions": len(record.task.questions),
        },
        "model": model,
        "metric": metric,
        "margin": margin,
        "estimates": [{"task": record.task.name, "model": model, **row} for row in estimates],
        "co_occurrence": [
            {
                "kind": subset.kind,
                "latent": subset.latent,
                "mean": share_right(counted, subset.questions),
                "questions": len(subset.questions),
            }
            for subset in subsets
        ],
        "differences": differences,
        "costs": costs,
        "crossings": [asdict(crossing) for crossing in crossings(summaries[None])],
        "diagnosis": [asdict(row) for row in diagnosis],
        "retention": [
            {
                "route": teachings[parameters],
                "seed": seed,
                "perplexity_before": before.perplexity,
                "perplexity_after": after.perplexity,
                "knowledge_before": before.knowledge,
                "knowledge_after": after.knowledge,
            }
            for (parameters, seed), (before, after) in record.retention.items()
        ],
        "refused": [{"route": route, "reason": reason} for route, reason in record.refused.items()],
        "recommendation": asdict(recommend(usable[None], compared[None], margin)),
        "latent_recommendation": (
            asdict(recommend(usable[True], compared[True], margin)) if summaries[True] else None
        ),
        "checks": {
            "drawn_choices": sum(question.drawn for question in record.task.questions),
            "nested_choices": [
                {"question": question.id, "choices": list(pair)}
                for question in record.task.questions
                if (pair := next(nested(question.choices), None))
            ],
            "scorer": _scorer_check(record),
        },
    }


def _subsets(record: RunRecord) -> list[_Subset]:
    """A subset for each kind, explicit ones first, then the totals; empty ones left out."""
    questions = record.task.questions
    kinds = dict.fromkeys((question.latent, question.kind) for question in record.completions + questions)
    subsets = [
        _Subset(
            kind,
            latent,
            tuple(q for q in record.completions + questions if (q.latent, q.kind) == (latent, kind)),
        )
        for latent, kind in sorted(kinds, key=lambda pair: pair[0])
    ]
    subsets += [
        _Subset("*", latent, tuple(question for question in questions if question.latent is latent))
        for latent in (False, True)
    ]
    subsets.append(_Subset("*", None, questions))
    return [subset for subset in subsets if subset.questions]


def _estimates(
    ran: Sequence[Route],
    scores: Mapping[tuple[str, bool], Scores],
    subsets: Sequence[_Subset],
    primary: str,
    metrics: Mapping[str, Metric],
) -> Iterable[dict[str, Any]]:
    controlled = [name for name in dict.fromkeys((primary, *_CONTROL_METRICS)) if name in metrics]
    for arm in (either for route in ran for either in (route, route.twin)):
        if (arm.name, arm.control) not in scores:
            continue
        own = scores[arm.name, arm.control]
        for subset in subsets:
            questions = own.answered(subset.questions)
            if not questions:
                continue
            for metric in controlled if arm.control else metrics:
                found = estimate(
                    own.matrix(questions, metrics[metric]),
                    [question.cluster for question in questions],
                    derive_seed("estimate", arm.label, subset.kind, subset.latent, metric),
                )
                yield {
                    "route": arm.name,
                    "kind": subset.kind,
                    "latent": subset.latent,
                    "control": arm.control,
                    "metric": metric,
                    **asdict(found),
                    "chance": sum(question.chance for question in questions) / len(questions),
                }


def _differences(
    ran: Sequence[Route],
    scores: Mapping[tuple[str, bool], Scores],
    subsets: Sequence[_Subset],
    metric: Metric,
    margin: float,
) -> Iterable[dict[str, Any]]:
    """Every route against every other and against its own false-context control, paired by question."""
    for route in ran:
        references = [other for other in ran if other is not route]
        if (route.name, True) in scores:
            references.append(route.twin)
        for reference in references:
            for subset in subsets:
                found = _difference(scores, route, reference, subset, metric, margin)
                if found is not None:
                    yield {
                        "route": route.name,
                        "reference": reference.label,
                        "kind": subset.kind,
                        "latent": subset.latent,
                        **asdict(found),
                    }


def _difference(
    scores: Mapping[tuple[str, bool], Scores],
    route: Route,
    reference: Route,
    subset: _Subset,
    metric: Metric,
    margin: float,
) -> Difference | None:
    own, other = paired(scores[route.name, route.control], scores[reference.name, reference.control])
    questions = other.answered(own.answered(subset.questions))
    if not questions:
        return None
    # The pair's seed does not depend on its order, so that a difference and its mirror image agree.
    names = sorted((route.label, reference.label))
    return difference(
        own.matrix(questions, metric),
        other.matrix(questions, metric),
        [question.cluster for question in questions],
        derive_seed("difference", *names, subset.kind, subset.latent),
        margin,
    )


def _summaries(
    ran: Sequence[Route],
    estimates: Sequence[Mapping[str, Any]],
    compared: Mapping[tuple[str, str], Difference],
    above_chance: Mapping[str, Difference],
    costs: Sequence[Mapping[str, Any]],
    latent: bool | None,
    metric: str,
) -> list[RouteSummary]:
    """What each route reached over all kinds, and its price."""
    reached = {
        row["route"]: row
        for row in estimates
        if (row["kind"], row["metric"], row["control"]) == ("*", metric, False) and row["latent"] is latent
    }
    price = {(row["route"], row["phase"]): row for row in costs}
    summaries = []
    for route in ran:
        row = reached.get(route.name)
        if row is None:
            continue
        teach, ask = price[route.name, "teach"], price[route.name, "ask"]
        asked = max(1, ask["questions"])
        summaries.append(
            RouteSummary(
                route=route.name,
                estimate=Estimate(**{part.name: row[part.name] for part in fields(Estimate)}),
                against_chance=above_chance[route.name],
                against_untouched=compared.get((route.name, UNTOUCHED)),
                against_control=compared.get((route.name, route.twin.label)),
                chance=_chance(row["chance"], metric),
                teach_flops=teach["flops"],
                ask_flops=ask["flops"] / asked,
                teach_seconds=teach["seconds"],
                ask_seconds=ask["seconds"] / asked,
            )
        )
    return summaries


def _above_chance(
    route: Route, own: Scores, subset: _Subset, metric: str, margin: float
) -> Difference | None:
    """What a route reached over guessing, by the interval of its estimate; ``None`` where it was not asked these."""
    questions = own.answered(subset.questions)
    if not questions:
        return None
    return difference_from(
        own.matrix(questions, METRICS[metric]),
        _chance(sum(question.chance for question in questions) / len(questions), metric),
        [question.cluster for question in questions],
        derive_seed("estimate", route.label, subset.kind, subset.latent, metric),
        margin,
    )


def _chance(of_choices: float, metric: str) -> float:
    """What guessing reaches: nothing where the answer is to be written."""
    return 0.0 if metric in ("strict", "lenient") else of_choices


def _scorer_check(record: RunRecord) -> dict[str, Any]:
    found = [row.difference for rows in record.cells.values() for row in rows if row.difference is not None]
    reasons = (row.unshared for rows in record.cells.values() for row in rows if row.unshared)
    return {
        "max_difference": max(found, default=None),
        "texts": len(found),
        "unshared": next(reasons, None),
        "likelihoods": PRIMARY in metrics_of(record.answers),
    }

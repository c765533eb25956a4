"""What the page and the terminal both read out of a run's results: routes, rows of tables, figures, best ones.

The results are the content of ``results.json``.  Nothing is computed anew here but sums of costs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any, Literal

from obverse.judging.statistics import Verdict
from obverse.judging.wording import METRICS

Results = Mapping[str, Any]
Figures = Mapping[str, Any]
Unit = Literal["seconds", "flops"]

ALL_KINDS = "*"
NO_DIFFERENCE: Verdict = "no significant difference"
MIRRORED = {"higher": "lower", "lower": "higher"}


@dataclass(frozen=True)
class Row:
    """Which questions a figure is about: one kind, or all kinds; explicit, latent, or both (``None``)."""

    kind: str
    latent: bool | None

    @property
    def is_total(self) -> bool:
        """Whether the row is about all kinds together."""
        return self.kind == ALL_KINDS

    @property
    def label(self) -> str:
        """What tables call the row."""
        totals = {None: "all questions", False: "all explicit", True: "all latent"}
        return totals[self.latent] if self.is_total else self.kind


class Summary:
    """A run's results, looked up by route and row."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.metric: str = results["metric"]
        self._estimates: dict[tuple[str, bool, str, Row], Figures] = {
            (entry["route"], entry["control"], entry["metric"], _row(entry)): entry
            for entry in results["estimates"]
        }
        self._verdicts: dict[tuple[str, str, Row], str] = {
            (entry["route"], entry["reference"], _row(entry)): entry["verdict"]
            for entry in results["differences"]
        }
        self._counted: dict[Row, float] = {
            _row(entry): float(entry["mean"]) for entry in results["co_occurrence"]
        }
        self._costs: dict[tuple[str, str], Figures] = {
            (entry["route"], entry["phase"]): entry for entry in results["costs"]
        }

    @property
    def has_chance(self) -> bool:
        """Whether guessing can be right: choosing among a few can, writing the answer word for word cannot."""
        return self.metric != "strict"

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """The metrics that were taken, the primary one first."""
        return self._measures(control=False)

    @cached_property
    def control_measures(self) -> tuple[str, ...]:
        """The metrics that were taken with false context, the primary one first."""
        return self._measures(control=True)

    def _measures(self, *, control: bool) -> tuple[str, ...]:
        taken = {metric for _, with_control, metric, _ in self._estimates if with_control is control}
        return tuple(sorted(taken, key=lambda metric: (metric != self.metric, list(METRICS).index(metric))))

    @cached_property
    def routes(self) -> tuple[str, ...]:
        """The routes that answered, in the order of the results; false-context twins are not routes."""
        return tuple(dict.fromkeys(route for route, control, _, _ in self._estimates if not control))

    @cached_property
    def controlled(self) -> tuple[str, ...]:
        """The routes that also ran with false context."""
        return tuple(dict.fromkeys(route for route, control, _, _ in self._estimates if control))

    @cached_property
    def kinds(self) -> tuple[Row, ...]:
        """A row for each kind of question: explicit ones, then latent ones."""
        rows = [row for row in self._rows if not row.is_total]
        return tuple(sorted(rows, key=lambda row: bool(row.latent)))

    @cached_property
    def totals(self) -> tuple[Row, ...]:
        """The rows over all kinds: explicit, latent, and both, as far as there are such."""
        rows = {row.latent: row for row in self._rows if row.is_total}
        return tuple(rows[latent] for latent in (False, True, None) if latent in rows)

    @cached_property
    def parts(self) -> tuple[Row, ...]:
        """The totals of explicit and of latent questions, for a route can be good at the one alone."""
        return tuple(row for row in self.totals if row.latent is not None) or self.totals

    @cached_property
    def _rows(self) -> tuple[Row, ...]:
        return tuple(dict.fromkeys(row for _, _, _, row in self._estimates))

    def estimate(
        self, route: str, row: Row, metric: str | None = None, *, control: bool = False
    ) -> Figures | None:
        """Mean, bounds, chance and counts by a metric, the primary one where none is named.

        ``None`` where the route was not asked these questions.
        """
        return self._estimates.get((route, control, metric or self.metric, row))

    def chance(self, row: Row) -> float:
        """The accuracy of guessing among the choices, the same for every route that was asked these questions."""
        return next(float(entry["chance"]) for (*_, of), entry in self._estimates.items() if of == row)

    def co_occurrence(self, row: Row) -> float:
        """The accuracy of choosing by which words follow which in the documents."""
        return self._counted[row]

    @property
    def counted(self) -> dict[str, float]:
        """The same by the names of the totals."""
        return {row.label: self.co_occurrence(row) for row in self.totals}

    def questions(self, row: Row) -> int:
        """How many questions the row is about."""
        return max(int(entry["questions"]) for (*_, of), entry in self._estimates.items() if of == row)

    def best(self, row: Row) -> frozenset[str]:
        """The route with the highest mean and those that show no significant difference from it.

        Empty where that would be all of them: then the data name no best.
        """
        means = {route: float(entry["mean"]) for route in self.routes if (entry := self.estimate(route, row))}
        leader = max(means, key=lambda route: means[route], default="")
        equals = {
            route for route in means if route == leader or self._verdict(leader, route, row) == NO_DIFFERENCE
        }
        return frozenset(equals) if len(equals) < len(means) else frozenset()

    def _verdict(self, route: str, reference: str, row: Row) -> str:
        """How ``route`` compares; a pair is in the results in one order, and one left out shows no difference."""
        if verdict := self._verdicts.get((route, reference, row)):
            return verdict
        mirrored = self._verdicts.get((reference, route, row), NO_DIFFERENCE)
        return MIRRORED.get(mirrored, mirrored)

    @cached_property
    def differences(self) -> tuple[Figures, ...]:
        """Each pair of routes once per row, with the row beside the figures."""
        seen: set[tuple[frozenset[str], Row]] = set()
        kept = []
        for entry in self.results["differences"]:
            pair = (frozenset((entry["route"], entry["reference"])), _row(entry))
            if pair not in seen:
                seen.add(pair)
                kept.append({**entry, "row": pair[1]})
        return tuple(kept)

    @cached_property
    def crossings(self) -> tuple[tuple[str, str, float | None, float | None], ...]:
        """Route, reference, and the number of questions in seconds and in FLOPs.

        Pairs that are never in both are left out, for the other way round says the same.  Those that depend on
        the number of questions come first.
        """
        found = {
            (entry["route"], entry["reference"], entry["unit"]): entry["questions"]
            for entry in self.results["crossings"]
        }
        pairs = [
            (
                route,
                reference,
                found.get((route, reference, "seconds")),
                found.get((route, reference, "flops")),
            )
            for route, reference in permutations(self.routes, 2)
        ]
        said = [pair for pair in pairs if pair[2:] != (None, None)]
        return tuple(sorted(said, key=lambda pair: not (pair[2] or pair[3])))

    @cached_property
    def verdicts(self) -> Counter[tuple[str, str]]:
        """(route, verdict) -> failed latent questions of all kinds."""
        counts: Counter[tuple[str, str]] = Counter()
        for entry in self.results["diagnosis"]:
            counts[entry["route"], entry["verdict"]] += entry["count"]
        return counts

    def teaching(self, route: str, quantity: str) -> float:
        """What was spent once; 0 where nothing was taught."""
        return float(self._costs.get((route, "teach"), {}).get(quantity, 0))

    def asking(self, route: str, quantity: str) -> float:
        """What one question costs, on average over those that were asked."""
        spent = self._costs.get((route, "ask"), {})
        return float(spent.get(quantity, 0)) / max(int(spent.get("questions", 0)), 1)

    def asked(self, route: str) -> int:
        """How many questions the costs of asking are for."""
        return int(self._costs.get((route, "ask"), {}).get("questions", 0))

    def peak_memory(self, route: str, phase: str) -> float:
        """Highest memory while teaching or asking, in bytes; 0 where that did not happen."""
        return float(self._costs.get((route, phase), {}).get("peak_memory_bytes", 0))

    def total_cost(self, route: str, unit: Unit, questions: float) -> float:
        """What teaching and asking that many questions cost together."""
        return self.teaching(route, unit) + questions * self.asking(route, unit)


def _row(entry: Figures) -> Row:
    return Row(entry["kind"], entry["latent"])

"""What the routes of a run cost, to teach once and to ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from obverse.types import Ledger, Route

if TYPE_CHECKING:
    from obverse.judging.run_record import RunRecord


def costs_of(route: Route, record: RunRecord) -> Iterable[dict[str, Any]]:
    """What teaching cost once and asking cost in all, as means over seeds."""
    cells = {
        seed: rows
        for (name, control, seed), rows in record.cells.items()
        if name == route.name and not control
    }
    derived = {question.id for question in record.completions}
    taught = [
        sum(
            (row.taught for row in rows),
            record.teaching.get((route.parameters, seed), Ledger()),
        )
        for seed, rows in cells.items()
    ]
    asked = [
        [row for row in rows if row.answers and row.answers[0].question not in derived]
        for rows in cells.values()
    ]
    questions = sum(len(row.answers) for row in asked[0]) if asked else 0
    asking = [sum((row.asked for row in rows), Ledger()) for rows in asked]
    yield {"route": route.name, "phase": "teach", "questions": 0, **_mean(taught)}
    yield {"route": route.name, "phase": "ask", "questions": questions, **_mean(asking)}


def _mean(ledgers: Sequence[Ledger]) -> dict[str, float]:
    total = asdict(sum(ledgers, Ledger()))
    peak = total.pop("peak_memory_bytes")
    means = {name: value / max(1, len(ledgers)) for name, value in total.items()}
    whole = {name: value if name == "seconds" else round(value) for name, value in means.items()}
    return {**whole, "peak_memory_bytes": peak}

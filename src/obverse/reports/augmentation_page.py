"""The page of an augmentation: each document with what was derived from it, kept or rejected, and the price."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.reports.page import view
from obverse.reports.palette import HUES
from obverse.reports.rendering import embedded, write_html

if TYPE_CHECKING:
    from obverse.reports.charts import Panel

Content = Mapping[str, Any]

KINDS = {
    "rephrase": "what one document says, in other words",
    "reverse": "what one document says, the other way round",
    "question": "what one document says, as a question with its answer",
    "inference": "what follows from the documents in view, reasoned out",
}
VERIFIERS = {
    "grounding": "The share of a line's names and numbers that stand in its sources; 0 where it has none.",
    "entailment": (
        "How much likelier a line is after its sources than after the same with their names exchanged, or how much "
        "likelier than what contradicts it; the smaller of the two, in nats a token."
    ),
    "agreement": "The share of the samples for the same document that say the same, in these or other words.",
    "support": "By how much its sources make the least expected word of a line likelier, in nats, each word once.",
    "judge": "1 where a model that was asked whether the line follows says yes, 0 where it says no, else 0.5.",
    "exact": "1 where the line follows by the rules of the task, 0 where it does not, 0.5 where it cannot be read.",
}
OUTCOME_COLOURS = {"kept": HUES[2][0], "rejected": HUES[0][0]}
MOST_BARS = 20


@dataclass(frozen=True)
class Line:
    """A line as the page shows it.

    Args:
        text, kind, reason, tokens: as in the data set.
        document: number of the one that it is about.
        sources: numbers of those that it claims to follow from.
        scores: one for each verifier, in their order; nothing where one gave no number.
        verifier: number of the first that it does not pass, -1 where there is none.
    """

    text: str
    kind: str
    document: int
    sources: tuple[int, ...]
    kept: bool
    reason: str
    scores: tuple[float | None, ...]
    verifier: int
    tokens: int


@dataclass(frozen=True)
class Row:
    """Lines of one kind, or of all.

    Args:
        kind: empty where it is all.
        rejected: how many each verifier rejected, the first that a line does not pass alone.
        tokens: of the lines that were kept.
    """

    kind: str
    lines: int
    kept: int
    rejected: tuple[int, ...]
    tokens: int


def write_augmentation_page(folder: Path) -> Path:
    """Write ``report.html`` from ``results.json``, and return the page's path.

    Raises:
        OSError: the file is missing, or the page cannot be written.
    """
    results: Content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    lines = _lines(results)
    thresholds: Mapping[str, float] = results["verifiers"]
    panels: dict[str, Panel] = {}
    charts: dict[str, str] = {}
    for number, (name, threshold) in enumerate(thresholds.items()):
        scored = [(score, line.kept) for line in lines if (score := line.scores[number]) is not None]
        if scored:
            charts[f"scores-{number}"] = name
            panels[f"scores-{number}"] = score_panel(name, threshold, scored)
    kinds = dict.fromkeys([*results["settings"]["kinds"], *(line.kind for line in lines)])
    page = folder / "report.html"
    write_html(
        page,
        "augmentation.html.j2",
        panels,
        scripts=["filters.js", "lines.js"],
        results=results,
        rows=[_row(kind, lines, len(thresholds)) for kind in kinds],
        total=_row("", lines, len(thresholds)),
        costs=_costs(results),
        score_charts=charts,
        about_kinds={kind: KINDS[kind] for kind in kinds if kind in KINDS},
        about_verifiers=VERIFIERS,
        outcome_colours=OUTCOME_COLOURS,
        usd=usd,
        view=view,
        lines=embedded(_packed(results, lines)),
    )
    return page


def usd(amount: float | None) -> str:
    """A price; below ten cents with two significant digits."""
    if amount is None:
        return "not known"
    return f"{amount:.2g}" if 0 < amount < 0.1 else f"{amount:,.2f}"


def score_panel(verifier: str, threshold: float, scored: Sequence[tuple[float, bool]]) -> Panel:
    """How many lines have which score, by whether they are kept, and the threshold as a dashed line.

    Args:
        scored: each line's score, and whether it is kept; at least one.
    """
    import altair

    scores = [score for score, _ in scored]
    width = bar_width(min(threshold, *scores), max(threshold, *scores))
    # A bar begins at the threshold, so that none holds scores of both sides.
    counts = Counter((math.floor(round((score - threshold) / width, 9)), kept) for score, kept in scored)
    values = [
        {
            "from": threshold + place * width,
            "to": threshold + (place + 1) * width,
            "outcome": "kept" if kept else "rejected",
            "score": f"{threshold + place * width:.4g} to {threshold + (place + 1) * width:.4g}",
            "lines": count,
        }
        for (place, kept), count in sorted(counts.items())
    ]
    colours = altair.Scale(domain=list(OUTCOME_COLOURS), range=list(OUTCOME_COLOURS.values()))
    bars = (
        altair.Chart(altair.InlineData(values))
        .mark_bar(binSpacing=1, strokeWidth=1.5)
        .encode(
            x=altair.X("from:Q", bin="binned", title=f"score by {verifier}")
            .scale(nice=False, zero=False)
            .axis(grid=False, format="~g", tickCount=5, labelOverlap=True),
            x2="to:Q",
            y=altair.Y("lines:Q", title="lines").axis(tickMinStep=1, tickCount=4),
            color=altair.Color("outcome:N", scale=colours, legend=None),
            stroke=altair.Stroke("outcome:N", scale=colours, legend=None),
            order=altair.Order("outcome:N", sort="ascending"),
            fillOpacity=altair.condition("datum.outcome === 'kept'", altair.value(1), altair.value(0.25)),
            tooltip=["outcome:N", "score:N", "lines:Q"],
        )
    )
    mark = (
        altair.Chart(altair.InlineData([{"threshold": threshold}]))
        .mark_rule(style="crossing", strokeDash=[4, 4], strokeWidth=1.5)
        .encode(x="threshold:Q")
    )
    return altair.layer(bars, mark).properties(height=150)


def bar_width(low: float, high: float) -> float:
    """The least round width with which not many bars reach from one to the other."""
    least = (high - low) / MOST_BARS
    if least <= 0:
        return 0.1
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))


def _lines(results: Content) -> list[Line]:
    """The kept ones first, as a data set has them."""
    number = {document["id"]: place for place, document in enumerate(results["documents"])}
    found = []
    for row in sorted(results["lines"], key=lambda row: not row["kept"]):
        given = {score["verifier"]: score["score"] for score in row["scores"]}
        scores = tuple(_finite(given.get(name)) for name in results["verifiers"])
        failed = (
            place
            for place, (score, threshold) in enumerate(
                zip(scores, results["verifiers"].values(), strict=True)
            )
            if score is None or score < threshold
        )
        found.append(
            Line(
                text=row["text"],
                kind=row["kind"],
                document=number[row["target"]],
                sources=tuple(number[source] for source in row["sources"]),
                kept=row["kept"],
                reason=row["reason"],
                scores=scores,
                verifier=-1 if row["kept"] else next(failed, -1),
                tokens=row["tokens"],
            )
        )
    return found


def _finite(score: float | None) -> float | None:
    """JSON has no infinity, and what is not a number reaches no threshold."""
    return score if score is not None and math.isfinite(score) else None


def _row(kind: str, lines: Iterable[Line], verifiers: int) -> Row:
    chosen = [line for line in lines if kind in ("", line.kind)]
    rejected = Counter(line.verifier for line in chosen)
    return Row(
        kind,
        len(chosen),
        sum(line.kept for line in chosen),
        tuple(rejected[number] for number in range(verifiers)),
        sum(line.tokens for line in chosen if line.kept),
    )


def _costs(results: Content) -> dict[str, Content]:
    """What writing and checking cost, and the sum where both did; a price is known where all its parts are."""
    writing, checking = results["cost"], results["checking"]
    if checking is None:
        return {"writing": writing}
    both = {
        name: None if None in (writing[name], checking[name]) else writing[name] + checking[name]
        for name in writing
    }
    return {"writing": writing, "checking": checking, "together": both}


def _packed(results: Content, lines: Iterable[Line]) -> Content:
    """What the page's browser of lines reads: lists of sources, which repeat, are stored once."""
    sources: dict[tuple[int, ...], int] = {}
    rows = [
        {
            "text": line.text,
            "kind": line.kind,
            "document": line.document,
            "sources": sources.setdefault(line.sources, len(sources)),
            "kept": line.kept,
            "reason": line.reason,
            "scores": [score if score is None else float(f"{score:.3g}") for score in line.scores],
            "verifier": line.verifier,
            "tokens": line.tokens,
        }
        for line in lines
    ]
    return {
        "documents": [[document["id"], document["text"]] for document in results["documents"]],
        "verifiers": list(results["verifiers"]),
        "sources": list(sources),
        "lines": rows,
    }

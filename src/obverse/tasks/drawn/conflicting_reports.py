"""Reports under each condition of `obverse.tasks.drawn.conflict`: what is right, and who stands behind each choice.

A kind of questions is a condition: what the reports say and which of them is newer or official, and what the question
tells to follow.  Where it tells nothing, what decides is a convention: authority before majority before age.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from obverse.tasks.drawn.reported import Report, ReportWording

RECALL = "no report"
AGREEING = "report as learned"
AGAINST_LEARNED = "report against what was learned"
UNDECIDED = "two reports"
SUPPORTED = "two reports, one as learned"
RECENCY = "newer report"
MAJORITY = "two reports against one"
AUTHORITY = "official report"
AUTHORITY_OR_MAJORITY = "official report against two"
AUTHORITY_OR_RECENCY = "official report against a newer one"
TOLD_FIRST = "told to follow the first report"
TOLD_LAST = "told to follow the last report"
TOLD_LEARNED = "told to follow what was learned"


@dataclass(frozen=True)
class LearnedFact:
    """What a document says; its id is that of the document."""

    id: str
    subject: str
    relation: int
    value: str


@dataclass(frozen=True)
class Claim:
    """What a report says."""

    value: str  # the ``learned`` one, an ``other`` or a ``third``
    official: bool = False
    newer: bool = False


@dataclass(frozen=True)
class Condition:
    """The reports of a kind, and what the question tells: one of `obverse.tasks.drawn.reported.TOLD`."""

    claims: tuple[Claim, ...]
    told: str = ""


_LEARNED, _OTHER, _THIRD = Claim("learned"), Claim("other"), Claim("third")
_OFFICIAL, _NEWER = Claim("other", official=True), Claim("other", newer=True)
CONDITIONS = {
    RECALL: Condition(()),
    AGREEING: Condition((_LEARNED,)),
    AGAINST_LEARNED: Condition((_OTHER,)),
    UNDECIDED: Condition((_OTHER, _THIRD)),
    SUPPORTED: Condition((_LEARNED, _OTHER)),
    RECENCY: Condition((_NEWER, _THIRD)),
    MAJORITY: Condition((_OTHER, _THIRD, _THIRD)),
    AUTHORITY: Condition((_OFFICIAL, _THIRD)),
    AUTHORITY_OR_MAJORITY: Condition((_OFFICIAL, _THIRD, _THIRD)),
    AUTHORITY_OR_RECENCY: Condition((_OFFICIAL, Claim("third", newer=True))),
    TOLD_FIRST: Condition((_OTHER, _THIRD), "first"),
    TOLD_LAST: Condition((_OTHER, _THIRD), "last"),
    TOLD_LEARNED: Condition((_OTHER,), "learned"),
}
"""The condition of each kind."""

READING = (AGAINST_LEARNED, TOLD_FIRST, TOLD_LAST)
CONVENTIONS = (UNDECIDED, RECENCY, MAJORITY, AUTHORITY, AUTHORITY_OR_MAJORITY, AUTHORITY_OR_RECENCY)
"""What practice asks about people of whom nothing was learned; the latter need a convention."""

REMEMBERING = (RECALL, TOLD_LEARNED)
"""What it asks about facts of the documents."""

TURNS = 6
"""Every place among two and among three reports comes up equally often in so many turns."""


def draw_reports(
    condition: str,
    fact: LearnedFact,
    others: Sequence[str],
    turn: int,
    words: ReportWording,
    rng: random.Random,
) -> list[Report]:
    """The reports on a fact under that condition.

    Args:
        others: two values that are not the learned one.
        turn: tells at which place the first report of the condition stands; each comes in turn.
    """
    claims = CONDITIONS[condition].claims
    values = dict(zip(("learned", "other", "third"), (fact.value, *others), strict=True))
    year = int(rng.random() * (len(words.years) - 1))
    sources = rng.sample(words.sources, len(claims))
    reports = [
        Report(
            words.official if claim.official else source,
            year + (1 + int(rng.random() * (len(words.years) - 1 - year)) if claim.newer else 0),
            fact.subject,
            fact.relation,
            values[claim.value],
        )
        for claim, source in zip(claims, sources, strict=True)
    ]
    if reports:
        reports.insert(turn % len(reports), reports.pop(0))
    return reports


def decide(reports: Sequence[Report], told: str, learned: str | None, official: str) -> str | None:
    """What is right by the convention.

    Args:
        told: what the question tells to follow.
        learned: the value that was learned, where one was.
        official: the source that is that.
    """
    if told == "learned" or not reports:
        return learned
    if told:
        return reports[0 if told == "first" else -1].value
    marked = _marked(reports, official)
    values = [report.value for report in reports]
    for source in ("authority", "majority", "newest"):
        if source in marked:
            return marked[source]
    return learned if learned in values else values[-1]


def stand_behind(
    choices: Sequence[str], reports: Sequence[Report], learned: str, official: str
) -> Mapping[str, tuple[str, ...]]:
    """Who stands behind each choice, as `Conflict.sources` tells."""
    behind: dict[str, dict[str, None]] = {choice: {} for choice in choices}
    places = ["first report", *["middle report"] * (len(reports) - 2), "last report"]
    placed = zip(places if len(reports) > 1 else ["only report"], reports, strict=False)
    sources = [(place, report.value) for place, report in placed]
    for source, value in (("parameters", learned), *sources, *_marked(reports, official).items()):
        behind[value][source] = None
    return {choice: tuple(found) or ("none",) for choice, found in behind.items()}


def _marked(reports: Sequence[Report], official: str) -> dict[str, str]:
    """What the official report, most reports and the newest say, where one of several is that."""
    if len(reports) < 2:
        return {}
    found: dict[str, str] = {}
    if authority := [report.value for report in reports if report.source == official]:
        found["authority"] = authority[-1]
    ((most, count), *others) = Counter(report.value for report in reports).most_common()
    if not others or count > others[0][1]:
        found["majority"] = most
    newest = max(report.year for report in reports)
    newer = [report.value for report in reports if report.year == newest]
    if len(newer) == 1:
        found["newest"] = newer[0]
    return found

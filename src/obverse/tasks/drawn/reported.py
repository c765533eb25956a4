"""Facts, reports on facts and questions after reports: put in words and read back, for `obverse.tasks.drawn.conflict`.

>>> text = NATURAL.write_report(Report("A letter", 2, "Ilka Venning", 0, "Lisbon"))
>>> text
'A letter of 1968 says: Ilka Venning lives in Lisbon.'
>>> NATURAL.read(text).reports
(Report(source='A letter', year=2, subject='Ilka Venning', relation=0, value='Lisbon'),)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

TOLD = ("", "first", "last", "learned")
"""What a question tells to follow: nothing, a report, or what was learned."""

ASK = "ask"
"""What a formal question begins with that tells nothing."""

_CITIES = """
Lisbon Prague Vienna Dublin Oslo Cairo Lima Madrid Athens Warsaw Geneva Tunis Havana Boston Kyoto Nairobi
Helsinki Zurich Brussels Florence Hamburg Toronto Sydney Krakow
"""
PLACES = tuple(_CITIES.split())
"""The values of the natural form."""


@dataclass(frozen=True)
class Report:
    """What a source says about a fact.

    Args:
        year: counted from 0; a greater one is newer.
        relation: its number.
    """

    source: str
    year: int
    subject: str
    relation: int
    value: str


@dataclass(frozen=True)
class Asked:
    """A question.

    Args:
        told: one of ``TOLD``.
        answer: what stands behind it, if anything does.
    """

    subject: str
    relation: int
    told: str
    answer: str


@dataclass(frozen=True)
class Text:
    """What stands in a text: facts outside of reports, reports, questions."""

    facts: tuple[tuple[str, int, str], ...]
    reports: tuple[Report, ...]
    questions: tuple[Asked, ...]


class Wording:
    """How things are said.

    Args:
        fact, report: with places for what they are about.
        asked: questions by number of the relation and what they tell, with a place for the subject.
        relations: what facts call them.
        sources: the official one last.
        years: the oldest first.
        answer: what stands between a question and its answer.
        subject, value: regular expressions of the words for them.
    """

    def __init__(
        self,
        *,
        fact: str,
        report: str,
        asked: Sequence[Sequence[str]],
        relations: Sequence[str],
        sources: Sequence[str],
        years: Sequence[str],
        answer: str,
        subject: str,
        value: str,
    ) -> None:
        self._fact, self._report, self._asked, self.years = fact, report, asked, tuple(years)
        self.relations, self.answer = tuple(relations), answer
        *self.sources, self.official = sources
        places = {"subject": f"(?P<subject>{subject})", "value": f"(?P<value>{value})"}
        facts = re.escape(fact)
        for name, pattern in (*places.items(), ("relation", _any("relation", relations))):
            facts = facts.replace(rf"\{{{name}\}}", pattern)
        reports = re.escape(report)
        for name, pattern in (
            ("source", _any("source", sources)),
            ("year", _any("year", years)),
            ("fact", facts),
        ):
            reports = reports.replace(rf"\{{{name}\}}", pattern)
        self._facts, self._reports = re.compile(facts), re.compile(reports)
        ending = rf"(?:{re.escape(answer)}{places['value']}|$)"
        self._questions = [
            (relation, told, re.compile(re.escape(text).replace(r"\{subject\}", places["subject"]) + ending))
            for relation, texts in enumerate(asked)
            for told, text in zip(TOLD, texts, strict=True)
        ]

    def write_fact(self, subject: str, relation: int, value: str) -> str:
        return self._fact.format(subject=subject, relation=self.relations[relation], value=value)

    def write_report(self, report: Report) -> str:
        fact = self.write_fact(report.subject, report.relation, report.value)
        return self._report.format(source=report.source, year=self.years[report.year], fact=fact)

    def write_question(self, subject: str, relation: int, told: str) -> str:
        return self._asked[relation][TOLD.index(told)].format(subject=subject)

    def read(self, text: str) -> Text:
        """Everything that a text says and asks."""
        reports = tuple(
            Report(
                found["source"],
                self.years.index(found["year"]),
                found["subject"],
                self.relations.index(found["relation"]),
                found["value"],
            )
            for found in self._reports.finditer(text)
        )
        rest = self._reports.sub("", text)
        facts = tuple(
            (found["subject"], self.relations.index(found["relation"]), found["value"])
            for found in self._facts.finditer(rest)
        )
        questions = tuple(
            Asked(found["subject"], relation, told, found["value"] or "")
            for relation, told, pattern in self._questions
            for found in pattern.finditer(rest)
        )
        return Text(facts, reports, questions)


def _any(name: str, words: Sequence[str]) -> str:
    """The pattern that any of the words fits."""
    return f"(?P<{name}>{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})"


@lru_cache
def formal(relations: int) -> Wording:
    """Single words: ``e5 r1 v9 .``, ``report s2 y5 : e5 r1 v3 .``, ``ask : e5 r1``."""
    names = [f"r{number}" for number in range(relations)]
    return Wording(
        fact="{subject} {relation} {value} .",
        report="report {source} {year} : {fact}",
        asked=[[f"{told or ASK} : {{subject}} {name}" for told in TOLD] for name in names],
        relations=names,
        sources=[*(f"s{number}" for number in range(len(NATURAL.sources))), "official"],
        years=[f"y{number}" for number in range(len(NATURAL.years))],
        answer=" ",
        subject=r"e\d+",
        value=r"v\d+",
    )


_QUESTIONS = ("Where does {subject} live?", "Where does {subject} work?", "Where does {subject} study?")
_ENDINGS = (
    "",
    " Answer as in the first report.",
    " Answer as in the last report.",
    " Answer from what you knew before these reports.",
)

NATURAL = Wording(
    fact="{subject} {relation} {value}.",
    report="{source} of {year} says: {fact}",
    asked=[[question + ending for ending in _ENDINGS] for question in _QUESTIONS],
    relations=("lives in", "works in", "studies in"),
    sources=("A letter", "A diary", "A memoir", "A travel book", "A newspaper", "The official register"),
    years=[str(year) for year in range(1960, 2000, 4)],
    answer="\nAnswer: ",
    subject=r"[A-Z][^.:?\n]*?",
    value=r"\w+",
)
"""English sentences."""

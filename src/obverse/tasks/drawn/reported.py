"""Facts, reports on facts and questions after reports: put in words and read back, for `obverse.tasks.drawn.conflict`.

>>> text = NATURAL.write_report(Report("A letter", 2, "Ilka Venning", 0, "Lisbon"))
>>> text
'A letter of 1968 says: Ilka Venning lives in Lisbon.'
>>> NATURAL.read(text).reports
[Report(source='A letter', year=2, subject='Ilka Venning', relation=0, value='Lisbon')]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from obverse.tasks.drawn.draws import numbered
from obverse.tasks.drawn.texts import ANSWER, template_pattern

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
    """What a source says about a fact."""

    source: str
    year: int  # counted from 0; a greater one is newer
    subject: str
    relation: int
    value: str


@dataclass(frozen=True)
class Asked:
    """A question."""

    subject: str
    relation: int
    told: str  # one of ``TOLD``
    answer: str  # what stands behind it, if anything does


@dataclass(frozen=True)
class Text:
    """What stands in a text: facts outside of reports, reports, questions."""

    facts: Sequence[tuple[str, int, str]]
    reports: Sequence[Report]
    questions: Sequence[Asked]


@dataclass(frozen=True)
class ReportWording:
    """How things are said."""

    fact: str  # with places for subject, relation and value
    report: str  # with places for source, year and fact
    asked: Sequence[
        Sequence[str]
    ]  # by number of the relation and what the question tells; with one for the subject
    relations: Sequence[str]  # what facts call them
    sources: Sequence[str]
    official: str  # one more source
    years: Sequence[str]  # the oldest first
    answer: str  # what stands between a question and its answer
    subject: str  # what subjects look like
    value: str

    def write_fact(self, subject: str, relation: int, value: str) -> str:
        return self.fact.format(subject=subject, relation=self.relations[relation], value=value)

    def write_report(self, report: Report) -> str:
        fact = self.write_fact(report.subject, report.relation, report.value)
        return self.report.format(source=report.source, year=self.years[report.year], fact=fact)

    def write_question(self, subject: str, relation: int, told: str) -> str:
        return self.asked[relation][TOLD.index(told)].format(subject=subject)

    def read(self, text: str) -> Text:
        """Everything that a text says and asks."""
        reports = [
            Report(found["source"], self.years.index(found["year"]), *self._fact_of(found))
            for found in self._reports.finditer(text)
        ]
        rest = self._reports.sub("", text)
        questions = [
            Asked(found["subject"], relation, told, found["value"] or "")
            for relation, told, pattern in self._questions
            for found in pattern.finditer(rest)
        ]
        return Text([self._fact_of(found) for found in self._facts.finditer(rest)], reports, questions)

    def _fact_of(self, found: re.Match[str]) -> tuple[str, int, str]:
        return found["subject"], self.relations.index(found["relation"]), found["value"]

    @cached_property
    def _facts(self) -> re.Pattern[str]:
        return template_pattern(
            self.fact, subject=self.subject, relation=_any(self.relations), value=self.value
        )

    @cached_property
    def _reports(self) -> re.Pattern[str]:
        sources = _any((*self.sources, self.official))
        return template_pattern(self.report, source=sources, year=_any(self.years), fact=self._facts.pattern)

    @cached_property
    def _questions(self) -> list[tuple[int, str, re.Pattern[str]]]:
        ending = rf"{re.escape(self.answer)}(?P<value>{self.value})|$"
        return [
            (relation, told, template_pattern(text + "{ending}", subject=self.subject, ending=ending))
            for relation, texts in enumerate(self.asked)
            for told, text in zip(TOLD, texts, strict=True)
        ]


def _any(words: Sequence[str]) -> str:
    """The pattern that any of the words fits."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


@lru_cache
def formal(relations: int) -> ReportWording:
    """Single words: ``e5 r1 v9 .``, ``report s2 y5 : e5 r1 v3 .``, ``ask : e5 r1``."""
    names = numbered("r", relations)
    return ReportWording(
        fact="{subject} {relation} {value} .",
        report="report {source} {year} : {fact}",
        asked=[[f"{told or ASK} : {{subject}} {name}" for told in TOLD] for name in names],
        relations=names,
        sources=numbered("s", len(NATURAL.sources)),
        official="official",
        years=numbered("y", len(NATURAL.years)),
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

NATURAL = ReportWording(
    fact="{subject} {relation} {value}.",
    report="{source} of {year} says: {fact}",
    asked=[[question + ending for ending in _ENDINGS] for question in _QUESTIONS],
    relations=("lives in", "works in", "studies in"),
    sources=("A letter", "A diary", "A memoir", "A travel book", "A newspaper"),
    official="The official register",
    years=[str(year) for year in range(1960, 2000, 4)],
    answer=f"\n{ANSWER}",
    subject=r"[A-Z][^.:?\n]*?",
    value=r"\w+",
)
"""English sentences."""

"""Reads scenes back from their sentences alone, as somebody would who knows English and not the plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal

from obverse.practice import kinds
from obverse.practice.formats import Fact
from obverse.practice.kinds import NO, UNKNOWN, YES, Quantifier
from obverse.practice.made_up_names import Part
from obverse.practice.relations import Relation, relations, wordings

Side = Literal["subject", "object"]
Said = tuple[Quantifier, str, str]


def matches(wording: str, text: str) -> re.Match[str] | None:
    """The text read as that wording."""
    return _pattern(wording).fullmatch(text)


@cache  # there are more wordings than expressions that the library keeps
def _pattern(wording: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(wording)))


def read_fact(sentence: str, known: Part, phrasings: Part) -> Fact:
    """The one fact that a sentence says."""
    (fact,) = {
        (relation.name, found["subject"], found["object"]): Fact(relation, found["subject"], found["object"])
        for relation in relations(known)
        for wording in wordings(relation.statements, phrasings)
        if (found := matches(wording, sentence))
    }.values()
    return fact


@dataclass(frozen=True)
class Reader:
    """Answers questions from facts, following descriptions from one to the next."""

    facts: tuple[Fact, ...]
    known: Part
    phrasings: Part

    def answers(self, prompt: str) -> set[tuple[str, int]]:
        """What a question asks for, in every way that it can be read, with the facts that led there."""
        return {
            (answer, steps + 1)
            for relation, side, cue in self.cues(prompt)
            for name, steps in self._named(cue)
            for answer in self._other(relation, side, name)
        }

    def cues(self, prompt: str) -> Iterator[tuple[Relation, Side, str]]:
        """The relation that is asked about, the side that is asked for, and what stands for the other one."""
        for relation in relations(self.known):
            for wording in wordings(relation.asking_object, self.phrasings):
                for cue in _places(wording, prompt):
                    yield relation, "object", cue
            for wording in wordings(relation.asking_subject, self.phrasings):
                for cue in _places(wording, prompt):
                    yield relation, "subject", cue

    def _named(self, description: str) -> set[tuple[str, int]]:
        """Whom a description means, with the facts that led there; a name means itself."""
        if any(description in (fact.subject, fact.object) for fact in self.facts):
            return {(description, 0)}
        return {
            (name, steps + 1)
            for relation in relations(self.known)
            for side, wording in _descriptions(relation)
            for cue in _places(wording, description)
            for inner, steps in self._named(cue)
            for name in self._other(relation, side, inner)
        }

    def _other(self, relation: Relation, side: Side, name: str) -> Iterator[str]:
        for fact in self.facts:
            if fact.relation == relation:
                if side == "object" and fact.subject == name:
                    yield fact.object
                if side == "subject" and fact.object == name:
                    yield fact.subject


def _descriptions(relation: Relation) -> tuple[tuple[Side, str], ...]:
    return ("object", relation.the_object), ("subject", relation.the_subject)


def _places(wording: str, text: str) -> Iterator[str]:
    """What stands for the name; "the ship" before it may be its own beginning, said once for both."""
    if not (found := matches(wording, text)):
        return
    (place,) = found.groups()
    yield place
    before = text[: found.start(1)]
    for pattern in (r"the $", r"the \w+ $"):
        if start := re.search(pattern, before, re.IGNORECASE):
            yield start.group().lower() + place


def read_kinds(sentence: str, part: Part) -> Said:
    """What a sentence says of two kinds."""
    (said,) = {
        (quantifier, found["a"], found["b"])
        for quantifier, some in kinds._STATEMENTS.items()
        for wording in wordings(some, part)
        if (found := matches(wording, sentence))
    }
    return said


def read_kinds_asked(prompt: str, part: Part) -> Said:
    """What is asked about two kinds."""
    (asked,) = {
        (quantifier, found["a"], found["c"])
        for quantifier, some in kinds._QUESTIONS.items()
        for wording in wordings(some, part)
        if (found := matches(wording, prompt))
    }
    return asked


def follows(premises: Iterable[Said], asked: Said) -> str:
    """Whether what is asked holds in all models of the premises, in none, or in some."""
    premises = tuple(premises)
    known = sorted({kind for _, *pair in (*premises, asked) for kind in pair})
    verdicts = {
        _holds(asked, model)
        for model in _models(known)
        if model[asked[1]] and all(_holds(premise, model) for premise in premises)
    }
    assert verdicts, "the premises contradict each other"
    return UNKNOWN if len(verdicts) == 2 else YES if verdicts.pop() else NO


def _models(known: list[str]) -> Iterator[dict[str, set[int]]]:
    """All ways in which three things can be of these kinds."""
    subsets = [{thing for thing in range(3) if number >> thing & 1} for number in range(8)]
    for sets in product(subsets, repeat=len(known)):
        yield dict(zip(known, sets, strict=True))


def _holds(said: Said, model: dict[str, set[int]]) -> bool:
    quantifier, first, second = said
    match quantifier:
        case "every":
            return model[first] <= model[second]
        case "no":
            return not model[first] & model[second]
        case "some":
            return bool(model[first] & model[second])

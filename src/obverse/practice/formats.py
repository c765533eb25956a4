"""How facts are written down: sentences of their own, passages, lists, tables, letters, questions with answers.

>>> from random import Random
>>> from obverse.practice.relations import RELATIONS
>>> fact = Fact(RELATIONS[0], "Nell Ashbury", "K41")
>>> print(write(Random(0), [fact], "table", "practice"))
| person | locker |
|---|---|
| Nell Ashbury | K41 |
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from obverse.practice.made_up_names import Part
from obverse.practice.relations import Relation, wordings

Format = Literal["sentences", "passage", "list", "table", "letter", "questions"]
"""``sentences`` is a document for each fact, the others put many facts into one."""

_FILLER = (
    "It rained most of the week.",
    "Nobody could say how long the works would last.",
    "Coffee is served at ten.",
    "The minutes of the last meeting were approved.",
    "A bus leaves every twenty minutes.",
    "The lift was out of order again.",
    "Opinions about the new carpet differ.",
    "The clocks go back on Sunday.",
    "More about that in the next issue.",
    "The car park was full by nine.",
)
_GREETINGS = ("Dear all,", "Hello everybody,", "To whom it may concern,", "Good morning,")
_CLOSINGS = ("Yours sincerely,\nthe office", "Best wishes,\nthe committee", "Kind regards,\nthe secretary")
_FILLER_SHARE = 0.15


@dataclass(frozen=True)
class Fact:
    """A relation between two names."""

    relation: Relation
    subject: str
    object: str

    def said(self, wording: str) -> str:
        """The wording with the names in it."""
        return wording.format(subject=self.subject, object=self.object)


def write(rng: random.Random, facts: Sequence[Fact], form: Format, part: Part) -> str:
    """One document that says these facts, in this order.

    Args:
        part: of the wordings.
    """
    match form:
        case "sentences":
            return " ".join(_sentence(rng, fact, part) for fact in facts)
        case "passage":
            return " ".join(_with_filler(rng, [_sentence(rng, fact, part) for fact in facts]))
        case "list":
            return "\n".join(f"- {_sentence(rng, fact, part)}" for fact in facts)
        case "table":
            return "\n\n".join(_tables(facts))
        case "letter":
            lines = _with_filler(rng, [_sentence(rng, fact, part) for fact in facts])
            return "\n\n".join((rng.choice(_GREETINGS), " ".join(lines), rng.choice(_CLOSINGS)))
        case "questions":
            return "\n".join(_answered(rng, fact, part) for fact in facts)


def _sentence(rng: random.Random, fact: Fact, part: Part) -> str:
    return fact.said(rng.choice(wordings(fact.relation.statements, part)))


def _with_filler(rng: random.Random, sentences: Sequence[str]) -> list[str]:
    lines = []
    for sentence in sentences:
        if rng.random() < _FILLER_SHARE:
            lines.append(rng.choice(_FILLER))
        lines.append(sentence)
    return lines


def _answered(rng: random.Random, fact: Fact, part: Part) -> str:
    asks_object = rng.random() < 0.5
    asking = fact.relation.asking_object if asks_object else fact.relation.asking_subject
    return f"{fact.said(rng.choice(wordings(asking, part)))} {fact.object if asks_object else fact.subject}."


def _tables(facts: Sequence[Fact]) -> list[str]:
    """A table for each sort of subject, with a row for each subject and a column for each relation."""
    rows: dict[str, dict[str, dict[str, str]]] = {}
    for fact in facts:
        rows.setdefault(fact.relation.subject, {}).setdefault(fact.subject, {})[fact.relation.name] = (
            fact.object
        )
    tables = []
    for sort, found in rows.items():
        columns = list(dict.fromkeys(name for row in found.values() for name in row))
        cells = [[subject, *(row.get(name, "") for name in columns)] for subject, row in found.items()]
        head, *body = (f"| {' | '.join(line)} |" for line in ([sort, *columns], *cells))
        tables.append("\n".join((head, "|---" * (1 + len(columns)) + "|", *body)))
    return tables

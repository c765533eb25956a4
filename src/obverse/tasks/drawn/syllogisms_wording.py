"""How syllogisms are said, asked and read, in words or in English."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.first_figure import Content, reordered
from obverse.tasks.drawn.logic import ALL, NO, SOME
from obverse.tasks.drawn.texts import STOP, solved, write_document
from obverse.types import Document, Statement

NAMED = ":"
"""Stands behind the kinds that a formal text is about."""

QUANTIFIERS = {ALL: "all", SOME: "some", NO: "no"}
_RELATIONS = {word: relation for relation, word in QUANTIFIERS.items()}
_STATEMENT = re.compile(r"\b(all|some|no) (\w+) (?:are )?(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class SyllogismsWording:
    """Statements about kinds in the words of a form."""

    form: Form

    def document(self, content: Content, group: str | None = None) -> Document:
        """A document; in the formal form its answers are all that follows the names."""
        text = " ".join((self._name(content.kinds), *map(self.say, content.statements)))
        if self.form == "natural":
            return Document(content.id, text, group)
        words = text.split()
        return write_document(content.id, words, range(words.index(NAMED) + 1, len(words)), group)

    def answered(self, kinds: Sequence[str], statement: Statement) -> Document:
        """How two kinds are related, as an answer; in the natural form to a question."""
        if self.form == "natural":
            return solved(self.prompt(kinds), self.say(statement))
        return self.document(Content("answered", kinds, (statement,)))

    def say(self, statement: Statement) -> str:
        """A statement as it stands in documents and among choices."""
        subject, relation, object_ = statement
        word = QUANTIFIERS[relation]
        if self.form == "natural":
            return f"{word.capitalize()} {subject} are {object_}."
        return f"{word} {subject} {object_} {STOP}"

    def prompt(self, kinds: Sequence[str]) -> str:
        """The question how two kinds are related."""
        return self._name(kinds) + (" How are they related?" if self.form == "natural" else "")

    def prompt_premise(self, couple: Content, place: int, rng: random.Random) -> str:
        """The prompt for the premise at that place: the document up to it, or how its two kinds are related."""
        if self.form == "natural":
            return self.prompt(reordered(couple.statements[place][::2], rng))
        return " ".join((self._name(couple.kinds), *map(self.say, couple.statements[:place])))

    def _name(self, kinds: Sequence[str]) -> str:
        """What it is about."""
        if self.form == "natural":
            return f"This is about {', '.join(kinds[:-1])} and {kinds[-1]}."
        return " ".join((*kinds, NAMED))


def read(text: str) -> tuple[Statement, ...]:
    """What a text in either form says."""
    found = _STATEMENT.findall(text)
    return tuple((subject, _RELATIONS[word.lower()], object_) for word, subject, object_ in found)

"""How syllogisms are said, asked and read, in words or in English."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.first_figure import Couple, reordered
from obverse.tasks.drawn.logic import ALL, NO, SOME
from obverse.tasks.drawn.texts import solved, write_document
from obverse.types import Document, Statement

QUANTIFIERS = {ALL: "all", SOME: "some", NO: "no"}
_RELATIONS = {word: relation for relation, word in QUANTIFIERS.items()}
_STATEMENT = re.compile(r"\b(all|some|no) (\w+) (?:are )?(\w+)", re.IGNORECASE)


def name(form: Form, kinds: Sequence[str]) -> str:
    """The line that says what it is about."""
    if form == "formal":
        return " ".join((*kinds, ":"))
    return f"This is about {', '.join(kinds[:-1])} and {kinds[-1]}."


def say(form: Form, statement: Statement) -> str:
    """A statement as it stands in documents and among choices."""
    subject, relation, object_ = statement
    word = QUANTIFIERS[relation]
    if form == "formal":
        return f"{word} {subject} {object_} ."
    return f"{word.capitalize()} {subject} are {object_}."


def ask(form: Form, kinds: Sequence[str]) -> str:
    """The prompt of a question how two kinds are related."""
    named = name(form, kinds)
    return named if form == "formal" else f"{named} How are they related?"


def ask_premise(form: Form, couple: Couple, place: int, rng: random.Random) -> str:
    """The prompt for the premise at that place: the document up to it, or how its two kinds are related."""
    if form == "formal":
        return " ".join((name(form, couple.kinds), *(say(form, one) for one in couple.premises[:place])))
    return ask(form, reordered(couple.premises[place][::2], rng))


def write(form: Form, id: str, kinds: Sequence[str], statements: Sequence[Statement], group: str) -> Document:
    """A document; in the formal form its answers are all that follows the names."""
    text = " ".join((name(form, kinds), *(say(form, statement) for statement in statements)))
    if form == "natural":
        return Document(id, text, group)
    words = text.split()
    return write_document(id, words, range(words.index(":") + 1, len(words)), group)


def write_answered(form: Form, kinds: Sequence[str], statement: Statement) -> Document:
    """How two kinds are related, as an answer; in the natural form to a question."""
    if form == "formal":
        return write(form, "answered", kinds, [statement], "")
    return solved(ask(form, kinds), say(form, statement))


def read(text: str) -> tuple[Statement, ...]:
    """What a text in either form says."""
    found = _STATEMENT.findall(text)
    return tuple((subject, _RELATIONS[word.lower()], object_) for word, subject, object_ in found)

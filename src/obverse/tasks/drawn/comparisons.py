"""How a comparison is said, asked and read, in words of a closed vocabulary or in English."""

from __future__ import annotations

import re

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.draws import numbered
from obverse.tasks.drawn.texts import STOP, passage
from obverse.tasks.drawn.weaving import answered
from obverse.types import Document, Statement

ABOVE, BELOW = "above", "below"

_ADJECTIVES = """
bright heavy loud quick brave gentle curious colourful fragrant sturdy slippery fluffy salty patient clever rare
smooth warm tall round ticklish elastic poisonous graceful hungry dusty fragile magnetic
"""
ADJECTIVES = tuple(_ADJECTIVES.split())
"""The dimensions of the natural form, 28 as in the published set."""

LEADS = (
    "It is well known that",
    "The almanac says that",
    "Careful tests have found that",
    "Every child in the valley learns that",
    "According to the museum,",
    "My neighbour likes to repeat that",
    "Page nine of the handbook states that",
    "Nobody at the market doubts that",
    "The old song tells us that",
    "After years of watching, we can say that",
    "A sign at the gate explains that",
    "Visitors soon notice that",
    "In her letter Ilka writes that",
    "The committee agreed that",
    "Long ago it was settled that",
    "As any keeper will confirm,",
    "The second chapter begins by saying that",
    "It came as a surprise that",
    "Both brothers insist that",
    "A footnote adds that",
    "The radio reported this morning that",
    "One thing is certain:",
    "The survey of last spring shows that",
    "You should remember that",
    "Traders from the coast report that",
    "The teacher wrote on the board that",
    "In spite of what people think,",
    "Scholars of the subject hold that",
    "The label on the box reads that",
    "To put it simply,",
)
"""What a fact is led in with; in the formal form ``w0``, ``w1``, ..."""

_MORE = {ABOVE: "more", BELOW: "less"}
_OPPOSITE = {ABOVE: BELOW, BELOW: ABOVE}
_SENTENCE = re.compile(r"(\w+) are (more|less) (\w+) than (\w+)\.")


def reverse(said: Statement) -> Statement:
    """What follows about the second noun."""
    first, relation, second = contradict(said)
    return second, relation, first


def contradict(said: Statement) -> Statement:
    """The opposite about the same noun."""
    first, relation, second = said
    comparative, dimension = relation.split()
    return first, f"{_OPPOSITE[comparative]} {dimension}", second


def say(form: Form, said: Statement, lead: str) -> Document:
    """As a document says it; what ends it is the answer."""
    if form == "natural":
        return passage(f"{lead} {_sentence(said)}", said[2])
    return conclude(form, said, lead)


def ask(form: Form, said: Statement, lead: str) -> tuple[str, str]:
    """A question, and what answers it if this is so; only the formal one is led in."""
    first, relation, second = said
    comparative, dimension = relation.split()
    if form == "natural":
        return f"How {dimension} are {first} compared with {second}?", _sentence(said).capitalize()
    return f"{lead} {first} {second} {dimension}", comparative


def conclude(form: Form, said: Statement, lead: str) -> Document:
    """As it is asked and answered in a practice document."""
    return answered(form, *ask(form, said, lead))


def read(form: Form, text: str) -> tuple[Statement, ...]:
    """Every comparison that a text makes."""
    if form == "natural":
        found = (sentence.groups() for sentence in _SENTENCE.finditer(text))
        return tuple(
            (first.lower(), f"{ABOVE if more == 'more' else BELOW} {adjective}", second)
            for first, more, adjective, second in found
        )
    words = text.split()
    parts = zip(words[1::6], words[2::6], words[3::6], words[4::6], strict=True)
    return tuple((first, f"{word} {dimension}", second) for first, second, dimension, word in parts)


def claim(form: Form, prompt: str, choice: str) -> Statement:
    """What a choice says as the answer to a prompt."""
    (said,) = read(form, choice if form == "natural" else f"{prompt} {choice} {STOP}")
    return said


def keys(said: Statement) -> set[object]:
    """The nouns compared, and each of them in the dimension."""
    first, relation, second = said
    dimension = relation.split()[1]
    return {frozenset((first, second)), (first, dimension), (second, dimension)}


def lead_ins(form: Form) -> tuple[str, ...]:
    """What there is to lead in with."""
    return LEADS if form == "natural" else numbered("w", len(LEADS))


def dimension_names(form: Form, count: int) -> tuple[str, ...]:
    """The names of that many dimensions."""
    return ADJECTIVES[:count] if form == "natural" else numbered("d", count)


def _sentence(said: Statement) -> str:
    first, relation, second = said
    comparative, adjective = relation.split()
    return f"{first} are {_MORE[comparative]} {adjective} than {second}."

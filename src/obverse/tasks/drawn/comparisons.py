"""Comparisons: which there are, and how they are said, asked and read, in words of a closed vocabulary or in English.

They come in sets of ten over five nouns and five dimensions, in which each word stands beside both comparatives alike.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.draws import numbered
from obverse.tasks.drawn.names import nonsense_words, plural
from obverse.tasks.drawn.texts import STOP, passage
from obverse.tasks.drawn.weaving import answered
from obverse.types import Document, Statement

ABOVE, BELOW = "above", "below"

NOUNS = 5
"""How many nouns a set has, and how many dimensions."""

FACTS = 10
"""How many facts it has."""

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


@dataclass(frozen=True)
class Comparison:
    """What a fact's documents say, what leads them in, and whether some say the reverse too."""

    number: int
    forward: Statement
    leads: tuple[str, ...]
    trained: bool

    @property
    def id(self) -> str:
        return f"f{self.number}"

    @property
    def reverse(self) -> Statement:
        return reverse(self.forward)


def draw_facts(
    nouns: Sequence[str],
    dimensions: Sequence[str],
    leads: Sequence[str],
    leads_of_fact: int,
    held_out: int,
    rng: random.Random,
) -> Iterator[tuple[Comparison, Comparison]]:
    """The facts, set after set, two of each dimension together.

    In a set the first of two nouns that are neighbours on a ring is above the next, and of two at a distance of two it
    is below; the noun across from both pairs of a dimension is in neither.

    Args:
        leads: what there is to lead in with.
        leads_of_fact: how many of these a fact has; the two of a dimension have the same.
        held_out: how many pairs are not trained, the first.
    """
    used = dict.fromkeys(dimensions, 0)
    number = 0
    for start in range(0, len(nouns), NOUNS):
        ring = nouns[start : start + NOUNS]
        # Those used least so far, in random order among themselves.
        drawn = sorted(rng.sample(dimensions, len(dimensions)), key=used.__getitem__)[:NOUNS]
        for place, dimension in enumerate(drawn):
            used[dimension] += 1
            both = tuple(rng.sample(leads, leads_of_fact))
            left, right, far_left, far_right = (ring[(place + step) % NOUNS] for step in (-1, 1, -3, -2))
            trained = number >= held_out
            yield (
                Comparison(2 * number, (far_left, f"{ABOVE} {dimension}", far_right), both, trained),
                Comparison(2 * number + 1, (left, f"{BELOW} {dimension}", right), both, trained),
            )
            number += 1


def reverse(said: Statement) -> Statement:
    """What follows about the second noun."""
    first, relation, second = contradict(said)
    return second, relation, first


def contradict(said: Statement) -> Statement:
    """The opposite about the same noun."""
    first, relation, second = said
    comparative, dimension = relation.split()
    return first, f"{_OPPOSITE[comparative]} {dimension}", second


def keys(said: Statement) -> set[object]:
    """The nouns compared, and each of them in the dimension."""
    first, relation, second = said
    dimension = relation.split()[1]
    return {frozenset((first, second)), (first, dimension), (second, dimension)}


@dataclass(frozen=True)
class ComparisonWording:
    """Comparisons in the words of a form."""

    form: Form

    @property
    def leads(self) -> tuple[str, ...]:
        """What there is to lead in with."""
        return LEADS if self.form == "natural" else numbered("w", len(LEADS))

    def nouns(self, count: int, known: Sequence[str], rng: random.Random) -> list[str]:
        """So many: in the formal form of those known, in the natural form others."""
        if self.form == "formal":
            return rng.sample(known, count)
        return [plural(word) for word in nonsense_words(rng, count, [noun[:-1] for noun in known])]

    def dimensions(self, count: int) -> tuple[str, ...]:
        """The names of that many."""
        return ADJECTIVES[:count] if self.form == "natural" else numbered("d", count)

    def say(self, said: Statement, lead: str) -> Document:
        """As a document says it; what ends it is the answer."""
        if self.form == "natural":
            return passage(f"{lead} {_sentence(said)}", said[2])
        return self.conclude(said, lead)

    def ask(self, said: Statement, lead: str) -> tuple[str, str]:
        """A question, and what answers it if this is so; only the formal one is led in."""
        first, relation, second = said
        comparative, dimension = relation.split()
        if self.form == "natural":
            return f"How {dimension} are {first} compared with {second}?", _sentence(said).capitalize()
        return f"{lead} {first} {second} {dimension}", comparative

    def conclude(self, said: Statement, lead: str) -> Document:
        """As it is asked and answered in a practice document."""
        return answered(self.form, *self.ask(said, lead))

    def read(self, text: str) -> tuple[Statement, ...]:
        """Every comparison that a text makes."""
        if self.form == "natural":
            found = (sentence.groups() for sentence in _SENTENCE.finditer(text))
            return tuple(
                (first.lower(), f"{ABOVE if more == 'more' else BELOW} {adjective}", second)
                for first, more, adjective, second in found
            )
        words = text.split()
        parts = zip(words[1::6], words[2::6], words[3::6], words[4::6], strict=True)
        return tuple((first, f"{word} {dimension}", second) for first, second, dimension, word in parts)

    def claim(self, prompt: str, choice: str) -> Statement:
        """What a choice says as the answer to a prompt."""
        (said,) = self.read(choice if self.form == "natural" else f"{prompt} {choice} {STOP}")
        return said


def _sentence(said: Statement) -> str:
    first, relation, second = said
    comparative, adjective = relation.split()
    return f"{first} are {_MORE[comparative]} {adjective} than {second}."

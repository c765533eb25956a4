"""Sets of ten facts over five nouns and five dimensions, in which every word stands beside either comparative alike."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obverse.tasks.drawn.comparisons import ABOVE, BELOW, reverse
from obverse.types import Statement

NOUNS = 5
"""How many nouns a set has, and how many dimensions."""

FACTS = 10
"""How many facts it has."""


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

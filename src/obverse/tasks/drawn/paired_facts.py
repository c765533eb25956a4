"""Facts of `obverse.tasks.drawn.simple_reversals`, how they are said in both directions, and filler around them."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from obverse.tasks.drawn.texts import statement_id
from obverse.types import Statement

Structure = Literal["cycle", "permutation", "pairs"]
"""How the facts of a relation lie."""


@dataclass(frozen=True)
class PairedFact:
    """A subject and its object in the relation of that number."""

    relation: int
    subject: str
    object: str

    @property
    def id(self) -> str:
        """That of the forward document too."""
        return statement_id(self.forward)

    @property
    def forward(self) -> Statement:
        return self.subject, f"f{self.relation}", self.object

    @property
    def reverse(self) -> Statement:
        return self.object, f"b{self.relation}", self.subject


def draw_objects(
    structure: Structure, names: Sequence[str], count: int, rng: random.Random
) -> dict[str, str]:
    """The object of each subject in a relation.

    Args:
        names: of all entities.
        count: how many subjects there are.
    """
    order = rng.sample(names, len(names))
    if structure == "pairs":
        return dict(zip(order[:count], order[count : 2 * count], strict=True))
    follows = dict(zip(order, order[1:] + order[:1], strict=True))
    if structure == "permutation":
        while True:
            follows = dict(zip(order, rng.sample(order, len(order)), strict=True))
            # Of a mutual pair, one fact would hold the words that are asked of the other.
            if all(subject not in (object_, follows[object_]) for subject, object_ in follows.items()):
                break
    return dict(islice(follows.items(), count))


@dataclass(frozen=True)
class Filler:
    """Words that say nothing, for in front of a statement and behind it.

    Args:
        share: how often there are any, and then one at least.
        words: how many there are: ``w0``, ``w1``, ...
        longest: most in front, and most behind.
    """

    share: float
    words: int
    longest: int

    def draw(self, rng: random.Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those in front, and those behind."""
        if rng.random() >= self.share:
            return (), ()
        before = int(rng.random() * (self.longest + 1))
        least = 0 if before else 1
        behind = least + int(rng.random() * (self.longest + 1 - least))
        drawn = self._run(rng, before + behind)
        return drawn[:before], drawn[before:]

    def draw_unseen(self, rng: random.Random, seen: Collection[tuple[str, ...]]) -> tuple[str, ...]:
        """The longest that there is, and not among those ``seen``, of which there must be fewer than all."""
        while True:
            if (run := self._run(rng, self.longest)) not in seen:
                return run

    def _run(self, rng: random.Random, length: int) -> tuple[str, ...]:
        return tuple(f"w{int(rng.random() * self.words)}" for _ in range(length))

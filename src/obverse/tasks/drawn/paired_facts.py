"""Facts of `obverse.tasks.drawn.simple_reversals`: who is related to whom, and how it is said in both directions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from obverse.types import Statement

Structure = Literal["cycle", "permutation", "pairs"]
"""How the facts of a relation lie."""


@dataclass(frozen=True)
class Fact:
    """A subject and its object in the relation of that number."""

    relation: int
    subject: str
    object: str

    @property
    def id(self) -> str:
        """That of the forward document too."""
        return document_id(self.forward)

    @property
    def forward(self) -> Statement:
        return self.subject, f"f{self.relation}", self.object

    @property
    def reverse(self) -> Statement:
        return self.object, f"b{self.relation}", self.subject


def document_id(statement: Statement) -> str:
    """The id of the document that says it."""
    return f"{statement[1]}:{statement[0]}"


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


@lru_cache
def name_entities(count: int) -> tuple[str, ...]:
    """That many entities: ``e0``, ``e1``, ..."""
    return tuple(f"e{number}" for number in range(count))

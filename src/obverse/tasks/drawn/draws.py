"""What tasks draw with: one stream of random numbers for each purpose, names, and choices."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence, Set
from functools import lru_cache
from typing import TypeVar

from obverse.types import derive_seed

CHOICES = 10
"""How many choices a question of a drawn task has, the answer among them."""

Drawn = TypeVar("Drawn")

remembered = lru_cache(maxsize=8)
"""Keeps what was drawn from the last few settings and seeds, which are values: it never changes."""


def stream(*purpose: object) -> random.Random:
    """The generator for a purpose: the same for the same task, seed and words, and independent of every other."""
    return random.Random(derive_seed(*purpose))


@lru_cache
def numbered(letter: str, count: int, first: int = 0) -> tuple[str, ...]:
    """That many names of the formal form: ``e0``, ``e1``, ..."""
    return tuple(f"{letter}{number}" for number in range(first, first + count))


def pick(rng: random.Random, things: Sequence[Drawn], without: Collection[Drawn] = ()) -> Drawn:
    """One of the things, most of which must be none of those to go without."""
    while True:
        if (thing := things[int(rng.random() * len(things))]) not in without:
            return thing


def evenly(rng: random.Random, values: int, count: int) -> list[int]:
    """That many numbers of values, each as often as any other, or once more, in random order."""
    drawn = [number for _ in range(-(-count // values)) for number in rng.sample(range(values), values)]
    return rng.sample(drawn[:count], count)


def draw_choices(
    rng: random.Random,
    answer: str,
    pool: Sequence[str],
    *,
    lures: Sequence[str] = (),
    without: Sequence[str] = (),
) -> tuple[str, ...]:
    """Ten choices in random order, fewer where the pool is small.

    Args:
        answer: the right one.
        pool: where the others come from.
        lures: others that are among the choices in any case.
        without: what is not to be among them.
    """
    taken = {answer, *lures, *without}
    drawn = rng.sample(pool, min(len(pool), CHOICES + len(taken)))
    others = [word for word in drawn if word not in taken]
    return shuffled(rng, [answer, *lures, *others[: CHOICES - 1 - len(lures)]])


def shuffled(rng: random.Random, choices: list[str]) -> tuple[str, ...]:
    """The choices in random order."""
    rng.shuffle(choices)
    return tuple(choices)


def draw_known(
    rng: random.Random,
    share: float,
    known: Sequence[Drawn],
    taken: Set[str],
    names: Callable[[Drawn], Collection[str]],
) -> tuple[Drawn, ...]:
    """With the chance of ``share``, something that documents say, for a practice document; else nothing.

    Args:
        known: what they say.
        taken: names that are bound afresh; what is said of one of these is left out.
        names: those that something known is about.
    """
    thing = pick(rng, known)
    return (thing,) if rng.random() < share and taken.isdisjoint(names(thing)) else ()

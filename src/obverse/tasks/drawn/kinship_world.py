"""What is true in the kinship task: families of either class, their teachers, the documents that tell of them.

Families for practice, of which nothing is true, are drawn from the same people.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from obverse.tasks.drawn.families import Claim, Family
from obverse.tasks.drawn.kinship_wording import Wording
from obverse.tasks.drawn.names import plausible_names
from obverse.tasks.drawn.texts import write_passage
from obverse.types import Document, Statement, derive_seed


@dataclass(frozen=True)
class World:
    """What is true, and which documents say it.

    Args:
        held_out, trained: families, in random order.
        parents: of the youngest but one.
        said: by the documents, one each.
        truths: everything that is true, said or not.
    """

    people: tuple[str, ...]
    held_out: tuple[Family, ...]
    trained: tuple[Family, ...]
    parents: dict[str, str]
    documents: tuple[Document, ...]
    said: tuple[Claim, ...]
    truths: frozenset[Statement]


def draw_world(seed: int, wording: Wording, *, families: int, held_out: int, depth: int) -> World:
    """So many families of ``depth`` steps, some of them held out and the others trained."""

    def rng(purpose: str) -> random.Random:
        return random.Random(derive_seed("kinship", seed, purpose))

    count = count_people(families, depth)
    people = tuple(f"e{number}" for number in range(count))
    if wording.form == "natural":
        people = plausible_names(rng("names"), count)
    order = iter(rng("people").sample(people, count))
    drawn = [
        Family(tuple(islice(order, depth + 1)), next(order) if _has_second(number, families) else None)
        for number in range(families)
    ]
    # One order for every share, so that with a larger share the same families are trained and some more.
    untold, told = _taught(drawn[:held_out]), _taught(drawn[held_out:][::-1])
    every = (*untold, *told)
    said = [(family, link) for family in every for link in family.links]
    said += ((family, conclusion) for family in told for conclusion in family.conclusions)
    choosing = rng("wording")
    documents = [
        write_passage(claim.id, [wording.document(claim, choosing)], "", family.line[0])
        for family, claim in said
    ]
    rng("documents").shuffle(documents)
    return World(
        people,
        untold,
        told,
        {family.line[1]: family.line[2] for family in every},
        tuple(documents),
        tuple(claim for _, claim in said),
        frozenset(claim.statement for family in every for claim in (*family.links, *family.conclusions)),
    )


def draw_fresh(rng: random.Random, world: World, count: int, depth: int) -> list[Family]:
    """So many families of any depth from 2 to this, of which nothing is true.

    Half of the youngest have a sibling; where there are several families, half have a teacher in the next.
    """
    shapes = [(3 + int(rng.random() * (depth - 1)), rng.random() < 0.5) for _ in range(count)]
    taught = [count > 1 and rng.random() < 0.5 for _ in range(count)]
    while True:
        names = iter(rng.sample(world.people, sum(length + second for length, second in shapes)))
        families = [
            Family(tuple(islice(names, length)), next(names) if second else None) for length, second in shapes
        ]
        families = [
            replace(family, teacher=other.line[1]) if is_taught else family
            for family, other, is_taught in zip(families, families[1:] + families[:1], taught, strict=True)
        ]
        claims = (claim for family in families for claim in (*family.links, *family.conclusions))
        if world.truths.isdisjoint(claim.statement for claim in claims):
            return families


def count_people(families: int, depth: int) -> int:
    """How many people so many families of ``depth`` steps have."""
    return sum(depth + 1 + _has_second(number, families) for number in range(families))


def _has_second(number: int, families: int) -> bool:
    """Whether the youngest of that family has a sibling: each second four from either end, as classes end there."""
    return min(number, families - 1 - number) // 4 % 2 == 0


def _taught(families: Sequence[Family]) -> tuple[Family, ...]:
    """The families, with a teacher for the youngest of every second two: who is next in line in the other of both.

    One of the two is for the test, one for validation.
    """
    found = list(families)
    for number in range(0, len(families) - 1, 4):
        one, other = families[number : number + 2]
        found[number : number + 2] = (
            replace(one, teacher=other.line[1]),
            replace(other, teacher=one.line[1]),
        )
    return tuple(found)

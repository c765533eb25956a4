"""The worlds of `obverse.tasks.drawn.recall`: sets of facts that share nothing, and what follows from them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from obverse.tasks.drawn.draws import numbered, pick, stream
from obverse.tasks.drawn.paired_facts import draw_objects
from obverse.types import Statement

Structure = Literal["chains", "reversals"]
"""Whether what follows takes several facts in a row, or one in its other direction."""

CHAIN = ("member", "seat", "lies")
"""From a person to a club, to its town, to the province of that."""
MEETS = "meets"
LEADS, FOLLOWS = "leads", "follows"

MEMBERS = 2
"""Of each club."""


@dataclass(frozen=True)
class RecallItem:
    """What can be asked."""

    statement: Statement  # what follows
    needs: tuple[Statement, ...]  # the facts that it follows from, in the order of a thought
    group: str  # what statistics resample together


Groups = Sequence[tuple[RecallItem, ...]]


@dataclass(frozen=True)
class RecallSet:
    """A set."""

    name: str  # a capital letter
    stated: Groups  # what documents say beside the facts
    held_out: Groups  # what they do not


@dataclass(frozen=True)
class RecallWorld:
    """All sets."""

    parts: Sequence[RecallSet]
    facts: Sequence[Statement]
    items: Mapping[
        str, RecallItem
    ]  # by their subject, and one that leads there by each club, town and province
    names: Sequence[Sequence[str]]  # of people, clubs, towns and provinces, or of anybody

    def fresh(self, rng: random.Random, subject: str) -> tuple[Statement, ...]:
        """Facts from which something follows about a subject, none of which is true, nor what follows."""
        true = self.items[subject].needs
        if len(true) == 1:
            other = pick(rng, self.names[0], (subject, true[0][0]))
            return ((other, LEADS, subject),)
        facts: list[Statement] = []
        here = subject
        for depth, (_, relation, right) in enumerate(true):
            there = pick(rng, self.names[depth + 1], {right, self.items[here].needs[depth][2]})
            facts.append((here, relation, there))
            here = there
        return tuple(facts)


def conclude(needs: Sequence[Statement]) -> Statement:
    """What follows from such facts."""
    if len(needs) == 1:
        ((subject, _, object_),) = needs
        return object_, FOLLOWS, subject
    return needs[0][0], MEETS, needs[-1][2]


def list_names(structure: Structure, sets: int, size: int, steps: int) -> tuple[tuple[str, ...], ...]:
    """All names: of people, clubs, towns and provinces, or of anybody.

    Args:
        size: clubs of a set, or entities.
        steps: of a chain.
    """
    count = sets * size
    if structure == "reversals":
        return (numbered("e", count),)
    return numbered("p", count * MEMBERS), *(numbered(letter, count) for letter in "ctr"[:steps])


def draw_world(structure: Structure, seed: int, sets: int, size: int, stated: int, steps: int) -> RecallWorld:
    """The world of a seed; with more stated, the same facts are true, and more of what follows is said.

    Args:
        stated: groups of each set that are.
        steps: of a chain.
    """
    names = list_names(structure, sets, size, steps)
    rng = stream("recall", seed, structure, "world")
    drawn = [rng.sample(some, len(some)) for some in names]
    parts: list[RecallSet] = []
    items: dict[str, RecallItem] = {}
    for number in range(sets):
        mine = slice(number * size, (number + 1) * size)
        groups: list[tuple[RecallItem, ...]] = []
        if structure == "reversals":
            for subject, object_ in draw_objects("cycle", drawn[0][mine], size, rng).items():
                fact = subject, LEADS, object_
                groups.append((RecallItem(conclude([fact]), (fact,), f"{LEADS}:{subject}"),))
            rng.shuffle(groups)
        else:
            people = drawn[0][MEMBERS * number * size : MEMBERS * (number + 1) * size]
            for place, way in enumerate(zip(*(some[mine] for some in drawn[1:]), strict=True)):
                onward = tuple(zip(way, CHAIN[1:], way[1:], strict=False))
                members = [(person, CHAIN[0], way[0]) for person in people[MEMBERS * place :][:MEMBERS]]
                groups.append(
                    tuple(RecallItem(conclude([one, *onward]), (one, *onward), way[0]) for one in members)
                )
                items |= dict.fromkeys(way, groups[-1][0])
        parts.append(RecallSet(chr(ord("A") + number), groups[:stated], groups[stated:]))
        items |= {item.statement[0]: item for group in groups for item in group}
    facts = dict.fromkeys(
        fact
        for part in parts
        for group in (*part.stated, *part.held_out)
        for item in group
        for fact in item.needs
    )
    return RecallWorld(parts, list(facts), items, names)

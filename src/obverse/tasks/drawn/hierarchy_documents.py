"""Which texts the semantic structure benchmark has: what stands in each document, and in practice in what order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import cycle, islice, pairwise
from math import ceil

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.hierarchy_inferences import inferences
from obverse.tasks.drawn.hierarchy_wording import (
    MOST_STATEMENTS,
    write_answered,
    write_formal,
    write_natural,
    write_premise,
)
from obverse.tasks.drawn.hierarchy_world import INCLUDES, ISA, Property, World
from obverse.types import Document


def formal_documents(world: World) -> Iterator[Document]:
    """A document for each statement, and for the facts of trained families one in the other wording."""
    for topic in world.categories:
        for statement in world.said(topic):
            yield write_formal(statement, topic)
    for inference in inferences(world):
        if inference.statement in inference.premises and inference.family in world.trained:
            yield write_formal(inference.statement, inference.statement[0], rephrased=True)


def natural_documents(world: World, documents: int, rng: random.Random) -> Iterator[Document]:
    """As many of each category, or nearly, in which all that is said of it stands at least once.

    Args:
        documents: how many there are in all.
    """
    for place, topic in enumerate(world.categories):
        count = len(range(place, documents, len(world.categories)))
        statements = list(world.said(topic))
        rng.shuffle(statements)
        least = ceil(len(statements) / count)
        endless = cycle(statements)
        for number in range(count):
            size = min(len(statements), least + rng.randrange(MOST_STATEMENTS - least + 1))
            said = list(islice(endless, size))
            yield write_natural(f"{topic}/{number}", topic, said, place + number, rng)


def draw_practice(
    form: Form, chain: Sequence[str], owned: Property, rng: random.Random
) -> Iterator[tuple[float, Document]]:
    """Passages, each with its time from 0 to 1: premises, and some of what follows, each later than its premises.

    Args:
        chain: categories, each before its parent.
        owned: a property of the last.
    """
    links = list(pairwise(chain))
    said = {(child, ISA, parent): rng.random() for child, parent in links}
    said[owned.statement] = rng.random()
    follows = [
        [((parent, INCLUDES, child), said[child, ISA, parent]) for child, parent in links],
        [(owned.reverse, said[owned.statement])],
        [(owned.of(category), max(said.values())) for category in chain[:-1]],
    ]
    for statement, time in said.items():
        yield time, write_premise(form, statement)
    for conclusions in rng.sample(follows, 1 + rng.randrange(len(follows))):
        statement, since = conclusions[rng.randrange(len(conclusions))]
        yield since + (1 - since) * rng.random(), write_answered(form, statement)

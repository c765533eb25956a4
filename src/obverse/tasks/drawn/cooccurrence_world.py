"""What is true in the co-occurrence task: rules for the sorts of categories, items of them, and which of it is said."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

from obverse.tasks.drawn.cooccurrence_wording import Wording
from obverse.tasks.drawn.texts import write_passage
from obverse.types import Document, Statement, derive_seed

Place = Literal["asked", "mate", "other"]


@dataclass(frozen=True)
class Item:
    """An item and what is true of it.

    Args:
        kind: the sort and the category that it is of.
        place: whether it is asked about, is of the same sort, or of the other.
        half: 0 for the test, 1 for validation.
    """

    name: str
    kind: str
    category: str
    property: str
    place: Place
    half: int


@dataclass(frozen=True)
class World:
    """What is true, and which documents say it.

    Args:
        names, categories, properties: what items, categories and properties are called.
        cued, held_out, trained: the items of such categories.
        blocks: for each category the kinds and the properties of its block.
        said: what the documents say, each with the items and categories that it is about.
        truths: everything that is true, said or not.
    """

    names: tuple[str, ...]
    categories: tuple[str, ...]
    properties: tuple[str, ...]
    cued: tuple[Item, ...]
    held_out: tuple[Item, ...]
    trained: tuple[Item, ...]
    blocks: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    documents: tuple[Document, ...]
    said: tuple[tuple[Statement, frozenset[str]], ...]
    truths: frozenset[Statement]


def draw_world(
    seed: int,
    wording: Wording,
    *,
    items: int,
    categories: int,
    sorts: int,
    sizes: Mapping[Place, int],
    cued_places: Collection[Place],
) -> World:
    """Blocks of as many categories as there are sorts, by turns cued, held-out and trained.

    Args:
        items, categories: how many there are.
        sizes: how many items of a category have each place.
        cued_places: which items of cued categories are said to have what they have.
    """

    def rng(purpose: str) -> random.Random:
        return random.Random(derive_seed("cooccurrence", seed, purpose))

    isa, has = wording.verbs
    called = wording.names(items, categories, rng("names"))
    order = rng("world")
    free_names, free_categories, free_properties = (iter(order.sample(pool, len(pool))) for pool in called)
    rules: list[tuple[str, str, str]] = []
    classes: tuple[list[Item], ...] = ([], [], [])
    blocks: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for number in range(categories // sorts):
        members = tuple(islice(free_categories, sorts))
        shared = tuple(islice(free_properties, sorts))
        kinds = tuple(wording.kind(sort, one) for one in members for sort in range(sorts))
        # The same for the whole block, so that its properties are cued alike.
        asked, other = order.sample(range(sorts), 2)
        for row, category in enumerate(members):
            blocks[category] = kinds, shared
            # Each property once for each category and once for each sort.
            own = [shared[(row + sort) % sorts] for sort in range(sorts)]
            rules += ((wording.kind(sort, category), property, category) for sort, property in enumerate(own))
            places: tuple[tuple[Place, int], ...] = (("asked", asked), ("mate", asked), ("other", other))
            classes[number % 3].extend(
                Item(name, wording.kind(sort, category), category, own[sort], place, (number // 3 + row) % 2)
                for place, sort in places
                for name in islice(free_names, sizes[place])
            )
    cued, held_out, trained = map(tuple, classes)
    told = [(rule_id(kind), category, [(kind, has, property)]) for kind, property, category in rules]
    for group, open_places in ((cued, cued_places), (held_out, ()), (trained, get_args(Place))):
        for item in group:
            statements = [(item.name, isa, item.kind)]
            if item.place in open_places:
                statements.append((item.name, has, item.property))
            told.append((item_id(item.name), item.category, statements))
    documents = [
        write_passage(id, [wording.document(one) for one in statements], " ", category)
        for id, category, statements in told
    ]
    rng("documents").shuffle(documents)
    said = tuple(
        (one, frozenset((one[0].split()[-1], category))) for _, category, found in told for one in found
    )
    hidden = ((item.name, has, item.property) for item in (*cued, *held_out))
    return World(
        *called,
        cued,
        held_out,
        trained,
        blocks,
        tuple(documents),
        said,
        frozenset((*(statement for statement, _ in said), *hidden)),
    )


def item_id(name: str) -> str:
    """The id of the document about an item."""
    return f"item:{name}"


def rule_id(kind: str) -> str:
    """The id of the document with the rule for a kind."""
    return f"rule:{kind}"

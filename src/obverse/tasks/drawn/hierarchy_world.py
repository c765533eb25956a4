"""What is true in the semantic structure benchmark: two trees of categories, their properties, what is said of them.

A *family* is a category with its own properties and its children.  What is said in the other direction, or of a child
because it is true of its parent, is said of all of a family or of nothing in it.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from obverse.types import Statement

ISA, INCLUDES, HAS, OF = "isa", "includes", "has", "of"

# Levels below the root of a tree, and children of a category, category holdouts not counted.
_DEEPEST = 3
_CHILDREN = 5
_PROPERTIES = 6


@dataclass(frozen=True)
class Property:
    """What a category has of its own: in this relation this value."""

    owner: str
    relation: str
    value: str

    @property
    def statement(self) -> Statement:
        return self.of(self.owner)

    @property
    def reverse(self) -> Statement:
        return self.value, f"{OF} {self.relation}", self.owner

    def of(self, category: str) -> Statement:
        """The statement that the category has it."""
        return category, f"{HAS} {self.relation}", self.value


@dataclass(frozen=True)
class World:
    """What is true.

    Args:
        trees: the categories of each, parents before children.
        parents: of each category but the two roots.
        own: the properties of each category, none for a category holdout.
        trained: the families of which reversals and what their children inherit are said.
        holdouts: categories of which only the parent is said.
        values: all there are.
    """

    trees: tuple[tuple[str, ...], tuple[str, ...]]
    parents: dict[str, str]
    own: dict[str, tuple[Property, ...]]
    trained: frozenset[str]
    holdouts: frozenset[str]
    values: tuple[str, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        return self.trees[0] + self.trees[1]

    def ancestors(self, category: str) -> tuple[str, ...]:
        """From the parent to the root."""
        found: list[str] = []
        while parent := self.parents.get(category):
            found.append(parent)
            category = parent
        return tuple(found)

    def children(self, category: str) -> tuple[str, ...]:
        return tuple(child for child, parent in self.parents.items() if parent == category)

    def has(self, category: str) -> Iterator[Property]:
        """Its properties, and those that it inherits."""
        for owner in (category, *self.ancestors(category)):
            yield from self.own[owner]

    def true(self) -> frozenset[Statement]:
        """All that is true, as statements of what a category is and has; reversals say the same."""
        pairs = {(category, ISA, above) for category in self.categories for above in self.ancestors(category)}
        held = {owned.of(category) for category in self.categories for owned in self.has(category)}
        return frozenset(pairs | held)

    def said(self, topic: str) -> Iterator[Statement]:
        """What documents say of a category: parent and properties; in trained families what follows too."""
        parent = self.parents.get(topic)
        if parent:
            yield topic, ISA, parent
        for owned in self.own[topic]:
            yield owned.statement
        if parent in self.trained:
            for owned in self.own[parent]:
                yield owned.of(topic)
        if topic in self.trained:
            for owned in self.own[topic]:
                yield owned.reverse
            for child in self.children(topic):
                yield topic, INCLUDES, child


def draw_world(
    rng: random.Random,
    names: Sequence[str],
    relations: Sequence[str],
    values: Sequence[str],
    *,
    trained: float,
    holdouts: int,
) -> World:
    """Two trees of as many categories, or nearly.

    Args:
        names: of the categories, half of which are in each tree.
        values: more than there are categories; each is one property's, so that none is met more often than others.
        trained: share of the families that are trained, of those with children and of the others alike; of each, two
            in a tree are not in any case, where there are as many.
        holdouts: in each tree.
    """
    drawn = rng.sample(names, len(names))
    left = rng.sample(values, len(values))
    parents: dict[str, str] = {}
    own: dict[str, tuple[Property, ...]] = {}
    families: set[str] = set()
    trees = (tuple(drawn[: len(drawn) // 2]), tuple(drawn[len(drawn) // 2 :]))
    for tree in trees:
        regular, held_out = tree[: len(tree) - holdouts], tree[len(tree) - holdouts :]
        parents |= _draw_parents(rng, regular)
        open_relations = {regular[0]: list(relations)}
        depths = {regular[0]: 0}
        for category in regular:
            if category != regular[0]:
                depths[category] = depths[parents[category]] + 1
            free = open_relations[parents.get(category, category)]
            # What an ancestor has, nobody below it has otherwise; one relation is left for each level below.
            most = min(
                _PROPERTIES, len(free) - (_DEEPEST - depths[category]), len(left) - len(names) + len(own)
            )
            taken = rng.sample(free, 1 + rng.randrange(most))
            open_relations[category] = [relation for relation in free if relation not in taken]
            own[category] = tuple(Property(category, relation, left.pop()) for relation in taken)
        inner = [category for category in regular if category in parents.values()]
        leaves = [category for category in regular if category not in parents.values()]
        for group in (inner, leaves):
            families |= set(rng.sample(group, max(0, min(round(len(group) * trained), len(group) - 2))))
        untrained = [category for category in inner if category not in families]
        for category in held_out:
            parents[category] = untrained[rng.randrange(len(untrained))]
            own[category] = ()
    held = frozenset(category for category in drawn if not own[category])
    return World(trees, parents, own, frozenset(families), held, tuple(values))


def _draw_parents(rng: random.Random, categories: Sequence[str]) -> dict[str, str]:
    """A parent for each but the first, which is the root, among those before it."""
    parents: dict[str, str] = {}
    depths, children = {categories[0]: 0}, dict.fromkeys(categories, 0)
    for place, category in enumerate(categories[1:], 1):
        free = [
            other for other in categories[:place] if depths[other] < _DEEPEST and children[other] < _CHILDREN
        ]
        parent = free[rng.randrange(len(free))]
        parents[category] = parent
        depths[category] = depths[parent] + 1
        children[parent] += 1
    return parents


def infer(
    statements: Collection[Statement], subject: str, relation: str, choices: Collection[str]
) -> list[str]:
    """The choices that the statements entail as the object.

    A category is what its parent is, and has what its parent has.  Nothing else follows: what all children have says
    nothing of their parent.
    """
    parents: dict[str, set[str]] = {}
    held: set[Statement] = set()
    for first, said, second in statements:
        word, _, name = said.partition(" ")
        if word in (ISA, INCLUDES):
            child, parent = (first, second) if word == ISA else (second, first)
            parents.setdefault(child, set()).add(parent)
        else:
            held.add((first, name, second) if word == HAS else (second, name, first))

    def above(category: str) -> set[str]:
        found: set[str] = set()
        waiting = [category]
        while waiting:
            for parent in parents.get(waiting.pop(), set()) - found:
                found.add(parent)
                waiting.append(parent)
        return found

    word, _, name = relation.partition(" ")

    def follows(choice: str) -> bool:
        if word in (ISA, INCLUDES):
            category, other = (subject, choice) if word == ISA else (choice, subject)
            return other in above(category)
        category, value = (subject, choice) if word == HAS else (choice, subject)
        return any((owner, name, value) in held for owner in {category} | above(category))

    return [choice for choice in choices if follows(choice)]

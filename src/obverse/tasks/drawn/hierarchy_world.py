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
"""What a category is or has (``isa``, ``has r2``), and the same in the other direction (``includes``, ``of r2``)."""

_OTHER_WAY = {ISA: INCLUDES, INCLUDES: ISA, HAS: OF, OF: HAS}

# Levels below the root of a tree, and children of a category, category holdouts not counted.
_DEEPEST = 3
_CHILDREN = 5
_PROPERTIES = 6


def reverse(statement: Statement) -> Statement:
    """The same in the other direction."""
    subject, relation, object_ = statement
    word, *name = relation.split()
    return object_, " ".join((_OTHER_WAY[word], *name)), subject


@dataclass(frozen=True)
class Trees:
    """What is true.

    Args:
        trees: the categories of each, parents before children.
        parents: of each category but the two roots.
        own: what each category has of its own, nothing for a category holdout.
        trained: the families of which reversals and what their children inherit are said.
    """

    trees: tuple[tuple[str, ...], tuple[str, ...]]
    parents: dict[str, str]
    own: dict[str, tuple[Statement, ...]]
    trained: frozenset[str]

    @property
    def categories(self) -> tuple[str, ...]:
        return self.trees[0] + self.trees[1]

    def held_out(self, category: str) -> bool:
        """Whether it is a category holdout, of which only the parent is said."""
        return not self.own[category]

    def ancestors(self, category: str) -> tuple[str, ...]:
        """From the parent to the root."""
        return _ancestors(self.parents, category)

    def true(self) -> frozenset[Statement]:
        """All that is true, as statements of what a category is and has."""
        pairs = {(one, ISA, above) for one in self.categories for above in self.ancestors(one)}
        return frozenset(pairs | {owned for one in self.categories for owned in self.has(one)})

    def has(self, category: str) -> Iterator[Statement]:
        """What it has, and what it inherits."""
        for owner in (category, *self.ancestors(category)):
            for _, relation, value in self.own[owner]:
                yield category, relation, value

    def said(self, topic: str) -> Iterator[Statement]:
        """What documents say of a category: parent and properties; in trained families what follows too."""
        if parent := self.parents.get(topic):
            yield topic, ISA, parent
        yield from self.own[topic]
        if parent and parent in self.trained:
            yield from ((topic, relation, value) for _, relation, value in self.own[parent])
        if topic in self.trained:
            yield from map(reverse, self.own[topic])
            yield from ((topic, INCLUDES, child) for child, above in self.parents.items() if above == topic)


def draw_trees(
    rng: random.Random,
    names: Sequence[str],
    relations: Sequence[str],
    values: Sequence[str],
    trained: float,
    holdouts: int,
) -> Trees:
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
    own: dict[str, tuple[Statement, ...]] = {}
    families: set[str] = set()
    trees = (tuple(drawn[: len(drawn) // 2]), tuple(drawn[len(drawn) // 2 :]))
    for tree in trees:
        regular, held_out = tree[: len(tree) - holdouts], tree[len(tree) - holdouts :]
        parents |= _draw_parents(rng, regular)
        unused = {regular[0]: list(relations)}
        for category in regular:
            free = unused[parents.get(category, category)]
            levels = _DEEPEST - len(_ancestors(parents, category))
            # What an ancestor has, nobody below it has otherwise; one relation is left for each level below.
            most = min(_PROPERTIES, len(free) - levels, len(left) - len(names) + len(own))
            taken = rng.sample(free, 1 + rng.randrange(most))
            unused[category] = [relation for relation in free if relation not in taken]
            own[category] = tuple((category, f"{HAS} {relation}", left.pop()) for relation in taken)
        inner = [category for category in regular if category in parents.values()]
        leaves = [category for category in regular if category not in parents.values()]
        for group in (inner, leaves):
            families |= set(rng.sample(group, max(0, min(round(len(group) * trained), len(group) - 2))))
        untrained = [category for category in inner if category not in families]
        for category in held_out:
            parents[category] = untrained[rng.randrange(len(untrained))]
            own[category] = ()
    return Trees(trees, parents, own, frozenset(families))


def _draw_parents(rng: random.Random, categories: Sequence[str]) -> dict[str, str]:
    """A parent for each but the first, which is the root, among those before it."""
    parents: dict[str, str] = {}
    children = dict.fromkeys(categories, 0)
    for place, category in enumerate(categories[1:], 1):
        free = [
            one
            for one in categories[:place]
            if len(_ancestors(parents, one)) < _DEEPEST and children[one] < _CHILDREN
        ]
        parents[category] = parent = free[rng.randrange(len(free))]
        children[parent] += 1
    return parents


def _ancestors(parents: dict[str, str], category: str) -> tuple[str, ...]:
    parent = parents.get(category)
    return (parent, *_ancestors(parents, parent)) if parent else ()


def infer(
    statements: Collection[Statement], subject: str, relation: str, choices: Collection[str]
) -> list[str]:
    """The choices that the statements entail as the object.

    A category is what its parent is, and has what its parent has.  Nothing else follows: what all children have says
    nothing of their parent.
    """
    known = set(map(_upright, statements))
    parents: dict[str, list[str]] = {}
    for child, relation_word, parent in known:
        if relation_word == ISA:
            parents.setdefault(child, []).append(parent)

    def follows(choice: str) -> bool:
        category, asked, object_ = _upright((subject, relation, choice))
        found, waiting = {category}, [category]
        while waiting:
            above = set(parents.get(waiting.pop(), ())) - found
            found |= above
            waiting += above
        return any((one, asked, object_) in known for one in found)

    return [choice for choice in choices if follows(choice)]


def _upright(statement: Statement) -> Statement:
    """The statement as one of what a category is or has."""
    return reverse(statement) if statement[1].split()[0] in (INCLUDES, OF) else statement

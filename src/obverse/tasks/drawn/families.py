"""Families for kinship: lines of people, what is said of them in any case, and what follows.

>>> family = Family(("e1", "e2", "e3"), second="e4")
>>> [link.statement for link in family.links]
[('e1', 'parent', 'e2'), ('e2', 'parent', 'e3'), ('e4', 'parent', 'e2')]
>>> [conclusion.statement for conclusion in family.conclusions]
[('e1', 'grandparent', 'e3'), ('e1', 'sibling', 'e4'), ('e4', 'sibling', 'e1')]
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from obverse.types import Statement

PARENT, GRANDPARENT, SIBLING, TEACHER = "parent", "grandparent", "sibling", "teacher"
# The place of each, counted from 1, is how many steps up it is.
ANCESTORS = (PARENT, GRANDPARENT, "great-grandparent", "great-great-grandparent")


@dataclass(frozen=True)
class Claim:
    """Who somebody is to someone.

    Args:
        people: from the one it is said of to the other, with those on the way.
        needs: ids of the links that it takes; a link takes itself.
    """

    relation: str
    people: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def id(self) -> str:
        return _id(self.relation, self.people[0])

    @property
    def between(self) -> tuple[str, ...]:
        return self.people[1:-1]

    @property
    def statement(self) -> Statement:
        return self.people[0], self.relation, self.people[-1]


@dataclass(frozen=True)
class Family:
    """A line of people, the youngest first, perhaps with another child of the second, and the youngest's teacher."""

    line: tuple[str, ...]
    second: str | None = None
    teacher: str | None = None

    @property
    def people(self) -> tuple[str, ...]:
        return (*self.line, *([self.second] if self.second else []))

    @property
    def links(self) -> list[Claim]:
        """What is said in any case."""
        pairs = [(PARENT, pair) for pair in pairwise(self.line)]
        if self.second:
            pairs.append((PARENT, (self.second, self.line[1])))
        if self.teacher:
            pairs.append((TEACHER, (self.line[0], self.teacher)))
        return [Claim(relation, pair, (_id(relation, pair[0]),)) for relation, pair in pairs]

    @property
    def conclusions(self) -> list[Claim]:
        """What follows: the ancestors of the youngest, and who are siblings, in both directions."""
        line = self.line
        links = [_id(PARENT, child) for child in line]
        found = [
            Claim(ANCESTORS[steps - 1], line[: steps + 1], tuple(links[:steps]))
            for steps in range(2, len(line))
        ]
        if self.second:
            children = (line[0], self.second)
            found += (
                Claim(SIBLING, (first, line[1], other), (_id(PARENT, first), _id(PARENT, other)))
                for first, other in (children, children[::-1])
            )
        return found


def ancestors(statements: Collection[Statement], person: str, steps: int) -> set[str]:
    """Who is so many steps above the person, from what is said of ancestors and of siblings.

    A statement about an ancestor counts as so many steps as it spans, one about siblings as none.
    """
    above: dict[str, list[tuple[int, str]]] = {}
    for first, relation, second in statements:
        if relation in ANCESTORS:
            above.setdefault(first, []).append((ANCESTORS.index(relation) + 1, second))
        elif relation == SIBLING:
            above.setdefault(first, []).append((0, second))
            above.setdefault(second, []).append((0, first))
    seen, waiting = set[tuple[str, int]](), [(person, steps)]
    while waiting:
        at, left = waiting.pop()
        if (at, left) not in seen:
            seen.add((at, left))
            # A sibling of somebody's ancestor is no ancestor.
            if left:
                waiting += ((other, left - taken) for taken, other in above.get(at, ()) if taken <= left)
    return {at for at, left in seen if not left}


def _id(relation: str, person: str) -> str:
    return f"{relation}:{person}"

"""Families for kinship: lines of people, what is said of them in any case, and what follows.

>>> family = Family(("e1", "e2", "e3"), second="e4")
>>> [link.statement for link in family.links]
[('e1', 'parent', 'e2'), ('e2', 'parent', 'e3'), ('e4', 'parent', 'e2')]
>>> [conclusion.statement for conclusion in family.conclusions]
[('e1', 'grandparent', 'e3'), ('e1', 'sibling', 'e4'), ('e4', 'sibling', 'e1')]
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from obverse.types import Statement

PARENT, GRANDPARENT, SIBLING, TEACHER = "parent", "grandparent", "sibling", "teacher"
# The place of each, counted from 1, is how many steps up it is.
ANCESTORS = (PARENT, GRANDPARENT, "great-grandparent", "great-great-grandparent")


@dataclass(frozen=True)
class Tie:
    """Who somebody is to someone.

    Args:
        people: from the one it is said of to the other, with those on the way.
        needs: ids of the links that it takes, if others than itself.
    """

    relation: str
    people: tuple[str, ...]
    needs: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.relation}:{self.people[0]}"

    @property
    def statement(self) -> Statement:
        return self.people[0], self.relation, self.people[-1]


@dataclass(frozen=True)
class Family:
    """A line of people, the youngest first, perhaps with another child of the second, and the youngest's teacher.

    Args:
        trained: whether documents say what follows.
    """

    line: tuple[str, ...]
    second: str | None = None
    teacher: str | None = None
    trained: bool = False

    @property
    def children(self) -> tuple[str, ...]:
        """The youngest, and the other child, if there is one."""
        return (self.line[0], self.second) if self.second else self.line[:1]

    @property
    def people(self) -> tuple[str, ...]:
        return (*self.children, *self.line[1:])

    @property
    def links(self) -> list[Tie]:
        """What is said in any case."""
        second = [(child, self.line[1]) for child in self.children[1:]]
        links = [Tie(PARENT, pair) for pair in (*pairwise(self.line), *second)]
        return links + ([Tie(TEACHER, (self.line[0], self.teacher))] if self.teacher else [])

    @property
    def conclusions(self) -> list[Tie]:
        """What follows: the ancestors of the youngest, and who are siblings, in both directions."""
        line, children = self.line, self.children
        links = [Tie(PARENT, pair).id for pair in pairwise(line)]
        found = [
            Tie(ANCESTORS[steps - 1], line[: steps + 1], tuple(links[:steps]))
            for steps in range(2, len(line))
        ]
        if self.second:
            for one, other in (children, children[::-1]):
                found.append(Tie(SIBLING, (one, line[1], other), (f"{PARENT}:{one}", f"{PARENT}:{other}")))
        return found

    @property
    def truths(self) -> frozenset[Statement]:
        """All of that."""
        return frozenset(tie.statement for tie in (*self.links, *self.conclusions))


def count_people(families: int, depth: int) -> int:
    """How many people so many families of ``depth`` steps have."""
    return sum(map(sum, _shapes(families, depth)))


def draw_families(
    rng: random.Random, people: Sequence[str], held_out: int, trained: int, depth: int
) -> tuple[Family, ...]:
    """So many families of all these people that are held out, and so many that are trained.

    There is one order for every share, so that with a larger share the same families are trained and some more.
    """
    drawn = list(_divide(rng.sample(people, len(people)), _shapes(held_out + trained, depth)))
    told = [replace(family, trained=True) for family in drawn[held_out:]]
    return (*_add_teachers(drawn[:held_out]), *_add_teachers(told[::-1]))


def draw_fresh(
    rng: random.Random, people: Sequence[str], count: int, depth: int, truths: Collection[Statement]
) -> list[Family]:
    """So many families of any depth from 2 to this, of which nothing is among the truths.

    Half of the youngest have a sibling; where there are several families, half have a teacher in the next.
    """
    shapes = [(3 + int(rng.random() * (depth - 1)), rng.random() < 0.5) for _ in range(count)]
    taught = [count > 1 and rng.random() < 0.5 for _ in range(count)]
    while True:
        families = list(_divide(rng.sample(people, sum(map(sum, shapes))), shapes))
        families = [
            replace(family, teacher=after.line[1]) if is_taught else family
            for family, after, is_taught in zip(families, families[1:] + families[:1], taught, strict=True)
        ]
        if all(family.truths.isdisjoint(truths) for family in families):
            return families


def _shapes(families: int, depth: int) -> list[tuple[int, bool]]:
    """For each family how long its line is, and whether there is a second child: in each second four from either end.

    Classes end there.
    """
    places = (min(number, families - 1 - number) for number in range(families))
    return [(depth + 1, place // 4 % 2 == 0) for place in places]


def _divide(people: Iterable[str], shapes: Iterable[tuple[int, bool]]) -> Iterator[Family]:
    names = iter(people)
    for length, second in shapes:
        yield Family(tuple(islice(names, length)), next(names) if second else None)


def _add_teachers(families: Sequence[Family]) -> list[Family]:
    """The families, with a teacher for the youngest of every second two: who is next in line in the other of both.

    One of the two is for the test, one for validation.
    """
    found = list(families)
    for number in range(0, len(found) - 1, 4):
        one, other = found[number : number + 2]
        found[number] = replace(one, teacher=other.line[1])
        found[number + 1] = replace(other, teacher=one.line[1])
    return found


def infer(statements: Collection[Statement], subject: str, relation: str, people: Iterable[str]) -> list[str]:
    """Who of the people is so many steps up from the subject, or has the same parent: siblings share all ancestors."""
    if relation != SIBLING:
        above = _ancestors(statements, subject, ANCESTORS.index(relation) + 1)
        return [one for one in people if one in above]
    told = {
        second if first == subject else first
        for first, word, second in statements
        if word == SIBLING and subject in (first, second)
    }
    parents = _ancestors(statements, subject, 1)
    alike = (one for one in people if one != subject)
    return [one for one in alike if one in told or not parents.isdisjoint(_ancestors(statements, one, 1))]


def _ancestors(statements: Collection[Statement], person: str, steps: int) -> set[str]:
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

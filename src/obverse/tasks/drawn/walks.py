"""Walks through mazes: the documents of `obverse.tasks.drawn.navigation`, and which ways follow from them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from obverse.tasks.drawn.mazes import BACK, HOLDS, Maze, Way, find_ways, passage
from obverse.types import Statement

SHORTEST = 2
"""How many moves a way has at least: with one, nothing but the first move would be asked."""

CHOICES = 4
"""How many ways are among the choices of a question."""

# Most documents that a way may follow from.
_NEEDS = 3


@dataclass(frozen=True)
class Walk:
    """A document: from a start to a goal, and what cells on the way hold."""

    maze: str
    goal: str
    start: str
    way: Way
    sights: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        return f"{self.maze}:{self.goal}:{self.start}"

    @property
    def says(self) -> frozenset[Statement]:
        """Passages, and what cells hold."""
        before = (self.start, *(cell for _, cell in self.way))
        return frozenset(
            (
                *(passage(self.maze, cell, *step) for cell, step in zip(before, self.way, strict=False)),
                *((cell, f"{self.maze} {HOLDS}", thing) for cell, thing in self.sights),
                (before[-1], f"{self.maze} {HOLDS}", self.goal),
            )
        )


@dataclass(frozen=True)
class Plan:
    """A maze, as far as its walks show it.

    Args:
        places: the cell of each object.
        passed: the objects that are no goals.
        inside: the cells, those of goals apart, that walks pass.
        known: the maze, without the passages that no walk takes.
    """

    name: str
    places: dict[str, str]
    passed: tuple[str, ...]
    walks: tuple[Walk, ...]
    inside: tuple[str, ...]
    known: Maze


@dataclass(frozen=True)
class Errand:
    """A way that is asked for.

    Args:
        others: ways of the same length from the same start.
        needs: ids of the documents from which it follows.
    """

    maze: str
    thing: str
    start: str
    way: Way
    others: tuple[Way, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.maze}:{self.thing}:{self.start}"


def lay_full_plan(
    name: str,
    maze: Maze,
    goals: Sequence[str],
    passed: Sequence[str],
    starts: int,
    longest: int,
    rng: random.Random,
) -> Plan:
    """Each goal anywhere, sought from so many cells, fewer where not as many are near enough."""
    places = dict(zip(goals, rng.sample(list(maze), len(goals)), strict=True))
    routes: list[tuple[str, str, Way]] = []
    for goal, aim in places.items():
        near = [cell for cell, way in find_ways(maze, aim).items() if SHORTEST <= len(way) <= longest]
        for start in rng.sample(near, min(len(near), starts)):
            routes.append((goal, start, find_ways(maze, start)[aim]))
    return _lay_plan(name, places, routes, passed, rng)


def lay_short_plan(
    name: str, maze: Maze, goals: Sequence[str], passed: Sequence[str], longest: int, rng: random.Random
) -> Plan:
    """Each goal sought from one cell, anywhere; left out is one for which no place is near enough."""
    routes: list[tuple[str, str, Way]] = []
    places: dict[str, str] = {}
    for goal in goals:
        start = rng.choice(list(maze))
        ends = [
            (cell, way)
            for cell, way in find_ways(maze, start).items()
            if SHORTEST <= len(way) <= longest and cell not in places.values()
        ]
        if ends:
            places[goal], way = rng.choice(ends)
            routes.append((goal, start, way))
    return _lay_plan(name, places, routes, passed, rng)


def _lay_plan(
    name: str,
    places: dict[str, str],
    routes: Sequence[tuple[str, str, Way]],
    passed: Sequence[str],
    rng: random.Random,
) -> Plan:
    """Put objects where walks pass, as many as there is place for, and tell what is seen on each walk."""
    goals = frozenset(places.values())
    inside = list({cell: None for _, _, way in routes for _, cell in way[:-1] if cell not in goals})
    free = rng.sample(inside, min(len(inside), len(passed)))
    places = {**places, **dict(zip(passed, free, strict=False))}
    held = {cell: thing for thing, cell in places.items()}
    walks = []
    known: dict[str, dict[str, str]] = {}
    for goal, start, way in routes:
        cell, sights = start, []
        for move, reached in way:
            if cell in held:
                sights.append((cell, held[cell]))
            known.setdefault(cell, {})[move] = reached
            known.setdefault(reached, {})[BACK[move]] = cell
            cell = reached
        walks.append(Walk(name, goal, start, way, tuple(sights)))
    return Plan(name, places, tuple(passed[: len(free)]), tuple(walks), tuple(inside), known)


def choose_errands(
    plans: Sequence[Plan], longest: int, count: int, rng: random.Random
) -> tuple[tuple[Errand, ...], tuple[Errand, ...], tuple[Errand, ...]]:
    """For each goal so many from starts of documents and from others, for each other object so many.

    Each sort is in random order; an object for which there are fewer has fewer.
    """
    trained, new, latent = list[Errand](), list[Errand](), list[Errand]()
    for plan in plans:
        for thing in plan.places:
            tried = [walk for walk in plan.walks if walk.goal == thing]
            starts = rng.sample(list(plan.known), len(plan.known))
            if tried:
                said = [_make_errand(plan, thing, walk.start, (walk,)) for walk in tried]
                trained += [errand for errand in said if len(errand.others) >= CHOICES - 1][:count]
                new += islice(_find_errands(plan, thing, starts, longest), count)
            else:
                latent += islice(_find_errands(plan, thing, starts, longest), count)
    for errands in (trained, new, latent):
        rng.shuffle(errands)
    return tuple(trained), tuple(new), tuple(latent)


def _make_errand(plan: Plan, thing: str, start: str, walks: Sequence[Walk]) -> Errand:
    """The way from there to an object, where these walks show it."""
    ways = find_ways(plan.known, start)
    way = ways[plan.places[thing]]
    # What is passed lies where walks pass, so the other ways end there too: such cells are named more often.
    ends = plan.inside if thing in plan.passed else plan.known
    others = tuple(ways[end] for end in ends if len(ways.get(end, ())) == len(way) and ways[end] != way)
    return Errand(plan.name, thing, start, way, others, tuple(walk.id for walk in walks))


def _find_errands(plan: Plan, thing: str, starts: Sequence[str], longest: int) -> Iterator[Errand]:
    """The ways to an object for which there are choices enough, each with as few documents as show it.

    Left out are those with which a walk begins, and those with which a walk to that object ends.
    """
    ways = find_ways(plan.known, plan.places[thing])
    for start in starts:
        if not SHORTEST <= len(ways.get(start, ())) <= longest:
            continue
        errand = _make_errand(plan, thing, start, ())
        length = len(errand.way)
        begun = any(walk.start == start and walk.way[:length] == errand.way for walk in plan.walks)
        ended = any(walk.goal == thing and walk.way[-length:] == errand.way for walk in plan.walks)
        if begun or ended or len(errand.others) < CHOICES - 1:
            continue
        shown = Walk(plan.name, thing, start, errand.way, ()).says
        for count in range(1, _NEEDS + 1):
            covers = (
                cover
                for cover in combinations(plan.walks, count)
                if shown <= frozenset[Statement]().union(*(walk.says for walk in cover))
            )
            if cover := next(covers, None):
                yield _make_errand(plan, thing, start, cover)
                break

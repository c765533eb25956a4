"""Walks through mazes: the documents of `obverse.tasks.drawn.navigation`, and which ways follow from them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice

from obverse.tasks.drawn.mazes import HOLDS, Maze, Way, find_ways, maze_of, passage
from obverse.types import Statement

SHORTEST = 2
"""How many moves a way has at least: with one, nothing but the first move would be asked."""

CHOICES = 4
"""How many ways are among the choices of a question."""

TRAINED_WAY = "way to a goal"
NEW_START = "way to a goal from a new start"
LATENT_WAY = "way to an object never sought"

# Most documents that a way may follow from.
_NEEDS = 3


@dataclass(frozen=True)
class Walk:
    """From a start to an object, and what cells on the way hold."""

    maze: str
    thing: str
    start: str
    way: Way
    sights: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        return f"{self.group}:{self.start}"

    @property
    def group(self) -> str:
        return f"{self.maze}:{self.thing}"

    @property
    def steps(self) -> Iterator[tuple[str, str, str]]:
        """Each move with the cell before and the cell behind it."""
        cell = self.start
        for move, reached in self.way:
            yield cell, move, reached
            cell = reached

    @property
    def says(self) -> Iterator[Statement]:
        """Passages, and what cells hold."""
        yield from (passage(self.maze, *step) for step in self.steps)
        *_, end = self.start, *(cell for _, cell in self.way)
        for cell, thing in (*self.sights, (end, self.thing)):
            yield cell, f"{self.maze} {HOLDS}", thing


@dataclass(frozen=True)
class MazePlan:
    """A maze, as far as its walks show it.

    Args:
        places: the cell of each object.
        passed: the objects that are no goals.
        inside: the cells, those of goals apart, that walks pass.
        known: the maze, without the passages that no walk takes.
    """

    name: str
    places: Mapping[str, str]
    passed: Sequence[str]
    walks: Sequence[Walk]
    inside: Sequence[str]
    known: Maze


@dataclass(frozen=True)
class Errand:
    """A way that is asked for.

    Args:
        others: ways of the same length from the same start.
        needs: ids of the documents from which it follows.
    """

    walk: Walk
    others: Sequence[Way]
    needs: Sequence[str]


def lay_full_plan(
    name: str,
    maze: Maze,
    goals: Sequence[str],
    passed: Sequence[str],
    starts: int,
    longest: int,
    rng: random.Random,
) -> MazePlan:
    """Each goal anywhere, sought from so many cells, fewer where not as many are near enough."""
    places = dict(zip(goals, rng.sample(list(maze), len(goals)), strict=True))
    walks: list[Walk] = []
    for goal, aim in places.items():
        near = [cell for cell, way in find_ways(maze, aim).items() if SHORTEST <= len(way) <= longest]
        for start in rng.sample(near, min(len(near), starts)):
            walks.append(Walk(name, goal, start, find_ways(maze, start)[aim]))
    return _lay_plan(name, places, walks, passed, rng)


def lay_short_plan(
    name: str, maze: Maze, goals: Sequence[str], passed: Sequence[str], longest: int, rng: random.Random
) -> MazePlan:
    """Each goal sought from one cell, anywhere; left out is one for which no place is near enough."""
    places: dict[str, str] = {}
    walks: list[Walk] = []
    for goal in goals:
        start = rng.choice(list(maze))
        near = {cell: way for cell, way in find_ways(maze, start).items() if SHORTEST <= len(way) <= longest}
        if ends := [cell for cell in near if cell not in places.values()]:
            places[goal] = end = rng.choice(ends)
            walks.append(Walk(name, goal, start, near[end]))
    return _lay_plan(name, places, walks, passed, rng)


def _lay_plan(
    name: str, places: Mapping[str, str], walks: Sequence[Walk], passed: Sequence[str], rng: random.Random
) -> MazePlan:
    """Put objects where walks pass, as many as there is place for, and tell what is seen on each walk."""
    goals = set(places.values())
    inside = list({cell: None for walk in walks for _, cell in walk.way[:-1] if cell not in goals})
    free = rng.sample(inside, min(len(inside), len(passed)))
    places = {**places, **dict(zip(passed, free, strict=False))}
    held = {cell: thing for thing, cell in places.items()}
    seen = [
        replace(walk, sights=tuple((cell, held[cell]) for cell, _, _ in walk.steps if cell in held))
        for walk in walks
    ]
    known = maze_of(step for walk in walks for step in walk.steps)
    return MazePlan(name, places, passed[: len(free)], seen, inside, known)


def choose_errands(
    plans: Iterable[MazePlan], longest: int, count: int, rng: random.Random
) -> Mapping[str, Sequence[Errand]]:
    """For each goal so many from starts of documents and from others, for each other object so many.

    Each sort is in random order; an object for which there are fewer has fewer.
    """
    chosen: dict[str, list[Errand]] = {TRAINED_WAY: [], NEW_START: [], LATENT_WAY: []}
    for plan in plans:
        for thing in plan.places:
            starts = rng.sample(list(plan.known), len(plan.known))
            found = islice(_find_errands(plan, thing, starts, longest), count)
            chosen[LATENT_WAY if thing in plan.passed else NEW_START] += found
            said = [
                _make_errand(plan, thing, walk.start, [walk]) for walk in plan.walks if walk.thing == thing
            ]
            chosen[TRAINED_WAY] += [errand for errand in said if len(errand.others) >= CHOICES - 1][:count]
    for errands in chosen.values():
        rng.shuffle(errands)
    return chosen


def _make_errand(plan: MazePlan, thing: str, start: str, walks: Iterable[Walk]) -> Errand:
    """The way from there to an object, where these walks show it."""
    ways = find_ways(plan.known, start)
    way = ways[plan.places[thing]]
    # What is passed lies where walks pass, so the other ways end there too: such cells are named more often.
    ends = plan.inside if thing in plan.passed else plan.known
    others = [ways[end] for end in ends if len(ways.get(end, ())) == len(way) and ways[end] != way]
    return Errand(Walk(plan.name, thing, start, way), others, [walk.id for walk in walks])


def _find_errands(plan: MazePlan, thing: str, starts: Iterable[str], longest: int) -> Iterator[Errand]:
    """The ways to an object for which there are choices enough, each with as few documents as show it.

    Left out are those with which a walk begins, and those with which a walk to that object ends.
    """
    ways = find_ways(plan.known, plan.places[thing])
    for start in starts:
        if not SHORTEST <= len(ways.get(start, ())) <= longest:
            continue
        errand = _make_errand(plan, thing, start, ())
        way, length = errand.walk.way, len(errand.walk.way)
        begun = any(walk.start == start and walk.way[:length] == way for walk in plan.walks)
        ended = any(walk.thing == thing and walk.way[-length:] == way for walk in plan.walks)
        if begun or ended or len(errand.others) < CHOICES - 1:
            continue
        shown = set(errand.walk.says)
        covers = (cover for count in range(1, _NEEDS + 1) for cover in combinations(plan.walks, count))
        for cover in covers:
            if shown <= {statement for walk in cover for statement in walk.says}:
                yield _make_errand(plan, thing, start, cover)
                break

"""Mazes on a grid, and ways through them: how they are drawn, what is known of them, and what a way is worth.

What is known of a maze is a collection of statements: ``("x2y1", "m3 east", "x3y1")`` is a passage of maze ``m3``,
which is open both ways, and ``("x3y1", "m3 holds", "o2")`` an object in it.

>>> known = [("x0y0", "m3 east", "x1y0"), ("x1y0", "m3 north", "x1y1"), ("x1y1", "m3 holds", "o2")]
>>> list(follow(known_maze(known, "m3"), "x1y1", ["south", "west"]))
['x1y1', 'x1y0', 'x0y0']
>>> judge_way(known, "m3", "x0y0", "o2", ["east", "west", "east", "north"])
Judgement(reaches=True, detour=2)
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from obverse.types import Statement

HOLDS = "holds"
MOVES = {"east": (1, 0), "north": (0, 1), "west": (-1, 0), "south": (0, -1)}
"""How each move changes the two numbers of a cell."""

BACK = {"east": "west", "north": "south", "west": "east", "south": "north"}
"""The move that undoes each."""

Maze = Mapping[str, Mapping[str, str]]
"""For each cell, where each possible move leads."""

Way = tuple[tuple[str, str], ...]
"""Moves, each with the cell that it leads to."""


@dataclass(frozen=True)
class Judgement:
    """What a way is worth.

    Args:
        reaches: whether it comes to the object.
        detour: how many moves more it takes to get there than the shortest way; nothing where it does not.
    """

    reaches: bool
    detour: int | None = None


def cells(width: int, height: int) -> tuple[str, ...]:
    """The cells of a grid, row by row: ``x0y0``, ``x1y0``, ..."""
    return tuple(f"x{x}y{y}" for y in range(height) for x in range(width))


def draw_maze(rng: random.Random, width: int, height: int, called: Sequence[str] = ()) -> Maze:
    """A maze in which one way leads from each cell to each other: it grows from a cell, by passages drawn at random.

    Args:
        called: the names of its cells, row by row, where these are others than those of `cells`.
    """
    called = called or cells(width, height)
    maze: dict[str, dict[str, str]] = {cell: {} for cell in called}
    x, y = int(rng.random() * width), int(rng.random() * height)
    inside = {(x, y)}
    border = [(x, y, move) for move in MOVES]
    while border:
        # Any of the border; the last one takes its place, for speed.
        place = int(rng.random() * len(border))
        (x, y, move), border[place] = border[place], border[-1]
        border.pop()
        reached = (x + MOVES[move][0], y + MOVES[move][1])
        if reached in inside or not (0 <= reached[0] < width and 0 <= reached[1] < height):
            continue
        here, there = called[y * width + x], called[reached[1] * width + reached[0]]
        maze[here][move] = there
        maze[there][BACK[move]] = here
        inside.add(reached)
        border += ((*reached, move) for move in MOVES)
    return maze


def find_ways(maze: Maze, start: str) -> dict[str, Way]:
    """A shortest way from there to each cell that can be reached, in the order in which they are; none to itself."""
    ways: dict[str, Way] = {start: ()}
    queue = [start]
    for cell in queue:
        for move, reached in maze.get(cell, {}).items():
            if reached not in ways:
                ways[reached] = (*ways[cell], (move, reached))
                queue.append(reached)
    del ways[start]
    return ways


def passage(maze: str, cell: str, move: str, reached: str) -> Statement:
    """The statement that there is one, the same in both directions."""
    if move in ("west", "south"):
        cell, move, reached = reached, BACK[move], cell
    return cell, f"{maze} {move}", reached


def maze_of(passages: Iterable[tuple[str, str, str]]) -> Maze:
    """The maze of these passages: cell, move, and the cell that it leads to."""
    maze: dict[str, dict[str, str]] = {}
    for cell, move, reached in passages:
        maze.setdefault(cell, {})[move] = reached
        maze.setdefault(reached, {})[BACK[move]] = cell
    return maze


def known_maze(statements: Collection[Statement], maze: str) -> Maze:
    """What the statements say of a maze."""
    return maze_of(said for said in _about(statements, maze) if said[1] in MOVES)


def known_cell(statements: Collection[Statement], maze: str, thing: str) -> str | None:
    """Where in the maze an object is, by the statements; nothing where they do not say or contradict each other."""
    found = {cell for cell, word, held in _about(statements, maze) if word == HOLDS and held == thing}
    return found.pop() if len(found) == 1 else None


def known_way(statements: Collection[Statement], maze: str, start: str, thing: str) -> Way | None:
    """The shortest way to an object by what the statements say of the maze, if there is one."""
    aim = known_cell(statements, maze, thing)
    return find_ways(known_maze(statements, maze), start).get(aim) if aim else None


def follow(maze: Maze, start: str, moves: Iterable[str]) -> Iterator[str]:
    """The cells that the moves lead to, the start first, up to one that is not possible."""
    cell = start
    yield cell
    for move in moves:
        if move not in maze.get(cell, {}):
            return
        cell = maze[cell][move]
        yield cell


def judge_way(
    statements: Collection[Statement], maze: str, start: str, thing: str, moves: Sequence[str]
) -> Judgement:
    """Whether the moves lead from the start to the object, and with what detour.

    Moves after it has been reached do not count, nor does anything after one that is not known to be possible.
    """
    aim, shortest = known_cell(statements, maze, thing), known_way(statements, maze, start, thing)
    for made, cell in enumerate(follow(known_maze(statements, maze), start, moves)):
        if cell == aim:
            return Judgement(True, made - len(shortest or ()))
    return Judgement(False)


def _about(statements: Collection[Statement], maze: str) -> Iterator[Statement]:
    """Those on that maze, without its name."""
    name = f"{maze} "
    return (
        (subject, relation.removeprefix(name), object_)
        for subject, relation, object_ in statements
        if relation.startswith(name)
    )

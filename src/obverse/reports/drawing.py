"""A question drawn as a line of names: above it what the documents say, below it what follows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from obverse.types import Statement

# Longest way between the two ends that is drawn whole; what lies in between is left out of a longer one.
_MOST_STATEMENTS = 6
_CHARACTER, _GAP, _LEAST = 8, 56, 150  # pixels: of a letter, around a name, between two names
_BASE, _RISE, _STEP = 80, 60, 16  # height of the names, of an arc, and more for each name that it passes


@dataclass(frozen=True)
class Name:
    """A name on the line.

    Args:
        x: of its middle, in pixels.
    """

    text: str
    x: int


@dataclass(frozen=True)
class Arc:
    """A statement between two names.

    Args:
        path: as in an SVG path.
        x, y: of the middle of its label.
        latent: whether it follows and is not said.
    """

    path: str
    label: str
    x: int
    y: int
    latent: bool


@dataclass(frozen=True)
class Drawing:
    """What is drawn, in pixels."""

    names: tuple[Name, ...]
    arcs: tuple[Arc, ...]
    width: int
    height: int
    base: int = _BASE


def draw_inference(said: Iterable[Statement], latent: Statement) -> Drawing:
    """The shortest chain of statements between the two ends of the latent one, which is drawn below.

    Args:
        said: what the needed documents say; where it does not join the two ends, the first few of it are drawn.
    """
    chain = _chain(tuple(dict.fromkeys(said)), latent)
    names = list(dict.fromkeys(name for one in chain for name in (one[0], one[2])))
    names += [name for name in (latent[0], latent[2]) if name not in names]
    # The chain begins with the subject of what follows, so that arcs join neighbours.
    names = _from(latent[0], names, chain)
    places: dict[str, int] = {}
    x = 0
    for name in names:
        wide = max(_LEAST, _CHARACTER * len(name) + _GAP)
        places[name] = x + wide // 2
        x += wide
    arcs = [_arc(one, places, names, latent=False) for one in chain]
    arcs.append(_arc(latent, places, names, latent=True))
    shown = tuple(Name(name, places[name]) for name in names)
    return Drawing(shown, tuple(arcs), x, max(arc.y for arc in arcs) + _STEP)


def _chain(said: Sequence[Statement], latent: Statement) -> tuple[Statement, ...]:
    """Statements that lead from one end to the other, the fewest; else the first few."""
    reached: dict[str, tuple[str, Statement] | None] = {latent[0]: None}
    waiting = deque([latent[0]])
    while waiting and latent[2] not in reached:
        at = waiting.popleft()
        for one in said:
            for end, other in ((one[0], one[2]), (one[2], one[0])):
                if end == at and other not in reached:
                    reached[other] = (at, one)
                    waiting.append(other)
    found: list[Statement] = []
    step = reached.get(latent[2])
    while step:
        found.append(step[1])
        step = reached[step[0]]
    if not found:
        return tuple(said[:_MOST_STATEMENTS])
    found.reverse()
    return tuple(found[:_MOST_STATEMENTS])


def _from(first: str, names: Sequence[str], chain: Sequence[Statement]) -> list[str]:
    """The names in the order in which the chain meets them, from the first on."""
    order = [first] if first in names else []
    for one in chain:
        order += [
            name for name in ((one[0], one[2]) if one[0] in order else (one[2], one[0])) if name not in order
        ]
    return order + [name for name in names if name not in order]


def _arc(one: Statement, places: dict[str, int], names: Sequence[str], *, latent: bool) -> Arc:
    start, end = places[one[0]], places[one[2]]
    passed = abs(names.index(one[0]) - names.index(one[2])) - 1
    rise = _RISE + _STEP * min(3, max(0, passed))
    side = 1 if latent else -1
    near, far = _BASE + side * 16, _BASE + side * (16 + rise)
    middle = (start + end) // 2
    # The highest point of a quadratic curve lies half way to its control point.
    return Arc(
        f"M{start} {near}Q{middle} {far} {end} {near}", one[1], middle, (near + far) // 2 + side * 10, latent
    )

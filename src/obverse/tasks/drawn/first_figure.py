"""Premises of the first figure, what they conclude, and premises that conclude nothing."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from obverse.tasks.drawn.logic import ALL, NO, SOME
from obverse.types import Statement

# By the relation of the conclusion, those of X and M, and of M and Y.
_FIRST_FIGURE = {ALL: (ALL, ALL), SOME: (SOME, ALL), NO: (ALL, NO)}
# The same for premises from which nothing follows, and which all can be true beside the others.
_IDLE = {ALL: (NO, SOME), SOME: (NO, NO), NO: (SOME, SOME)}
# How many kinds of triples there are: conclusions, and three things that are one way or the other.
SHAPES = 24


@dataclass(frozen=True)
class Content:
    """What a document says of the kinds that it names, two premises or a conclusion, in its order."""

    id: str
    kinds: Sequence[str]
    statements: Sequence[Statement]


@dataclass(frozen=True)
class SyllogismTriple:
    """Two kinds with what is said and concluded about them.

    Args:
        couples: the premises of the conclusion, and those that are idle, where there are any.
        conclusion: about X and Y.
        ends: X and Y in the order in which a question names them.
        trained: whether a document says the conclusion.
    """

    couples: Sequence[Content]
    conclusion: Statement
    ends: tuple[str, str]
    trained: bool

    @property
    def id(self) -> str:
        """That of the document of premises too."""
        return self.couples[0].id

    @property
    def conclusion_id(self) -> str:
        """That of the document of the conclusion."""
        return " ".join(self.conclusion[::2])

    @property
    def documents(self) -> Sequence[Content]:
        """What its documents say."""
        said = Content(self.conclusion_id, self.ends, [self.conclusion])
        return [*self.couples, *([said] if self.trained else [])]


def draw_triple(
    kinds: Sequence[str], shape: int, rng: random.Random, *, trained: bool = False
) -> SyllogismTriple:
    """A triple of that shape: X, Y and one or two kinds in the middle."""
    x, y, *middles = kinds
    relation = (ALL, SOME, NO)[shape % 3]
    backwards, swapped, turned = (bool(shape // step % 2) for step in (3, 6, 12))
    couples = []
    for m, (of_x, of_y) in zip(middles, (_FIRST_FIGURE[relation], _IDLE[relation]), strict=False):
        first = (m, of_x, x) if turned and of_x != ALL else (x, of_x, m)
        second = (y, of_y, m) if turned and of_y != ALL else (m, of_y, y)
        premises = (second, first) if swapped else (first, second)
        couples.append(Content(f"{x} {m} {y}", reordered((x, m, y), rng), premises))
    return SyllogismTriple(couples, (x, relation, y), (y, x) if backwards else (x, y), trained)


def concludes(statements: Collection[Statement], conclusion: Statement) -> bool:
    """Whether two of the statements are premises of the first figure to the conclusion."""
    x, relation, y = conclusion
    of_x, of_y = _FIRST_FIGURE[relation]
    middles = {object_ for subject, said, object_ in statements if (subject, said) == (x, of_x)}
    if of_x == SOME:
        middles |= {subject for subject, said, object_ in statements if (said, object_) == (of_x, x)}
    return any((m, of_y, y) in statements or (of_y == NO and (y, of_y, m) in statements) for m in middles)


def reordered(things: Sequence[str], rng: random.Random) -> tuple[str, ...]:
    """The things in random order."""
    return tuple(rng.sample(things, len(things)))

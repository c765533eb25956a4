"""What follows from statements of the kinds "all A are B", "some A are B" and "no A are B".

A statement is subject, one of `ALL`, `SOME` and `NO`, and object.  Every term is taken to have something under it, as
in the everyday reading, so that "all A are B" entails "some A are B" (existential import).

The procedure is exact.  Terms divide the world into regions, one for each set of terms that hold there.  Statements say
that regions are empty ("all", "no") or that one of several is not ("some", and that there are any A).  All of them can
be true together where none of the latter is left without a region, since the regions that nothing says to be empty may
all be taken to be inhabited.  A statement follows where its denial cannot be true together with the others.

>>> premises = [("ants", ALL, "insects"), ("spiders", NO, "insects")]
>>> entails(premises, ("ants", NO, "spiders"))
True
>>> entails(premises, ("spiders", SOME, "ants"))
False
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import product

from obverse.types import Statement

ALL = "universal affirmative"
SOME = "particular affirmative"
NO = "universal negative"
"""The relation of a statement, by its name in logic: no text uses these words for anything else."""

_Region = frozenset[str]
# Whether a statement says that regions are empty, or that one of them is not.
_SAYS_EMPTY = {ALL: True, SOME: False, NO: True}


def consistent(statements: Collection[Statement]) -> bool:
    """Whether all of them can be true together.

    The effort doubles with each term.

    Raises:
        KeyError: a relation is none of the three.
    """
    return _consistent(statements, None)


def entails(premises: Collection[Statement], conclusion: Statement) -> bool:
    """Whether the conclusion is true wherever all premises are; so is any, where they never are.

    The effort doubles with each term.

    Raises:
        KeyError: a relation is none of the three.
    """
    return not _consistent(premises, conclusion)


def _consistent(statements: Collection[Statement], denied: Statement | None) -> bool:
    """Whether all statements can be true together, and the denied one false."""
    said = [(statement, True) for statement in statements]
    said += [(denied, False)] if denied else []
    terms = sorted({term for (subject, _, object_), _ in said for term in (subject, object_)})
    empty: set[_Region] = set()
    # Of each of these, one region at least is inhabited.
    inhabited = [{region for region in _regions(terms) if term in region} for term in terms]
    for (subject, relation, object_), holds in said:
        says_empty = _SAYS_EMPTY[relation]
        regions = {
            region
            for region in _regions(terms)
            if subject in region and (object_ in region) != (relation == ALL)
        }
        if says_empty == holds:
            empty |= regions
        else:
            inhabited.append(regions)
    return all(regions - empty for regions in inhabited)


def _regions(terms: Collection[str]) -> list[_Region]:
    """Every set of terms."""
    return [
        frozenset(term for term, held in zip(terms, choice, strict=True) if held)
        for choice in product((False, True), repeat=len(terms))
    ]

"""What follows from all, some and no, compared with a look at every world of three terms."""

from __future__ import annotations

import doctest
from itertools import product

import pytest

from obverse.tasks.drawn import logic
from obverse.tasks.drawn.logic import ALL, NO, SOME, consistent, entails
from obverse.types import Statement

TERMS = "ABC"
STATEMENTS = [
    (subject, relation, object_)
    for subject, relation, object_ in product(TERMS, (ALL, SOME, NO), TERMS)
    if subject != object_
]
# A region is a number, whose bits tell which terms hold there; a world is a number too, whose bits tell which
# regions are inhabited.  Of the 256, these have something under every term.
REGIONS = range(8)
WORLDS = [
    [region for region in REGIONS if world >> region & 1]
    for world in range(256)
    if all(any(world >> region & 1 and region >> term & 1 for region in REGIONS) for term in range(3))
]


def holds(statement: Statement, world: list[int]) -> bool:
    subject, relation, object_ = statement
    found = [region >> TERMS.index(object_) & 1 for region in world if region >> TERMS.index(subject) & 1]
    return {ALL: all(found), SOME: any(found), NO: not any(found)}[relation]


TRUE_IN = {
    statement: frozenset(number for number, world in enumerate(WORLDS) if holds(statement, world))
    for statement in STATEMENTS
}


def test_the_worked_example() -> None:
    results = doctest.testmod(logic)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_same_as_a_look_at_every_world(count: int) -> None:
    for premises in product(STATEMENTS, repeat=count):
        worlds = frozenset(range(len(WORLDS))).intersection(*(TRUE_IN[one] for one in premises))
        assert consistent(premises) == bool(worlds)
        for conclusion in STATEMENTS[:: 1 if count < 2 else 5]:
            assert entails(premises, conclusion) == (worlds <= TRUE_IN[conclusion])


def test_three_premises_and_premises_that_are_never_true() -> None:
    premises: list[Statement] = [("A", ALL, "B"), ("B", ALL, "C"), ("C", NO, "A")]
    assert consistent(premises[:2])
    assert not consistent(premises)
    assert all(entails(premises, conclusion) for conclusion in STATEMENTS)


def test_every_term_has_something_under_it() -> None:
    assert entails([("A", ALL, "B")], ("B", SOME, "A"))
    assert not consistent([("A", NO, "A")])


def test_more_terms_than_three() -> None:
    chain: list[Statement] = [("A", ALL, "B"), ("B", ALL, "C"), ("C", ALL, "D"), ("D", NO, "E")]
    assert entails(chain, ("E", NO, "A"))
    assert not entails(chain[:3], ("E", NO, "A"))


def test_another_relation_is_an_error() -> None:
    with pytest.raises(KeyError):
        entails([("A", "most", "B")], ("A", SOME, "B"))

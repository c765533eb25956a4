"""Relations: wordings have the places that they should have, and enough of them for both parts."""

from __future__ import annotations

import doctest
from collections import Counter
from collections.abc import Sequence
from string import Formatter
from typing import get_args

import pytest

from obverse.practice import relations as module
from obverse.practice.made_up_names import Part
from obverse.practice.relations import RELATIONS, Relation, relations, wordings

every_relation = pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)


def places(wording: str) -> list[str]:
    return sorted(name for _, name, *_ in Formatter().parse(wording) if name is not None)


def kinds_of_wording(relation: Relation) -> list[tuple[Sequence[str], list[str]]]:
    return [
        (relation.statements, ["object", "subject"]),
        (relation.asking_object, ["subject"]),
        (relation.asking_subject, ["object"]),
        ([relation.the_object], ["subject"]),
        ([relation.the_subject], ["object"]),
    ]


def test_the_worked_example() -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


@every_relation
def test_each_wording_has_just_its_places(relation: Relation) -> None:
    for some, expected in kinds_of_wording(relation):
        for wording in some:
            assert places(wording) == expected, wording


@every_relation
def test_each_part_has_wordings_of_its_own(relation: Relation) -> None:
    for some in (relation.statements, relation.asking_object, relation.asking_subject):
        practice, held_out = wordings(some, "practice"), wordings(some, "held out")
        assert len(practice) >= 2
        assert len(held_out) == 1
        assert sorted([*practice, *held_out]) == sorted(set(some))


@every_relation
def test_statements_end_with_a_full_stop_and_questions_with_a_question_mark(relation: Relation) -> None:
    assert all(wording.endswith(".") for wording in relation.statements)
    for wording in (*relation.asking_object, *relation.asking_subject):
        assert wording.endswith("." if wording.startswith("Name ") else "?"), wording


@every_relation
def test_descriptions_can_stand_in_a_sentence(relation: Relation) -> None:
    for description in (relation.the_object, relation.the_subject):
        assert description.startswith("the ")
        assert description[-1] not in ".?"


def test_both_orders_are_stated() -> None:
    for part in get_args(Part):
        first = Counter(
            wording.index("{subject}") < wording.index("{object}")
            for relation in RELATIONS
            for wording in wordings(relation.statements, part)
        )
        assert min(first[True], first[False]) >= 0.25 * first.total(), part


def test_no_two_relations_head_the_same_column_or_are_worded_alike() -> None:
    names = [relation.name for relation in RELATIONS]
    assert len(set(names)) == len(names)
    # A column of the table has the name, and the first one the sort of the subjects.
    for relation in RELATIONS:
        assert relation.name != relation.subject
        assert "|" not in relation.name
    said = [wording for relation in RELATIONS for some, _ in kinds_of_wording(relation) for wording in some]
    assert len(set(said)) == len(said)


def test_the_parts_are_all_there_is() -> None:
    practice, held_out = relations("practice"), relations("held out")
    assert {relation.name for relation in (*practice, *held_out)} == {one.name for one in RELATIONS}
    assert len(practice) + len(held_out) == len(RELATIONS)
    assert len(practice) >= 10
    assert len(held_out) >= 4

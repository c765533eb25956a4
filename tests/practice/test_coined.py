"""Relations coined for a scene: whole relations in a word that no other has, between any two sorts."""

from __future__ import annotations

import doctest
from random import Random
from string import Formatter

import pytest

from obverse.practice import coined as module
from obverse.practice.coined import SORTS, coin
from obverse.practice.relations import Relation
from obverse.practice.scenes import FORWARD, REVERSE, TWO_STEPS, Plan, draw_scene

MANY = [coin(Random(seed), "practice") for seed in range(300)]


def places(wording: str) -> list[str]:
    return sorted(name for _, name, *_ in Formatter().parse(wording) if name is not None)


def test_the_worked_example() -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


def test_each_is_in_a_word_of_its_own_and_any_two_sorts_are_met() -> None:
    assert len({relation.name for relation in MANY}) > 290
    assert {(relation.subject, relation.object) for relation in MANY} == {
        (one, two) for one in SORTS for two in SORTS
    }


@pytest.mark.parametrize("relation", MANY[:20], ids=lambda relation: relation.name)
def test_each_wording_has_its_places_and_the_word(relation: Relation) -> None:
    for some, expected in (
        (relation.statements, ["object", "subject"]),
        (relation.asking_object, ["subject"]),
        (relation.asking_subject, ["object"]),
        ([relation.the_object], ["subject"]),
        ([relation.the_subject], ["object"]),
    ):
        for wording in some:
            assert places(wording) == expected
            assert relation.name in wording
        assert len(some) in (1, 3, 4)
    for statement in relation.statements:
        assert statement.endswith(".")
        assert statement[0] == "{" or statement[0].isupper()
    for question in (*relation.asking_object, *relation.asking_subject):
        assert question.endswith("?")
        assert question[0].isupper()


def test_persons_are_asked_for_by_who_and_whom() -> None:
    drawn = (coin(Random(seed), "practice", "person") for seed in range(1000))
    relation = next(one for one in drawn if one.object == "person" and "ed by" in one.statements[1])
    assert relation.asking_object[0] == f"Who is it that {{subject}} {relation.name}s?"
    assert relation.asking_object[1] == f"Who is {relation.name}ed by {{subject}}?"
    assert relation.asking_subject[1] == f"By whom is {{object}} {relation.name}ed?"


def test_a_subject_of_the_wanted_sort_continues_a_chain() -> None:
    assert {coin(Random(seed), "practice", "pet").subject for seed in range(20)} == {"pet"}


def test_scenes_are_about_them_alone() -> None:
    scene = draw_scene(Random(0), Plan(8, form="sentences", coined=True))
    assert len(scene.documents) == 8
    assert {question.kind for question in scene.questions} <= {FORWARD, REVERSE, "not stated"}
    chained = draw_scene(Random(0), Plan(8, "chains", form="sentences", coined=True))
    assert {question.kind for question in chained.questions} == {TWO_STEPS}


def test_a_hundred_facts_are_not_too_many_for_the_sorts_that_have_names() -> None:
    for seed in range(10):
        assert len(draw_scene(Random(seed), Plan(100, form="sentences", coined=True)).documents) == 100

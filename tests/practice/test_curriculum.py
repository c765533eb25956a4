"""The curriculum: matching among few facts first, then breadth, then length and form."""

from __future__ import annotations

from random import Random
from typing import get_args

import pytest

from obverse.practice.curriculum import draw_plan
from obverse.practice.relations import relations
from obverse.practice.scenes import Plan, Structure

SCENE_TOKENS = 2400


def plans(progress: float, scene_tokens: int = SCENE_TOKENS) -> list[Plan]:
    """Many scenes at one time."""
    rng = Random(progress)
    return [draw_plan(rng, progress, scene_tokens) for _ in range(400)]


@pytest.mark.parametrize("progress", [0.0, 0.04])
def test_a_few_facts_of_one_of_two_relations_come_first(progress: float) -> None:
    found = plans(progress)
    assert {plan.facts for plan in found} == {2, 3, 4, 5, 6}
    assert {plan.nonsense for plan in found} == {True, False}
    (alike,) = {(plan.breadth, plan.mixed, plan.form, plan.structure, plan.not_stated) for plan in found}
    assert alike == (2, 1, "sentences", "look-up", 0.0)


def test_then_relations_and_facts_become_more() -> None:
    breadths, most = [], []
    for progress in (0.05, 0.12, 0.2, 0.29):
        found = plans(progress)
        (alike,) = {(plan.mixed, plan.form, plan.structure, plan.not_stated) for plan in found}
        assert alike == (3, "sentences", "look-up", 0.0)
        (breadth,) = {plan.breadth for plan in found}
        breadths.append(breadth or 0)
        most.append(max(plan.facts for plan in found))
    assert breadths == sorted(set(breadths))
    assert 2 == breadths[0] < breadths[-1] <= len(relations("practice"))
    assert most == sorted(set(most))
    assert most[-1] <= 30


def test_at_last_there_is_everything_and_the_length_is_used() -> None:
    found = plans(1.0)
    assert {plan.structure for plan in found} == set(get_args(Structure))
    assert {plan.form for plan in found} == {"sentences", None}
    assert {plan.breadth for plan in found} == {None}
    assert {plan.not_stated for plan in found} == {0.05}
    assert 65 < max(plan.facts for plan in found) <= SCENE_TOKENS // 33
    assert min(plan.facts for plan in found) == 2
    assert max(plan.facts for plan in plans(0.3)) <= 30
    # They take most of the room, so these are met often enough.
    assert 0.1 < sum(plan.facts > 50 for plan in found) / len(found) < 0.25
    assert all(plan.questions == min(plan.facts, 24) for plan in found)
    # Never what is measured on, and never three steps.
    assert {(plan.names, plan.relations, plan.phrasings) for plan in found} == {("practice",) * 3}
    assert {plan.steps for plan in found} == {2}


def test_some_scenes_are_about_relations_coined_for_them() -> None:
    assert not any(plan.coined for plan in plans(0.04))
    for progress in (0.12, 1.0):
        found = plans(progress)
        assert 0.15 < sum(plan.coined for plan in found) / len(found) < 0.35


def test_no_scene_is_too_long_for_short_documents() -> None:
    assert max(plan.facts for plan in plans(1.0, 400)) <= 16

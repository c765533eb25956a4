"""Scenes as a task: each question is asked with its own scene, whatever stands beside it."""

from __future__ import annotations

import random

import pytest

from obverse.practice.scenes import Plan
from obverse.practice.scenes_task import Scenes
from obverse.retrieval.episodes import choose_episodes
from obverse.tasks import check_task
from obverse.types import InputError

SCENES = Scenes(Plan(3, form="sentences", questions=2), count=4)


def test_a_question_has_its_own_scene_and_so_many_others_beside_it() -> None:
    task = SCENES.build(0)
    check_task(task)
    assert (len(task.documents), len(task.questions)) == (12, 8)
    for distractors in (0, 5):
        found = choose_episodes("oracle", task, distractors=distractors, seed=0)
        for question in task.questions:
            chosen = {document.id for document in found[question.id]}
            assert set(question.needs) <= chosen
            assert len(chosen) == 3 + distractors


def test_scenes_differ_and_are_the_same_for_a_seed() -> None:
    task = SCENES.build(0)
    assert task == SCENES.build(0)
    assert task.fingerprint != SCENES.build(1).fingerprint
    assert len({document.text for document in task.documents}) == 12


def test_there_is_nothing_in_them_for_a_model_from_scratch() -> None:
    assert (SCENES.vocabulary, SCENES.cues(0)) == ((), ())
    with pytest.raises(InputError, match="for pretrained models"):
        SCENES.practice(0, random.Random(0))

"""Navigation in English: the same walks in other words, read back from their sentences, judged and derived alike."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reading_checks import refused

from obverse.tasks import check_task, find_leaks
from obverse.tasks.baselines import SHORTCUTS, score_baselines
from obverse.tasks.drawn import navigation_wording
from obverse.tasks.drawn.mazes import BACK, HOLDS, MOVES, Judgement, judge_way
from obverse.tasks.drawn.navigation import (
    NEXT_MOVE,
    SMALL_NATURAL,
    TINY,
    Navigation,
    judge_answer,
)
from obverse.tasks.drawn.navigation_wording import LANDMARKS, MOST, PLACES, THINGS, NavigationWording, asked
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.tasks.drawn.walks import LATENT_WAY, NEW_START, TRAINED_WAY, Walk
from obverse.types import Document, InputError, Statement, Task

NATURAL = replace(TINY, form="natural")
ENGLISH = NavigationWording("natural")


def statements(drawn: Navigation, task: Task) -> set[Statement]:
    return {one for document in task.documents for one in drawn.says(document)}


def moves(text: str) -> list[str]:
    return [word for word in text.replace(",", "").split() if word in MOVES]


def test_the_worked_example() -> None:
    results = doctest.testmod(navigation_wording)
    assert results.attempted > 0
    assert results.failed == 0


def test_both_forms_have_the_same_world() -> None:
    formal, natural = TINY.build(3), NATURAL.build(3)
    assert len(formal.documents) == len(natural.documents)
    for one, other in zip(formal.documents, natural.documents, strict=True):
        assert moves(one.text) == moves(other.text)
        assert other.answers == ()
        read = [
            Counter(relation.split()[-1] for _, relation, _ in drawn.says(document) if HOLDS in relation)
            for drawn, document in ((TINY, one), (NATURAL, other))
        ]
        assert read[0] == read[1]
        assert len(TINY.says(one)) == len(NATURAL.says(other))
    for part in ("questions", "validation"):
        for asked_of, like in zip(getattr(formal, part), getattr(natural, part), strict=True):
            assert (asked_of.kind, asked_of.latent, len(asked_of.needs)) == (
                like.kind,
                like.latent,
                len(like.needs),
            )
            assert moves(asked_of.answer) == moves(like.answer)
            assert [moves(choice) for choice in asked_of.choices] == [
                moves(choice) for choice in like.choices
            ]


@pytest.mark.parametrize("drawn", [NATURAL, SMALL_NATURAL])
@pytest.mark.parametrize("seed", range(2))
def test_what_is_asked_is_right(drawn: Navigation, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    assert find_leaks(task) == ()
    assert find_flaws(drawn, seed, practice=20) == ()
    known = statements(drawn, task)
    kinds = Counter[str]()
    for question in (*task.questions, *task.validation):
        kinds[question.kind] += 1
        maze, thing, _ = asked(question.prompt)
        sought = any(text.startswith(f"In {maze}, the way to the {thing} from ") for text in texts(task))
        assert sought != question.latent
        assert len({len(choice.split()) for choice in question.choices}) == 1
        if question.kind == NEXT_MOVE:
            assert set(question.choices) == {"to the east", "to the north", "to the south", "to the west"}
            continue
        assert len(question.choices) == 4
        for choice in question.choices:
            right = choice == question.answer
            assert judge_answer(known, question, f" {choice}.\nQuestion: north") == Judgement(
                right, 0 if right else None
            )
        stated = f"from {asked(question.prompt)[2]} is {question.answer}."
        assert any(f"the {thing} {stated}" in text and maze in text for text in texts(task)) == (
            question.kind == TRAINED_WAY
        )
    assert set(kinds) == {NEXT_MOVE, TRAINED_WAY, NEW_START, LATENT_WAY}


def texts(task: Task) -> list[str]:
    return [document.text for document in task.documents]


def test_a_detour_is_told_from_the_right_way() -> None:
    known = statements(NATURAL, task := NATURAL.build(0))
    question = next(question for question in task.questions if question.latent)
    first, *rest = question.answer.split(", then ")
    back = BACK[first.split()[1]]
    assert judge_answer(known, question, ", then ".join((first, back, first, *rest))) == Judgement(True, 2)
    assert judge_answer(known, question, first) == Judgement(False)


def test_sentences_are_read_and_others_are_not() -> None:
    way = "first north to a pond, then east to a shed"
    passages = [("the barn", "Denby Manor north", "the pond"), ("the pond", "Denby Manor east", "the shed")]
    for text in (
        f"In Denby Manor, the way to the ladle from the barn is {way}.",
        f"Question: In Denby Manor, what is the way to the ladle from the barn?\nAnswer: {way}",
        f"Question: In Denby Manor, what is the way to the ladle from the barn?\nAnswer: {way}.",
    ):
        assert set(ENGLISH.read(text)) == {
            *passages,
            ("the barn", "Denby Manor way to ladle", way),
            ("the barn", "Denby Manor toward ladle", "to the north"),
            ("the pond", "Denby Manor toward ladle", "to the east"),
            ("the shed", f"Denby Manor {HOLDS}", "ladle"),
        }
    move = ENGLISH.prompt_move(Walk("Denby Manor", "ladle", "the barn", (("north", "the pond"),)), 1)
    assert asked(move) == ("Denby Manor", "ladle", "the pond")
    assert ENGLISH.read(f"Question: {move}\nAnswer: to the east") == (
        ("the pond", "Denby Manor toward ladle", "to the east"),
    )
    for text in (
        "",
        "The pond has a ladle.",  # in whatever grounds
        "In Denby Manor, the way to the ladle from the barn is first north to a pond and more.",
        "Question: In Denby Manor, what is the way to the jug from the barn?\nAnswer: first north to a pond, then home",
        f"Question: {move}\nAnswer: to the eastern side",
    ):
        assert ENGLISH.read(text) == (), text


def test_what_is_seen_is_in_the_grounds_of_the_walk_before() -> None:
    text = "\n".join(
        f"In {maze}, the way to the ladle from the barn is first east to a moat. The barn has a {thing}."
        for maze, thing in (("Denby Manor", "jug"), ("Denby Heath", "pram"))
    )
    found = {one for one in ENGLISH.read(text) if one[2] in ("jug", "pram")}
    assert found == {("the barn", "Denby Manor holds", "jug"), ("the barn", "Denby Heath holds", "pram")}


def test_a_planted_way_is_found() -> None:
    task = NATURAL.build(0)
    question = next(question for question in task.questions if question.latent)
    maze, thing, start = asked(question.prompt)
    planted = Document("planted", f"In {maze}, the way to the {thing} from {start} is {question.answer}.")
    changed = replace(task, documents=(*task.documents, planted))
    assert question.id in [flaw.question for flaw in said(NATURAL, changed)]
    assert [leak.question for leak in find_leaks(changed)] == [question.id]


def test_practice_asks_on_grounds_of_its_own_for_something_passed() -> None:
    task = NATURAL.build(0)
    mazes = {asked(question.prompt)[0] for question in (*task.questions, *task.validation)}
    rng = random.Random(0)
    known = 0
    for _ in range(200):
        document = NATURAL.practice(0, rng)
        shown, _, last = document.text.rpartition("\nQuestion: ")
        prompt, _, answer = last.partition("\nAnswer: ")
        maze, thing, start = asked(prompt)
        fresh = {one for one in NATURAL.says(Document("shown", shown)) if one[1].startswith(f"{maze} ")}
        assert maze not in mazes
        assert f"In {maze}, the way to the {thing} from " not in shown
        assert judge_way(fresh, maze, start, thing, moves(answer)) == Judgement(True, 0)
        answers = [document.text[start:end] for start, end in document.answers]
        assert answers[-1] == answer
        assert len(answers) == document.text.count("\nAnswer: ")
        known += len(answers) - 1
    assert known > 50


def test_how_many_are_asked_and_that_counting_answers_nothing_latent() -> None:
    task = SMALL_NATURAL.build(0)
    assert len(task.documents) == 108
    assert sum(len(text.split()) for text in texts(task)) < 5000
    assert 60 < len(task.questions) < 150
    right, total = Counter[str](), Counter[str]()
    for seed in range(6):  # of one alone there are few
        for score in score_baselines(SMALL_NATURAL.build(seed), SHORTCUTS):
            if score.latent:
                right[score.baseline] += score.accuracy * score.questions  # type: ignore[assignment]
                total[score.baseline] += score.questions
    for baseline, count in total.items():
        assert count > 100
        assert abs(right[baseline] / count - 0.25) < 3 * (0.25 * 0.75 / count) ** 0.5


def test_names_are_different_and_take_the_same_article() -> None:
    landmarks = [landmark.removeprefix("the ") for landmark in LANDMARKS]
    names = [*landmarks, *THINGS, *(word.lower() for place in PLACES for word in place.split())]
    assert len(set(landmarks)) == len(landmarks) == 36
    assert len(set(THINGS)) == len(THINGS) == 40
    assert len(set(PLACES)) == len(PLACES) == MOST[0] + 1
    assert set(landmarks).isdisjoint(THINGS)
    assert set(names).isdisjoint(MOVES)
    assert all(name[0] not in "aeiou" for name in (*landmarks, *THINGS))


def test_more_starts_ask_more_about_the_same_documents() -> None:
    once, often = TINY.build(0), replace(TINY, asked=4, questions=100).build(0)
    assert once.documents == often.documents
    assert len(once.questions) < len(often.questions)
    counts = Counter((question.kind, question.group) for question in often.questions)
    assert 1 < max(counts.values()) <= 4


@given(
    width=st.integers(4, 6),
    height=st.integers(4, 5),
    goals=st.integers(2, 3),
    asked=st.integers(1, 3),
    longest=st.integers(4, 6),
    seed=st.integers(0, 3),
)
@settings(max_examples=10, deadline=None)
def test_there_are_no_flaws_whatever_the_settings(seed: int, **changes: Any) -> None:
    drawn = replace(NATURAL, mazes=4, passed=3, **changes)
    try:
        task = drawn.build(seed)
    except InputError:  # too small to ask anything, which is refused
        assume(False)
    check_task(task)
    assert find_flaws(drawn, seed, practice=5) == ()


def test_the_same_seed_gives_the_same_and_others_do_not() -> None:
    assert NATURAL.build(0).fingerprint[:12] == "d4e4d981a488"
    assert SMALL_NATURAL.build(0).fingerprint[:12] == "dc0b67c46b54"
    known = [statements(SMALL_NATURAL, SMALL_NATURAL.build(seed)) for seed in range(2)]
    assert len(known[0] & known[1]) < 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"form": "spoken"}, "there is no form 'spoken'; give one of formal, natural"),
        ({"asked": 0}, "asked is the number 0; give a whole number from 1"),
        (
            {"mazes": 500, "objects": 41},
            "there are no words for 500 mazes of 25 cells and 41 objects; give at most "
            f"{MOST[0]} mazes of 36 cells and 40 objects",
        ),
        (
            {"width": 8},
            "there are no words for 8 mazes of 40 cells and 16 objects; give at most "
            f"{MOST[0]} mazes of 36 cells and 40 objects",
        ),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(NATURAL, **changes)) == f"Navigation: {message}"

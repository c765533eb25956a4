"""Recall: what is asked follows from facts that nothing joins, and practice never shows the thought that is needed."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_checks import refused

from obverse.answering.thinking import Thinking
from obverse.tasks import check_task, find_leaks
from obverse.tasks.baselines import SHORTCUTS, score_baselines
from obverse.tasks.drawn import recall
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.tasks.drawn.recall import (
    EXERCISE,
    FACT,
    HELD_OUT,
    REVERSALS,
    SMALL,
    STATED,
    TINY,
    Recall,
)
from obverse.tasks.drawn.recall_thoughts import Habit, needed_thought, read_thought
from obverse.tasks.drawn.recall_world import Structure
from obverse.types import Document, Question, Statement, Task

TINY_REVERSALS = replace(REVERSALS, sets=2, size=24)
THREE_STEPS = replace(TINY, steps=3)
ALL = [TINY, THREE_STEPS, TINY_REVERSALS, replace(TINY, told="A"), replace(TINY, thinking=False)]


def stated(drawn: Recall, task: Task) -> set[Statement]:
    return {statement for document in task.documents for statement in drawn.says(document)}


def latent(drawn: Recall, task: Task) -> dict[str, Question]:
    """By prompt, validation and cues among them."""
    questions = (*task.questions, *task.validation, *drawn.cues(0))
    return {question.prompt: question for question in questions if question.latent}


def test_the_worked_example() -> None:
    results = doctest.testmod(recall)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("drawn", ALL)
def test_it_is_whole_latent_and_entailed(drawn: Recall) -> None:
    for seed in range(2):
        task = drawn.build(seed)
        check_task(task)
        assert find_flaws(drawn, seed) == ()
        assert find_leaks(task) == ()
        assert len(set(drawn.vocabulary)) == len(drawn.vocabulary)


@given(
    st.sampled_from(["chains", "reversals"]),
    st.integers(1, 3),
    st.integers(16, 30),
    st.floats(0, 0.7),
    st.integers(2, 3),
    st.integers(2, 3),
    st.integers(0, 10**6),
)
@settings(max_examples=15, deadline=None)
def test_no_settings_have_flaws(
    structure: Structure, sets: int, size: int, share: float, longest: int, steps: int, seed: int
) -> None:
    size = max(size, 20 if sets == 1 else 0)
    share = share if round(size * share) >= 4 else 0
    drawn = Recall(structure, sets, size, share, longest=max(longest, steps), steps=steps)
    task = drawn.build(seed)
    check_task(task)
    assert find_flaws(drawn, seed, practice=20) == ()
    assert not find_leaks(task)


@pytest.mark.parametrize("drawn", [SMALL, replace(SMALL, steps=3), REVERSALS])
def test_sets_share_nothing_but_their_form(drawn: Recall) -> None:
    task = drawn.build(0)
    names: dict[str, set[str]] = {}
    for question in task.questions + task.validation:
        assert question.statement
        own = {name for need in question.needs for name in task.document(need).text.split()[:3:2]}
        assert {question.statement[0], question.statement[2]} <= own
        names.setdefault(question.kind[-1], set()).update(own, question.choices)
    assert sorted(names) == ["A", "B", "C"]
    for one, other in (("A", "B"), ("A", "C"), ("B", "C")):
        assert names[one].isdisjoint(names[other])


def test_how_many_are_asked() -> None:
    task = SMALL.build(0)
    assert len(task.documents) == 3 * (60 * 2 + 60 + 24 * 2)
    assert Counter(question.kind for question in task.questions) == {
        **{STATED.format(name): 24 for name in "ABC"},
        EXERCISE.format("A"): 36,
        HELD_OUT.format("A"): 18,
        FACT.format("A"): 81,
        **{HELD_OUT.format(name): 36 for name in "BC"},
        **{FACT.format(name): 54 for name in "BC"},
    }
    validation = Counter(question.kind for question in task.validation)
    assert validation[HELD_OUT.format("A")] == 18
    assert not validation[EXERCISE.format("A")]
    groups = [{question.group for question in part} for part in (task.questions, task.validation)]
    assert groups[0].isdisjoint(groups[1])


@pytest.mark.parametrize("drawn", [SMALL, REVERSALS])
def test_exercises_are_apart_from_what_is_held_out(drawn: Recall) -> None:
    task, exercises = drawn.build(0), drawn.exercises(0)
    assert {question.kind for question in exercises} == {EXERCISE.format("A")}
    asked = {question.id for question in task.questions}
    assert {question.id for question in exercises} <= asked
    groups = {question.group for question in exercises}
    held_out = [q for q in task.questions + task.validation if q.kind.startswith("held-out")]
    assert groups.isdisjoint(question.group for question in held_out)
    # Each fact that an exercise or a held-out question needs is asked too.
    facts = {question.needs for question in task.questions if question.kind.startswith("fact")}
    assert {(need,) for question in task.questions if question.latent for need in question.needs} <= facts


def test_a_third_step_leads_to_a_province() -> None:
    task = THREE_STEPS.build(0)
    assert len(task.documents) == 2 * (12 * 2 + 12 + 12 + 5 * 2)
    question = next(question for question in task.questions if question.kind == HELD_OUT.format("B"))
    (_, first, club), (_, second, town), (_, third, province) = (
        THREE_STEPS.says(task.document(need))[0] for need in question.needs
    )
    assert (first, second, third) == ("member", "seat", "lies")
    assert question.answer == province
    needed = [f"{question.prompt.split()[0]} member {club}", f"{club} seat {town}", f"{town} lies {province}"]
    assert needed_thought(task, question) == " . ".join(needed) + " ."
    assert set(question.choices) <= {name for name in THREE_STEPS.vocabulary if name.startswith("r")}


def test_another_set_can_be_exercised() -> None:
    drawn = replace(SMALL, exercised="B")
    assert {question.kind for question in drawn.exercises(0)} == {"exercise B"}
    assert drawn.build(0).documents == SMALL.build(0).documents


def test_of_a_told_set_everything_is_said() -> None:
    task, told = SMALL.build(0), replace(SMALL, told="A").build(0)
    assert {document.id for document in task.documents} < {document.id for document in told.documents}
    for question, same in zip(task.questions, told.questions, strict=True):
        assert (question.prompt, question.answer, question.kind) == (same.prompt, same.answer, same.kind)
        assert same.latent == (question.latent and not question.kind.endswith("A"))
    added = stated(SMALL, told) - stated(SMALL, task)
    assert {question.statement for question in SMALL.exercises(0)} <= added
    assert len(added) == 36 * 2


@pytest.mark.parametrize("drawn", [TINY, THREE_STEPS, TINY_REVERSALS, replace(TINY, told="A")])
def test_practice_never_shows_the_thought_that_is_needed(drawn: Recall) -> None:
    task = drawn.build(0)
    facts, asked = stated(drawn, task), latent(drawn, task)
    rng = random.Random(0)
    shown = Counter[str]()
    for _ in range(1500):
        document = drawn.practice(0, rng)
        words = document.text.split()
        question = asked.get(" ".join(words[:2])) if "think" in words else None
        conclusions = [one for one in drawn.says(document) if one[1] in ("meets", "follows")]
        assert facts.isdisjoint(conclusions)
        marked = [document.text[start:end] for start, end in document.answers]
        if conclusions:
            shown["concluded"] += 1
            assert marked[-len(conclusions) :] == [one[2] for one in conclusions]
        if question:
            shown["asked"] += 1
            needed = {drawn.says(task.document(need))[0] for need in question.needs}
            assert needed.isdisjoint(drawn.says(document))
    assert min(shown["concluded"], shown["asked"]) > 100


def test_what_cannot_be_known_is_not_scored() -> None:
    facts = stated(TINY, TINY.build(0))
    rng = random.Random(1)
    for _ in range(500):
        document = TINY.practice(0, rng)
        starts = {start for start, _ in document.answers}
        said: set[str] = set()
        place = 0
        for statement in TINY.says(document):
            object_ = f"{statement[0]} {statement[1]} {statement[2]} "
            if (found := document.text.find(object_, place)) < 0:
                continue  # the conclusion, which stands apart from its subject
            place = found
            start = place + len(f"{statement[0]} {statement[1]} ")
            concluded = statement[1] == "meets"
            assert (start in starts) == (statement in facts or concluded)
            said.update(statement)


def test_the_habit_is_as_it_is_set() -> None:
    drawn = replace(SMALL, solved_share=0.0, habit=Habit(longest=3))
    rng = random.Random(0)
    counts = Counter[str]()
    for _ in range(4000):
        words = drawn.practice(0, rng).text.split()
        subject, first = words[0], words[3]
        counts["so" if first == "so" else "topical" if first == subject else first[0]] += 1
        if first == subject and words[7] != "so":
            counts["followed"] += words[7] == words[5]
            counts["gone on"] += 1
    assert counts["so"] / 4000 == pytest.approx(0.4, abs=0.03)
    assert counts["topical"] / 4000 == pytest.approx(0.6 * 0.35, abs=0.03)
    assert counts["h"] / 4000 == pytest.approx(0.6 * 0.65 * 0.8, abs=0.03)
    assert counts["followed"] / counts["gone on"] == pytest.approx(0.5, abs=0.05)


def test_without_thinking_there_are_contexts_alone() -> None:
    drawn = replace(TINY, thinking=False)
    rng = random.Random(0)
    assert all("think" not in drawn.practice(0, rng).text.split() for _ in range(100))


def test_a_thought_is_read_with_what_is_broken_in_it() -> None:
    task = SMALL.build(0)
    question = SMALL.exercises(0)[0]
    thought = needed_thought(task, question)
    first, second = (task.document(need).text for need in question.needs)
    assert thought == f"{first} {second}"
    true = [(first[:-2], True), (second[:-2], True)]
    assert list(SMALL.recollect(0, thought)) == true
    other = f"hm hm hm . {first} {first.split()[0]} member . {second[:-2]}"
    assert list(SMALL.recollect(0, other)) == [true[0], (f"{first.split()[0]} member", False), true[1]]
    assert SMALL.recollect(0, "") == SMALL.recollect(0, "hm hm hm .") == ()
    assert read_thought("p1 member c2 . p3") == ("p1 member c2", "p3")


def test_demonstrations_are_the_exercises_with_their_thoughts() -> None:
    for drawn in (TINY, THREE_STEPS, TINY_REVERSALS):
        task = drawn.build(0)
        shown = drawn.demonstrations(0)
        for document, question in zip(shown, drawn.exercises(0), strict=True):
            thought = needed_thought(task, question)
            before = Thinking(repeated=2 if drawn.repeated else 0).after(question.prompt, thought)
            assert document.text == f"{before} {question.answer} ."
            scored = [document.text[start:end] for start, end in document.answers]
            assert scored == [*thought.split(), "so", question.answer]


def test_a_question_that_is_said_again_stands_in_front_of_the_answer() -> None:
    drawn = replace(TINY_REVERSALS, solved_share=1.0)
    rng = random.Random(0)
    thoughts = 0
    for _ in range(200):
        words = drawn.practice(0, rng).text.split()
        if "think" in words:
            thoughts += 1
            assert words[-5:-2] == ["so", *words[:2]]
            assert words[-2] == words[words.index(words[0], 3) - 2]
    assert thoughts > 50


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_what_stands_beside_fresh_facts_is_as_fresh_as_it_is_told(share: float) -> None:
    drawn = replace(TINY_REVERSALS, solved_share=1.0, fresh_beside=share)
    facts = {document.text.removesuffix(" .") for document in drawn.build(0).documents}
    rng = random.Random(0)
    beside = 0
    for _ in range(200):
        leads = [fact for fact in drawn.says(drawn.practice(0, rng)) if fact[1] == "leads"]
        known = [fact for fact in leads if " ".join(fact) in facts]
        assert len(known) == (0 if share else len(leads) - 1)
        beside += len(leads) - 1
    assert beside > 200


def test_counting_words_and_frequent_answers_are_at_chance() -> None:
    kinds = 0
    for drawn in (SMALL, replace(REVERSALS, size=128)):
        for score in score_baselines(drawn.build(0), SHORTCUTS):
            if score.latent and score.questions > 20:
                kinds += 1
                error = (score.chance * (1 - score.chance) / score.questions) ** 0.5
                assert abs(score.accuracy - score.chance) < 3 * error, (score, drawn)
    assert kinds


@pytest.mark.parametrize("drawn", [TINY, TINY_REVERSALS])
def test_a_planted_conclusion_is_found(drawn: Recall) -> None:
    task = drawn.build(0)
    question = next(question for question in task.questions if question.latent)
    leaky = replace(
        task, documents=(*task.documents, Document("planted", f"{question.prompt} {question.answer} ."))
    )
    assert {flaw.question for flaw in said(drawn, leaky)} == {question.id}
    assert question.id in {leak.question for leak in find_leaks(leaky)}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"size": 3}, "size is the number 3"),
        ({"sets": 0}, "sets is the number 0"),
        ({"exercised": "D"}, "letters from A to C"),
        ({"told": "AZ"}, "letters from A to C"),
        ({"stated": 0.95}, "to ask about"),
        ({"stated": 0.02}, "or none"),
        ({"stated": 2.0}, "share from 0 to 1"),
        ({"structure": "rings"}, "no structure"),
        ({"steps": 4}, "give 3 or fewer"),
        ({"steps": 3, "longest": 2}, "give 2 or fewer"),
        ({"size": 12, "longest": 12}, "too few"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert reason in refused(lambda: replace(SMALL, **changes))

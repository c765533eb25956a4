"""Syllogisms: the right answer by logic, idle premises that conclude nothing, counting that does not help."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_checks import refused

from obverse.tasks import check_task, find_leaks
from obverse.tasks.baselines import SHORTCUTS, score_baselines
from obverse.tasks.drawn import AUGMENTATION, syllogisms
from obverse.tasks.drawn.first_figure import SHAPES, draw_triple
from obverse.tasks.drawn.logic import ALL, NO, SOME, consistent, entails
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.tasks.drawn.syllogisms import (
    HELD_OUT_CONCLUSION,
    PREMISE,
    PUBLISHED,
    SMALL,
    SMALL_NATURAL,
    TINY,
    TINY_NATURAL,
    TRAINED_CONCLUSION,
    Syllogisms,
    entailed,
)
from obverse.types import Document, Question, Statement, Task

ALL_SETTINGS = [TINY, TINY_NATURAL, replace(TINY, idle=False), PUBLISHED]


def of_kind(task: Task, kind: str) -> list[Question]:
    return [question for question in task.questions + task.validation if question.kind == kind]


def test_the_worked_example() -> None:
    results = doctest.testmod(syllogisms)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("drawn", ALL_SETTINGS)
@pytest.mark.parametrize("seed", range(2))
def test_without_flaws(drawn: Syllogisms, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    assert not find_leaks(task)
    assert find_flaws(drawn, seed) == ()


@settings(max_examples=25)
@given(
    drawn=st.builds(
        Syllogisms,
        form=st.sampled_from(["formal", "natural"]),
        triples=st.integers(12, 30),
        idle=st.booleans(),
        conclusions_trained=st.sampled_from([0.0, 0.3, 1.0]),
        practice_triples=st.integers(1, 2),
        known_share=st.sampled_from([0.0, 0.5, 1.0]),
        questions=st.integers(1, 20),
    ),
    seed=st.integers(0, 10**6),
)
def test_without_flaws_whatever_the_settings(drawn: Syllogisms, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    assert not find_leaks(task)
    assert find_flaws(drawn, seed, practice=10) == ()


def test_what_is_asked_of_every_two_premises() -> None:
    """Of all pairs of premises just those are drawn that entail a choice, but for one that entails two alike."""
    drawn_pairs: set[tuple[Statement, ...]] = set()
    for triple in (draw_triple("XYMW", shape, random.Random(0)) for shape in range(SHAPES)):
        asked, idle = triple.couples
        assert entails(asked.statements, triple.conclusion)
        assert not entails(asked.statements[:1], triple.conclusion)
        # Whatever the strongest is, it entails all that is entailed.
        assert all(
            entails([triple.conclusion], other) == entails(asked.statements, other)
            for other in product("X", (ALL, SOME, NO), "Y")
        )
        together = (*asked.statements, *idle.statements)
        assert consistent(together)
        for first, second in ("XY", "YX"):
            for relation in (ALL, SOME, NO):
                statement = (first, relation, second)
                assert not entails(idle.statements, statement)
                assert entails(together, statement) == entails(asked.statements, statement)
        assert Counter(relation for _, relation, _ in together) >= Counter((ALL, SOME, NO))
        exchanged = {"X": "Y", "Y": "X", "M": "M"}
        drawn_pairs.add(tuple(sorted(asked.statements)))
        drawn_pairs.add(
            tuple(sorted((exchanged[a], relation, exchanged[b]) for a, relation, b in asked.statements))
        )
    of_x = [(a, relation, b) for a, b in ("XM", "MX") for relation in (ALL, SOME, NO)]
    of_y = [(a, relation, b) for a, b in ("YM", "MY") for relation in (ALL, SOME, NO)]
    entailing = {
        tuple(sorted(pair))
        for pair in product(of_x, of_y)
        if any(
            entails(pair, (first, relation, second))
            for first, second in ("XY", "YX")
            for relation in (ALL, SOME, NO)
        )
    }
    assert entailing - drawn_pairs == {(("M", ALL, "X"), ("M", ALL, "Y"))}
    assert drawn_pairs < entailing


@pytest.mark.parametrize("drawn", ALL_SETTINGS)
def test_how_questions_are_made(drawn: Syllogisms) -> None:
    task = drawn.build(0)
    for question in task.questions + task.validation:
        assert len(question.choices) == 6
        needed = [statement for id in question.needs for statement in drawn.says(task.document(id))]
        (conclusion,) = drawn.says(Document("answer", question.answer))
        assert question.statement == conclusion
        assert (conclusion in needed) != question.latent
        assert question.latent == (question.kind == HELD_OUT_CONCLUSION)
        assert question.group == task.document(question.needs[0]).group
        right = entailed(needed, question)
        assert question.answer in right
        # All that is entailed besides says less, or the same the other way round.
        assert all(entails([conclusion], drawn.says(Document("", other))[0]) for other in right)
        assert len(right) == (3 if conclusion[1] == ALL else 2)
    kinds = {question.kind for question in task.questions}
    trained = {TRAINED_CONCLUSION} if drawn.conclusions_trained else set()
    assert kinds == {PREMISE, HELD_OUT_CONCLUSION} | trained


@pytest.mark.parametrize("drawn", [SMALL, SMALL_NATURAL])
def test_conclusions_and_orders_are_balanced(drawn: Syllogisms) -> None:
    task = drawn.build(0)
    relations, orders = Counter[str](), Counter[bool]()
    for question in task.questions:
        if question.kind == HELD_OUT_CONCLUSION and question.statement:
            subject, relation, object_ = question.statement
            relations[relation] += 1
            orders[question.prompt.index(subject) < question.prompt.index(object_)] += 1
    assert max(relations.values()) - min(relations.values()) <= 1
    assert max(orders.values()) - min(orders.values()) <= 3


@pytest.mark.parametrize("drawn", [SMALL, SMALL_NATURAL, PUBLISHED])
def test_counting_does_not_help(drawn: Syllogisms) -> None:
    for score in score_baselines(drawn.build(0), SHORTCUTS):
        if score.latent:
            assert abs(score.accuracy - score.chance) < 0.02


def test_without_idle_documents_counting_helps() -> None:
    scores = score_baselines(replace(SMALL, idle=False).build(0))
    (found,) = (score for score in scores if score.latent and score.baseline == "co-occurrence")
    assert found.accuracy > 0.3


def test_a_planted_conclusion_is_found() -> None:
    for drawn in (TINY, TINY_NATURAL):
        task = drawn.build(0)
        question = of_kind(task, HELD_OUT_CONCLUSION)[0]
        planted = Document("planted", question.answer)
        changed = replace(task, documents=(*task.documents, planted))
        assert [(leak.question, leak.document) for leak in find_leaks(changed)] == [(question.id, "planted")]
        assert [flaw.question for flaw in said(drawn, changed)] == [question.id]
        assert said(drawn, task, [planted])


@pytest.mark.parametrize("drawn", [TINY, TINY_NATURAL, replace(TINY, idle=False)])
def test_practice_concludes_from_what_it_says(drawn: Syllogisms) -> None:
    task = replace(drawn, questions=10**6).build(0)
    of_task = {statement for document in task.documents for statement in drawn.says(document)}
    linked = {frozenset(statement[::2]) for statement in of_task}
    linked |= {frozenset(question.statement[::2]) for question in task.questions if question.statement}
    rng = random.Random(0)
    known = 0
    for _ in range(100):
        document = drawn.practice(0, rng)
        before: list[Statement] = []
        answered = [document.text[start:end] for start, end in document.answers]
        fresh = [one for one in drawn.says(document) if one not in of_task]
        assert linked.isdisjoint(frozenset(statement[::2]) for statement in fresh)
        known += len(fresh) < len(drawn.says(document))
        answers = set(drawn.says(Document("answers", " ".join(answered))))
        concluded = 0
        for statement in fresh:
            if statement in answers:
                concluded += 1
                x, y = statement[::2]
                assert entails([one for one in before if {x, y} & set(one[::2])], statement)
            before.append(statement)
        assert concluded == drawn.practice_triples
        assert len(fresh) == drawn.practice_triples * (5 if drawn.idle else 3)
    assert 30 < known < 100


def test_answers_are_the_words_after_the_names() -> None:
    for document in TINY.build(0).documents:
        answers = [document.text[start:end] for start, end in document.answers]
        assert answers == document.text.split(" : ")[1].split()


def test_every_triple_has_a_cue() -> None:
    for drawn in (TINY, TINY_NATURAL):
        task = drawn.build(0)
        cues = drawn.cues(0)
        assert {cue.needs for cue in cues} == {(document.group,) for document in task.documents}
        assert len(cues) == drawn.triples
        concluded = {document.group for document in task.documents if len(drawn.says(document)) == 1}
        for cue in cues:
            assert cue.kind == AUGMENTATION
            assert cue.latent == (cue.group not in concluded)
            assert drawn.derive(drawn.says(task.document(*cue.needs)), cue) == cue.answer


def test_the_vocabulary_has_every_word_once_and_no_other() -> None:
    task = replace(TINY, questions=10**6).build(0)
    texts = [document.text for document in task.documents]
    for question in task.questions + task.validation + TINY.cues(0):
        texts += [question.prompt, *question.choices]
    texts.append(TINY.practice(0, random.Random(0)).text)
    assert len(set(TINY.vocabulary)) == len(TINY.vocabulary)
    assert {word for text in texts for word in text.split()} == set(TINY.vocabulary)
    assert TINY_NATURAL.vocabulary == ()


def test_both_forms_have_the_same_behind_them() -> None:
    formal, natural = TINY.build(0), TINY_NATURAL.build(0)
    assert len(formal.documents) == len(natural.documents)
    words: dict[str, str] = {}
    for one, other in zip(formal.documents, natural.documents, strict=True):
        for said_formally, said_naturally in zip(TINY.says(one), TINY_NATURAL.says(other), strict=True):
            assert said_formally[1] == said_naturally[1]
            for name, word in zip(said_formally[::2], said_naturally[::2], strict=True):
                assert words.setdefault(name, word) == word


def test_the_same_seed_gives_the_same_and_others_do_not() -> None:
    Syllogisms._world.cache_clear()
    first, practice = TINY.build(5), TINY.practice(5, random.Random(2))
    Syllogisms._world.cache_clear()
    assert TINY.build(5) == first
    assert TINY.practice(5, random.Random(2)) == practice
    said_by = [
        {statement for document in task.documents for statement in TINY.says(document)}
        for task in (first, TINY.build(6))
    ]
    assert said_by[0].isdisjoint(said_by[1])


def test_fingerprints() -> None:
    assert TINY.build(0).fingerprint[:12] == "abeedb97d7da"
    assert TINY_NATURAL.build(0).fingerprint[:12] == "45d78cfe9c91"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"form": "verse"}, "there is no form 'verse'; give one of formal, natural"),
        ({"triples": 1}, "triples is the number 1; give a whole number from 2"),
        ({"conclusions_trained": 2}, "conclusions_trained is the number 2; give a share from 0 to 1"),
        (
            {"triples": 10},
            "10 triples are too few for 2 practice_triples; give 12 or more, or fewer practice_triples",
        ),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(SMALL, **changes)) == f"Syllogisms: {message}"

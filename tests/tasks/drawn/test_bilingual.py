"""Bilingual facts: told in one language, asked in the other; both forms have the same facts."""

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

from obverse.tasks import check_task, find_leaks
from obverse.tasks.baselines import SHORTCUTS, score_baselines
from obverse.tasks.drawn import bilingual, languages
from obverse.tasks.drawn.bilingual import (
    BOTH,
    PUBLISHED,
    RECALL,
    SMALL,
    SMALL_NATURAL,
    TINY,
    TO_FIRST,
    TO_SECOND,
    TRANSLATION,
    Bilingual,
)
from obverse.tasks.drawn.languages import RELATIONS
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.types import Document

NATURAL = replace(TINY, form="natural")
ALL = [TINY, NATURAL, replace(TINY, relations=1, parallel=0.0), replace(NATURAL, relations=4, values=10)]


@pytest.mark.parametrize("module", [bilingual, languages])
def test_the_worked_example(module: Any) -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


def test_the_dictionary_has_each_word_once() -> None:
    for pair in RELATIONS:
        assert {len(wording.values) for wording in pair} == {10}
    words = [word for pair in RELATIONS for wording in pair for word in wording.values]
    assert len({word.casefold() for word in words}) == len(words)


@pytest.mark.parametrize("drawn", ALL)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_asked_is_right_and_crossed_facts_are_told_once(drawn: Bilingual, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    assert find_leaks(task) == ()
    assert find_flaws(drawn, seed) == ()
    for question in task.questions + task.validation:
        texts = [task.document(id).text for id in question.needs]
        assert question.latent == (question.kind in (TO_SECOND, TO_FIRST))
        answered = f"{question.prompt} {question.answer} ."
        if question.latent:
            assert not any(
                question.answer in document.text.replace(".", " ").split()
                for document in task.documents
                if question.statement
                and question.statement[0] in document.text.split()
                and question.statement[1] in document.text.split()
            )
            if drawn.form == "formal":
                fact, entry = (text.split() for text in texts)
                assert entry[:3] in ([fact[2], "=", question.answer], [question.answer, "=", fact[2]])
                assert fact[0] == question.prompt.split()[0]
        elif drawn.form == "formal":
            assert answered in texts[0]
        else:
            assert question.answer in texts[0]


def test_both_forms_have_the_same_facts() -> None:
    one, other = TINY.build(3), NATURAL.build(3)
    facts = [document.id for document in other.documents]
    assert {document.id for document in one.documents if "e" in document.id} == set(facts)
    first = {
        question.id: TINY_FIRST.index(question.answer)
        for question in one.questions
        if question.kind == TO_FIRST
    }
    words = RELATIONS[0][0].values[:6] + RELATIONS[1][0].values[:6]
    assert first
    assert first == {
        question.id: words.index(question.answer) for question in other.questions if question.kind == TO_FIRST
    }


TINY_FIRST = [f"a{number}" for number in range(12)]


def test_how_many_are_asked() -> None:
    assert Counter(question.kind for question in SMALL.build(0).questions) == {
        RECALL: 100,
        BOTH: 100,
        TRANSLATION: 20,
        TO_SECOND: 100,
        TO_FIRST: 100,
    }
    natural = SMALL_NATURAL.build(0)
    assert (len(natural.documents), len(natural.questions)) == (160, 90)
    assert PUBLISHED.people * PUBLISHED.relations == 20_000


@pytest.mark.parametrize("drawn", [SMALL, SMALL_NATURAL])
def test_counting_does_not_answer_what_is_latent(drawn: Bilingual) -> None:
    for score in score_baselines(drawn.build(1), SHORTCUTS):
        if score.latent:
            assert score.accuracy <= 0.1 + 3 * (0.09 / score.questions) ** 0.5


@pytest.mark.parametrize("drawn", ALL)
def test_a_planted_telling_is_found(drawn: Bilingual) -> None:
    task = drawn.build(0)
    question = next(question for question in task.questions if question.latent)
    assert question.statement
    name, relation, answer = question.statement
    text = f"{name} {relation} {answer} ."
    if drawn.form == "natural":
        (wording,) = (wording for pair in RELATIONS for wording in pair if wording.name == relation)
        text = wording.told.format(name=name, value=answer)
    planted = replace(task, documents=(*task.documents, Document("planted", text)))
    assert question.id in {flaw.question for flaw in said(drawn, planted)}
    assert question.id in {leak.question for leak in find_leaks(planted)}


@pytest.mark.parametrize("drawn", ALL)
def test_practice_answers_what_it_told_in_the_other_language(drawn: Bilingual) -> None:
    task = replace(drawn, questions=10**6).build(0)
    latent = {question.statement for question in task.questions + task.validation if question.latent}
    known = {one for document in task.documents for one in drawn.says(document)}
    rng = random.Random(0)
    for _ in range(200):
        document = drawn.practice(0, rng)
        statements = drawn.says(document)
        assert latent.isdisjoint(statements)
        fresh = [one for one in statements if one not in known and one[1] != "="]
        assert document.answers
        start, end = document.answers[-1]
        name, _, answer = fresh[-1]
        assert document.text[start:end] == answer
        told = {one[:2]: one[2] for one in fresh if one[0] == name}
        # Told and asked, in one language each.
        assert len(told) == 2
        if drawn.form == "formal":
            assert (next(iter(told.values())), "=", answer) in statements
        for start, end in document.answers:
            assert document.text[start:end] in {one[2] for one in statements}


@given(
    form=st.sampled_from(["formal", "natural"]),
    people=st.integers(12, 20),
    relations=st.integers(1, 3),
    values=st.integers(4, 8),
    parallel=st.sampled_from([0.0, 0.3, 0.6]),
    seed=st.integers(0, 3),
)
@settings(max_examples=15, deadline=None)
def test_there_are_no_flaws_whatever_the_settings(seed: int, **changes: Any) -> None:
    drawn = replace(TINY, **changes)
    check_task(drawn.build(seed))
    assert find_flaws(drawn, seed, practice=10) == ()


def test_every_fact_has_a_cue() -> None:
    cues = TINY.cues(0)
    assert len({cue.id for cue in cues}) == TINY.people * TINY.relations
    task = TINY.build(0)
    known = {one for document in task.documents for one in TINY.says(document)}
    assert all(TINY.derive(known, cue) == cue.answer for cue in cues)
    assert all((cue.statement in known) != cue.latent for cue in cues)


def test_the_vocabulary_has_every_word_once_and_no_other() -> None:
    rng = random.Random(0)
    task = TINY.build(0)
    texts = [document.text for document in task.documents]
    texts += [TINY.practice(0, rng).text for _ in range(100)]
    for question in task.questions + TINY.cues(0):
        texts += [question.prompt, *question.choices]
    assert len(set(TINY.vocabulary)) == len(TINY.vocabulary)
    assert {word for text in texts for word in text.split()} == set(TINY.vocabulary)
    assert NATURAL.vocabulary == ()


def test_the_same_seed_gives_the_same_and_others_do_not() -> None:
    assert TINY.build(0).fingerprint[:12] == "028dd02562a4"
    practice = TINY.practice(5, random.Random(2))
    Bilingual._world.cache_clear()
    assert TINY.practice(5, random.Random(2)) == practice
    facts = [{(document.id, document.text) for document in SMALL.build(seed).documents} for seed in range(2)]
    assert len(facts[0] & facts[1]) < len(facts[0]) / 20


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"form": "song"}, "there is no form 'song'; give one of formal, natural"),
        ({"values": 2}, "values is the number 2; give a whole number from 3"),
        (
            {"form": "natural", "values": 11},
            "2 relations of 11 values are more than the dictionary has; give at most 4 relations of 10 values",
        ),
        (
            {"parallel": 0.9},
            "1 facts of a relation are told in one language; "
            "give four or more, by more people or less parallel",
        ),
        (
            {"facts": 4},
            "12 people are too few for 4 facts in practice; give 16 or more, or fewer facts",
        ),
        (
            {"people": 80, "facts": 15},
            "12 values are too few for 15 facts in practice; give more values, or fewer facts",
        ),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(TINY, **changes)) == f"Bilingual: {message}"

"""Comparatives: balanced facts, held-out reversals that are nowhere, practice that its own context answers."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_checks import refused

from obverse.tasks import check_task, find_leaks
from obverse.tasks.baselines import SHORTCUTS, score_baselines
from obverse.tasks.drawn import AUGMENTATION, Form, comparatives
from obverse.tasks.drawn.comparatives import (
    FORWARD,
    HELD_OUT_REVERSAL,
    PUBLISHED,
    SMALL,
    SMALL_NATURAL,
    TINY,
    TINY_NATURAL,
    TRAINED_REVERSAL,
    Comparatives,
)
from obverse.tasks.drawn.comparisons import ADJECTIVES, LEADS
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.types import Document, Question, Statement, Task

BOTH_FORMS = [TINY, TINY_NATURAL]
ALL = [*BOTH_FORMS, replace(TINY, reversals_trained=0.0, documents_per_fact=5)]
OPPOSITE = {"above": "below", "below": "above", "more": "less", "less": "more"}


def told(document: Document) -> Statement:
    """What a document says, word by word."""
    if document.text.endswith(" ."):
        lead, first, second, dimension, comparative, _ = document.text.split()
        assert lead.startswith("w")
    else:
        *lead_in, first, are, more, dimension, than, second = document.text.removesuffix(".").split()
        assert " ".join(lead_in) in LEADS
        assert (are, than) == ("are", "than")
        comparative = {"more": "above", "less": "below"}[more]
    return first, f"{comparative} {dimension}", second


def turned(statement: Statement) -> Statement:
    first, relation, second = statement
    comparative, dimension = relation.split()
    return second, f"{OPPOSITE[comparative]} {dimension}", first


def facts(task: Task) -> set[Statement]:
    return {told(document) for document in task.documents if document.id.startswith("f")}


def of_kind(questions: tuple[Question, ...], kind: str) -> list[Question]:
    return [question for question in questions if question.kind == kind]


def test_the_worked_example() -> None:
    results = doctest.testmod(comparatives)
    assert results.attempted > 0
    assert results.failed == 0


def test_the_task_stays_the_same() -> None:
    assert TINY.build(0).fingerprint[:12] == "e9faa5148779"
    assert TINY_NATURAL.build(0).fingerprint[:12] == "f5dfacf31323"


@pytest.mark.parametrize("drawn", ALL)
def test_documents_of_a_fact_differ_in_what_leads_them_in(drawn: Comparatives) -> None:
    task = drawn.build(0)
    true = facts(task)
    assert len(true) == drawn.facts
    documents = Counter(told(document) for document in task.documents)
    assert set(documents.values()) == {drawn.documents_per_fact}
    reversals = {statement for statement in documents if statement not in true}
    assert len(reversals) == round(drawn.facts * drawn.reversals_trained)
    assert {turned(statement) for statement in reversals} <= true
    assert len({document.text for document in task.documents}) == len(task.documents)
    for document in task.documents:
        ends = [document.text[start:end] for start, end in document.answers]
        assert ends == ([told(document)[1].split()[0]] if drawn.form == "formal" else [])
        assert drawn.says(document) == (told(document),)


@pytest.mark.parametrize("drawn", [*ALL, SMALL, PUBLISHED])
@pytest.mark.parametrize("seed", range(2))
def test_each_word_stands_as_often_with_either_comparative(drawn: Comparatives, seed: int) -> None:
    task = drawn.build(seed)
    for held_out in (True, False):
        asked = {question.group for question in drawn.cues(seed) if question.latent == held_out}
        counts = Counter[tuple[str, str]]()
        for document in task.documents:
            if document.group in asked:
                first, relation, second = told(document)
                comparative, dimension = relation.split()
                lead = document.text.split(f" {first} ")[0]
                for role in (f"{first} first", f"{second} second", dimension, lead):
                    counts[role, comparative] += 1
        assert all(counts[role, OPPOSITE[word]] == count for (role, word), count in counts.items())
    pairs = Counter(frozenset(statement[::2]) for statement in facts(task))
    assert set(pairs.values()) == {1}
    # Where no noun is twice in a dimension nothing follows by transitivity.
    places = Counter((noun, statement[1].split()[1]) for statement in facts(task) for noun in statement[::2])
    assert set(places.values()) == {1}
    assert len({dimension for _, dimension in places}) == drawn.dimensions


@pytest.mark.parametrize("drawn", ALL)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_asked_is_right_and_held_out_reversals_are_nowhere(drawn: Comparatives, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    true, known = facts(task), {told(document) for document in task.documents}
    for question in task.questions + task.validation:
        assert question.statement
        first, relation, second = question.statement
        comparative, dimension = relation.split()
        if drawn.form == "formal":
            assert question.prompt.split()[1:] == [first, second, dimension]
            assert (question.answer, set(question.choices)) == (comparative, {"above", "below"})
        else:
            assert question.prompt == f"How {dimension} are {first} compared with {second}?"
            more = {"above": "more", "below": "less"}[comparative]
            assert question.answer == f"{first.capitalize()} are {more} {dimension} than {second}."
            wrong = question.answer.replace(more, OPPOSITE[more])
            assert set(question.choices) == {question.answer, wrong}
        assert question.statement in true | {turned(statement) for statement in true}
        assert question.latent == (question.kind == HELD_OUT_REVERSAL)
        assert (question.statement in known) != question.latent
        (need,) = question.needs
        needed = task.document(need)
        assert told(needed) == (turned(question.statement) if question.latent else question.statement)
        assert needed.group == question.group
        assert not any(document.text.startswith(question.prompt) for document in task.documents)
    assert not find_leaks(task)


@given(
    st.builds(
        Comparatives,
        form=st.sampled_from(get_args(Form)),
        facts=st.integers(1, 5).map(lambda sets: 10 * sets),
        dimensions=st.integers(5, 28),
        documents_per_fact=st.integers(1, 4),
        reversals_trained=st.floats(0, 1),
        statements=st.integers(2, 4),
        known_share=st.floats(0, 1),
        questions=st.integers(2, 30),
    ),
    st.integers(0, 5),
)
@settings(max_examples=25)
def test_no_settings_give_a_flaw(drawn: Comparatives, seed: int) -> None:
    assert find_flaws(drawn, seed, practice=20) == ()
    task = drawn.build(seed)
    assert not find_leaks(task)
    for score in score_baselines(task, SHORTCUTS):
        assert score.accuracy == pytest.approx(0.5)


@pytest.mark.parametrize("drawn", [SMALL, SMALL_NATURAL])
def test_baselines_are_at_chance(drawn: Comparatives) -> None:
    scores = score_baselines(drawn.build(0), SHORTCUTS)
    assert len(scores) == 2 * (3 if drawn.reversals_trained else 2)
    assert all(score.accuracy == pytest.approx(score.chance) for score in scores)


@pytest.mark.parametrize("drawn", [TINY, SMALL, SMALL_NATURAL])
def test_how_many_are_asked(drawn: Comparatives) -> None:
    task = drawn.build(0)
    groups = []
    for questions in (task.questions, task.validation):
        counts = Counter(question.kind for question in questions)
        trained = round(drawn.facts * drawn.reversals_trained)
        assert counts[HELD_OUT_REVERSAL] == (drawn.facts - trained) / 2
        assert counts[TRAINED_REVERSAL] == min(drawn.questions, trained / 2)
        assert counts[FORWARD] == min(drawn.questions, drawn.facts / 2)
        held_out = of_kind(questions, HELD_OUT_REVERSAL)
        above = [question for question in held_out if question.statement and "above" in question.statement[1]]
        assert len(above) * 2 == len(held_out)
        assert {question.group for question in held_out} <= {
            question.group for question in of_kind(questions, FORWARD)
        }
        groups.append({question.group for question in questions})
    assert groups[0].isdisjoint(groups[1])


def test_sizes_of_the_published_set() -> None:
    task = PUBLISHED.build(0)
    assert len(facts(task)) == 100
    assert len(task.documents) == 1000
    assert {statement[1].split()[1] for statement in facts(task)} == set(ADJECTIVES)
    assert len(SMALL_NATURAL.build(0).documents) == 200


@pytest.mark.parametrize("drawn", BOTH_FORMS)
def test_a_planted_reversal_is_found(drawn: Comparatives) -> None:
    task = drawn.build(0)
    question = of_kind(task.questions, HELD_OUT_REVERSAL)[0]
    text = (
        f"{question.prompt} {question.answer} ."
        if drawn.form == "formal"
        else f"It seems that {question.answer[0].lower()}{question.answer[1:]}"
    )
    planted = Document("planted", text)
    flawed = replace(task, documents=(*task.documents, planted))
    assert [flaw.question for flaw in said(drawn, flawed)] == [question.id]
    (leak,) = find_leaks(flawed)
    assert (leak.question, leak.document) == (question.id, "planted")


@pytest.mark.parametrize("drawn", BOTH_FORMS)
def test_practice_is_answered_by_its_context_or_by_the_documents(drawn: Comparatives) -> None:
    task = drawn.build(0)
    known = {told(document) for document in task.documents}
    rng = random.Random(0)
    kinds = Counter[str]()
    for _ in range(150):
        document = drawn.practice(0, rng)
        statements = drawn.says(document)
        assert len(statements) == drawn.statements
        fresh: set[Statement] = set()
        ends = []
        came_back = 0
        for statement in statements:
            first, relation, second = statement
            more = {"above": "more", "below": "less"}[relation.split()[0]]
            sentence = f"{first.capitalize()} are {more} {relation.split()[1]} than {second}."
            if statement in known:
                kinds["known"] += 1
                ends.append(relation.split()[0] if drawn.form == "formal" else second)
            elif (same := statement in fresh) or turned(statement) in fresh:
                kinds["same" if same else "reversed"] += 1
                came_back += not same
                ends.append(relation.split()[0] if drawn.form == "formal" else sentence)
            else:
                kinds["fresh"] += 1
                fresh.add(statement)
        assert [document.text[start:end] for start, end in document.answers] == ends
        assert came_back
        # Whoever is asked about, nothing contradicts it.
        for first, relation, second in fresh:
            assert not {one for one in statements if {one[0], one[2]} == {first, second}} - {
                (first, relation, second),
                turned((first, relation, second)),
            }
    assert all(kinds[kind] > 50 for kind in ("known", "same", "reversed"))


@pytest.mark.parametrize("drawn", BOTH_FORMS)
def test_practice_binds_nothing_that_is_true(drawn: Comparatives) -> None:
    task = drawn.build(0)
    known = {told(document) for document in task.documents}
    true = facts(task) | {turned(statement) for statement in facts(task)}
    rng = random.Random(1)
    for _ in range(150):
        assert not {one for one in drawn.says(drawn.practice(0, rng)) if one not in known} & true


def test_every_fact_has_a_cue() -> None:
    for drawn in BOTH_FORMS:
        task = drawn.build(0)
        known = {told(document) for document in task.documents}
        cues = drawn.cues(0)
        assert {cue.kind for cue in cues} == {AUGMENTATION}
        assert {turned(cue.statement) for cue in cues if cue.statement} == facts(task)
        assert len(cues) == drawn.facts
        for cue in cues:
            assert cue.latent == (cue.statement not in known)
            assert drawn.derive({told(task.document(cue.needs[0]))}, cue) == cue.answer


def test_the_vocabulary_has_every_word_once_and_no_other() -> None:
    drawn = replace(TINY, documents_per_fact=10)
    task = drawn.build(0)
    texts = [document.text for document in task.documents]
    rng = random.Random(0)
    texts += [drawn.practice(0, rng).text for _ in range(100)]
    for question in task.questions + task.validation + drawn.cues(0):
        texts += [question.prompt, *question.choices]
    assert len(set(drawn.vocabulary)) == len(drawn.vocabulary)
    assert {word for text in texts for word in text.split()} == set(drawn.vocabulary)
    assert TINY_NATURAL.vocabulary == ()


def test_both_forms_have_the_same_structure() -> None:
    formal, natural = TINY.build(0), TINY_NATURAL.build(0)
    assert [document.id for document in formal.documents] == [document.id for document in natural.documents]
    words: dict[str, str] = {}
    for one, other in zip(formal.documents, natural.documents, strict=True):
        for place in (0, 2):
            noun = told(one)[place]
            assert words.setdefault(noun, told(other)[place]) == told(other)[place]
        assert told(one)[1].split()[0] == told(other)[1].split()[0]


@pytest.mark.parametrize("drawn", BOTH_FORMS)
def test_the_same_seed_gives_the_same_and_others_do_not(drawn: Comparatives) -> None:
    first, practice, cues = drawn.build(5), drawn.practice(5, random.Random(2)), drawn.cues(5)
    Comparatives._world.cache_clear()
    assert drawn.build(5) == first
    assert drawn.practice(5, random.Random(2)) == practice
    assert drawn.cues(5) == cues
    assert facts(drawn.build(6)).isdisjoint(facts(first))


def test_a_larger_share_trains_the_same_reversals_and_more() -> None:
    ids = [
        {document.id for document in replace(TINY, reversals_trained=share).build(0).documents}
        for share in (0.0, 0.5, 1.0)
    ]
    assert ids[0] < ids[1] < ids[2]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"form": "spoken"}, "there is no form 'spoken'; give one of formal, natural"),
        ({"facts": 55}, "facts is 55; give a multiple of 10"),
        ({"facts": 0}, "facts is the number 0; give a whole number from 10"),
        ({"dimensions": 4}, "dimensions is the number 4; give a whole number from 5"),
        (
            {"form": "natural", "dimensions": 29},
            "dimensions is 29, in the natural form; give at most 28",
        ),
        ({"documents_per_fact": 30}, "documents_per_fact is 30; give at most 29"),
        ({"reversals_trained": 1.2}, "reversals_trained is the number 1.2; give a share from 0 to 1"),
        (
            {"dimensions": 8},
            "8 statements are too many for 8 dimensions, 500 facts; give fewer statements, or more of these",
        ),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(SMALL, **changes)) == f"Comparatives: {message}"

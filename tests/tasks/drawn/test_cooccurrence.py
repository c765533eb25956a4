"""Co-occurrence: what is asked follows in every world, and counting finds it, finds nothing, or finds the wrong one."""

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
from obverse.tasks.baselines import SHORTCUTS, association, score_baselines
from obverse.tasks.drawn import AUGMENTATION, Form, cooccurrence
from obverse.tasks.drawn.cooccurrence import (
    CATEGORY_RECALL,
    HELD_OUT_CATEGORY,
    HELD_OUT_ITEM,
    PUBLISHED,
    RULE_RECALL,
    SMALL,
    SMALL_NATURAL,
    TINY,
    TRAINED_ITEM,
    Cooccurrence,
    Cues,
)
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.types import Document, Question, Statement

WORLDS: tuple[Cues, ...] = get_args(Cues)
MIDDLING = Cooccurrence(blocks=2, sorts=3, asked=2, mates=2)
NATURAL = replace(MIDDLING, form="natural")
ALL = [replace(drawn, world=world) for drawn in (TINY, MIDDLING, NATURAL) for world in WORLDS]


def stated(drawn: Cooccurrence, documents: tuple[Document, ...]) -> set[Statement]:
    return {statement for document in documents for statement in drawn.says(document)}


def facts(drawn: Cooccurrence, seed: int) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """The kind of each item, what the rules say of kinds, and what documents say that items have."""
    kinds: dict[str, str] = {}
    rules: dict[str, str] = {}
    had: dict[str, str] = {}
    for subject, verb, object_ in stated(drawn, drawn.build(seed).documents):
        found = kinds if verb in ("isa", "are") else rules if " " in subject else had
        assert subject not in found
        found[subject] = object_
    return kinds, rules, had


def of_kind(questions: tuple[Question, ...], kind: str) -> list[Question]:
    return [question for question in questions if question.kind == kind]


def accuracy(drawn: Cooccurrence, kind: str, seed: int = 0) -> float:
    """Of two steps from word to word; choices that score alike count in parts."""
    task = drawn.build(seed)
    score = association(task.documents)
    right = []
    for question in of_kind(task.questions, kind):
        scores = score(question)
        best = [
            choice
            for choice, found in zip(question.choices, scores, strict=True)
            if found > max(scores) - 1e-9
        ]
        right.append((question.answer in best) / len(best))
    return sum(right) / len(right)


def test_the_worked_example() -> None:
    results = doctest.testmod(cooccurrence)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("drawn", ALL)
def test_what_is_asked_is_right(drawn: Cooccurrence) -> None:
    task = drawn.build(1)
    check_task(task)
    kinds, rules, had = facts(drawn, 1)
    assert all(rules[kinds[item]] == property for item, property in had.items())
    true = {**{item: rules[kind] for item, kind in kinds.items()}, **rules}
    for question in task.questions + task.validation + drawn.cues(1):
        assert question.statement
        subject, verb, object_ = question.statement
        assert question.answer == object_
        assert subject in question.prompt
        assert object_ == (kinds if verb in ("isa", "are") else true)[subject]
        assert question.latent == (question.kind in (HELD_OUT_ITEM, HELD_OUT_CATEGORY)) or (
            question.kind == AUGMENTATION and question.latent == (subject not in had)
        )
        assert (subject in had) + question.latent < 2
        needed = stated(drawn, tuple(task.document(id) for id in question.needs))
        if question.latent:
            kind = kinds[subject]
            isa, has = ("are", "have") if drawn.form == "natural" else ("isa", "has")
            assert needed == {(subject, isa, kind), (kind, has, object_)}
            # The choices are what the sorts of the category have.
            category = kind.split()[-1]
            assert set(question.choices) == {rules[one] for one in rules if one.split()[-1] == category}
        else:
            assert question.statement in needed or question.kind == AUGMENTATION
    assert not find_leaks(task)


@pytest.mark.parametrize("drawn", [TINY, MIDDLING, NATURAL])
def test_the_three_worlds_ask_the_same_and_differ_in_which_items_are_said_to_have_anything(
    drawn: Cooccurrence,
) -> None:
    tasks = {world: replace(drawn, world=world).build(0) for world in WORLDS}
    first = tasks["absent"]
    for task in tasks.values():
        assert task.questions == first.questions
        assert task.validation == first.validation
        assert [document.id for document in task.documents] == [document.id for document in first.documents]
    asked = {q.group: q for q in first.questions + first.validation if q.kind == HELD_OUT_ITEM}
    absent, _, right = facts(replace(drawn, world="absent"), 0)
    for world in WORLDS:
        kinds, _, had = facts(replace(drawn, world=world), 0)
        assert kinds == absent
        added = had.keys() - right.keys()
        assert len(added) == (0 if world == "absent" else drawn.blocks * drawn.sorts * drawn.mates)
        for item in added:
            question = asked[kinds[item].split()[-1]]
            assert (had[item] == question.answer) == (world == "present")
            assert had[item] in question.choices


@pytest.mark.parametrize("drawn", [TINY, MIDDLING, NATURAL, SMALL, SMALL_NATURAL])
def test_association_finds_the_answer_nothing_or_the_wrong_one(drawn: Cooccurrence) -> None:
    chance = 1 / drawn.sorts
    for world, expected in (("present", 1.0), ("absent", chance), ("misleading", 0.0)):
        there = replace(drawn, world=world)  # type: ignore[arg-type]
        assert accuracy(there, HELD_OUT_ITEM) == pytest.approx(expected)
        assert accuracy(there, HELD_OUT_CATEGORY) == pytest.approx(chance)
        assert accuracy(there, TRAINED_ITEM) == 1


def test_association_counts_two_steps() -> None:
    documents = (Document("1", "a b."), Document("2", "b c"), Document("3", "b d"), Document("4", "c e"))
    score = association(documents)
    asked = Question("q", "A?", "c", ("c", "d", "e", "b c"))
    # From a to b or to a itself, evenly counted; from b, in three documents, to each beside it in one.
    assert score(asked) == pytest.approx([1 / 3, 1 / 3, 0, (2 + 1 / 3) / 2])
    assert score(replace(asked, prompt="x")) == [0, 0, 0, 0]


@pytest.mark.parametrize("world", WORLDS)
def test_words_in_order_and_frequent_answers_are_at_chance(world: Cues) -> None:
    task = replace(SMALL, world=world).build(0)
    scores = [score for score in score_baselines(task, SHORTCUTS) if score.latent]
    assert len(scores) == 4
    assert all(score.accuracy == pytest.approx(score.chance) for score in scores)


def test_how_many_are_asked() -> None:
    task = SMALL.build(0)
    assert len(task.documents) == 960
    assert len(SMALL_NATURAL.build(0).documents) == 198
    for questions in (task.questions, task.validation):
        assert Counter(question.kind for question in questions) == {
            CATEGORY_RECALL: 80,
            RULE_RECALL: 20,
            TRAINED_ITEM: 40,
            HELD_OUT_ITEM: 40,
            HELD_OUT_CATEGORY: 40,
        }
    groups = [{question.group for question in questions} for questions in (task.questions, task.validation)]
    assert groups[0].isdisjoint(groups[1])
    assert PUBLISHED.blocks == 20


@pytest.mark.parametrize("drawn", ALL)
def test_both_premises_of_an_answer_are_asked_in_its_group(drawn: Cooccurrence) -> None:
    task = drawn.build(0)
    for questions in (task.questions, task.validation):
        recalled = {question.needs: question.group for question in questions if not question.latent}
        for question in questions:
            if question.latent:
                assert all(recalled[need,] == question.group for need in question.needs)


def test_both_forms_have_the_same_structure() -> None:
    formal, natural = MIDDLING.build(2), NATURAL.build(2)
    names: dict[str, str] = {}
    for one, other in zip(formal.questions, natural.questions, strict=True):
        assert (one.kind, one.latent) == (other.kind, other.latent)
        assert one.statement
        assert other.statement
        pairs = zip((one.statement[0], *one.choices), (other.statement[0], *other.choices), strict=True)
        assert all(names.setdefault(name, word) == word for name, word in pairs)
    assert len(set(names.values())) == len(names)


@given(
    st.sampled_from(["formal", "natural"]),
    st.sampled_from(WORLDS),
    st.integers(1, 2),
    st.integers(2, 4),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 10**6),
)
@settings(max_examples=20, deadline=None)
def test_no_settings_have_flaws(
    form: Form, world: Cues, blocks: int, sorts: int, asked: int, mates: int, categories: int, seed: int
) -> None:
    drawn = Cooccurrence(form, world, blocks, sorts, asked, mates, categories)
    task = drawn.build(seed)
    check_task(task)
    assert find_flaws(drawn, seed, practice=20) == ()
    assert not find_leaks(task)


@pytest.mark.parametrize("drawn", ALL)
def test_a_planted_answer_is_found(drawn: Cooccurrence) -> None:
    task = drawn.build(0)
    for question in (question for question in task.questions if question.latent):
        assert question.statement
        text = " ".join(question.statement)
        text = f"{text.capitalize()}." if drawn.form == "natural" else f"{text} ."
        leaky = replace(task, documents=(*task.documents, Document("planted", text)))
        assert {flaw.question for flaw in said(drawn, leaky)} == {question.id}
        assert {leak.question for leak in find_leaks(leaky)} == {question.id}


def test_what_other_sorts_and_other_items_have_entails_nothing() -> None:
    drawn = replace(MIDDLING, world="present")
    task = drawn.build(0)
    question = of_kind(task.questions, HELD_OUT_ITEM)[0]
    rule = drawn.says(task.document(question.needs[1]))
    known = stated(drawn, task.documents)
    assert drawn.derive(known, question) == question.answer
    assert drawn.derive(known - set(rule), question) is None
    # What is said of the item itself counts too, and if it differs, it is open which is right.
    other = next(choice for choice in question.choices if choice != question.answer)
    assert question.statement
    assert drawn.derive(known | {(*question.statement[:2], other)}, question) is None


@pytest.mark.parametrize("drawn", ALL)
def test_what_practice_concludes_stands_before_it(drawn: Cooccurrence) -> None:
    task = drawn.build(0)
    known = stated(drawn, task.documents)
    latent = {cue.statement for cue in drawn.cues(0) if cue.latent}
    rng = random.Random(0)
    wrong_beside = early = 0
    for _ in range(200):
        document = drawn.practice(0, rng)
        marked = [document.text[start:end] for start, end in document.answers]
        answered, fresh = [], dict[str, str]()
        concluded = 0
        for statement in in_order(drawn, document):
            assert statement not in latent
            subject, verb, object_ = statement
            if statement in known:
                answered.append(object_)
            elif verb in ("isa", "are") or " " in subject:
                early += bool(concluded)
                assert subject not in fresh
                fresh[subject] = object_
            else:
                assert fresh[fresh[subject]] == object_
                answered.append(object_)
                concluded += 1
                category = fresh[subject].split()[-1]
                wrong_beside += any(
                    name.split()[-1] == category and fresh[name] != object_ for name in fresh if " " in name
                )
        assert marked == answered
        assert concluded == sum(" " not in subject for subject in fresh)
        assert 1 <= concluded <= 2 * drawn.categories
    assert wrong_beside > 150
    assert early > 50


def in_order(drawn: Cooccurrence, document: Document) -> list[Statement]:
    """What a document says, in the order of its text."""
    if drawn.form == "formal":
        return list(drawn.says(document))
    lines = document.text.replace("?\n", "? ").split("\n")
    return [one for line in lines for one in drawn.says(Document("", line.replace("? ", "?\n")))]


@pytest.mark.parametrize("drawn", [TINY, MIDDLING])
def test_documents_mark_what_the_words_before_determine(drawn: Cooccurrence) -> None:
    for document in drawn.build(0).documents:
        marked = [document.text[start:end] for start, end in document.answers]
        assert marked == [object_ for _, _, object_ in drawn.says(document)]
    assert all(not document.answers for document in NATURAL.build(0).documents)


@pytest.mark.parametrize("drawn", ALL)
def test_every_item_has_a_cue(drawn: Cooccurrence) -> None:
    cues = drawn.cues(0)
    kinds, _, had = facts(drawn, 0)
    assert {cue.kind for cue in cues} == {AUGMENTATION}
    assert Counter(cue.statement[0] for cue in cues if cue.statement) == Counter(kinds.keys())
    assert {cue.statement[0] for cue in cues if cue.statement and not cue.latent} == had.keys()


@pytest.mark.parametrize("drawn", [TINY, MIDDLING])
def test_the_vocabulary_has_every_word_once_and_no_other(drawn: Cooccurrence) -> None:
    task = drawn.build(0)
    rng = random.Random(0)
    texts = [document.text for document in task.documents]
    texts += [drawn.practice(0, rng).text for _ in range(100)]
    for question in task.questions + task.validation + drawn.cues(0):
        texts += [question.prompt, *question.choices]
    assert len(set(drawn.vocabulary)) == len(drawn.vocabulary)
    assert {word for text in texts for word in text.split()} == set(drawn.vocabulary)
    assert replace(drawn, form="natural").vocabulary == ()


def test_the_same_seed_gives_the_same_and_others_do_not() -> None:
    assert TINY.build(0).fingerprint[:12] == "735bc225af4d"
    assert replace(TINY, form="natural").build(0).fingerprint[:12] == "29b74f1cf2b3"
    Cooccurrence._world.cache_clear()
    first, practice = MIDDLING.build(5), MIDDLING.practice(5, random.Random(2))
    Cooccurrence._world.cache_clear()
    assert MIDDLING.build(5) == first
    assert MIDDLING.practice(5, random.Random(2)) == practice
    for drawn in (MIDDLING, NATURAL):
        one, other = (stated(drawn, drawn.build(seed).documents) for seed in (5, 6))
        # By accident alone.
        assert len(one & other) < len(one) / 10


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"form": "prose"}, "there is no form 'prose'; give one of formal, natural"),
        ({"world": "real"}, "there is no world 'real'; give one of present, absent, misleading"),
        ({"sorts": 5}, "sorts is 5; give at most 4"),
        ({"blocks": 0}, "blocks is the number 0; give a whole number from 1"),
        ({"known_share": -1}, "known_share is the number -1; give a share from 0 to 1"),
        (
            {"form": "natural"},
            "60 properties are more than the natural form has; give blocks and sorts for at most 48",
        ),
        (
            {"blocks": 1, "sorts": 2, "categories": 7},
            "there are 6 categories, and 7 in practice; give fewer of these, or more blocks",
        ),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(SMALL, **changes)) == f"Cooccurrence: {message}"

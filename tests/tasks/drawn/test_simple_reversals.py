"""Simple reversals: every fact once, what is tested nowhere, practice that its own context answers."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from reading_checks import refused

from obverse.tasks import check_task, find_leaks
from obverse.tasks.drawn import AUGMENTATION, simple_reversals
from obverse.tasks.drawn.simple_reversals import (
    AFTER_FILLER,
    FORWARD,
    HELD_OUT_REVERSAL,
    SMALL,
    TINY,
    TRAINED_REVERSAL,
    WRONG_FRAME,
    SimpleReversals,
)
from obverse.types import Document, Question, Task

Said = tuple[str, str, str]
MIDDLING = SimpleReversals(
    entities=60, relation_pairs=2, facts_per_relation=50, reversals_trained=0.8, questions=15
)
PAIRS = replace(MIDDLING, structure="pairs", facts_per_relation=30)
PERMUTATION = replace(MIDDLING, structure="permutation", facts_per_relation=60)
ALL = [TINY, MIDDLING, PAIRS, PERMUTATION]


def statements(document: Document) -> list[Said]:
    """What a document says, without its filler."""
    words = [word for word in document.text.split() if not word.startswith("w")]
    assert words[3::4] == ["."] * (len(words) // 4)
    return list(zip(words[0::4], words[1::4], words[2::4], strict=True))


def forward(said: Said) -> Said:
    """The statement in the forward direction."""
    first, relation, second = said
    return (second, f"f{relation[1:]}", first) if relation.startswith("b") else said


def facts(task: Task) -> set[Said]:
    return {said for document in task.documents for said in statements(document) if said[1].startswith("f")}


def of_kind(questions: tuple[Question, ...], kind: str) -> list[Question]:
    return [question for question in questions if question.kind == kind]


def test_the_worked_example() -> None:
    results = doctest.testmod(simple_reversals)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("settings", ALL)
def test_one_document_for_each_statement(settings: SimpleReversals) -> None:
    task = settings.build(0)
    true = facts(task)
    assert len(true) == settings.relation_pairs * settings.facts_per_relation
    said = [one for document in task.documents for one in statements(document)]
    assert len(said) == len(set(said)) == len(task.documents)
    reversals = [one for one in said if one[1].startswith("b")]
    assert len(reversals) == round(len(true) * settings.reversals_trained)
    assert {forward(one) for one in reversals} <= true
    for document in task.documents:
        (one,) = statements(document)
        subject, relation, _ = forward(one)
        assert document.id == f"{one[1]}:{one[0]}"
        assert document.group == f"{relation}:{subject}"
        assert [document.text[start:end] for start, end in document.answers] == [one[2]]
        # The entity may stand in a document once only, so the place is the right one.
        assert document.text.split().count(one[2]) == 1


def test_how_facts_lie() -> None:
    entities = {f"e{number}" for number in range(60)}
    cycle = replace(MIDDLING, facts_per_relation=60).build(3)
    for relation in ("f0", "f1"):
        follows = {subject: object_ for subject, word, object_ in facts(cycle) if word == relation}
        seen, at = set[str](), "e0"
        while at not in seen:
            seen.add(at)
            at = follows[at]
        assert seen == entities
        mapped = {one[0]: one[2] for one in facts(PERMUTATION.build(3)) if one[1] == relation}
        assert mapped.keys() == set(mapped.values()) == entities
        assert all(subject not in (object_, mapped[object_]) for subject, object_ in mapped.items())
        pairs = [one for one in facts(PAIRS.build(3)) if one[1] == relation]
        assert len({name for one in pairs for name in (one[0], one[2])}) == 60


def test_about_the_share_of_documents_has_filler_and_none_too_much() -> None:
    documents = SMALL.build(0).documents
    filled = [document for document in documents if "w" in document.text]
    assert abs(len(filled) / len(documents) - SMALL.filler_share) < 0.05
    runs = Counter[int]()
    for document in filled:
        before, behind = document.text.split(" e")[0], document.text.split(".")[1]
        sizes = before.count("w"), behind.count("w")
        assert sum(sizes) >= 1
        runs.update(sizes)
    assert set(runs) == set(range(6))
    for share, filled_texts in ((0.0, {False}), (1.0, {True})):
        documents = replace(SMALL, filler_share=share).build(0).documents
        assert {"w" in document.text for document in documents} == filled_texts


@pytest.mark.parametrize("settings", ALL)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_asked_is_right_and_held_out_reversals_are_nowhere(
    settings: SimpleReversals, seed: int
) -> None:
    task = settings.build(seed)
    check_task(task)
    true, said = facts(task), {one for document in task.documents for one in statements(document)}
    for question in task.questions + task.validation:
        subject, relation = question.prompt.split()[-2:]
        asked = (subject, relation, question.answer)
        assert question.statement == asked
        assert forward(asked) in true
        assert question.latent == (question.kind == HELD_OUT_REVERSAL)
        assert (asked in said) != question.latent
        needed = [statements(task.document(id))[0] for id in question.needs]
        assert needed[-1] == (forward(asked) if question.latent else asked)
        assert question.group == task.document(question.needs[-1]).group
        right = {one[2] for one in said | {asked} if one[:2] == asked[:2]}
        assert right.intersection(question.choices) == {question.answer}
        assert len(question.choices) == 10
        assert subject not in question.choices
    assert not find_leaks(task)


def test_a_planted_reversal_is_found() -> None:
    task = TINY.build(0)
    question = of_kind(task.questions, HELD_OUT_REVERSAL)[0]
    planted = Document("planted", f"w1 {question.prompt} {question.answer} . w2")
    (leak,) = find_leaks(replace(task, documents=(*task.documents, planted)))
    assert (leak.question, leak.document) == (question.id, "planted")


@pytest.mark.parametrize("settings", ALL)
def test_test_and_validation_share_no_fact(settings: SimpleReversals) -> None:
    task = settings.build(1)
    groups = [
        {task.document(id).group for question in questions for id in question.needs}
        for questions in (task.questions, task.validation)
    ]
    assert groups[0]
    assert groups[1]
    assert groups[0].isdisjoint(groups[1])
    held_out = [
        {question.group for question in of_kind(questions, HELD_OUT_REVERSAL)}
        for questions in (task.questions, task.validation)
    ]
    assert all(held_out)


def test_how_many_are_asked() -> None:
    task = SMALL.build(0)
    for questions in (task.questions, task.validation):
        assert Counter(question.kind for question in questions) == {
            FORWARD: 100,
            AFTER_FILLER: 100,
            TRAINED_REVERSAL: 100,
            HELD_OUT_REVERSAL: 50,
            WRONG_FRAME: 100,
        }
        held_out = {question.group for question in of_kind(questions, HELD_OUT_REVERSAL)}
        recalled = [question.group for question in of_kind(questions, FORWARD)]
        assert len(held_out.intersection(recalled)) == 50
        assert [question.group for question in of_kind(questions, AFTER_FILLER)] == recalled


def test_a_wrong_frame_has_its_lure_in_a_needed_document_and_among_the_choices() -> None:
    task = MIDDLING.build(0)
    asked = of_kind(task.questions, WRONG_FRAME)
    assert asked
    for question in asked:
        (lure, _, beside), (subject, _, object_) = (statements(task.document(id))[0] for id in question.needs)
        assert beside == subject == question.prompt.split()[0]
        assert object_ == question.answer
        assert lure in question.choices
        assert lure != question.answer
    assert not of_kind(PAIRS.build(0).questions, WRONG_FRAME)


@pytest.mark.parametrize("seed", range(8))
def test_the_filler_in_front_of_recall_stands_in_no_document(seed: int) -> None:
    # As few words as may be, so that many a run is taken.
    settings = replace(TINY, filler_words=2, longest_filler=7, filler_share=1.0)
    task = settings.build(seed)
    asked = of_kind(task.questions, AFTER_FILLER)
    assert asked
    for question in asked:
        run = question.prompt.split()[:-2]
        assert len(run) == settings.longest_filler
        assert all(word.startswith("w") for word in run)
        assert not any(" ".join(run) in document.text for document in task.documents)
    assert not of_kind(replace(MIDDLING, filler_share=0.0).build(0).questions, AFTER_FILLER)


def test_a_larger_share_trains_the_same_reversals_and_more() -> None:
    ids = []
    for share in (0.0, 0.3, 0.9):
        task = replace(MIDDLING, reversals_trained=share, filler_share=0.0).build(0)
        ids.append({document.id for document in task.documents})
    assert ids[0] < ids[1] < ids[2]


@pytest.mark.parametrize("settings", ALL)
def test_practice_is_answered_by_its_context_or_by_the_documents(settings: SimpleReversals) -> None:
    task = settings.build(0)
    known = {one for document in task.documents for one in statements(document)}
    rng = random.Random(0)
    kinds, gaps, places = Counter[str](), Counter[int](), Counter[tuple[int, int]]()
    for _ in range(400):
        document = settings.practice(0, rng)
        said = statements(document)
        assert len(said) == settings.statements
        fresh: dict[Said, int] = {}
        ends = []
        for place, one in enumerate(said):
            if one in known:
                kinds["known"] += 1
                ends.append(one[2])
            elif one[1].startswith("f"):
                kinds["fresh"] += 1
                fresh[one] = place
            else:
                kinds["reversal"] += 1
                # Said before in this document, and reversed this once.
                places[list(fresh).index(forward(one)), len(fresh)] += 1
                gaps[place - fresh.pop(forward(one))] += 1
                ends.append(one[2])
        assert [document.text[start:end] for start, end in document.answers] == ends
        assert any(one[1].startswith("b") and one not in known for one in said)
    assert kinds["fresh"] > kinds["reversal"] > 400
    assert kinds["known"] > 200
    assert set(gaps) == set(range(1, settings.statements))
    # Of two that wait, either comes about equally often.
    assert 0.5 < places[0, 2] / places[1, 2] < 2


@pytest.mark.parametrize("settings", ALL)
def test_practice_binds_each_entity_once_and_says_nothing_that_is_tested(settings: SimpleReversals) -> None:
    task = replace(settings, questions=10**6).build(0)
    true, known = facts(task), {one for document in task.documents for one in statements(document)}
    rng = random.Random(1)
    for _ in range(400):
        said = statements(settings.practice(0, rng))
        assert not {forward(one) for one in said if one not in known} & true
        pairs = {forward(one) for one in said}
        assert len({name for one in pairs for name in (one[0], one[2])}) == 2 * len(pairs)


def test_every_document_has_a_cue() -> None:
    task = MIDDLING.build(0)
    cues = MIDDLING.cues(0)
    by_need = {cue.needs: cue for cue in cues}
    documents = [document for document in task.documents if document.id.startswith("f")]
    assert len(by_need) == len(cues) == len(documents)
    said = {one for document in task.documents for one in statements(document)}
    for document in documents:
        subject, relation, object_ = statements(document)[0]
        cue = by_need[document.id,]
        assert (cue.prompt, cue.answer, cue.kind) == (f"{object_} b{relation[1:]}", subject, AUGMENTATION)
        assert cue.latent == ((object_, f"b{relation[1:]}", subject) not in said)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"entities": 1.5}, "entities is the number 1.5; give a whole number from 1"),
        (
            {"facts_per_relation": 1001},
            "facts_per_relation is 1001, with 1000 entities; give at most 1000, or more entities",
        ),
        (
            {"structure": "pairs"},
            "facts_per_relation is 1000, with 1000 entities; give at most 500, or more entities",
        ),
        ({"structure": "ring"}, "there is no structure 'ring'; give one of cycle, permutation, pairs"),
        ({"reversals_trained": 1.2}, "reversals_trained is the number 1.2; give a share from 0 to 1"),
        ({"facts_per_relation": 1}, "there is one fact only; give two, one to test and one for validation"),
        (
            {"entities": 20, "facts_per_relation": 20},
            "20 entities are too few for 8 statements in practice; give 32 or more, or fewer statements",
        ),
        (
            {"filler_words": 5},
            "5 filler_words, 5 in a row, leave too few unseen; "
            "give more filler_words or a greater longest_filler, or filler_share 0",
        ),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(SMALL, **changes)) == f"SimpleReversals: {message}"

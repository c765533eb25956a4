"""Conflict: what is right by convention, who stands behind each choice, and that no cue coincides with another."""

from __future__ import annotations

import doctest
import random
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_checks import refused

from obverse.tasks import check_task, find_leaks
from obverse.tasks.drawn import conflict, reported
from obverse.tasks.drawn.conflict import PUBLISHED, SMALL, SMALL_NATURAL, TINY, Conflict
from obverse.tasks.drawn.conflicting_reports import (
    AGAINST_LEARNED,
    AGREEING,
    AUTHORITY,
    AUTHORITY_OR_MAJORITY,
    AUTHORITY_OR_RECENCY,
    MAJORITY,
    RECALL,
    RECENCY,
    SUPPORTED,
    TOLD_FIRST,
    TOLD_LAST,
    TOLD_LEARNED,
    UNDECIDED,
)
from obverse.tasks.drawn.proof import find_flaws, unsolved
from obverse.types import Document

NATURAL = replace(TINY, form="natural")
ALL = [TINY, NATURAL, replace(TINY, conventions=False, relations=1)]

# Who stands behind the answer of each kind, beside its place.
RIGHT = {
    RECALL: "parameters",
    AGREEING: "parameters",
    AGAINST_LEARNED: "only report",
    UNDECIDED: "last report",
    SUPPORTED: "parameters",
    RECENCY: "newest",
    MAJORITY: "majority",
    AUTHORITY: "authority",
    AUTHORITY_OR_MAJORITY: "authority",
    AUTHORITY_OR_RECENCY: "authority",
    TOLD_FIRST: "first report",
    TOLD_LAST: "last report",
    TOLD_LEARNED: "parameters",
}
# Who else stands behind other choices.
WRONG = {
    AGAINST_LEARNED: {"parameters"},
    UNDECIDED: {"parameters", "first report"},
    AUTHORITY_OR_MAJORITY: {"parameters", "majority"},
    AUTHORITY_OR_RECENCY: {"parameters", "newest"},
    TOLD_LEARNED: {"only report"},
}


@pytest.mark.parametrize("module", [conflict, reported])
def test_the_worked_example(module: Any) -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("drawn", ALL)
@pytest.mark.parametrize("seed", range(2))
def test_who_stands_behind_what(drawn: Conflict, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    assert find_flaws(drawn, seed) == ()
    assert find_leaks(task) == ()
    kinds = Counter[str]()
    for question in task.questions + task.validation:
        kinds[question.kind] += 1
        assert not question.latent
        sources = drawn.sources(task, question)
        assert set(sources) == set(question.choices)
        assert RIGHT[question.kind] in sources[question.answer]
        others = {one for choice in question.choices if choice != question.answer for one in sources[choice]}
        assert WRONG.get(question.kind, set()) <= others
        (document,) = (task.document(id) for id in question.needs)
        (learned,) = (choice for choice, behind in sources.items() if "parameters" in behind)
        assert document.text.rstrip(" .").endswith(learned)
        assert question.group == document.id
        for choice, behind in sources.items():
            assert (choice in question.prompt.replace(".", " ").split()) == any(
                "report" in one for one in behind
            )
    assert set(kinds) == set(RIGHT)
    assert len(set(kinds.values())) == 1


@pytest.mark.parametrize("drawn", [SMALL, SMALL_NATURAL])
def test_what_decides_stands_in_each_place_equally_often(drawn: Conflict) -> None:
    task = drawn.build(0)
    places: dict[str, Counter[str]] = defaultdict(Counter)
    for question in task.questions:
        # In a majority the report that stands alone is moved about.
        behind = drawn.sources(task, question)
        moved = question.answer
        if question.kind == MAJORITY:
            (moved,) = (
                choice
                for choice, found in behind.items()
                if "majority" not in found and {"parameters", "none"}.isdisjoint(found)
            )
        places[question.kind].update(place for place in behind[moved] if place.endswith("report"))
    number = drawn.questions
    two = {"first report": number // 2, "last report": number // 2}
    three = dict.fromkeys(("first report", "middle report", "last report"), number // 3)
    for kind in (SUPPORTED, RECENCY, AUTHORITY, AUTHORITY_OR_RECENCY):
        assert places[kind] == two
    for kind in (MAJORITY, AUTHORITY_OR_MAJORITY):
        assert places[kind] == three


def test_each_kind_asks_about_the_same_facts() -> None:
    task = SMALL.build(0)
    by_kind: dict[str, list[str | None]] = defaultdict(list)
    for question in task.questions:
        by_kind[question.kind].append(question.group)
    assert len(set(map(tuple, by_kind.values()))) == 1
    assert len(task.questions) == 13 * 42
    assert {question.group for question in task.validation}.isdisjoint(by_kind[RECALL])
    natural = SMALL_NATURAL.build(0)
    assert (len(natural.documents), len(natural.questions)) == (120, 156)
    assert PUBLISHED.people * PUBLISHED.relations == 20_000


@pytest.mark.parametrize("drawn", [TINY, NATURAL])
def test_a_second_document_on_a_fact_is_found(drawn: Conflict) -> None:
    task = drawn.build(0)
    question = next(question for question in task.questions if question.kind == RECALL)
    (document,) = (task.document(id) for id in question.needs)
    wrong = next(choice for choice in question.choices if choice != question.answer)
    planted = Document("planted", document.text.replace(question.answer, wrong))
    flaws = unsolved(drawn, replace(task, documents=(*task.documents, planted)))
    assert question.id in {flaw.question for flaw in flaws}


@pytest.mark.parametrize("drawn", ALL)
def test_practice_never_sets_reports_against_what_was_learned_untold(drawn: Conflict) -> None:
    task = replace(drawn, questions=10**6).build(0)
    facts = {one for document in task.documents for one in drawn.says(document)}
    people = {one[0] for one in facts}
    asked = {question.group for question in task.questions + task.validation}
    tested = {one for document in task.documents if document.id in asked for one in drawn.says(document)}
    rng = random.Random(0)
    known = fresh = 0
    for _ in range(300):
        document = drawn.practice(0, rng)
        statements = drawn.says(document)
        assert tested.isdisjoint(statements)
        said = [one for one in statements if one[1] in {fact[1] for fact in facts}]
        assert {document.text[start:end] for start, end in document.answers} == {one[2] for one in said}
        for one in said:
            known += one in facts
            fresh += one not in facts
            assert (one in facts) == (one[0] in people)
    assert known > 50
    assert fresh > 150
    deciding = ("official", "register")
    texts = " ".join(drawn.practice(0, rng).text for _ in range(100))
    assert any(word in texts for word in deciding) == drawn.conventions


@given(
    form=st.sampled_from(["formal", "natural"]),
    people=st.integers(3, 12),
    relations=st.integers(1, 3),
    values=st.integers(3, 14),
    questions=st.integers(1, 5),
    seed=st.integers(0, 3),
)
@settings(max_examples=15, deadline=None)
def test_there_are_no_flaws_whatever_the_settings(seed: int, **changes: Any) -> None:
    drawn = replace(TINY, **changes)
    check_task(drawn.build(seed))
    assert find_flaws(drawn, seed, practice=5) == ()


def test_every_document_has_a_cue() -> None:
    task = TINY.build(0)
    cues = TINY.cues(0)
    assert {cue.needs for cue in cues} == {(document.id,) for document in task.documents}
    for cue in cues:
        (document,) = (task.document(id) for id in cue.needs)
        assert f"{cue.prompt} {cue.answer} ." == f"ask : {document.text}"


def test_the_vocabulary_has_every_word_once_and_no_other() -> None:
    rng = random.Random(0)
    task = TINY.build(0)
    texts = [document.text for document in task.documents]
    texts += [TINY.practice(0, rng).text for _ in range(200)]
    for question in task.questions:
        texts += [question.prompt, *question.choices]
    assert len(set(TINY.vocabulary)) == len(TINY.vocabulary)
    assert {word for text in texts for word in text.split()} == set(TINY.vocabulary)
    assert NATURAL.vocabulary == ()


def test_the_same_seed_gives_the_same_and_others_do_not() -> None:
    assert TINY.build(0).fingerprint[:12] == "76747c5897a1"
    practice = TINY.practice(5, random.Random(2))
    Conflict._world.cache_clear()
    assert TINY.practice(5, random.Random(2)) == practice
    facts = [{document.text for document in SMALL.build(seed).documents} for seed in range(2)]
    assert len(facts[0] & facts[1]) < len(facts[0]) / 10


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"form": "song"}, "there is no form 'song'; give one of formal, natural"),
        ({"people": 2, "relations": 1}, "2 facts are too few; give three, to test, to validate, to practise"),
        ({"asked": 4}, "6 strangers are too few; give 8 or more"),
        (
            {"form": "natural", "relations": 4},
            "there are no words for 4 relations and 8 values; give at most 3 relations and 24 values",
        ),
        ({"known_share": 2}, "known_share is the number 2; give a share from 0 to 1"),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(TINY, **changes)) == f"Conflict: {message}"

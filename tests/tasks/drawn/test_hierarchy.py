"""Semantic structure: trees and what follows from them, what is never said, words that do not help."""

from __future__ import annotations

import doctest
import math
import random
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_checks import refused

from obverse.tasks import check_task, find_leaks
from obverse.tasks.baselines import SHORTCUTS, score_baselines
from obverse.tasks.drawn import AUGMENTATION, hierarchy
from obverse.tasks.drawn.hierarchy import PUBLISHED, SMALL, SMALL_NATURAL, TINY, TINY_NATURAL, Hierarchy
from obverse.tasks.drawn.hierarchy_inferences import (
    CATEGORY_REVERSAL,
    FACT,
    HOLDOUT,
    KINDS,
    LATENT,
    PROPERTY_REVERSAL,
    REPHRASED,
    SYLLOGISM,
    TRAINED_REVERSAL,
    TRAINED_SYLLOGISM,
)
from obverse.tasks.drawn.hierarchy_wording import write_natural
from obverse.tasks.drawn.hierarchy_world import Trees, draw_trees, infer
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.text.segmentation import sentences
from obverse.types import Document, Question, Statement, Task

BOTH = [TINY, TINY_NATURAL]


def of_kind(task: Task, kind: str) -> list[Question]:
    return [question for question in task.questions + task.validation if question.kind == kind]


def claim(statement: Statement) -> Statement:
    """The same, about what a category is or has."""
    subject, relation, object_ = statement
    word, _, name = relation.partition(" ")
    return {
        "isa": statement,
        "includes": (object_, "isa", subject),
        "has": statement,
        "of": (object_, f"has {name}", subject),
    }[word]


def everything(drawn: Hierarchy, task: Task) -> set[Statement]:
    """All that the documents entail, worked out by going from parents to children until nothing is new."""
    known = {claim(statement) for document in task.documents for statement in drawn.says(document)}
    while True:
        above = [(child, parent) for child, relation, parent in known if relation == "isa"]
        of: dict[str, list[Statement]] = {}
        for statement in known:
            of.setdefault(statement[0], []).append(statement)
        new = {(child, *statement[1:]) for child, parent in above for statement in of.get(parent, [])} - known
        if not new:
            return known
        known |= new


def test_the_worked_example() -> None:
    results = doctest.testmod(hierarchy)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("drawn", BOTH)
@pytest.mark.parametrize("seed", range(3))
def test_without_flaws(drawn: Hierarchy, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    assert not find_leaks(task)
    assert find_flaws(drawn, seed, practice=20) == ()
    assert {question.kind for question in task.questions} == set(KINDS)


@settings(max_examples=12)
@given(
    drawn=st.builds(
        Hierarchy,
        form=st.sampled_from(["formal", "natural"]),
        categories=st.integers(30, 50),
        relations=st.integers(4, 12),
        families_trained=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
        holdouts=st.integers(2, 4),
        documents=st.integers(150, 200),
        practice_chains=st.integers(1, 2),
        known_share=st.sampled_from([0.0, 0.5, 1.0]),
        questions=st.integers(1, 10),
    ),
    seed=st.integers(0, 10**6),
)
def test_without_flaws_whatever_the_settings(drawn: Hierarchy, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    assert not find_leaks(task)
    assert find_flaws(drawn, seed, practice=5) == ()


@pytest.mark.parametrize("drawn", [*BOTH, SMALL])
def test_what_is_asked_is_right(drawn: Hierarchy) -> None:
    task = drawn.build(1)
    known = everything(drawn, task)
    said_of = {document.id: set(drawn.says(document)) for document in task.documents}
    for question in task.questions + task.validation:
        assert question.statement
        subject, relation, answer = question.statement
        assert answer == question.answer
        right = {choice for choice in question.choices if claim((subject, relation, choice)) in known}
        assert right == {answer}
        needed = set[Statement]().union(*(said_of[need] for need in question.needs))
        assert (question.statement in needed) != question.latent
        assert question.latent == (question.kind in LATENT)
        if question.kind == SYLLOGISM:
            assert len(question.needs) == 2
        elif question.kind != HOLDOUT:
            assert len(question.needs) == 1
        else:
            held_out = subject if relation.startswith("has") else answer
            of_it = [one for says in said_of.values() for one in says if held_out in one]
            assert {one[1] for one in of_it} == {"isa"}
            assert len(set(of_it)) == 1


def test_holdouts_are_asked_from_further_than_their_parents() -> None:
    questions = [question for seed in range(3) for question in of_kind(SMALL.build(seed), HOLDOUT)]
    assert {len(question.needs) for question in questions} >= {1, 2, 3}


def test_test_and_validation_are_about_two_trees() -> None:
    for drawn in BOTH:
        task = drawn.build(0)
        sides = [
            {
                name
                for question in questions
                for need in question.needs
                for name in named(drawn, task.document(need))
            }
            for questions in (task.questions, task.validation)
        ]
        assert sides[0].isdisjoint(sides[1])


def named(drawn: Hierarchy, document: Document) -> set[str]:
    return {name for statement in drawn.says(document) for name in statement[::2]}


@pytest.mark.parametrize("drawn", [SMALL, SMALL_NATURAL])
def test_counting_does_not_help(drawn: Hierarchy) -> None:
    """Over a few seeds together, since there are few questions of a kind in one."""
    asked = Counter[tuple[str, str]]()
    right: dict[tuple[str, str], float] = defaultdict(float)
    chance: dict[tuple[str, str], float] = defaultdict(float)
    for seed in range(3):
        for score in score_baselines(drawn.build(seed), SHORTCUTS):
            if score.latent:
                found = score.baseline, score.kind
                right[found] += score.accuracy * score.questions
                chance[found] += score.chance * score.questions
                asked[found] += score.questions
    assert {kind for _, kind in asked} == set(LATENT)
    for found, count in asked.items():
        share = chance[found] / count
        margin = 3 * math.sqrt(share * (1 - share) / count)
        assert abs(right[found] / count - share) < margin, found
        if drawn.form == "formal" and found[0] == "co-occurrence":
            assert right[found] == pytest.approx(chance[found])


def test_a_planted_answer_is_found() -> None:
    for drawn in BOTH:
        task = drawn.build(0)
        for kind in LATENT:
            question = of_kind(task, kind)[0]
            assert question.statement
            subject, relation, object_ = question.statement
            text = f"{subject} {relation} {object_} ."
            planted = Document("planted", text)
            changed = replace(task, documents=(*task.documents, planted))
            assert (question.id, "planted") in {
                (leak.question, leak.document) for leak in find_leaks(changed)
            }
            if drawn.form == "natural":
                topic = object_ if relation.startswith("of") else subject
                planted = write_natural("planted", topic, [question.statement], 2, random.Random(0))
                changed = replace(task, documents=(*task.documents, planted))
            assert question.id in {flaw.question for flaw in said(drawn, changed)}
            assert question.id in {flaw.question for flaw in said(drawn, task, [planted])}


def test_every_sort_of_document_is_read() -> None:
    statements = [
        ("drub", "of plim", "glons"),
        ("glons", "has plim", "drub"),
        ("glons", "includes", "zwabs"),
        ("glons", "isa", "trofs"),
    ]
    openings = set()
    for number in range(6):
        document = write_natural("id", "glons", statements, number, random.Random(number))
        assert sorted(TINY_NATURAL.says(document)) == sorted(statements)
        openings.add(document.text.split()[0])
    assert len(openings) == 6


@pytest.mark.parametrize("drawn", [TINY_NATURAL, SMALL_NATURAL])
def test_natural_documents(drawn: Hierarchy) -> None:
    task = drawn.build(0)
    assert len(task.documents) == drawn.documents
    assert all(4 <= len(sentences(document.text)) <= 20 for document in task.documents)
    assert sum("Question:" in document.text for document in task.documents) > drawn.documents / 10
    # The same is said as in the formal form, in other words, apart from what is there rephrased.
    formal = replace(drawn, form="formal")
    said_formally = {one for document in formal.build(0).documents for one in formal.says(document)}
    said_naturally = {one for document in task.documents for one in drawn.says(document)}
    assert len(said_formally) == len(said_naturally)
    assert [question.kind for question in formal.build(0).questions] == [
        question.kind for question in task.questions
    ]


def test_a_category_of_which_a_reversal_is_asked_stands_in_front_of_what_is_said_of_it() -> None:
    task = TINY_NATURAL.build(0)
    for question in of_kind(task, PROPERTY_REVERSAL) + of_kind(task, CATEGORY_REVERSAL):
        assert question.statement
        for document in task.documents:
            words = document.text.replace(".", " ").replace(":", " ").split()
            subject, _, object_ = question.statement
            if subject in words and object_ in words:
                assert words.index(subject) > max(
                    place for place, word in enumerate(words) if word == object_
                )


def test_formal_documents() -> None:
    task = SMALL.build(0)
    for document in task.documents:
        (statement,) = SMALL.says(document)
        assert document.id == document.text.removesuffix(" .")
        assert [document.text[start:end] for start, end in document.answers] == [statement[2]]
    rephrased = {document.id.replace("kind", "isa").replace("bears", "has") for document in task.documents}
    ids = {document.id for document in task.documents}
    assert rephrased == ids - {id for id in ids if " kind " in id or " bears " in id}
    # The wording that is asked for stands nowhere.
    prompts = [question.prompt for question in of_kind(task, REPHRASED)]
    assert prompts
    assert not any(
        document.text.startswith(f"{prompt} ") for document in task.documents for prompt in prompts
    )


def draw(seed: int, trained: float = 0.5) -> Trees:
    names, values = [f"n{number}" for number in range(60)], [f"p{number}" for number in range(240)]
    relations = [f"r{number}" for number in range(12)]
    return draw_trees(random.Random(seed), names, relations, values, trained, 3)


@pytest.mark.parametrize("seed", range(5))
def test_how_trees_are_drawn(seed: int) -> None:
    world = draw(seed)
    assert [len(tree) for tree in world.trees] == [30, 30]
    assert sum(map(world.held_out, world.categories)) == 6
    values = [value for of_one in world.own.values() for _, _, value in of_one]
    assert len(set(values)) == len(values)
    for tree in world.trees:
        assert [category for category in tree if category not in world.parents] == [tree[0]]
        for category in tree:
            assert set(world.ancestors(category)) <= set(tree)
            assert len(world.ancestors(category)) <= 3
            relations = [relation for _, relation, _ in world.has(category)]
            assert len(set(relations)) == len(relations)
            if world.held_out(category):
                assert world.parents[category] not in world.trained
                assert not world.own[category]
            else:
                assert 1 <= len(world.own[category]) <= 6
    assert not draw(seed, 0.0).trained
    assert len(draw(seed, 1.0).trained) == 60 - 6 - 2 * (2 + 2)


def test_what_follows() -> None:
    statements = [
        ("b", "includes", "a"),
        ("b", "isa", "c"),
        ("v", "of r1", "c"),
        ("a", "has r2", "w"),
        ("x", "isa", "b"),
    ]
    assert infer(statements, "a", "has r1", "uvw") == ["v"]
    assert infer(statements, "b", "has r2", "uvw") == []
    assert infer(statements, "v", "of r1", "abcd") == ["a", "b", "c"]
    assert infer(statements, "c", "includes", "abcx") == ["a", "b", "x"]
    assert infer(statements, "a", "isa", "abcx") == ["b", "c"]
    assert infer(statements, "x", "has r2", "uvw") == []


@pytest.mark.parametrize("drawn", BOTH)
def test_practice_concludes_from_what_it_says(drawn: Hierarchy) -> None:
    task = drawn.build(0)
    known = {statement for document in task.documents for statement in drawn.says(document)}
    true = everything(drawn, task)
    rng = random.Random(0)
    kinds = Counter[str]()
    for _ in range(100):
        document = drawn.practice(0, rng)
        concluded = []
        before: list[Statement] = []
        ends = sorted(document.answers)
        for start, end in ends:
            answer = document.text[start:end]
            begin = document.text.rfind("Question:" if drawn.form == "natural" else ". ", 0, start)
            text = document.text[max(0, begin) : end].removeprefix(". ")
            (one,) = drawn.says(Document("one", text if drawn.form == "natural" else f"{text} ."))
            assert one[2] == answer
            before = list(drawn.says(Document("before", document.text[: max(0, begin)])))
            if one in known:
                kinds["known"] += 1
                continue
            assert claim(one) not in true
            choices = {name for statement in before for name in statement[::2]}
            fresh = [statement for statement in before if statement not in known]
            assert answer in infer(fresh, one[0], one[1], choices)
            kinds[one[1].split()[0]] += 1
            concluded.append(one)
        assert drawn.practice_chains <= len(concluded) <= 3 * drawn.practice_chains
        premises = [one for one in drawn.says(document) if one not in known and one not in concluded]
        assert {one[1].split()[0] for one in premises} == {"isa", "has"}
        assert not {claim(one) for one in premises} & true
    assert set(kinds) == {"known", "includes", "of", "has"}
    assert min(kinds.values()) > 30


@pytest.mark.parametrize("drawn", BOTH)
def test_what_follows_from_each_document_or_two_has_a_cue(drawn: Hierarchy) -> None:
    task = drawn.build(0)
    cues = drawn.cues(0)
    assert len({cue.statement for cue in cues}) == len(cues)
    said_anywhere = {one for document in task.documents for one in drawn.says(document)}
    for cue in cues:
        assert cue.kind == AUGMENTATION
        assert cue.latent == (cue.statement not in said_anywhere)
        needed = [one for need in cue.needs for one in drawn.says(task.document(need))]
        assert drawn.derive(needed, cue) == cue.answer
        assert 1 <= len(cue.needs) <= 2
    asked = {cue.statement for cue in cues}
    # What is inherited from further is asked of holdouts only.
    latent = [question for question in task.questions + task.validation if question.latent]
    assert all(question.statement in asked for question in latent if len(question.needs) <= 2)
    trained = of_kind(task, TRAINED_REVERSAL) + of_kind(task, TRAINED_SYLLOGISM)
    assert all(question.statement in asked for question in trained)


def test_the_vocabulary_has_every_word_once_and_no_other() -> None:
    task = TINY.build(0)
    rng = random.Random(0)
    texts = [document.text for document in (*task.documents, *(TINY.practice(0, rng) for _ in range(800)))]
    for question in task.questions + task.validation + TINY.cues(0):
        texts += [question.prompt, *question.choices]
    assert len(set(TINY.vocabulary)) == len(TINY.vocabulary)
    assert {word for text in texts for word in text.split()} == set(TINY.vocabulary)
    assert TINY_NATURAL.vocabulary == ()


def test_the_same_seed_gives_the_same_and_others_do_not() -> None:
    for drawn in BOTH:
        Hierarchy._world.cache_clear()
        first, practice, cues = drawn.build(5), drawn.practice(5, random.Random(2)), drawn.cues(5)
        Hierarchy._world.cache_clear()
        assert drawn.build(5) == first
        assert drawn.practice(5, random.Random(2)) == practice
        assert drawn.cues(5) == cues
        kept = {
            seed: {one for document in drawn.build(seed).documents for one in drawn.says(document)}
            for seed in (5, 6)
        }
        assert len(kept[5] & kept[6]) <= len(kept[5]) * 0.05


def test_how_many_are_asked() -> None:
    for drawn in (SMALL, SMALL_NATURAL):
        task = drawn.build(0)
        counts = Counter(question.kind for question in task.questions)
        assert set(counts) == set(KINDS)
        assert max(counts.values()) <= drawn.questions
        assert counts[FACT] == counts[REPHRASED] == drawn.questions
    assert len(SMALL_NATURAL.build(0).documents) <= 200
    assert len(SMALL_NATURAL.build(0).questions) <= 150
    assert (PUBLISHED.categories, PUBLISHED.documents) == (110, 2200)


def test_fingerprints() -> None:
    assert TINY.build(0).fingerprint[:12] == "76d503da8703"
    assert TINY_NATURAL.build(0).fingerprint[:12] == "cb1e3bc9036e"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"form": "verse"}, "there is no form 'verse'; give one of formal, natural"),
        ({"relations": 3}, "relations is the number 3; give a whole number from 4"),
        ({"families_trained": -1}, "families_trained is the number -1; give a share from 0 to 1"),
        (
            {"categories": 20},
            "20 categories are too few; give 45 or more, or fewer holdouts or practice_chains",
        ),
        (
            {"form": "natural", "documents": 300},
            "300 documents are too few for 110 categories; give 330 or more, or fewer categories",
        ),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(SMALL, **changes)) == f"Hierarchy: {message}"

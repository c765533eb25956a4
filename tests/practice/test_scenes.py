"""Scenes: each answer is what somebody finds who reads the sentences, and nothing else."""

from __future__ import annotations

import doctest
import re
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene_reading import Reader, follows, read_fact, read_kinds, read_kinds_asked

from obverse.practice import scenes
from obverse.practice.formats import Fact, Format
from obverse.practice.kinds import ANSWERS, UNKNOWN
from obverse.practice.made_up_names import Part, Sort, draw_names, most_names
from obverse.practice.relations import relations
from obverse.practice.scenes import (
    CHOICES,
    FORWARD,
    KINDS,
    LATENT,
    NOT_STATED,
    REVERSE,
    THREE_STEPS,
    TWO_STEPS,
    Plan,
    Structure,
    draw_scene,
)
from obverse.tasks import check_task
from obverse.types import Question, Task

PARTS: tuple[Part, ...] = get_args(Part)
SORTS: tuple[Sort, ...] = get_args(Sort)
WARNING = " If the documents do not say, answer: not stated."

parts = st.sampled_from(PARTS)


def plans(structure: Structure, forms: st.SearchStrategy[Format | None]) -> st.SearchStrategy[Plan]:
    return st.builds(
        Plan,
        facts=st.integers(1, 15),
        structure=st.just(structure),
        questions=st.integers(1, 8),
        form=forms,
        # Of the held-out relations no three follow on each other.
        steps=st.integers(2, 3),
        names=parts,
        relations=st.just("practice") if structure == "chains" else parts,
        phrasings=parts,
        nonsense=st.booleans(),
    )


sentences: st.SearchStrategy[Format | None] = st.just("sentences")
any_form: st.SearchStrategy[Format | None] = st.sampled_from([None, *get_args(Format)])
seeds = st.integers(0, 10**6)


@cache
def pool(sort: Sort, part: Part) -> frozenset[str]:
    every = draw_names(Random(0), sort, most_names(sort, part), part)
    return frozenset(every)


@cache
def words_of(part: Part) -> frozenset[str]:
    return frozenset(word.lower() for sort in SORTS for name in pool(sort, part) for word in name.split())


def read(scene: Task, plan: Plan) -> list[Fact]:
    return [read_fact(document.text, plan.relations, plan.phrasings) for document in scene.documents]


def asked(question: Question) -> str:
    return question.prompt.removesuffix(WARNING)


def check_choices(question: Question, facts: Sequence[Fact], sort: Sort, plan: Plan) -> None:
    """Distinct, with the answer, four, of one sort; "not stated" is among them if and only if it is offered."""
    assert len(question.choices) == len(set(question.choices)) == CHOICES
    assert question.answer in question.choices
    assert (UNKNOWN in question.choices) == question.prompt.endswith(WARNING)
    named = set(question.choices) - {UNKNOWN}
    of_sort = {
        name
        for fact in facts
        for name, own in ((fact.subject, fact.relation.subject), (fact.object, fact.relation.object))
        if own == sort
    }
    every_name = {name for fact in facts for name in (fact.subject, fact.object)}
    assert not named & (every_name - of_sort)
    # Those in the documents stand first to be taken.
    assert len(named & of_sort) == min(len(named), len(of_sort))
    if not plan.nonsense or sort in ("code", "room"):
        assert named <= pool(sort, plan.names)
    else:
        like = next(iter(pool(sort, plan.names))).split()
        for name in named:
            assert [word[0].isupper() for word in name.split()] == [word[0].isupper() for word in like]


def test_the_worked_example() -> None:
    results = doctest.testmod(scenes)
    assert results.attempted > 0
    assert results.failed == 0


@settings(deadline=None, derandomize=True, max_examples=40)
@given(seeds, plans("look-up", sentences))
def test_single_facts_are_asked_from_either_side(seed: int, plan: Plan) -> None:
    scene = draw_scene(Random(seed), plan)
    facts = read(scene, plan)
    reader = Reader(tuple(facts), plan.relations, plan.phrasings)
    assert len(facts) == plan.facts
    for question in scene.questions:
        found = reader.answers(asked(question))
        cues = [(relation, side, cue) for relation, side, cue in reader.cues(asked(question))]
        if question.kind == NOT_STATED:
            assert not found
            assert question.answer == UNKNOWN
            text = "\n".join(document.text for document in scene.documents)
            assert not any(re.search(rf"\b{re.escape(cue)}\b", text) for *_, cue in cues)
            (sort,) = {getattr(relation, side) for relation, side, _ in cues}
        else:
            assert found == {(question.answer, 1)}
            ((relation, side, cue),) = {
                (relation, side, cue)
                for relation, side, cue in cues
                if any(relation == fact.relation and cue in (fact.subject, fact.object) for fact in facts)
            }
            (sentence,) = (
                document.text
                for document, fact in zip(scene.documents, facts, strict=True)
                if fact.relation == relation and {fact.subject, fact.object} == {cue, question.answer}
            )
            behind = sentence.index(cue) < sentence.index(question.answer)
            assert question.kind == (FORWARD if behind else REVERSE)
            sort = getattr(relation, side)
        check_choices(question, facts, sort, plan)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(seeds, plans("chains", sentences))
def test_chains_are_asked_from_either_end(seed: int, plan: Plan) -> None:
    scene = draw_scene(Random(seed), plan)
    facts = read(scene, plan)
    reader = Reader(tuple(facts), plan.relations, plan.phrasings)
    chains = max(1, plan.facts // plan.steps)
    assert len(facts) == chains * plan.steps
    assert len(scene.questions) == min(chains, plan.questions)
    sorts = {
        name: sort
        for fact in facts
        for name, sort in ((fact.subject, fact.relation.subject), (fact.object, fact.relation.object))
    }
    for question in scene.questions:
        assert reader.answers(asked(question)) == {(question.answer, plan.steps)}, question.prompt
        assert question.kind == (TWO_STEPS if plan.steps == 2 else THREE_STEPS)
        assert question.answer not in question.prompt
        check_choices(question, facts, sorts[question.answer], plan)


def test_both_ends_of_chains_are_asked_for() -> None:
    ends = set()
    for seed in range(20):
        plan = Plan(facts=2, structure="chains", form="sentences")
        scene = draw_scene(Random(seed), plan)
        (question,) = scene.questions
        ends.add(any(fact.subject == question.answer for fact in read(scene, plan)))
    assert ends == {True, False}


@settings(deadline=None, derandomize=True, max_examples=20)
@given(seeds, plans("kinds", sentences))
def test_of_kinds_what_follows_is_the_answer(seed: int, plan: Plan) -> None:
    scene = draw_scene(Random(seed), plan)
    said = [read_kinds(document.text, plan.phrasings) for document in scene.documents]
    assert len(said) == 2 * max(1, plan.facts // 2)
    assert len(scene.questions) == min(len(said) // 2, plan.questions)
    for question in scene.questions:
        about = read_kinds_asked(asked(question), plan.phrasings)
        (first,) = (premise for premise in said if premise[1] == about[1])
        (second,) = (premise for premise in said if premise[1] == first[2])
        assert second[2] == about[2]
        assert follows([first, second], about) == question.answer
        assert question.choices == ANSWERS
        assert (question.kind, question.latent) == (KINDS, True)
        assert question.prompt.endswith(WARNING)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(seeds, st.sampled_from(get_args(Structure)).flatmap(lambda one: plans(one, any_form)))
def test_a_scene_is_a_task_that_follows_from_its_generator(seed: int, plan: Plan) -> None:
    scene = draw_scene(Random(seed), plan)
    assert scene == draw_scene(Random(seed), plan)
    check_task(scene)
    assert 1 <= len(scene.questions) <= plan.questions
    assert all(document.text == document.text.strip() != "" for document in scene.documents)
    text = "\n".join(document.text for document in scene.documents)
    for question in scene.questions:
        assert question.latent == (question.kind in LATENT)
        if question.kind not in (KINDS, NOT_STATED):
            assert question.answer in text


def test_other_seeds_give_other_scenes() -> None:
    for structure in get_args(Structure):
        drawn = {draw_scene(Random(seed), Plan(4, structure)).fingerprint for seed in range(20)}
        assert len(drawn) == 20


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("structure", ["look-up", "chains"])
@pytest.mark.parametrize("nonsense", [False, True])
def test_names_are_of_the_part_that_is_asked_for(part: Part, structure: Structure, nonsense: bool) -> None:
    other = words_of("practice" if part == "held out" else "held out")
    drawn: dict[Part, set[str]] = {}
    for names in PARTS:
        plan = Plan(8, structure, form="sentences", names=names, nonsense=nonsense)
        drawn[names] = set()
        for seed in range(10):
            scene = draw_scene(Random(seed), plan)
            facts = read(scene, plan)
            drawn[names] |= {name for fact in facts for name in (fact.subject, fact.object)}
            drawn[names] |= {choice for question in scene.questions for choice in question.choices}
    words = {
        names: {word.lower() for name in drawn[names] - {UNKNOWN} for word in name.split()} for names in PARTS
    }
    assert len(words[part]) > 50
    assert words[part].isdisjoint(other)
    assert words["practice"].isdisjoint(words["held out"])


@pytest.mark.parametrize("known", PARTS)
@pytest.mark.parametrize("phrasings", PARTS)
def test_relations_and_wordings_are_of_the_part_that_is_asked_for(known: Part, phrasings: Part) -> None:
    # What is read with the wordings of a part alone was written with them.
    plan = Plan(6, form="sentences", relations=known, phrasings=phrasings)
    other: Part = "practice" if phrasings == "held out" else "held out"
    found = set()
    for seed in range(400):
        scene = draw_scene(Random(seed), plan)
        facts = read(scene, plan)
        found |= {fact.relation.name for fact in facts}
        for question in scene.questions:
            assert list(Reader(tuple(facts), known, phrasings).cues(asked(question)))
        for document in scene.documents:
            with pytest.raises(ValueError, match="not enough values"):
                read_fact(document.text, known, other)
    assert found == {relation.name for relation in relations(known)}


def test_forms_are_drawn_unless_one_is_given() -> None:
    starts = {
        document.text[:1] in "-|"
        for seed in range(20)
        for document in draw_scene(Random(seed), Plan(10)).documents
    }
    assert starts == {True, False}
    (document, *_) = draw_scene(Random(0), Plan(10, form="table")).documents
    assert document.text.startswith("| ")


def test_an_answer_that_is_known_is_mostly_asked_backwards() -> None:
    kinds = [
        question.kind
        for seed in range(150)
        for question in draw_scene(Random(seed), Plan(8, form="sentences")).questions
    ]
    assert set(kinds) == {FORWARD, REVERSE, NOT_STATED}
    assert 0.5 < kinds.count(REVERSE) / len(kinds) < 0.67
    assert 0.06 < kinds.count(NOT_STATED) / len(kinds) < 0.14


def test_the_answer_stands_in_every_place_alike() -> None:
    places = [
        question.choices.index(question.answer)
        for seed in range(150)
        for question in draw_scene(Random(seed), Plan(8)).questions
    ]
    for place in range(CHOICES):
        assert 0.2 < places.count(place) / len(places) < 0.3


@pytest.mark.parametrize("structure", ["look-up", "chains"])
def test_more_facts_than_there_are_names_for_are_refused(structure: Structure) -> None:
    with pytest.raises(ValueError, match="names for"):
        draw_scene(Random(0), Plan(100_000, structure))


def test_a_name_is_left_to_ask_for_of_which_nothing_is_said() -> None:
    most = most_names("town", "held out")
    # Where none were left, one would be sought for ever.
    plan = Plan(most, form="sentences", names="held out", not_stated=0.0)
    for seed in range(60):
        facts = read(draw_scene(Random(seed), plan), plan)
        named = {name for fact in facts for name in (fact.subject, fact.object)}
        assert len(facts) == most
        assert pool("town", "held out") - named


def test_breadth_and_mixing_say_which_relations_there_are() -> None:
    first = {relation.name for relation in relations("practice")[:2]}
    plan = Plan(6, form="sentences", breadth=2, mixed=1, not_stated=0.0)
    found = set()
    for seed in range(20):
        scene = draw_scene(Random(seed), plan)
        assert NOT_STATED not in {question.kind for question in scene.questions}
        (name,) = {fact.relation.name for fact in read(scene, plan)}
        found.add(name)
    assert found == first

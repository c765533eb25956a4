"""Kinship: what is asked follows from the parents alone, and a wrong bridge is as near as the right one."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_checks import refused

from obverse.tasks import check_task, find_leaks
from obverse.tasks.baselines import SHORTCUTS, association, score_baselines
from obverse.tasks.drawn import AUGMENTATION, Form, families, kinship, kinship_wording
from obverse.tasks.drawn.draws import CHOICES
from obverse.tasks.drawn.kinship import (
    HELD_OUT,
    PARENT_RECALL,
    PUBLISHED,
    SMALL,
    SMALL_NATURAL,
    TINY,
    TRAINED,
    WRONG_BRIDGE,
    Kinship,
)
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.types import Document, Question, Statement

ANCESTORS = ("parent", "grandparent", "great-grandparent", "great-great-grandparent")
MIDDLING = Kinship(families=24, depth=4)
NATURAL = replace(TINY, form="natural")
STEPS = replace(MIDDLING, steps=True)
ALL = [TINY, MIDDLING, NATURAL, STEPS]


def stated(drawn: Kinship, documents: tuple[Document, ...]) -> set[Statement]:
    return {statement for document in documents for statement in drawn.says(document)}


def of_kind(questions: tuple[Question, ...], kind: str) -> list[Question]:
    return [question for question in questions if question.kind == kind]


def parents_of(statements: set[Statement]) -> dict[str, str]:
    return {child: parent for child, relation, parent in statements if relation == "parent"}


def climb(parents: dict[str, str], person: str, steps: int) -> str:
    for _ in range(steps):
        person = parents[person]
    return person


def follows(parents: dict[str, str], statement: Statement) -> bool:
    """Whether it follows from who is whose parent, without the task's own solver."""
    subject, relation, object_ = statement
    if relation == "sibling":
        return subject != object_ and parents[subject] == parents[object_]
    return climb(parents, subject, ANCESTORS.index(relation) + 1) == object_


@pytest.mark.parametrize("module", [kinship, kinship_wording, families])
def test_the_worked_examples(module: ModuleType) -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("drawn", ALL)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_asked_is_right(drawn: Kinship, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    known = stated(drawn, task.documents)
    parents = parents_of(known)
    for question in task.questions + task.validation + drawn.cues(seed):
        assert question.statement
        subject, relation, object_ = question.statement
        assert question.answer.endswith(object_)
        assert subject in question.prompt
        assert relation in question.prompt
        assert follows(parents, question.statement)
        assert (question.statement in known) != question.latent
        ends = [choice if drawn.form == "natural" else choice.split()[-1] for choice in question.choices]
        right = [end for end in ends if end == subject or follows_safely(parents, (subject, relation, end))]
        assert right == [object_]
        if question.latent:
            links = stated(drawn, tuple(task.document(id) for id in question.needs))
            assert {relation for _, relation, _ in links} == {"parent"}
            assert len(links) == len(question.needs)
            assert len(links) == (2 if relation == "sibling" else ANCESTORS.index(relation) + 1)
    assert not find_leaks(task)


def follows_safely(parents: dict[str, str], statement: Statement) -> bool:
    try:
        return follows(parents, statement)
    except KeyError:  # The eldest have no parent.
        return False


@pytest.mark.parametrize("form", ["formal", "natural"])
def test_families_are_lines_with_a_sibling_and_a_teacher_in_half_of_them(form: Form) -> None:
    drawn = replace(MIDDLING, form=form)
    task = drawn.build(1)
    known = stated(drawn, task.documents)
    parents = parents_of(known)
    eldest = set(parents.values()) - parents.keys()
    youngest = parents.keys() - set(parents.values())
    assert len(eldest) == 24
    assert {climb(parents, person, 4) for person in youngest} == eldest
    children = Counter(parents.values())
    assert Counter(children.values()) == {1: 24 * 4 - 16, 2: 16}
    teachers = {pupil: teacher for pupil, relation, teacher in known if relation == "teacher"}
    assert len(teachers) == len(set(teachers.values())) == 12
    for pupil, teacher in teachers.items():
        assert pupil in youngest
        assert parents[teacher] != parents[parents[pupil]]
        assert parents[teacher] in parents
    for document in task.documents:
        ((subject, relation, _),) = drawn.says(document)
        assert document.id == f"{relation}:{subject}"


def test_both_forms_have_the_same_structure() -> None:
    formal, natural = MIDDLING.build(2), replace(MIDDLING, form="natural").build(2)
    names: dict[str, str] = {}
    for one, other in zip(formal.questions, natural.questions, strict=True):
        assert one.statement
        assert other.statement
        assert (one.kind, one.latent, one.statement[1]) == (other.kind, other.latent, other.statement[1])
        for name, person in zip(one.choices, other.choices, strict=True):
            assert names.setdefault(name, person) == person
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize("drawn", ALL)
def test_each_link_that_an_answer_takes_is_asked_in_its_group(drawn: Kinship) -> None:
    task = drawn.build(0)
    for questions in (task.questions, task.validation):
        recalled = {question.needs: question.group for question in of_kind(questions, PARENT_RECALL)}
        for question in questions:
            if question.latent:
                assert all(recalled[need,] == question.group for need in question.needs)


@pytest.mark.parametrize("drawn", ALL)
def test_a_wrong_bridge_leads_to_one_of_the_choices(drawn: Kinship) -> None:
    task = drawn.build(0)
    known = stated(drawn, task.documents)
    parents = parents_of(known)
    teachers = {pupil: teacher for pupil, relation, teacher in known if relation == "teacher"}
    asked = of_kind(task.questions, WRONG_BRIDGE) + of_kind(task.validation, WRONG_BRIDGE)
    assert asked
    for question in asked:
        assert question.statement
        pupil = question.statement[0]
        lure = parents[teachers[pupil]]
        assert any(choice.endswith(lure) for choice in question.choices)
        # Said as often as the answer is, so that nothing but the bridge tells which is right.
        objects = Counter(object_ for _, _, object_ in known)
        assert objects[lure] == objects[question.statement[2]]
    for question in of_kind(task.questions, HELD_OUT.format("grandparent")):
        assert question.statement
        assert question.statement[0] not in teachers


def test_how_many_are_asked() -> None:
    task = SMALL.build(0)
    assert len(task.documents) == 1408
    assert len(SMALL_NATURAL.build(0).documents) == 198
    for questions in (task.questions, task.validation):
        assert Counter(question.kind for question in questions) == {
            PARENT_RECALL: 226,
            TRAINED.format("grandparent"): 50,
            TRAINED.format("great-grandparent"): 50,
            TRAINED.format("great-great-grandparent"): 50,
            TRAINED.format("sibling"): 26,
            WRONG_BRIDGE: 25,
            HELD_OUT.format("grandparent"): 25,
            HELD_OUT.format("great-grandparent"): 50,
            HELD_OUT.format("great-great-grandparent"): 50,
            HELD_OUT.format("sibling"): 26,
        }
        assert {len(question.choices) for question in questions} == {CHOICES}
    groups = [{question.group for question in questions} for questions in (task.questions, task.validation)]
    assert groups[0].isdisjoint(groups[1])
    assert max(map(len, groups)) == 100


def test_counting_words_and_frequent_answers_are_at_chance() -> None:
    kinds = 0
    for score in score_baselines(SMALL.build(0), SHORTCUTS):
        if score.latent:
            kinds += 1
            error = (score.chance * (1 - score.chance) / score.questions) ** 0.5
            assert abs(score.accuracy - score.chance) < 3 * error
    assert kinds == 10


def test_two_steps_from_word_to_word_find_a_grandparent_but_for_a_wrong_bridge() -> None:
    task = SMALL.build(0)
    score = association(task.documents)
    right = {kind: [] for kind in (HELD_OUT.format("grandparent"), WRONG_BRIDGE)}  # type: dict[str, list[bool]]
    for question in task.questions:
        if question.kind in right:
            scores = score(question)
            second, first = sorted(scores)[-2:]
            tie = first - second < 1e-9
            assert tie == (question.kind == WRONG_BRIDGE)
            right[question.kind].append(question.choices[scores.index(first)] == question.answer)
    assert all(right[HELD_OUT.format("grandparent")])


def test_a_larger_share_trains_the_same_families_and_more() -> None:
    ids = [
        {
            document.id
            for document in replace(MIDDLING, trained=share).build(0).documents
            if not document.id.startswith("teacher")
        }
        for share in (0, 0.3, 0.8)
    ]
    assert ids[0] < ids[1] < ids[2]
    assert {id.split(":")[0] for id in ids[0]} == {"parent"}
    kinds = {question.kind for question in replace(MIDDLING, trained=0).build(0).questions}
    assert not any(kind.startswith("trained") for kind in kinds)


@given(
    st.sampled_from(["formal", "natural"]),
    st.integers(8, 20),
    st.integers(2, 4),
    st.sampled_from([0, 0.4, 0.5]),
    st.booleans(),
    st.integers(1, 3),
    st.integers(0, 10**6),
)
@settings(max_examples=20, deadline=None)
def test_no_settings_have_flaws(
    form: Form, count: int, depth: int, trained: float, steps: bool, chains: int, seed: int
) -> None:
    drawn = Kinship(
        form,
        count,
        depth,
        trained if round(count * trained) >= 4 else 0,
        chains=chains,
        steps=steps and form == "formal",
    )
    task = drawn.build(seed)
    check_task(task)
    assert find_flaws(drawn, seed, practice=20) == ()
    assert not find_leaks(task)


@pytest.mark.parametrize("drawn", ALL)
def test_a_planted_grandparent_is_found(drawn: Kinship) -> None:
    task = drawn.build(0)
    question = next(question for question in task.questions if question.latent)
    assert question.statement
    if drawn.form == "natural":
        text = f"{question.statement[0]}'s {question.statement[1]} is {question.answer}."
    else:
        text = f"{question.prompt} {question.answer} ."
    leaky = replace(task, documents=(*task.documents, Document("planted", text)))
    assert {flaw.question for flaw in said(drawn, leaky)} == {question.id}
    assert {leak.question for leak in find_leaks(leaky)} == {question.id}


def test_what_says_of_a_brother_or_sister_is_seen_as_another_way() -> None:
    task = MIDDLING.build(0)
    question = of_kind(task.questions, HELD_OUT.format("great-grandparent"))[0]
    assert question.statement
    child, _, eldest = question.statement
    first, *_ = question.needs
    known = stated(MIDDLING, task.documents) - set(MIDDLING.says(task.document(first)))
    assert MIDDLING.derive(known, question) is None
    for added in (
        {(child, "sibling", "e999"), ("e999", "great-grandparent", eldest)},
        {("e999", "sibling", child), ("e999", "parent", task.document(question.needs[1]).text.split()[0])},
    ):
        assert MIDDLING.derive(known | added, question) == question.answer
    # The sibling of an ancestor is none, and two that are entailed leave it open.
    other = next(choice for choice in question.choices if choice != question.answer)
    whole = stated(MIDDLING, task.documents)
    assert MIDDLING.derive(whole | {(eldest, "sibling", other)}, question) == question.answer
    assert MIDDLING.derive(whole | {(child, "great-grandparent", other)}, question) is None


@pytest.mark.parametrize("drawn", ALL)
def test_what_practice_concludes_stands_before_it(drawn: Kinship) -> None:
    task = drawn.build(0)
    known = stated(drawn, task.documents)
    latent = {q.statement for q in (*task.questions, *task.validation, *drawn.cues(0)) if q.latent}
    rng = random.Random(0)
    seen, alone, soon = Counter[str](), 0, 0
    for _ in range(300):
        document = drawn.practice(0, rng)
        marked = [document.text[start:end] for start, end in document.answers]
        parents: dict[str, str] = {}
        concluded: list[Statement] = []
        answered: list[Statement] = []
        fresh_links = 0
        for statement in in_order(drawn, document):
            assert statement not in latent
            child, relation, parent = statement
            if statement in known:
                answered.append(statement)
            elif relation == "teacher":
                seen[relation] += 1
            elif relation == "parent":
                soon += bool(concluded)
                parents[child] = parent
                fresh_links += 1
            else:
                assert follows(parents, statement)
                concluded.append(statement)
                answered.append(statement)
                seen[relation] += 1
        assert all(answer.endswith(one[2]) for answer, one in zip(marked, answered, strict=True))
        assert concluded
        assert len(set(concluded)) == len(concluded)
        eldest = set(parents.values()) - parents.keys()
        assert 1 <= len(eldest) <= drawn.chains
        alone += len(eldest) == 1
    assert seen.keys() == {"teacher", "sibling", *ANCESTORS[1 : drawn.depth]}
    assert abs(alone / 300 - drawn.easy_share) < 0.1
    assert soon > 100


def in_order(drawn: Kinship, document: Document) -> list[Statement]:
    """What a document says, in the order of its text."""
    if drawn.form == "formal":
        return list(drawn.says(document))
    lines = document.text.replace("\nAnswer", " Answer").split("\n")
    return [
        statement
        for line in lines
        for statement in drawn.says(Document("", line.replace(" Answer", "\nAnswer")))
    ]


def test_steps_name_the_people_on_the_way() -> None:
    task = STEPS.build(0)
    parents = parents_of(stated(STEPS, task.documents))
    question = of_kind(task.questions, HELD_OUT.format("great-grandparent"))[0]
    child, relation, via = question.prompt.split()
    assert (relation, via) == ("great-grandparent", "via")
    assert question.answer.split() == [climb(parents, child, steps) for steps in (1, 2, 3)]
    assert {tuple(choice.split()[:2]) for choice in question.choices} == {tuple(question.answer.split()[:2])}
    trained = of_kind(task.questions, TRAINED.format("sibling"))[0]
    (need,) = trained.needs
    document = task.document(need)
    assert document.text == f"{trained.prompt} {trained.answer} ."
    assert [document.text[start:end] for start, end in document.answers] == [trained.answer]


@pytest.mark.parametrize("drawn", ALL)
def test_everything_that_follows_has_a_cue(drawn: Kinship) -> None:
    cues = drawn.cues(0)
    task = drawn.build(0)
    assert {cue.kind for cue in cues} == {AUGMENTATION}
    assert len({cue.id for cue in cues}) == len(cues)
    latent = {cue.statement for cue in cues if cue.latent}
    assert {question.statement for question in task.questions if question.latent} <= latent
    told = stated(drawn, task.documents)
    assert {cue.statement for cue in cues if not cue.latent} == {
        one for one in told if one[1] not in ("parent", "teacher")
    }


@pytest.mark.parametrize("drawn", [TINY, MIDDLING, STEPS])
def test_the_vocabulary_has_every_word_once_and_no_other(drawn: Kinship) -> None:
    task = drawn.build(0)
    rng = random.Random(0)
    texts = [document.text for document in task.documents]
    texts += [drawn.practice(0, rng).text for _ in range(100)]
    for question in task.questions + task.validation + drawn.cues(0):
        texts += [question.prompt, *question.choices]
    assert len(set(drawn.vocabulary)) == len(drawn.vocabulary)
    assert {word for text in texts for word in text.split()} == set(drawn.vocabulary)
    assert replace(drawn, form="natural", steps=False).vocabulary == ()


def test_the_same_seed_gives_the_same_and_others_do_not() -> None:
    assert TINY.build(0).fingerprint[:12] == "91a56ecce38a"
    assert NATURAL.build(0).fingerprint[:12] == "1c098ec13864"
    Kinship._world.cache_clear()
    first, practice = MIDDLING.build(5), MIDDLING.practice(5, random.Random(2))
    Kinship._world.cache_clear()
    assert MIDDLING.build(5) == first
    assert MIDDLING.practice(5, random.Random(2)) == practice
    for drawn in (MIDDLING, replace(MIDDLING, form="natural")):
        one, other = (stated(drawn, drawn.build(seed).documents) for seed in (5, 6))
        assert len(one & other) < 10
        assert len(one) > 150


def test_the_published_size_has_settings_of_its_own() -> None:
    assert PUBLISHED.families == 1000


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"form": "prose"}, "there is no form 'prose'; give one of formal, natural"),
        ({"families": 3}, "families is the number 3; give a whole number from 4"),
        ({"depth": 5}, "depth is 5; give at most 4"),
        ({"easy_share": 2}, "easy_share is the number 2; give a share from 0 to 1"),
        (
            {"form": "natural", "steps": True},
            "steps are for the formal form; leave them out, or give the formal form",
        ),
        (
            {"families": 6},
            "6 families, 3 of them trained, leave 3 to ask about; leave 4 or more, and train 4 or more, or none",
        ),
        (
            {"families": 8, "chains": 9},
            "48 people are too few for 9 chains in practice; give families for 54, or fewer chains",
        ),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(SMALL, **changes)) == f"Kinship: {message}"

"""The oracle: what tasks know to follow, in their own wordings, and what they cannot read."""

from __future__ import annotations

import pytest
from line_examples import line

from obverse.augmentation.verification.exact import Exact
from obverse.tasks.drawn import ProvenTask, comparatives, kinship, people, simple_reversals, syllogisms
from obverse.tasks.drawn.catalogue import CATALOGUE, settings
from obverse.types import Document, Question

SMALLEST = {name: settings(name, form) for name, entry in CATALOGUE.items() for form in entry.forms[-1:]}


def said(drawn: ProvenTask, question: Question, choice: str) -> str:
    """The choice as the answer to the question."""
    return (
        f"{question.prompt} {choice}"
        if drawn.vocabulary
        else f"Question: {question.prompt}\nAnswer: {choice}"
    )


@pytest.mark.parametrize("name", [name for name in SMALLEST if name != "syllogisms"])
def test_of_each_cue_the_answer_follows_and_no_other_choice(name: str) -> None:
    drawn = SMALLEST[name]
    task, oracle = drawn.build(0), Exact(drawn, 0)
    for question in drawn.cues(0)[::40]:
        for choice in question.choices:
            truth = oracle.truth(said(drawn, question, choice), task.documents)
            assert truth is (choice == question.answer), (question, choice)


@pytest.mark.parametrize("name", SMALLEST)
def test_documents_follow(name: str) -> None:
    drawn = SMALLEST[name]
    task, oracle = drawn.build(0), Exact(drawn, 0)
    truths = [oracle.truth(document.text, task.documents) for document in task.documents[:40]]
    # Letters of the hierarchy have a sentence with a negation in it.
    assert set(truths) <= {True, None}
    assert truths.count(True) >= 35


def test_what_follows_depends_on_the_documents_that_are_there() -> None:
    drawn = simple_reversals.TINY
    task, oracle = drawn.build(0), Exact(drawn, 0)
    question = next(question for question in task.questions if question.latent)
    text = said(drawn, question, question.answer)
    rest = tuple(document for document in task.documents if document.id not in question.needs)
    assert oracle.truth(text, task.documents) is True
    assert oracle.truth(text, rest) is False
    assert oracle.truth(text, ()) is False


def test_formal_lines_are_read_with_marks_close_by_and_nothing_else_is() -> None:
    drawn = simple_reversals.TINY
    task, oracle = drawn.build(0), Exact(drawn, 0)
    first, relation, second = drawn.says(task.documents[0])[0]
    assert oracle.truth(f"{first} {relation} {second}.", task.documents) is True
    assert oracle.truth(f"Question: {first} {relation}\nAnswer: {second}", task.documents) is True
    for text in (
        "",
        ".",
        "Nothing.",
        f"{first} is {relation} of {second}",
        f"{first} {second} {relation} .",
        "e0 f0",
    ):
        assert oracle.truth(text, task.documents) is None, text


def test_all_that_a_line_says_must_follow() -> None:
    drawn = comparatives.TINY_NATURAL
    task, oracle = drawn.build(0), Exact(drawn, 0)
    true = task.documents[0].text
    false = true.replace(" more ", " LESS ").replace(" less ", " more ").replace(" LESS ", " less ")
    truths = [oracle.truth(text, task.documents) for text in (true, false, f"{true} {false}")]
    assert truths == [True, False, False]


def test_negations_and_words_around_a_name_are_unreadable() -> None:
    drawn = kinship.SMALL_NATURAL
    task, oracle = drawn.build(0), Exact(drawn, 0)
    (child, relation, parent), *_ = drawn.says(task.documents[0])
    assert oracle.truth(f"{child}'s {relation} is {parent}", task.documents) is True
    assert oracle.truth(f"{parent}'s {relation} is {child}.", task.documents) is False
    assert oracle.truth(f"{child}'s {relation} is Nobody Atall.", task.documents) is False
    for text in (
        f"It isn't so that {child}'s {relation} is {parent}.",
        f"It is false that {child}'s {relation} is {parent}.",
        f"Everybody says that {child}'s {relation} is {parent}.",
        f"{child}'s friend is {parent}.",
        f"Who is the {relation} of {child}?",
    ):
        assert oracle.truth(text, task.documents) is None, text


def test_syllogisms_are_read_leniently() -> None:
    drawn = syllogisms.TINY
    documents = (Document("a b c", "n1 n2 n3 : all n1 n2 . all n2 n3 ."),)
    oracle = Exact(drawn, 0)
    for text, truth in {
        "n1 n3 : all n1 n3 .": True,
        "n1 n3 : some n1 n3 .": True,
        "n3 n1 : some n3 n1 .": True,
        "n1 n3 : all n3 n1 .": False,
        "n1 n3 : no n1 n3 .": False,
        "n1 n4 : some n1 n4 .": False,
    }.items():
        assert oracle.truth(text, documents) is truth, text


def test_sentences_that_only_look_like_a_statement_are_unreadable() -> None:
    drawn = syllogisms.TINY_NATURAL
    task, oracle = drawn.build(0), Exact(drawn, 0)
    (first, _, second), *_ = drawn.says(task.documents[0])
    for text in (
        f"There are no {first} that are {second}.",
        f"All of the {first} are {second}.",
        "All in all, no.",
    ):
        assert oracle.truth(text, task.documents) is None, text


def test_people_in_wordings_that_no_template_has_are_unreadable() -> None:
    drawn = people.TINY
    task, oracle = drawn.build(0), Exact(drawn, 0)
    ((first, _, last),) = drawn.says(task.documents[0])
    assert oracle.truth(f"{first} and {last} are the same.", task.documents) is None


def test_as_a_verifier() -> None:
    drawn = simple_reversals.TINY
    task = drawn.build(0)
    question = next(question for question in task.questions if question.latent)
    wrong = next(choice for choice in question.choices if choice != question.answer)
    lines = [line(said(drawn, question, question.answer)), line(said(drawn, question, wrong)), line("What?")]
    assert Exact(drawn, 0).score(lines, task.documents) == [1.0, 0.0, 0.5]
    assert Exact(drawn, 0).score([], task.documents) == []

"""Drawn tasks ask what they claim to: nothing latent is said, all is entailed, each need is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from obverse.tasks.drawn import ProvenTask, codebooks, simple_reversals
from obverse.tasks.drawn.proof import indistinct, said, unneeded, unsolved
from obverse.types import Document, Task

REVERSALS, CODEBOOKS = simple_reversals.TINY, codebooks.TINY


def changed(drawn: ProvenTask, **changes: Any) -> Task:
    return replace(drawn.build(0), **changes)


def test_a_latent_answer_that_a_document_or_practice_says_is_found() -> None:
    task = REVERSALS.build(0)
    asked = next(question for question in task.questions if question.latent)
    planted = Document("planted", f"w3 {asked.prompt} {asked.answer} .")
    for flaws in (
        said(REVERSALS, changed(REVERSALS, documents=(*task.documents, planted))),
        said(REVERSALS, task, [planted]),
    ):
        assert [(flaw.question, flaw.reason) for flaw in flaws] == [(asked.id, "planted says its answer")]


def test_a_question_that_nothing_answers_is_found() -> None:
    task = CODEBOOKS.build(0)
    asked = next(question for question in task.questions if question.latent)
    kept = tuple(document for document in task.documents if document.id not in asked.needs)
    flawed = {flaw.question for flaw in unsolved(CODEBOOKS, changed(CODEBOOKS, documents=kept))}
    # Its definition is asked for too.
    assert asked.id in flawed
    assert {id.split(":", 1)[1] for id in flawed} == {asked.needs[0]}


def test_a_wrong_answer_is_found() -> None:
    task = REVERSALS.build(0)
    first, *rest = task.questions
    wrong = next(choice for choice in first.choices if choice != first.answer)
    flaws = unsolved(REVERSALS, changed(REVERSALS, questions=(replace(first, answer=wrong), *rest)))
    assert [flaw.question for flaw in flaws] == [first.id]


def test_a_document_that_is_not_needed_is_found() -> None:
    task = REVERSALS.build(0)
    asked = next(question for question in task.questions if question.latent)
    other = next(document.id for document in task.documents if document.id not in asked.needs)
    question = replace(asked, needs=(*asked.needs, other))
    flaws = unneeded(REVERSALS, changed(REVERSALS, questions=(question,), validation=()))
    assert [(flaw.question, flaw.reason) for flaw in flaws] == [
        (asked.id, f"'{asked.answer}' is entailed without {other}")
    ]


def test_choices_that_hold_one_another_are_found() -> None:
    task = REVERSALS.build(0)
    assert indistinct(task) == []
    first, *rest = task.questions
    for other in (f"{first.answer} {first.choices[0]}", first.answer.upper()):
        choices = (first.answer, other)
        flaws = indistinct(replace(task, questions=(replace(first, choices=choices), *rest)))
        assert [(flaw.question, flaw.reason) for flaw in flaws] == [
            (first.id, f"its choices {first.answer!r} and {other!r} hold one another")
        ]

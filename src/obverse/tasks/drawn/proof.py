"""Proof that a drawn task asks what it claims to ask, exact because its structure is known.

Latent is what no document says; solvable is what all documents together entail; needed is a document without whose
statements nothing is entailed.  `obverse.tasks.leaks` looks for leaks in any task, by words; this looks in statements,
which a task reads from its own texts.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from obverse.tasks.choices import first_equal, nested
from obverse.tasks.drawn import ProvenTask
from obverse.types import Document, Question, Statement, Task, derive_seed


@dataclass(frozen=True)
class Flaw:
    """A question that does not ask what it claims to, and why."""

    question: str
    reason: str


def find_flaws(drawn: ProvenTask, seed: int, practice: int = 100) -> tuple[Flaw, ...]:
    """Everything wrong with the questions of the task of that seed, validation questions among them.

    Args:
        practice: how many practice documents are looked through.
    """
    task = drawn.build(seed)
    rng = random.Random(derive_seed("proof", seed))
    practised = [drawn.practice(seed, rng) for _ in range(practice)]
    return (
        *said(drawn, task, practised),
        *unsolved(drawn, task),
        *unneeded(drawn, task),
        *indistinct(task),
    )


def said(drawn: ProvenTask, task: Task, practised: Iterable[Document] = ()) -> list[Flaw]:
    """Latent questions whose statement stands in a document or in a practice document."""
    where: dict[Statement, str] = {}
    for document in (*task.documents, *practised):
        for statement in drawn.says(document):
            where.setdefault(statement, document.id)
    return [
        Flaw(question.id, f"{where[question.statement]} says its answer")
        for question in _latent(task)
        if question.statement in where
    ]


def unsolved(drawn: ProvenTask, task: Task) -> list[Flaw]:
    """Questions to which the documents do not entail the answer."""
    known = {statement for document in task.documents for statement in drawn.says(document)}
    return [
        Flaw(question.id, f"the documents entail {found!r}, not {question.answer!r}")
        for question in task.questions + task.validation
        if (found := drawn.derive(known, question)) != question.answer
    ]


def unneeded(drawn: ProvenTask, task: Task) -> list[Flaw]:
    """Latent questions that are answered without the statements of a document they are said to need.

    What a needed document says is taken away wherever it is said.
    """
    says = {document.id: frozenset(drawn.says(document)) for document in task.documents}
    known = frozenset[Statement]().union(*says.values())
    return [
        Flaw(question.id, f"{found!r} is entailed without {need}")
        for question in _latent(task)
        for need in question.needs
        if (found := drawn.derive(known - says[need], question)) is not None
    ]


def indistinct(task: Task) -> list[Flaw]:
    """Questions one of whose choices equals another or stands in it, word for word: what begins another always wins.

    Where the words of a closed vocabulary are tokens, no end of an answer is scored.
    """
    return [
        Flaw(question.id, f"its choices {pair[0]!r} and {pair[1]!r} hold one another")
        for question in task.questions + task.validation
        if (pair := first_equal(question.choices) or next(nested(question.choices), None))
    ]


def _latent(task: Task) -> list[Question]:
    return [question for question in task.questions + task.validation if question.latent]

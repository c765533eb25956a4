"""Which documents stand in the prompt of each question: the second of a route's three choices."""

from __future__ import annotations

import random
from collections.abc import Sequence

from obverse.context.memory import Memory
from obverse.types import ContextChoice, Document, Question, Task, derive_seed


def choose_episodes(
    context: ContextChoice, task: Task, memory: Memory, *, episodes: int, distractors: int, seed: int
) -> dict[str, tuple[Document, ...]]:
    """The documents in front of each question, by question id, in the order in which they stand there.

    Args:
        context: ``all`` takes every document in the task's order; ``lexical`` what the memory finds, best
            first; ``oracle`` what the question needs among ``distractors`` others, in an order drawn from
            ``seed``; ``none`` nothing.
        episodes: how many a lexical search brings back.
    """
    if context in ("none", "all"):
        same = task.documents if context == "all" else ()
        return {question.id: same for question in task.questions}
    if context == "lexical":
        return {
            question.id: tuple(task.document(id) for id in memory.search(question.prompt, episodes))
            for question in task.questions
        }
    return {
        question.id: _oracle(question, task.documents, distractors, seed)
        for question in task.questions
        if question.needs
    }


def _oracle(
    question: Question, documents: Sequence[Document], distractors: int, seed: int
) -> tuple[Document, ...]:
    """Perfect recall, imperfect precision: every needed document, and others that are not."""
    rng = random.Random(derive_seed("oracle", seed, question.id, distractors))
    others = [document for document in documents if document.id not in question.needs]
    chosen = [document for document in documents if document.id in question.needs]
    chosen += rng.sample(others, min(distractors, len(others)))
    rng.shuffle(chosen)
    return tuple(chosen)

"""Questions of drawn tasks, the tasks that they make, and the one choice that follows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from obverse.tasks.drawn.draws import stream
from obverse.types import Document, Question, Statement, Task


def assemble(
    name: str,
    seed: int,
    documents: Iterable[Document],
    ask: Callable[[int, random.Random], Iterable[Question]],
) -> Task:
    """The task of that name.

    Args:
        ask: what is asked in the test (half 0) or in validation (half 1), with the generator to draw from.
    """
    asked, validation = (tuple(ask(half, stream(name, seed, "questions", half))) for half in range(2))
    return Task(name, tuple(documents), asked, validation)


def pose(
    kind: str,
    about: str,
    prompt: str,
    statement: Statement,
    choices: Sequence[str],
    *,
    needs: Sequence[str],
    group: str,
    latent: bool = False,
    answer: str = "",
) -> Question:
    """A question, which asks for the object of the statement.

    Args:
        about: with the kind, this is the question's id.
        choices: the answer among them.
        answer: the object as the choices have it, where that is otherwise.
    """
    return Question(
        id=f"{kind}:{about}",
        prompt=prompt,
        answer=answer or statement[2],
        choices=tuple(choices),
        kind=kind,
        latent=latent,
        needs=tuple(needs),
        group=group,
        statement=statement,
    )


def sole(found: Iterable[str]) -> str | None:
    """What is found, where it is one thing."""
    different = {*found}
    return different.pop() if len(different) == 1 else None

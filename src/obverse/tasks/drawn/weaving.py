"""Practice documents: fresh premises, what follows from them, and between these what is known from the task."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Sequence, Set
from dataclasses import replace

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.draws import draw_known
from obverse.tasks.drawn.texts import STOP, join_documents, passage, solved
from obverse.types import Document, Statement

Known = tuple[Collection[str], Document]
"""A text that is true in the task, with the names that must not be fresh beside it."""

# How often a conclusion stands right behind the last of its premises, and not at the end.
_SOON = 0.5


def answered(form: Form, prompt: str, answer: str) -> Document:
    """The answer behind its prompt: the end of a formal sentence, or of an English question."""
    return solved(prompt, answer) if form == "natural" else passage(f"{prompt} {answer} {STOP}", answer)


def weave(form: Form, parts: Iterable[Document]) -> Document:
    """The parts as a practice document."""
    return join_documents("practice", parts, "\n" if form == "natural" else " ")


def weave_in_order(
    form: Form,
    premises: Iterable[tuple[str, Document]],
    conclusions: Sequence[tuple[Collection[str], Document]],
    known: Sequence[Known],
    known_share: float,
    taken: Set[str],
    rng: random.Random,
) -> Document:
    """Premises in their order, each conclusion right behind the last that it takes or at the end.

    Args:
        premises: each with its name; they may be drawn from ``rng`` one by one.  None of them is an answer.
        conclusions: each with the names of its premises.
        known_share: how often a premise is followed by something known.
        taken: names that are fresh.
    """
    parts: list[Document] = []
    late: list[Document] = []
    said: set[str] = set()
    waiting = list(conclusions)
    for name, premise in premises:
        parts.append(replace(premise, answers=()))  # drawn at random
        said.add(name)
        for ready in [one for one in waiting if said.issuperset(one[0])]:
            waiting.remove(ready)
            (parts if rng.random() < _SOON else late).append(ready[1])
        parts += (document for _, document in draw_known(rng, known_share, known, taken, lambda one: one[0]))
    rng.shuffle(late)
    return weave(form, parts + late)


def weave_by_time(
    form: Form,
    timed: Sequence[tuple[float, Document]],
    known: Sequence[Document],
    known_share: float,
    taken: Collection[str],
    says: Callable[[Document], Collection[Statement]],
    rng: random.Random,
) -> Document:
    """Parts in the order of their times.

    Args:
        known_share: how often a part is followed by something known.
        taken: names that are fresh.
        says: what a document says.  No name is in two of the known ones that stand here.
    """
    parts, used = list(timed), set(taken)
    for time, _ in timed:
        if rng.random() < known_share:
            document = known[rng.randrange(len(known))]
            names = {name for statement in says(document) for name in statement[::2]}
            if used.isdisjoint(names):
                used |= names
                parts.append((time, document))
    return weave(form, (document for _, document in sorted(parts, key=lambda part: part[0])))

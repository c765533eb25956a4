"""Tasks that are drawn from settings: what they have in common.

A task comes in a *formal* form, single words of a closed vocabulary, for models that learn everything from scratch, or
in a *natural* one, English sentences, for pretrained models; many come in both, with the same structure behind.

What they are put together with: `obverse.tasks.field_checks` refuses settings, `draws` has streams of random numbers,
names and choices, `texts` and `weaving` write documents, `posing` makes questions and tasks.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Literal, Protocol

from obverse.types import Document, Question, Statement, Task

Form = Literal["formal", "natural"]

AUGMENTATION = "augmentation"
"""The kind of the cues."""


class DrawnTask(Protocol):
    """Settings from which a task is drawn: a frozen dataclass with these methods.

    A setting that is out of its range raises an `InputError` that names it.

    All of them are pure functions of the settings and what they are given: the same arguments give the same
    task on every machine.  Texts in the formal form are words divided by single spaces.
    """

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Every word that can occur in a document, a practice document or a question; none in the natural form."""
        ...

    def build(self, seed: int) -> Task:
        """The task: documents, questions about them, and validation questions about other facts."""
        ...

    def practice(self, seed: int, rng: random.Random) -> Document:
        """A document over bindings drawn from ``rng``, whose context determines its answers.

        It says nothing of what the task of that ``seed`` tests.  Where all that stands beside a question were fresh, a
        model would get by with copying whatever stands there, and would not learn to seek a match: so what documents of
        the task say stands in between, with answers of its own.
        """
        ...

    def cues(self, seed: int) -> tuple[Question, ...]:
        """What could be written about each document: beginnings that a model completes with it in its context.

        ``needs`` names all documents that the conclusion takes, and ``answer`` is the completion that is right.
        """
        ...


class ProvenTask(DrawnTask, Protocol):
    """A drawn task that knows what its texts say and what follows, for `obverse.tasks.drawn.proof`.

    A *statement* is what a text says, in names that do not depend on how it says it.  Each latent question has one, the
    one that its answer makes true (`Question.statement`).
    """

    @property
    def form(self) -> Form:
        """The form of all its texts."""
        ...

    def says(self, document: Document) -> tuple[Statement, ...]:
        """What a document or practice document of the task says, read from its text alone."""
        ...

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The choice that the statements entail as the answer to the question; nothing where none or several are.

        Exact, and by inference alone: it sees of the task only what it is given.
        """
        ...

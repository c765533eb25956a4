"""Tasks that are drawn from settings: what they have in common, and what they are put together with.

A task comes in a *formal* form, single words of a closed vocabulary, for models that learn everything from scratch, or
in a *natural* one, English sentences, for pretrained models; many come in both, with the same structure behind.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from typing import Literal, Protocol, get_args

from obverse.tasks.places import describe
from obverse.types import Document, InputError, Question, Statement, Task

Form = Literal["formal", "natural"]

AUGMENTATION = "augmentation"
"""The kind of the cues."""

CHOICES = 10
"""How many choices a question of a drawn task has, the answer among them."""


class DrawnTask(Protocol):
    """Settings from which a task is drawn: a frozen dataclass with these methods.

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

        It says nothing of what the task of that ``seed`` tests.
        """
        ...

    def cues(self, seed: int) -> tuple[Question, ...]:
        """What could be written about each document: beginnings that a model completes with it in its context.

        ``needs`` names the document, and ``answer`` is the completion that is right.
        """
        ...


class ProvenTask(DrawnTask, Protocol):
    """A drawn task that knows what its texts say and what follows, for `obverse.tasks.drawn.proof`.

    A *statement* is what a text says, in names that do not depend on how it says it.  Each latent question has one, the
    one that its answer makes true (`Question.statement`).
    """

    def says(self, document: Document) -> tuple[Statement, ...]:
        """What a document or practice document of the task says, read from its text alone."""
        ...

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The choice that the statements entail as the answer to the question; nothing where none or several are.

        Exact, and by inference alone: it sees of the task only what it is given.
        """
        ...


def write_document(
    id: str, words: Sequence[str], answers: Iterable[int], group: str | None = None
) -> Document:
    """The words as a document.

    Args:
        answers: places among the words, counted from 0, of those that the words before them determine.
    """
    ends = list(accumulate(len(word) + 1 for word in words))  # each with the space behind it
    spans = tuple((ends[place] - 1 - len(words[place]), ends[place] - 1) for place in answers)
    return Document(id, " ".join(words), group, spans)


def draw_choices(
    rng: random.Random,
    answer: str,
    pool: Sequence[str],
    *,
    lures: Sequence[str] = (),
    without: Sequence[str] = (),
) -> tuple[str, ...]:
    """Ten choices in random order, fewer where the pool is small.

    Args:
        answer: the right one.
        pool: where the others come from.
        lures: others that are among the choices in any case.
        without: what is not to be among them.
    """
    taken = {answer, *lures, *without}
    drawn = rng.sample(pool, min(len(pool), CHOICES + len(taken)))
    others = [word for word in drawn if word not in taken]
    choices = [answer, *lures, *others[: CHOICES - 1 - len(lures)]]
    rng.shuffle(choices)
    return tuple(choices)


def draw_filler(
    rng: random.Random, share: float, words: int, longest: int
) -> tuple[Sequence[str], Sequence[str]]:
    """Words that say nothing, for in front of a statement and behind it.

    Args:
        share: how often there are any, and then one at least.
        words: how many there are: ``w0``, ``w1``, ...
        longest: most in front, and most behind.
    """
    if rng.random() >= share:
        return (), ()
    before = int(rng.random() * (longest + 1))
    least = 0 if before else 1
    behind = least + int(rng.random() * (longest + 1 - least))
    drawn = [f"w{int(rng.random() * words)}" for _ in range(before + behind)]
    return drawn[:before], drawn[before:]


def draw_unseen_filler(
    rng: random.Random, words: int, length: int, seen: Collection[tuple[str, ...]]
) -> tuple[str, ...]:
    """Filler of that length that is not among those ``seen``, of which there must be fewer than all."""
    while True:
        run = tuple(f"w{int(rng.random() * words)}" for _ in range(length))
        if run not in seen:
            return run


def check_counts(settings: object, **least: int) -> None:
    """Refuse settings in which one of these fields is no whole number, or is below the least.

    Raises:
        InputError: names the field.
    """
    for name, lowest in least.items():
        value = getattr(settings, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
            raise refusal(settings, f"{name} is {describe(value)}", f"give a whole number from {lowest}")


def check_shares(settings: object, *names: str) -> None:
    """Refuse settings in which one of these fields is no number from 0 to 1.

    Raises:
        InputError: names the field.
    """
    for name in names:
        value = getattr(settings, name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
            raise refusal(settings, f"{name} is {describe(value)}", "give a share from 0 to 1")


def check_named(settings: object, **known: object) -> None:
    """Refuse settings in which one of these fields is none of the values of its type.

    Args:
        known: a literal type for each field.

    Raises:
        InputError: names the field and the values that there are.
    """
    for name, literal in known.items():
        if getattr(settings, name) not in (values := get_args(literal)):
            fault = f"there is no {name} {getattr(settings, name)!r}"
            raise refusal(settings, fault, f"give one of {', '.join(values)}")


def refusal(settings: object, what: str, remedy: str) -> InputError:
    """The error to raise about settings: ``TYPE: what; remedy``."""
    return InputError(f"{type(settings).__name__}: {what}; {remedy}")

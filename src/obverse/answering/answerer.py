"""Answerers: what reads a question with the documents in front of it and answers; and answers made of what it gives.

A causal model of the transformers library in this process is one (`obverse.answering.asking`), a decoder from scratch
another (`obverse.answering.short`); thinking first and voting are answerers on top of these.  One that only generates
text, such as an endpoint, gives no likelihoods: its answers are compared by exact match.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from obverse.answering.matching import matches_leniently, matches_strictly
from obverse.types import Answer, AnsweredRow, Document, Ledger, Question, Route


@dataclass(frozen=True)
class Asked:
    """One question as it is asked.

    Args:
        documents: that stand in front of it, in this order.
        generates: whether an answer in words is wanted, besides the likelihoods of the choices.
        wanted: ``False`` where it is answered already: it is not to be answered again, and counts only for what all
            questions share.
    """

    question: Question
    documents: tuple[Document, ...] = ()
    generates: bool = True
    wanted: bool = True


@dataclass(frozen=True)
class Reading:
    """What a model makes of one question.

    Args:
        log_likelihoods: of each choice given all that stands before it, summed over its tokens, in nats; empty where
            there are none.
        token_counts, byte_counts: lengths of each choice.
        generated: the continuation (empty where none was asked for), greedy unless tokens were chosen otherwise.
        index: which question of those asked.
        generated_tokens: how many tokens that took.
        ended: whether the continuation came to its end before its limit.
        thoughts: behind which it was answered.
        difference: how far the last choice's likelihood is from that of a plain pass over its text, in nats, where
            that was checked.
        unshared: why its text was read by itself; ``None`` where what texts share was read once.
    """

    log_likelihoods: tuple[float, ...] = ()
    token_counts: tuple[int, ...] = ()
    generated: str = ""
    index: int = 0
    byte_counts: tuple[int, ...] = ()
    generated_tokens: int = 0
    ended: bool = False
    thoughts: tuple[str, ...] = ()
    difference: float | None = None
    unshared: str | None = None

    @property
    def per_token(self) -> tuple[float, ...]:
        """Log-likelihood per token, in nats."""
        return tuple(x / n for x, n in zip(self.log_likelihoods, self.token_counts, strict=True))

    @property
    def per_byte(self) -> tuple[float, ...]:
        """Log-likelihood per byte, in nats."""
        return tuple(x / n for x, n in zip(self.log_likelihoods, self.byte_counts, strict=True))


class Answerer(Protocol):
    """Answers questions.

    Attributes:
        gives_likelihoods: whether its readings have likelihoods of the choices.
        ledger: what it has cost so far; the peak of memory is that of what it did last.
    """

    gives_likelihoods: bool
    ledger: Ledger

    @property
    @abstractmethod
    def identity(self) -> Mapping[str, object]:
        """Plain values that decide its answers: a model's name or fingerprint, settings.  Its code is known without."""
        ...

    @abstractmethod
    def answer(self, asked: Sequence[Asked]) -> Iterator[Sequence[Reading]]:
        """Readings of those questions that are wanted, each with the index of its question, in any order.

        Those are given together that are read together: they are kept then, and what ``ledger`` has grown by is
        their cost.  An empty row says that what all questions share was read, once, and what that cost.

        Raises:
            InputError: a question cannot be asked, because it does not fit the model's window for example.
        """
        ...

    def as_read(self, question: Question) -> Question:
        """The question with answer and choices as the model reads them; itself where nothing in them is changed."""
        return question


def answered_rows(
    answerer: Answerer,
    route: Route,
    seed: int,
    questions: Sequence[Question],
    episodes: Mapping[str, tuple[Document, ...]],
    *,
    done: frozenset[str] = frozenset(),
    greedy: bool = True,
) -> Iterator[AnsweredRow]:
    """Ask the questions that have episodes and are not in ``done``.

    The likelihood of every choice is read; the greedy answer too, if wanted, except for a false-context control.  Where
    the answerer gives no likelihoods, there is always an answer in words.

    Raises:
        InputError: a question cannot be asked; nothing was asked then.
    """
    generates = (greedy and not route.control) or not answerer.gives_likelihoods
    asked = [
        Asked(question, episodes[question.id], generates, question.id not in done)
        for question in questions
        if question.id in episodes
    ]
    # Else the run goes on after an interruption; or what is shared is but the words that every prompt begins with.
    shown = {tuple(document.id for document in one.documents) for one in asked}
    teaches = len(shown) == 1 and () not in shown and all(one.wanted for one in asked)
    taught, before = Ledger(), answerer.ledger
    for readings in answerer.answer(asked):
        spent, before = answerer.ledger - before, answerer.ledger
        if not readings:
            taught = spent if teaches else Ledger()
            continue
        answers = tuple(_answer(answerer, route, seed, asked[reading.index], reading) for reading in readings)
        difference = next((one.difference for one in readings if one.difference is not None), None)
        yield AnsweredRow(answers, taught, spent, difference, readings[0].unshared)
        taught = Ledger()


def read_one(answerer: Answerer, question: str, documents: Sequence[Document]) -> Reading:
    """The reading of a question that has no choices: its answer in words."""
    asked = [Asked(Question("asked", question, "", ()), tuple(documents))]
    (reading,) = (reading for row in answerer.answer(asked) for reading in row)
    return replace(reading, generated=reading.generated.strip())


def grown(ledger: Ledger, spent: Ledger) -> Ledger:
    """A ledger of an `Answerer` after this was spent too."""
    return replace(ledger + spent, peak_memory_bytes=spent.peak_memory_bytes)


def _answer(answerer: Answerer, route: Route, seed: int, asked: Asked, reading: Reading) -> Answer:
    """What was read, judged."""
    question = answerer.as_read(asked.question)
    return Answer(
        question=question.id,
        route=route.name,
        control=route.control,
        seed=seed,
        log_likelihoods=reading.log_likelihoods,
        token_counts=reading.token_counts,
        generated=reading.generated.strip(),
        strict=matches_strictly(reading.generated, question.answer),
        lenient=matches_leniently(reading.generated, question.answer, question.choices),
        retrieved=tuple(document.id for document in asked.documents),
        thoughts=reading.thoughts,
    )

"""A model answers questions, with documents in view or without: by the scorer of a comparison, or behind an endpoint.

A model in this process is asked as `obverse compare` asks it: right is the choice with the highest likelihood, and
beside it stands the answer that it would give.  Behind an endpoint there is that answer alone, and right is what names
the answer and no other choice before it.  What was asked is kept on disk and never asked again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from obverse.answering.matching import matches_leniently
from obverse.answering.scoring import is_correct
from obverse.augmentation.budget import Spending
from obverse.augmentation.checking import Writer
from obverse.augmentation.lines import visible
from obverse.augmentation.prompts import Prompt
from obverse.augmentation.store import Advance, Answers, write_all
from obverse.augmentation.writing import Assignment, Sampling
from obverse.files import append_line, read_lines
from obverse.types import Answer, Document, InputError, Question, Route, content_hash

if TYPE_CHECKING:
    from obverse.models import Pretrained

# Rows that are lost at most.
_AT_ONCE = 32
# An answer has a few words; a model that thinks first needs room for that.
_ANSWERING = Sampling(temperature=0.0, most_tokens=512)


@dataclass(frozen=True)
class Case:
    """A question, and the documents in view."""

    question: Question
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Heard:
    """What a model answered.

    Args:
        right: by the choices' likelihoods where these are known, else by what it said.
        said: whether what it said names the answer, and no other choice before it.
        margin: by how many nats the right choice is likelier than the likeliest other; infinite where likelihoods are
            not known and what it said is right.
    """

    right: bool
    said: bool
    margin: float


class Answerer(Protocol):
    """Answers questions."""

    @property
    def name(self) -> str:
        """For the record."""
        ...

    def ask(self, cases: Sequence[Case], progress: Advance = ...) -> list[Heard | None]:
        """What was heard for each case; nothing where it does not fit, or the budget was spent."""
        ...


class LocalAnswerer:
    """A loaded model, asked by the scorer of a comparison.

    Args:
        folder: keeps what was heard, in ``heard.jsonl``.
    """

    def __init__(self, pretrained: Pretrained, folder: Path) -> None:
        from obverse.answering.asking import Asker
        from obverse.models.fingerprint import identity

        self.name = pretrained.name
        self._asker = Asker(pretrained)
        self._identity = identity(pretrained, __name__)
        self._path = folder / "heard.jsonl"
        self._heard: dict[str, Heard | None] = {}
        try:
            for row in map(json.loads, read_lines(self._path)):
                self._heard[row["key"]] = row["heard"] and Heard(**row["heard"])
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{self._path}: holds a line that is none of ours; remove it") from None

    def ask(self, cases: Sequence[Case], progress: Advance = lambda *_: None) -> list[Heard | None]:
        """See `Answerer`."""
        keys = [self._key(case) for case in cases]
        wanted = {key: case for key, case in zip(keys, cases, strict=True) if key not in self._heard}
        of = len(set(keys))
        for batch in _batches(wanted):
            for key, heard in zip(batch, self._ask(list(batch.values())), strict=True):
                self._heard[key] = heard
                append_line(self._path, json.dumps({"key": key, "heard": heard and asdict(heard)}))
            progress(sum(key in self._heard for key in set(keys)), of, "")
        return [self._heard[key] for key in keys]

    def _ask(self, cases: Sequence[Case]) -> list[Heard | None]:
        from obverse.answering.answerer import answered_rows
        from obverse.answering.encoding import PromptTooLongError

        # Cases have ids of their own here, since one question may come with several views.
        asked = [replace(case.question, id=str(place)) for place, case in enumerate(cases)]
        views = {question.id: case.documents for question, case in zip(asked, cases, strict=True)}
        answers: dict[str, Answer] = {}
        try:
            for row in answered_rows(self._asker, Route("check", context="oracle"), 0, asked, views):
                answers.update((answer.question, answer) for answer in row.answers)
        except PromptTooLongError:
            if len(cases) == 1:
                return [None]
            return [heard for case in cases for heard in self._ask([case])]
        return [_heard(question, answers[question.id]) for question in asked]

    def _key(self, case: Case) -> str:
        question = case.question
        texts = [document.text for document in case.documents]
        return content_hash(
            [self._identity, question.prompt, question.answer, question.choices, question.kind, texts]
        )


class EndpointAnswerer:
    """A model behind an endpoint, or any that writes.

    Args:
        prompts: ``answer`` with documents in view, ``known`` without.
        folder: keeps what it said, in ``said.jsonl``.
        spending: with the budget.
    """

    def __init__(
        self, writer: Writer, prompts: Mapping[str, Prompt], folder: Path, spending: Spending
    ) -> None:
        self.name = writer.name
        self._writer, self._prompts, self._spending = writer, prompts, spending
        self._path = folder / "said.jsonl"

    def ask(self, cases: Sequence[Case], progress: Advance = lambda *_: None) -> list[Heard | None]:
        """See `Answerer`."""
        assignments = [self._assignment(case) for case in cases]
        # Those with the same documents follow each other, so that these are encoded once.
        ordered = sorted(range(len(cases)), key=lambda place: assignments[place].shared)
        written = write_all(
            self._writer.generator,
            [assignments[place] for place in ordered],
            _ANSWERING,
            Answers(self._path),
            self._spending,
            progress,
            self._writer.count_tokens,
        )
        heard: list[Heard | None] = [None] * len(cases)
        for place, text in zip(ordered, written, strict=True):
            question = cases[place].question
            if text is not None and not text.fault:
                said = matches_leniently(visible(text.text), question.answer, question.choices)
                heard[place] = Heard(said, said, math.inf if said else -math.inf)
        return heard

    def _assignment(self, case: Case) -> Assignment:
        prompt = self._prompts["answer" if case.documents else "known"]
        ids = tuple(document.id for document in case.documents)
        return Assignment(
            "answer",
            ids[0] if ids else "",
            ids,
            prompt.shared([document.text for document in case.documents]),
            prompt.own(case.question.prompt),
        )


def _heard(question: Question, answer: Answer) -> Heard:
    likelihoods = dict(zip(question.choices, answer.log_likelihoods, strict=True))
    right = likelihoods.pop(question.answer)
    margin = right - max(likelihoods.values(), default=-math.inf)
    return Heard(is_correct(question, answer), answer.lenient, margin if math.isfinite(margin) else 0.0)


def _batches(wanted: Mapping[str, Case]) -> Iterator[dict[str, Case]]:
    pairs = list(wanted.items())
    for start in range(0, len(pairs), _AT_ONCE):
        yield dict(pairs[start : start + _AT_ONCE])

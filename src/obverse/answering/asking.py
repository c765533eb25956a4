"""Asking a model questions with what stands in front of them, row by row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import torch

from obverse.answering.encoding import Encoded, PromptTooLongError, Request, encode
from obverse.answering.matching import matches_leniently, matches_strictly
from obverse.answering.plain import plain_log_likelihood
from obverse.answering.reading import Reader, Reading
from obverse.answering.sharing import doubt, unshared
from obverse.costs import Counts, Meter, ModelShape, model_shape
from obverse.models import Pretrained, context_window
from obverse.models.control_tokens import tokens_of
from obverse.retrieval.assembly import Assembler
from obverse.tasks.completions import COMPLETION, Completion
from obverse.types import Answer, AnsweredRow, Document, Ledger, Question, Route

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# Tokens of an answer in words, when nobody says how long the right one is.
_SAID_TOKENS = 48
# Room around the longest choice, for an answer that comes in a sentence.
_ROOM_TOKENS = 12


class Asker:
    """A model with the form in which it is asked."""

    def __init__(self, pretrained: Pretrained) -> None:
        self._model, self._tokenizer = pretrained.model, pretrained.tokenizer
        self._assembler = Assembler(pretrained.tokenizer)
        self._shape: ModelShape = model_shape(pretrained.model)

    def ask(
        self,
        route: Route,
        seed: int,
        questions: Sequence[Question],
        episodes: Mapping[str, tuple[Document, ...]],
        *,
        done: frozenset[str] = frozenset(),
        greedy: bool = True,
    ) -> Iterator[AnsweredRow]:
        """Ask the questions that have episodes and are not in ``done``.

        The likelihood of every choice is read; the greedy answer too, if wanted, except for a false-context control.

        Raises:
            PromptTooLongError: a prompt does not fit the model's window; nothing was asked then.
        """
        asked = [question for question in questions if question.id in episodes]
        for raw in (False, True):  # completions are continued as raw text, in the form that was trained
            part = [question for question in asked if (question.kind == COMPLETION) is raw]
            if part:
                yield from self._ask_alike(route, seed, part, episodes, done, raw, greedy)

    def _ask_alike(
        self,
        route: Route,
        seed: int,
        questions: Sequence[Question],
        episodes: Mapping[str, tuple[Document, ...]],
        done: frozenset[str],
        raw: bool,
        greedy: bool,
    ) -> Iterator[AnsweredRow]:
        encoded = self._encode(questions, episodes, raw)
        finished = frozenset(index for index, question in enumerate(questions) if question.id in done)
        wanted = greedy and not route.control
        limits = [one.longest_choice + _ROOM_TOKENS if wanted else 0 for one in encoded]
        reader = Reader(
            self._model,
            self._tokenizer,
            encoded,
            new_tokens=limits,
            done=finished,
        )
        if len(finished) == len(questions):
            return
        with Meter() as meter:
            tree = reader.encode_root()
        taught = tree.counts.ledger(self._shape, meter)
        if finished or route.context != "all":
            # Going on after an interruption; or the root is but the words that every prompt begins with.
            taught = Ledger()
        rows = reader.read()
        first = True
        while True:
            before = tree.counts
            with Meter() as meter:
                row = next(rows, None)
            if row is None:
                return
            difference = self._difference(encoded[row[-1].index], row[-1]) if first else None
            if difference is not None and difference > allowed_difference(self._model, row[-1]):
                doubt(self._model, f"on the first texts its likelihoods differed by {difference:.2g} nats")
                yield from self._ask_alike(route, seed, questions, episodes, done, raw, greedy)
                return
            spent = tree.counts - before + Counts(generated=sum(reading.generated_tokens for reading in row))
            yield AnsweredRow(
                tuple(
                    answer_of(
                        route, seed, self._assembler.as_read(questions[reading.index]), episodes, reading
                    )
                    for reading in row
                ),
                taught if first else Ledger(),
                spent.ledger(self._shape, meter),
                difference,
                reader.unshared,
            )
            first = False

    def say(self, question: str, documents: Sequence[Document]) -> str:
        """The greedy answer to a question, in words."""
        prompt = Request(self._assembler.prefix(documents) + self._assembler.prompt(question), ())
        encoded = encode(self._tokenizer, "", [prompt], special_tokens=self._assembler.form == "plain")
        reader = Reader(self._model, self._tokenizer, encoded, new_tokens=_SAID_TOKENS)
        return next(reader.read())[0].generated.strip()

    @property
    def form(self) -> str:
        """The form in which questions are asked: ``chat`` or ``plain``."""
        return self._assembler.form

    @property
    def rendered(self) -> str:
        """A prompt and its answer, letter by letter (`obverse.retrieval.assembly.Assembler.rendered`)."""
        return self._assembler.rendered

    def _encode(
        self, questions: Sequence[Question], episodes: Mapping[str, tuple[Document, ...]], raw: bool
    ) -> list[Encoded]:
        if raw:
            return encode(self._tokenizer, "", [self._as_trained(question) for question in questions])
        assembler = self._assembler
        special_tokens = assembler.form == "plain"
        requests = [
            Request(assembler.prompt(question.prompt), tuple(map(assembler.answer, question.choices)))
            for question in questions
        ]
        contexts = {episodes[question.id] for question in questions}
        if len(contexts) == 1:
            prefix = assembler.prefix(contexts.pop())
            self._check_prefix(prefix)
            return encode(self._tokenizer, prefix, requests, special_tokens=special_tokens)
        full = [
            Request(assembler.prefix(episodes[question.id]) + request.prompt, request.choices)
            for question, request in zip(questions, requests, strict=True)
        ]
        return encode(self._tokenizer, "", full, special_tokens=special_tokens)

    def _as_trained(self, question: Question) -> Request:
        """The document up to the answer; behind each choice what the document has there, or what ends a document."""
        prompt = question.prompt.rstrip()  # the white space is a part of what comes next
        space = question.prompt[len(prompt) :]
        following = question.after if isinstance(question, Completion) else ""
        as_data = self._assembler.as_data
        after = as_data(following) or self._tokenizer.eos_token or "\n"
        return Request(
            as_data(prompt), tuple(f"{space}{as_data(choice)}{after}" for choice in question.choices)
        )

    def _check_prefix(self, prefix: str) -> None:
        """Refuse a hopeless prefix at once, before every question is tokenised after it."""
        window = context_window(self._model)
        (tokens,) = tokens_of(self._tokenizer, [prefix], opens=self._assembler.form == "plain")
        if window is not None and len(tokens) > window:
            raise PromptTooLongError(len(tokens), window, "the documents")

    def _difference(self, encoded: Encoded, reading: Reading) -> float | None:
        """How far the last choice's likelihood is from that of a plain pass over its whole text, in nats.

        Of all in a row it is the one from which most is hidden.  ``None`` where all was read the plain way.
        """
        if not encoded.texts or unshared(self._model, encoded.longest):
            return None
        plain = plain_log_likelihood(self._model, encoded.texts[-1], encoded.starts[-1])
        return abs(plain - reading.log_likelihoods[-1])


def answer_of(
    route: Route,
    seed: int,
    question: Question,
    episodes: Mapping[str, tuple[Document, ...]],
    reading: Reading,
    thoughts: tuple[str, ...] = (),
) -> Answer:
    """What was read, judged: the answer to a question with the documents that stood in front of it."""
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
        retrieved=tuple(document.id for document in episodes[question.id]),
        thoughts=thoughts,
    )


def allowed_difference(model: PreTrainedModel, reading: Reading) -> float:
    """How far a likelihood may be from that of a plain pass for rounding in the model's precision, in nats.

    Measured on a model of 135 million parameters with 3,200 tokens in front: 0.9 in bfloat16, 0.0001 in float32.
    """
    return 8 * math.sqrt(torch.finfo(model.dtype).eps) * reading.token_counts[-1]

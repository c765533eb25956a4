"""A pretrained model that is asked questions with what stands in front of them, row by row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from obverse.answering.answerer import Answerer, Asked, Reading, grown
from obverse.answering.encoding import Encoded, PromptTooLongError, Request, encode
from obverse.answering.plain import plain_log_likelihood
from obverse.answering.reading import Reader
from obverse.answering.sharing import doubt, unshared
from obverse.costs import Counts, Meter, ModelShape, model_shape
from obverse.models import Pretrained, context_window
from obverse.models.control_tokens import tokens_of
from obverse.models.fingerprint import identity
from obverse.retrieval.assembly import Assembler
from obverse.tasks.completions import COMPLETION, Completion
from obverse.types import Ledger, Question

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# Tokens of an answer in words, when nobody says how long the right one is.
_SAID_TOKENS = 48
# Room around the longest choice, for an answer that comes in a sentence.
_ROOM_TOKENS = 12


class Asker(Answerer):
    """A causal model of the transformers library as an `obverse.answering.answerer.Answerer`.

    What questions share is read once, where that is right for the model (`obverse.answering.sharing`).
    """

    gives_likelihoods = True

    def __init__(self, pretrained: Pretrained) -> None:
        self.pretrained = pretrained
        self._model, self._tokenizer = pretrained.model, pretrained.tokenizer
        self._assembler = Assembler(pretrained.tokenizer)
        self._shape: ModelShape = model_shape(pretrained.model)
        self.ledger = Ledger()

    @property
    def identity(self) -> Mapping[str, object]:
        """The model by its fingerprint, what it computes with, and the code that reads."""
        return identity(self.pretrained, __name__)

    def as_read(self, question: Question) -> Question:
        """With the model's control tokens broken up."""
        return self._assembler.as_read(question)

    def answer(self, asked: Sequence[Asked]) -> Iterator[Sequence[Reading]]:
        """See `obverse.answering.answerer.Answerer.answer`.

        Raises:
            PromptTooLongError: a prompt does not fit the model's window; nothing was asked then.
        """
        for raw in (False, True):  # completions are continued as raw text, in the form that was trained
            part = [index for index, one in enumerate(asked) if (one.question.kind == COMPLETION) is raw]
            for row in self._answer_alike([asked[index] for index in part], raw):
                yield [replace(reading, index=part[reading.index]) for reading in row]

    def _answer_alike(self, asked: Sequence[Asked], raw: bool) -> Iterator[Sequence[Reading]]:
        if not asked:
            return
        encoded = self._encode(asked, raw)
        reader = Reader(
            self._model,
            self._tokenizer,
            encoded,
            new_tokens=[
                _limit(text) if one.generates else 0 for one, text in zip(asked, encoded, strict=True)
            ],
            done=frozenset(index for index, one in enumerate(asked) if not one.wanted),
        )
        if not any(one.wanted for one in asked):
            return
        with Meter() as meter:
            tree = reader.encode_root()
        shared: Ledger | None = tree.counts.ledger(self._shape, meter)
        rows = reader.read()
        while True:
            before = tree.counts
            with Meter() as meter:
                row = next(rows, None)
            if row is None:
                return
            if shared is not None:
                difference = self._difference(encoded[row[-1].index], row[-1])
                if difference is not None and difference > allowed_difference(self._model, row[-1]):
                    doubt(
                        self._model, f"on the first texts its likelihoods differed by {difference:.2g} nats"
                    )
                    yield from self._answer_alike(asked, raw)
                    return
                row[-1] = replace(row[-1], difference=difference)
                self.ledger, shared = grown(self.ledger, shared), None
                yield []
            spent = tree.counts - before + Counts(generated=sum(one.generated_tokens for one in row))
            self.ledger = grown(self.ledger, spent.ledger(self._shape, meter))
            yield row

    @property
    def form(self) -> str:
        """The form in which questions are asked: ``chat`` or ``plain``."""
        return self._assembler.form

    @property
    def rendered(self) -> str:
        """A prompt and its answer, letter by letter (`obverse.retrieval.assembly.Assembler.rendered`)."""
        return self._assembler.rendered

    def _encode(self, asked: Sequence[Asked], raw: bool) -> list[Encoded]:
        if raw:
            return encode(self._tokenizer, "", [self._as_trained(one.question) for one in asked])
        assembler = self._assembler
        special_tokens = assembler.form == "plain"
        requests = [
            Request(assembler.prompt(one.question.prompt), tuple(map(assembler.answer, one.question.choices)))
            for one in asked
        ]
        contexts = {one.documents for one in asked}
        if len(contexts) == 1:
            prefix = assembler.prefix(contexts.pop())
            self._check_prefix(prefix)
            return encode(self._tokenizer, prefix, requests, special_tokens=special_tokens)
        full = [
            Request(assembler.prefix(one.documents) + request.prompt, request.choices)
            for one, request in zip(asked, requests, strict=True)
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


def _limit(encoded: Encoded) -> int:
    """Tokens of an answer in words."""
    return encoded.longest_choice + _ROOM_TOKENS if encoded.texts else _SAID_TOKENS


def allowed_difference(model: PreTrainedModel, reading: Reading) -> float:
    """How far a likelihood may be from that of a plain pass for rounding in the model's precision, in nats.

    Measured on a model of 135 million parameters with 3,200 tokens in front: 0.9 in bfloat16, 0.0001 in float32.
    """
    return 8 * math.sqrt(torch.finfo(model.dtype).eps) * reading.token_counts[-1]

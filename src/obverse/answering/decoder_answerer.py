"""A decoder from scratch that is asked questions, with the documents in front of them, word behind word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from obverse.answering.answerer import Answerer, Asked, Reading, grown
from obverse.answering.short import ShortReader
from obverse.answering.voting import Voting, vote
from obverse.costs import Counts, Meter, model_shape
from obverse.types import InputError, Ledger, Question

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class DecoderAnswerer(Answerer):
    """A decoder as an `obverse.answering.answerer.Answerer`; all that it is asked is one row.

    Args:
        voting: by which the answers in words are found, in place of the greedy ones; likelihoods are read once.
        seed: of what is drawn.

    Attributes:
        reader: of the model.
    """

    gives_likelihoods = True

    def __init__(
        self, model: Any, tokenizer: PreTrainedTokenizerBase, voting: Voting | None = None, seed: int = 0
    ) -> None:
        self.reader = ShortReader(model, tokenizer)
        self._tokenizer, self._shape, self._voting, self._seed = tokenizer, model_shape(model), voting, seed
        self.ledger = Ledger()

    @property
    def identity(self) -> Mapping[str, object]:
        """Nothing: the values of its learner decide its answers."""
        return {}

    def answer(self, asked: Sequence[Asked]) -> Iterator[Sequence[Reading]]:
        """See `obverse.answering.answerer.Answerer.answer`.

        Raises:
            InputError: a prompt does not fit the model's window.
        """
        wanted = {index: one for index, one in enumerate(asked) if one.wanted}
        prompts = self.prompts(wanted.values())
        before = self._counts
        with Meter() as meter:
            readings = self._read(list(wanted.values()), prompts)
        self.ledger = grown(self.ledger, (self._counts - before).ledger(self._shape, meter))
        yield [replace(reading, index=index) for index, reading in zip(wanted, readings, strict=True)]

    def prompts(self, asked: Iterable[Asked]) -> list[str]:
        """What the model reads.

        Raises:
            InputError: a prompt does not fit the model's window.
        """
        prompts = [
            " ".join([*(document.text for document in one.documents), one.question.prompt]) for one in asked
        ]
        longest = max((len(prompt.split()) for prompt in prompts), default=0)
        if longest > self.reader.window:
            raise InputError(
                f"a prompt of {longest} tokens does not fit the model's window of {self.reader.window}; "
                "put fewer documents into it, for example with context:8"
            )
        return prompts

    def lengths(self, questions: Iterable[Question]) -> list[int]:
        """Tokens of each answer."""
        return [len(self._tokenizer(question.answer).input_ids) for question in questions]

    @property
    def _counts(self) -> Counts:
        """What was computed so far."""
        return self.reader.counts

    def _read(self, asked: Sequence[Asked], prompts: Sequence[str]) -> list[Reading]:
        readings = self.reader.read(prompts, [one.question.choices for one in asked])
        if self._voting is None:
            return readings
        lengths = self.lengths(one.question for one in asked)
        voted = vote(self.reader, prompts, lengths, self._voting, self._seed)
        return [replace(reading, generated=said) for reading, said in zip(readings, voted, strict=True)]

"""Asking a pretrained model behind its thoughts, a few questions at a time, each with what stands in front of it.

A thought follows the question in the model's own turn and ends with ``Answer:``; choices are read behind that.  What
the prompts of these questions share is read once for their thoughts, and once more for the answers behind them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace

from obverse.answering.answerer import Answerer, Asked, Reading, grown
from obverse.answering.asking import Asker
from obverse.answering.encoding import PromptTooLongError, Request, encode
from obverse.answering.reading import Reader
from obverse.answering.sharing import unshared
from obverse.answering.thinking import Thinker, Thinking, averaged
from obverse.costs import Counts, Meter, ModelShape, model_shape
from obverse.models import context_window
from obverse.models.control_tokens import tokens_of
from obverse.retrieval.assembly import Assembler
from obverse.text.labels import LABELLED
from obverse.types import Document, InputError, Ledger, Question, Route, derive_seed

CLOSES = "\nAnswer:"
# What else begins an answer, in other words, widths and languages; the tokens of it are not known beforehand.
_ANSWERS = re.compile(rf"(?:\A|\n){LABELLED}", re.IGNORECASE)
# Tokens of a thought; of an answer in words, when nobody says how long the right one is; and beside either.
_THOUGHT_TOKENS = 64
_SAID_TOKENS = 48
_ROOM_TOKENS = 12
# That thoughts are drawn at.
_TEMPERATURE = 1.0
# Questions that are thought about side by side; what is finished is kept so often.
_TOGETHER = 8


class ThoughtfulAsker(Answerer):
    """A model that thinks before it answers.

    Args:
        route: how it thinks: how many thoughts, whether it may end them.
        seed: of thoughts that are drawn.
        needed: the documents that a question needs, by its id, which stand as its thought where the route says so.
        most: tokens of a thought.
    """

    gives_likelihoods = True

    def __init__(
        self,
        asker: Asker,
        route: Route,
        seed: int,
        needed: Mapping[str, tuple[Document, ...]],
        most: int = _THOUGHT_TOKENS,
    ) -> None:
        pretrained = asker.pretrained
        self._route, self._seed, self._needed = route, seed, needed
        self._model, self._tokenizer = pretrained.model, pretrained.tokenizer
        self._assembler = Assembler(pretrained.tokenizer, thinks=True)
        self._thinking = Thinking(opens="", closes=CLOSES, most=most)
        self._shape: ModelShape = model_shape(pretrained.model)
        self._identity = {**asker.identity, "thinking": asdict(self._thinking), "route": asdict(route)}
        self.ledger = Ledger()

    @property
    def identity(self) -> Mapping[str, object]:
        """That of the model, and how it thinks."""
        return self._identity

    def as_read(self, question: Question) -> Question:
        """With the model's control tokens broken up."""
        return self._assembler.as_read(question)

    def answer(self, asked: Sequence[Asked]) -> Iterator[Sequence[Reading]]:
        """See `obverse.answering.answerer.Answerer.answer`.

        Raises:
            PromptTooLongError: a prompt does not fit the model's window with a thought; nothing was asked then.
        """
        prompts = [self._prompt(one.question.prompt, one.documents) for one in asked]
        self._check_window(prompts)
        left = [index for index, one in enumerate(asked) if one.wanted]
        for start in range(0, len(left), _TOGETHER):
            indices = left[start : start + _TOGETHER]
            some, before = [asked[index] for index in indices], [prompts[index] for index in indices]
            with Meter() as meter:
                thinker = self._thinker()
                thoughts = self._think(thinker, some, before)
                readings, read = self._read(some, before, thoughts)
            spent = thinker.counts.ledger(self._shape, meter) + read.ledger(self._shape)
            self.ledger = grown(self.ledger, spent)
            yield [
                replace(reading, index=index, unshared=unshared(self._model))
                for reading, index in zip(readings, indices, strict=True)
            ]

    def _prompt(self, question: str, documents: Sequence[Document]) -> str:
        return self._assembler.prefix(documents) + self._assembler.prompt(question)

    def _thinker(self) -> Thinker:
        return Thinker(
            self._model, self._tokenizer, self._thinking, special_tokens=self._assembler.form == "plain"
        )

    def _think(
        self, thinker: Thinker, asked: Sequence[Asked], prompts: Sequence[str]
    ) -> list[tuple[str, ...]]:
        route = self._route
        if route.answer == "needed thought":
            return [(" ".join(one.text for one in self._needed[each.question.id]),) for each in asked]
        forced = route.answer == "forced thinking"
        groups = thinker.think(
            prompts,
            max(1, route.thoughts),
            temperature=_TEMPERATURE if route.thoughts else 0.0,
            seed=derive_seed("thoughtful", route.label, self._seed, asked[0].question.id),
            least=self._thinking.most if forced else 0,
        )
        return [
            tuple(thought.text if forced else _thought_of(thought.text) for thought in group)
            for group in groups
        ]

    def _read(
        self,
        asked: Sequence[Asked],
        prompts: Sequence[str],
        thoughts: Sequence[Sequence[str]],
    ) -> tuple[list[Reading], Counts]:
        """What the model makes of each question, averaged over its thoughts, and what that took."""
        requests = [
            Request(
                self._thinking.after(prompt, thought),
                tuple(
                    f" {self._assembler.as_data(choice)}{self._assembler.end}"
                    for choice in one.question.choices
                ),
            )
            for one, prompt, some in zip(asked, prompts, thoughts, strict=True)
            for thought in some
        ]
        generates = any(one.generates for one in asked)
        encoded = encode(self._tokenizer, "", requests, special_tokens=self._assembler.form == "plain")
        limits = [(one.longest_choice or _SAID_TOKENS) + _ROOM_TOKENS if generates else 0 for one in encoded]
        reader = Reader(self._model, self._tokenizer, encoded, new_tokens=limits)
        tree = reader.encode_root()
        found = {reading.index: reading for row in reader.read() for reading in row}
        readings, first = [], 0
        for some in thoughts:
            readings.append(averaged([found[index] for index in range(first, first + len(some))], some))
            first += len(some)
        generated = sum(reading.generated_tokens for reading in found.values())
        return readings, tree.counts + Counts(generated=generated)

    def _check_window(self, prompts: Sequence[str]) -> None:
        """Refuse what does not fit before anything is asked."""
        window = context_window(self._model)
        tokens = tokens_of(self._tokenizer, tuple(prompts), opens=self._assembler.form == "plain")
        (closes,) = tokens_of(self._tokenizer, [CLOSES], opens=False)
        needed = max(map(len, tokens), default=0) + self._thinking.most + len(closes)
        if window is not None and needed > window:
            raise PromptTooLongError(needed, window, "the longest prompt with a thought")


def thinking_by(
    answerer: Answerer, route: Route, seed: int, needed: Mapping[str, tuple[Document, ...]]
) -> Answerer:
    """The answerer as the route has it think; itself where it answers at once.

    Raises:
        InputError: the route thinks, and the answerer is no model in this process.
    """
    if route.answer == "direct":
        return answerer
    if not isinstance(answerer, Asker):
        raise InputError(
            f"route {route.name}: only a model in this process can be made to think; leave out the part that thinks"
        )
    return ThoughtfulAsker(answerer, route, seed, needed)


def _thought_of(text: str) -> str:
    """The thought without an answer that the model began in other words than those that close a thought."""
    return _ANSWERS.split(text, maxsplit=1)[0]

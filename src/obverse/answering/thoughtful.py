"""Asking a pretrained model behind its thoughts, a few questions at a time, each with what stands in front of it.

A thought follows the question in the model's own turn and ends with ``Answer:``; choices are read behind that.  What
the prompts of these questions share is read once for their thoughts, and once more for the answers behind them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from obverse.answering.encoding import PromptTooLongError, Request, encode
from obverse.answering.reading import Reader, Reading
from obverse.answering.sharing import unshared
from obverse.answering.thinking import Thinker, Thinking
from obverse.costs import Counts, Meter, ModelShape, model_shape
from obverse.models import Pretrained, context_window
from obverse.models.control_tokens import tokens_of
from obverse.retrieval.assembly import Assembler
from obverse.text.labels import LABELLED
from obverse.types import AnsweredRow, Document, Ledger, Question, Route, derive_seed

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

Episodes = Mapping[str, tuple[Document, ...]]


class ThoughtfulAsker:
    """A model that thinks before it answers."""

    def __init__(self, pretrained: Pretrained, most: int = _THOUGHT_TOKENS) -> None:
        self._model, self._tokenizer = pretrained.model, pretrained.tokenizer
        self._assembler = Assembler(pretrained.tokenizer, thinks=True)
        self._thinking = Thinking(opens="", closes=CLOSES, most=most)
        self._shape: ModelShape = model_shape(pretrained.model)

    def ask(
        self,
        route: Route,
        seed: int,
        questions: Sequence[Question],
        episodes: Episodes,
        needed: Episodes,
        *,
        done: frozenset[str] = frozenset(),
    ) -> Iterator[AnsweredRow]:
        """Ask the questions that have episodes and are not in ``done``.

        Args:
            needed: the documents that a question needs, which stand as its thought where the route says so; questions
                that do not say are left out then.

        Raises:
            PromptTooLongError: a prompt does not fit the model's window with a thought; nothing was asked then.
        """
        from obverse.answering.asking import answer_of
        from obverse.types import AnsweredRow

        given = route.answer == "needed thought"
        asked = [one for one in questions if one.id in episodes and (one.id in needed or not given)]
        prompts = {one.id: self._prompt(one.prompt, episodes[one.id]) for one in asked}
        self._check_window(prompts.values())
        left = [question for question in asked if question.id not in done]
        for start in range(0, len(left), _TOGETHER):
            some = left[start : start + _TOGETHER]
            with Meter() as meter:
                thinker = self._thinker()
                thoughts: list[tuple[str, ...]]
                if given:
                    thoughts = [(" ".join(one.text for one in needed[question.id]),) for question in some]
                else:
                    thoughts = self._think(
                        thinker, route, seed, some[0].id, [prompts[question.id] for question in some]
                    )
                readings, read = self._read(
                    some, [prompts[question.id] for question in some], thoughts, not route.control
                )
            answers = tuple(
                answer_of(route, seed, self._assembler.as_read(question), episodes, reading, own)
                for question, reading, own in zip(some, readings, thoughts, strict=True)
            )
            spent = thinker.counts.ledger(self._shape) + read.ledger(self._shape)
            spent = replace(spent, seconds=meter.seconds, peak_memory_bytes=meter.peak_memory_bytes)
            yield AnsweredRow(answers, Ledger(), spent, None, unshared(self._model))

    def say(self, question: str, documents: Sequence[Document]) -> tuple[str, str]:
        """The likeliest thought about a question and the answer behind it, in words.

        Raises:
            PromptTooLongError: the prompt does not fit the model's window with a thought.
        """
        prompt = self._prompt(question, documents)
        self._check_window([prompt])
        ((thought,),) = self._thinker().think([prompt])
        text = _thought_of(thought.text)
        asked = [Question("asked", question, "", ())]
        (reading,), _ = self._read(asked, [prompt], [(text,)], True)
        return text.strip(), reading.generated.strip()

    def _prompt(self, question: str, documents: Sequence[Document]) -> str:
        return self._assembler.prefix(documents) + self._assembler.prompt(question)

    def _thinker(self) -> Thinker:
        return Thinker(
            self._model, self._tokenizer, self._thinking, special_tokens=self._assembler.form == "plain"
        )

    def _think(
        self, thinker: Thinker, route: Route, seed: int, first: str, prompts: Sequence[str]
    ) -> list[tuple[str, ...]]:
        forced = route.answer == "forced thinking"
        groups = thinker.think(
            prompts,
            max(1, route.thoughts),
            temperature=_TEMPERATURE if route.thoughts else 0.0,
            seed=derive_seed("thoughtful", route.label, seed, first),
            least=self._thinking.most if forced else 0,
        )
        return [
            tuple(thought.text if forced else _thought_of(thought.text) for thought in group)
            for group in groups
        ]

    def _read(
        self,
        questions: Sequence[Question],
        prompts: Sequence[str],
        thoughts: Sequence[Sequence[str]],
        generates: bool,
    ) -> tuple[list[Reading], Counts]:
        """What the model makes of each question, averaged over its thoughts, and what that took."""
        requests = [
            Request(
                self._thinking.after(prompt, thought),
                tuple(
                    f" {self._assembler.as_data(choice)}{self._assembler.end}" for choice in question.choices
                ),
            )
            for question, prompt, some in zip(questions, prompts, thoughts, strict=True)
            for thought in some
        ]
        encoded = encode(self._tokenizer, "", requests, special_tokens=self._assembler.form == "plain")
        limits = [(one.longest_choice or _SAID_TOKENS) + _ROOM_TOKENS if generates else 0 for one in encoded]
        reader = Reader(self._model, self._tokenizer, encoded, new_tokens=limits)
        tree = reader.encode_root()
        found = {reading.index: reading for row in reader.read() for reading in row}
        readings, first = [], 0
        for some in thoughts:
            readings.append(_averaged([found[index] for index in range(first, first + len(some))]))
            first += len(some)
        generated = sum(reading.generated_tokens for reading in found.values())
        return readings, tree.counts + Counts(generated=generated)

    def _check_window(self, prompts: Iterable[str]) -> None:
        """Refuse what does not fit before anything is asked."""
        window = context_window(self._model)
        tokens = tokens_of(self._tokenizer, tuple(prompts), opens=self._assembler.form == "plain")
        (closes,) = tokens_of(self._tokenizer, [CLOSES], opens=False)
        needed = max(map(len, tokens), default=0) + self._thinking.most + len(closes)
        if window is not None and needed > window:
            raise PromptTooLongError(needed, window, "the longest prompt with a thought")


def _thought_of(text: str) -> str:
    """The thought without an answer that the model began in other words than those that close a thought."""
    return _ANSWERS.split(text, maxsplit=1)[0]


def _averaged(readings: Sequence[Reading]) -> Reading:
    """Likelihoods as their mean, and the answer that most thoughts lead to, the earliest of several."""
    columns = zip(*(reading.log_likelihoods for reading in readings), strict=True)
    answers = Counter(reading.generated.strip() for reading in readings)
    likeliest, _ = answers.most_common(1)[0]
    return replace(
        readings[0],
        log_likelihoods=tuple(_log_mean(column) for column in columns),
        generated=likeliest,
        generated_tokens=sum(reading.generated_tokens for reading in readings),
    )


def _log_mean(logs: Sequence[float]) -> float:
    """The logarithm of the mean of what these are the logarithms of."""
    highest = max(logs)
    if highest == -math.inf:
        return highest
    return highest + math.log(sum(math.exp(log - highest) for log in logs) / len(logs))

"""Oral evaluator of decoders from scratch: questions, with whatever stands in front, by every way of answering."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.learners.learner import Teaching
from obverse.learners.recalling import Recalling, read_thinking
from obverse.retrieval.contexts import Contexts
from obverse.types import (
    TOP_K,
    Answer,
    AnsweredRow,
    Document,
    InputError,
    Ledger,
    Question,
    Route,
    Task,
    derive_seed,
)

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from obverse.answering.short import ShortReader
    from obverse.answering.voting import Voting
    from obverse.costs import ModelShape

# What validation questions are asked with, besides nothing: the needed documents among two others.
_CURVE_DISTRACTORS = 2


class DecoderEvaluator:
    """The questions of one task.

    Args:
        recalling: how thoughts are drawn.
        folder: for the indexes of retrievers.
        teaching: whose seed and task name samples are drawn by.
    """

    def __init__(
        self,
        task: Task,
        tokenizer: PreTrainedTokenizerBase,
        recalling: Recalling,
        folder: Path,
        teaching: Teaching,
    ) -> None:
        self._task, self._tokenizer, self._recalling = task, tokenizer, recalling
        self._contexts, self._teaching = Contexts(task, folder / "memory", TOP_K), teaching

    def ask(self, model: Any, shape: ModelShape, route: Route, voting: Voting | None = None) -> AnsweredRow:
        """The answers of one route to all questions that it has episodes for, by vote if that is asked for."""
        from obverse.answering.matching import matches_leniently, matches_strictly
        from obverse.answering.short import ShortReader
        from obverse.answering.thinking import Thinker
        from obverse.answering.voting import vote
        from obverse.costs import Meter
        from obverse.types import AnsweredRow

        reader = ShortReader(model, self._tokenizer)
        questions, episodes, prompts, searching = self._prompts(reader, self._task.questions, route)
        with Meter() as meter:
            thoughts: list[tuple[str, ...]] = [() for _ in questions]
            thinker = Thinker(model, self._tokenizer, self._recalling.thinking)
            if route.answer == "direct":
                readings = reader.read(prompts, [question.choices for question in questions])
            else:
                readings, thoughts = read_thinking(
                    thinker,
                    reader,
                    self._task,
                    questions,
                    prompts,
                    route,
                    self._recalling,
                    self._teaching.seed,
                )
            generated = [reading.generated for reading in readings]
            if voting is not None:
                seed = derive_seed(self._teaching.task_name, self._teaching.seed, "votes", route.label)
                generated = vote(reader, prompts, self.lengths(questions), voting, seed)
        answers = tuple(
            Answer(
                question=question.id,
                route=route.name,
                control=route.control,
                seed=self._teaching.seed,
                log_likelihoods=reading.log_likelihoods,
                token_counts=reading.token_counts,
                generated=said,
                strict=matches_strictly(said, question.answer),
                lenient=matches_leniently(said, question.answer, question.choices),
                retrieved=tuple(document.id for document in episodes[question.id]),
                thoughts=some,
            )
            for question, reading, said, some in zip(questions, readings, generated, thoughts, strict=True)
        )
        spent = reader.counts.ledger(shape, meter) + thinker.counts.ledger(shape) + searching
        return AnsweredRow(answers, self._contexts.indexing(route), spent, None)

    def validate(self, model: Any, reads: bool) -> list[dict[str, object]]:
        """Shares of validation questions answered exactly, by kind; with documents in the context if it ``reads``."""
        from obverse.answering.short import ShortReader

        reader = ShortReader(model, self._tokenizer)
        rows: list[dict[str, object]] = []
        beside = Route(f"oracle:{_CURVE_DISTRACTORS}", context="oracle", distractors=_CURVE_DISTRACTORS)
        for route in (Route(""), beside) if reads else (Route(""),):
            questions, _, prompts, _ = self._prompts(reader, self._task.validation, route)
            right: dict[tuple[str, bool], list[bool]] = {}
            for question, answer in zip(
                questions, reader.answer(prompts, self.lengths(questions)), strict=True
            ):
                right.setdefault((question.kind, question.latent), []).append(answer == question.answer)
            rows += [
                {
                    "context": route.name,
                    "kind": kind,
                    "latent": latent,
                    "mean": sum(found) / len(found),
                    "questions": len(found),
                }
                for (kind, latent), found in right.items()
            ]
        return rows

    def lengths(self, questions: Iterable[Question]) -> list[int]:
        """Tokens of each answer."""
        return [len(self._tokenizer(question.answer).input_ids) for question in questions]

    def _prompts(
        self, reader: ShortReader, questions: Sequence[Question], route: Route
    ) -> tuple[list[Question], Mapping[str, tuple[Document, ...]], list[str], Ledger]:
        """Those questions that the route has episodes for, the episodes, the prompts, and what searching took."""
        episodes, searching = self._contexts.of(route, questions)
        asked = [question for question in questions if question.id in episodes]
        prompts = [_prompt(episodes[question.id], question) for question in asked]
        window = int(reader.window)
        longest = max((len(prompt.split()) for prompt in prompts), default=0)
        if longest > window:
            raise InputError(
                f"{route.label}: a prompt of {longest} tokens does not fit the model's window of {window}; "
                "put fewer documents into it, for example with context:8"
            )
        return asked, episodes, prompts, searching

    def episodes(self, questions: Sequence[Question], route: Route) -> dict[str, tuple[Document, ...]]:
        """What stands in front of those questions that the route has something for."""
        return self._contexts.of(route, questions)[0]


def _prompt(episodes: Sequence[Document], question: Question) -> str:
    return " ".join([*(document.text for document in episodes), question.prompt])

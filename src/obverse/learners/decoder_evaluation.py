"""Evaluator of decoders from scratch: questions, with whatever stands in front, by every way of answering."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.learners.learner import Teaching
from obverse.learners.recalling import Recalling
from obverse.retrieval.contexts import Contexts
from obverse.types import TOP_K, AnsweredRow, Document, Question, Route, Task, derive_seed

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from obverse.answering.answerer import Answerer
    from obverse.answering.voting import Voting

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

    def ask(self, model: Any, route: Route, voting: Voting | None = None) -> AnsweredRow:
        """The answers of one route to all questions that it has episodes for, by vote if that is asked for."""
        from obverse.answering.answerer import answered_rows
        from obverse.answering.decoder_answerer import DecoderAnswerer
        from obverse.learners.recalling import RecallingAnswerer

        seed = self._teaching.seed
        answerer: Answerer = DecoderAnswerer(
            model,
            self._tokenizer,
            voting,
            derive_seed(self._teaching.task_name, seed, "votes", route.label),
        )
        if route.answer != "direct":
            answerer = RecallingAnswerer(model, self._tokenizer, self._task, route, self._recalling, seed)
        episodes, searching = self._contexts.of(route, self._task.questions)
        (row,) = answered_rows(answerer, route, seed, self._task.questions, episodes)
        # Indexing is a part of teaching, once; what a search takes is a part of asking.
        return replace(row, taught=self._contexts.indexing(route), asked=row.asked + searching)

    def validate(self, model: Any, reads: bool) -> list[dict[str, object]]:
        """Shares of validation questions answered exactly, by kind; with documents in the context if it ``reads``."""
        from obverse.answering.answerer import Asked
        from obverse.answering.decoder_answerer import DecoderAnswerer

        answerer = DecoderAnswerer(model, self._tokenizer)
        rows: list[dict[str, object]] = []
        beside = Route(f"oracle:{_CURVE_DISTRACTORS}", context="oracle", distractors=_CURVE_DISTRACTORS)
        for route in (Route(""), beside) if reads else (Route(""),):
            episodes = self.episodes(self._task.validation, route)
            questions = [question for question in self._task.validation if question.id in episodes]
            prompts = answerer.prompts(Asked(question, episodes[question.id]) for question in questions)
            said = answerer.reader.answer(prompts, self.lengths(questions))
            right: dict[tuple[str, bool], list[bool]] = {}
            for question, answer in zip(questions, said, strict=True):
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

    def episodes(self, questions: Sequence[Question], route: Route) -> dict[str, tuple[Document, ...]]:
        """What stands in front of those questions that the route has something for."""
        return self._contexts.of(route, questions)[0]

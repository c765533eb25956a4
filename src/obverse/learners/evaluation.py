"""Asking a pretrained model the questions of a task, route by route, each answered row kept at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from filelock import FileLock

from obverse.answering.asking import Asker
from obverse.answering.thoughtful import ThoughtfulAsker
from obverse.costs import Meter
from obverse.retrieval.episodes import choose_episodes
from obverse.retrieval.exchange import exchange_facts
from obverse.retrieval.indexing import index
from obverse.retrieval.memory import Memory
from obverse.runs.kept_answers import KeptAnswers
from obverse.runs.progress import Progress
from obverse.tasks.completions import COMPLETION
from obverse.types import AnsweredRow, Document, Ledger, Question, Route, Task, content_hash


class Evaluator:
    """The questions of one task, and what each route puts in front of them.

    Args:
        completions: questions of recall in the trained form, asked by the routes without a context.
        memory: folder of the documents as they are searched; they are indexed there where they are not yet.
        top_k: documents that a search returns.
    """

    def __init__(self, task: Task, completions: tuple[Question, ...], memory: Path, top_k: int) -> None:
        self._task, self._completions = task, completions
        self._folder, self._top_k = memory, top_k
        self._memory: tuple[Memory, Ledger] | None = None

    def ask(
        self,
        route: Route,
        asker: Asker,
        thoughtful: ThoughtfulAsker,
        seed: int,
        kept: KeptAnswers,
        progress: Progress,
    ) -> tuple[AnsweredRow, ...]:
        """The answers by a route; those that are not kept yet are asked for.

        Args:
            asker, thoughtful: over the same model; the latter where the route thinks.
            kept: of this route and seed, the same model and the same documents; the answers are appended to it.

        Raises:
            PromptTooLongError: a prompt does not fit the model's window; nothing was asked then.
        """
        questions = self._questions(route)
        searches = route.context == "bm25"
        memory, indexing = self._indexed(progress) if searches else (None, Ledger())
        with Meter() as meter:
            episodes = choose_episodes(
                route.context,
                replace(self._task, questions=questions),
                memory,
                top_k=self._top_k,
                distractors=route.distractors,
                seed=0,  # the same episodes for every retraining, so that seeds differ in training alone
            )
        search = meter.seconds / len(questions) if searches else 0.0
        if route.control:
            episodes = self._exchanged(episodes)
        keys = self._keys(route, questions, episodes)
        done = _answered(kept.rows(keys))
        if done == keys.keys():
            return kept.rows(keys)
        # Indexing is a part of teaching, once; what a search takes is a part of each question.
        indexing = Ledger() if kept.begun else indexing
        if route.answer == "direct":
            rows = asker.ask(route, seed, questions, episodes, done=done)
        else:
            rows = thoughtful.ask(route, seed, questions, episodes, self._needed, done=done)
        answered = len(done)
        with progress.steps(f"Asking: {route.label}") as advance:
            for row in rows:
                searching = Ledger(seconds=search * len(row.answers))
                priced = replace(row, taught=row.taught + indexing, asked=row.asked + searching)
                kept.append(priced, [keys[answer.question] for answer in row.answers])
                indexing = Ledger()
                answered += len(row.answers)
                advance(answered, len(keys), "")
        return kept.rows(keys)

    def _keys(
        self, route: Route, questions: tuple[Question, ...], episodes: Mapping[str, tuple[Document, ...]]
    ) -> dict[str, str]:
        """For the id of each question that is asked the hash of the request: what decides the answer by this route."""
        shown: dict[int, str] = {}  # the same documents stand before many questions
        keys = {}
        for question in questions:
            if question.id not in episodes:
                continue
            documents = episodes[question.id]
            if id(documents) not in shown:
                shown[id(documents)] = content_hash([[one.id, one.text] for one in documents])
            needed = self._needed[question.id] if route.answer == "needed thought" else ()
            keys[question.id] = content_hash(
                {
                    "documents": shown[id(documents)],
                    "prompt": question.prompt,
                    "answer": question.answer,
                    "choices": question.choices,
                    "completion": getattr(question, "after", "") if question.kind == COMPLETION else None,
                    "thought": [document.text for document in needed],
                }
            )
        return keys

    def _questions(self, route: Route) -> tuple[Question, ...]:
        bare = route.context == "none" and route.answer == "direct"
        asked = self._task.questions + (self._completions if bare else ())
        if route.answer == "needed thought":
            return tuple(question for question in asked if question.id in self._needed)
        return asked

    def _indexed(self, progress: Progress) -> tuple[Memory, Ledger]:
        """The documents as they are searched, and what indexing them took; by one process at a time."""
        if self._memory is None:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            stage = progress.stage("Storing the documents in the memory")
            with FileLock(self._folder.with_suffix(".lock")), stage:
                self._memory = index(self._folder, self._task.documents)
        return self._memory

    def _exchanged(self, episodes: Mapping[str, tuple[Document, ...]]) -> dict[str, tuple[Document, ...]]:
        """The same episodes with their facts exchanged."""
        false: dict[int, tuple[Document, ...]] = {}
        for documents in episodes.values():
            if id(documents) not in false:
                false[id(documents)] = tuple(self._false[document.id] for document in documents)
        return {question: false[id(documents)] for question, documents in episodes.items()}

    @cached_property
    def _needed(self) -> dict[str, tuple[Document, ...]]:
        """The documents that questions need, of those that say."""
        return choose_episodes("oracle", self._task, None, top_k=0, distractors=0, seed=0)

    @cached_property
    def _false(self) -> dict[str, Document]:
        """The documents with their facts exchanged, by id: the same for every control."""
        return {document.id: document for document in exchange_facts(self._task, seed=0)}


def _answered(rows: tuple[AnsweredRow, ...]) -> frozenset[str]:
    return frozenset(answer.question for row in rows for answer in row.answers)

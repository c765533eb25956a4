"""Asking a pretrained model the questions of a task, route by route, each answered row kept at once."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from obverse.answering.asking import Asker
from obverse.answering.thoughtful import ThoughtfulAsker
from obverse.costs import Meter
from obverse.retrieval.episodes import choose_episodes
from obverse.retrieval.exchange import exchange_facts, still_said
from obverse.retrieval.indexing import index
from obverse.retrieval.memory import Memory
from obverse.runs.progress import Advance
from obverse.runs.run_folder import Cell, RunFolder
from obverse.types import Document, Ledger, Question, Route, Task


class Evaluator:
    """The questions of one task, and what each route puts in front of them.

    Args:
        completions: questions of recall in the trained form, asked by the routes without a context.
        folder: keeps the answers, and the memory of the documents.
        top_k: documents that a search returns.
    """

    def __init__(self, task: Task, completions: tuple[Question, ...], folder: RunFolder, top_k: int) -> None:
        self._task, self._completions = task, completions
        self._folder, self._top_k = folder, top_k

    @cached_property
    def memory(self) -> Memory:
        """The documents, stored."""
        return self._indexed[0]

    @cached_property
    def _indexed(self) -> tuple[Memory, Ledger]:
        return index(self._folder.path / "memory", self._task.documents)

    def cell(self, route: Route, seed: int) -> Cell:
        """The answers by a route so far."""
        return self._folder.cell(route, seed)

    def finished(self, route: Route, cell: Cell) -> bool:
        """Whether every question is answered."""
        return {question.id for question in self._questions(route)} <= cell.done

    def ask(
        self, route: Route, asker: Asker, thoughtful: ThoughtfulAsker, seed: int, cell: Cell, advance: Advance
    ) -> None:
        """Ask what is not answered yet.

        Args:
            asker, thoughtful: over the same model; the latter where the route thinks.
            cell: of this route and seed; the answers are appended to it.

        Raises:
            PromptTooLongError: a prompt does not fit the model's window; nothing was asked then.
        """
        if self.finished(route, cell):
            return
        questions = self._questions(route)
        searches = route.context == "bm25"
        # Indexing is a part of teaching, once; what a search takes is a part of each question.
        indexing = self._indexed[1] if searches and not cell.done else Ledger()
        with Meter() as meter:
            episodes = choose_episodes(
                route.context,
                replace(self._task, questions=questions),
                self.memory,
                top_k=self._top_k,
                distractors=route.distractors,
                seed=0,  # the same episodes for every retraining, so that seeds differ in training alone
            )
        search = meter.seconds / len(questions) if searches else 0.0
        if route.control:
            episodes = {
                id: tuple(self._false[document.id] for document in documents)
                for id, documents in episodes.items()
            }
        if route.answer == "direct":
            rows = asker.ask(route, seed, questions, episodes, done=cell.done)
        else:
            rows = thoughtful.ask(route, seed, questions, episodes, self._needed, done=cell.done)
        for row in rows:
            searching = Ledger(seconds=search * len(row.answers))
            cell.append(replace(row, taught=row.taught + indexing, asked=row.asked + searching))
            indexing = Ledger()
            advance(len(cell.done), len(episodes), "")

    def check_control(self) -> dict[str, Any]:
        """Of how many questions the documents state the answer, and the ids of those whose false documents do too."""
        still, said = still_said(self._task, self._false.values())
        return {"said": said, "still_said": list(still)}

    def _questions(self, route: Route) -> tuple[Question, ...]:
        bare = route.context == "none" and route.answer == "direct"
        asked = self._task.questions + (self._completions if bare else ())
        if route.answer == "needed thought":
            return tuple(question for question in asked if question.id in self._needed)
        return asked

    @cached_property
    def _needed(self) -> dict[str, tuple[Document, ...]]:
        """The documents that questions need, of those that say."""
        return choose_episodes("oracle", self._task, None, top_k=0, distractors=0, seed=0)

    @cached_property
    def _false(self) -> dict[str, Document]:
        """The documents with their facts exchanged, by id: the same for every control."""
        return {document.id: document for document in exchange_facts(self._task, seed=0)}

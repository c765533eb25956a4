"""Asking a pretrained model the questions of a task, route by route, each answered row kept at once."""

from __future__ import annotations

from dataclasses import replace

from obverse.answering.answerer import Answerer, answered_rows
from obverse.answering.thoughtful import thinking_by
from obverse.retrieval.contexts import Contexts
from obverse.runs.progress import Advance
from obverse.runs.run_folder import Cell, RunFolder
from obverse.types import Ledger, Question, Route, Task


class Evaluator:
    """The questions of one task, and what each route puts in front of them.

    Args:
        completions: questions of recall in the trained form, asked by the routes without a context.
        folder: keeps the answers, and the indexes of retrievers.
        top_k: documents that a search returns.
    """

    def __init__(self, task: Task, completions: tuple[Question, ...], folder: RunFolder, top_k: int) -> None:
        self._task, self._completions = task, completions
        self._folder = folder
        self.contexts = Contexts(task, folder.path / "memory", top_k)

    def cell(self, route: Route, seed: int) -> Cell:
        """The answers by a route so far."""
        return self._folder.cell(route, seed)

    def finished(self, route: Route, cell: Cell) -> bool:
        """Whether every question is answered."""
        return {question.id for question in self._questions(route)} <= cell.done

    def ask(self, route: Route, answerer: Answerer, seed: int, cell: Cell, advance: Advance) -> None:
        """Ask what is not answered yet.

        Args:
            answerer: which thinks, where the route does.
            cell: of this route and seed; the answers are appended to it.

        Raises:
            PromptTooLongError: a prompt does not fit the model's window; nothing was asked then.
            InputError: the route thinks, and the answerer cannot.
        """
        if self.finished(route, cell):
            return
        questions = self._questions(route)
        # Indexing is a part of teaching, once; what a search takes is a part of each question.
        indexing = Ledger() if cell.done else self.contexts.indexing(route)
        episodes, searching = self.contexts.of(route, questions)
        thinking = thinking_by(answerer, route, seed, self.contexts.needed)
        rows = answered_rows(thinking, route, seed, questions, episodes, done=cell.done)
        for row in rows:
            asked = row.asked + searching.part(len(row.answers) / len(questions))
            cell.append(replace(row, taught=row.taught + indexing, asked=asked))
            indexing = Ledger()
            advance(len(cell.done), len(episodes), "")

    def _questions(self, route: Route) -> tuple[Question, ...]:
        bare = route.context == "none" and route.answer == "direct"
        asked = self._task.questions + (self._completions if bare else ())
        if route.answer == "needed thought":
            return tuple(question for question in asked if question.id in self.contexts.needed)
        return asked

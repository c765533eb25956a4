"""Asking a model the questions of a task, route by route; each answered row is kept at once, by what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from obverse.answering.answerer import Answerer, answered_rows
from obverse.answering.encoding import PromptTooLongError
from obverse.answering.thoughtful import thinking_by
from obverse.files import file_name
from obverse.judging.remarks import read_by_itself
from obverse.retrieval.contexts import Contexts, plugin_identity
from obverse.runs.kept_answers import KeptAnswers
from obverse.runs.progress import Progress
from obverse.tasks.completions import COMPLETION
from obverse.types import AnsweredRow, Document, Ledger, Question, Route, Task, content_hash

SHOWN = 16
"""Digits of a hash in the name of a folder."""


class Evaluator:
    """The questions of one task, and what each route puts in front of them.

    Args:
        completions: questions of recall in the trained form, asked by the routes without a context.
        indexes: folder of the documents as they are searched; they are indexed there where they are not yet.
        top_k: documents that a search returns.
    """

    def __init__(self, task: Task, completions: tuple[Question, ...], indexes: Path, top_k: int) -> None:
        self._task, self._completions, self._indexes = task, completions, indexes
        self._contexts = Contexts(task, indexes, top_k)

    def ask_all(
        self, routes: Iterable[Route], answerer: Answerer, seed: int, answers: Path, progress: Progress
    ) -> tuple[dict[str, tuple[AnsweredRow, ...]], dict[str, str]]:
        """The answers of routes and of their false-context twins, by label, and why a route was refused, by name.

        Args:
            answers: folder of the answers of this answerer about these documents.
        """
        rows: dict[str, tuple[AnsweredRow, ...]] = {}
        refused: dict[str, str] = {}
        for route in routes:
            found = {}
            try:
                for arm in route.arms:
                    twin = ".false-context" if arm.control else ""
                    kept = KeptAnswers(answers / f"{file_name(arm.name)}{twin}.{seed}.jsonl")
                    found[arm.label] = self.ask(arm, answerer, seed, kept, progress)
            except PromptTooLongError as problem:
                refused[route.name] = str(problem)
                continue
            rows |= found
            reasons = [row.unshared for answered in found.values() for row in answered if row.unshared]
            if reasons:
                progress.remark(read_by_itself(reasons[0]))
        return rows, refused

    def ask(
        self, route: Route, answerer: Answerer, seed: int, kept: KeptAnswers, progress: Progress
    ) -> tuple[AnsweredRow, ...]:
        """The answers by a route; those that are not kept yet are asked for.

        Args:
            answerer: which thinks, where the route does.
            kept: of this route and seed, the same model and the same documents; the answers are appended to it.

        Raises:
            PromptTooLongError: a prompt does not fit the model's window; nothing was asked then.
            InputError: the route thinks, and the answerer cannot.
        """
        questions = self._questions(route)
        # Indexing is a part of teaching, once; what a search takes is a part of each question.
        indexing = self._index(route, progress)
        episodes, searching = self._contexts.of(route, questions)
        keys = self._keys(route, questions, episodes)
        done = _answered(kept.rows(keys))
        if done == keys.keys():
            return kept.rows(keys)
        indexing = Ledger() if kept.begun else indexing
        thinking = thinking_by(answerer, route, seed, self._contexts.needed)
        answered = len(done)
        with progress.steps(f"Asking: {route.label}") as advance:
            for row in answered_rows(thinking, route, seed, questions, episodes, done=done):
                asked = row.asked + searching.part(len(row.answers) / len(questions))
                priced = replace(row, taught=row.taught + indexing, asked=asked)
                kept.append(priced, [keys[answer.question] for answer in row.answers])
                indexing = Ledger()
                answered += len(row.answers)
                advance(answered, len(keys), "")
        return kept.rows(keys)

    def _index(self, route: Route, progress: Progress) -> Ledger:
        """What indexing for the route took when it was done; by one process at a time."""
        if route.context != "search":
            return Ledger()
        self._indexes.parent.mkdir(parents=True, exist_ok=True)
        stage = progress.stage("Indexing the documents")
        with FileLock(self._indexes.with_suffix(".lock")), stage:
            return self._contexts.indexing(route)

    def _keys(
        self, route: Route, questions: tuple[Question, ...], episodes: Mapping[str, tuple[Document, ...]]
    ) -> dict[str, str]:
        """For the id of each question that is asked the hash of the request: what decides the answer by this route."""
        shown: dict[int, str] = {}  # the same documents stand before many questions
        plugin = plugin_identity(route)
        keys = {}
        for question in questions:
            if question.id not in episodes:
                continue
            documents = episodes[question.id]
            if id(documents) not in shown:
                shown[id(documents)] = content_hash([[one.id, one.text] for one in documents])
            needed = self._contexts.needed[question.id] if route.answer == "needed thought" else ()
            keys[question.id] = content_hash(
                {
                    "documents": shown[id(documents)],
                    "plugin": plugin,
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
            return tuple(question for question in asked if question.id in self._contexts.needed)
        return asked


def index_folder(taught: Path, documents: Iterable[Document]) -> Path:
    """Where the documents lie as they are searched.

    Args:
        taught: folder of all taught models of a run.
    """
    return taught / f"index-{documents_key(documents)[:SHOWN]}"


def documents_key(documents: Iterable[Document]) -> str:
    """Hash of the documents' ids and texts (64 hexadecimal digits)."""
    return content_hash([[document.id, document.text] for document in documents])


def _answered(rows: tuple[AnsweredRow, ...]) -> frozenset[str]:
    return frozenset(answer.question for row in rows for answer in row.answers)

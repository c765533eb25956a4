"""What stands in front of the questions of one task, by each route: the second of a route's three choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from obverse import plugins
from obverse.code_fingerprint import CODE, code_of
from obverse.retrieval.episodes import choose_episodes
from obverse.retrieval.exchange import exchange_facts
from obverse.retrieval.retriever import Index, documents_of, find_retriever, identity_of
from obverse.types import Document, Ledger, Question, Route, Task

Choose = Callable[[Task, Question], Sequence[str]]
"""A context of one's own: the ids of the documents that stand in front of a question, in their order there."""


def find_context(name: str) -> Choose:
    """The context of that name: a registered one, or ``module:function``.

    Raises:
        InputError: see `obverse.plugins.load`.
    """
    choose: Choose = plugins.load("route", name)
    return choose


def plugin_identity(route: Route) -> dict[str, object] | None:
    """What decides the context of a route besides the route: of its retriever, or of its function.

    It belongs into the key of kept answers.  ``None`` where the route needs neither.
    """
    if route.context == "search":
        return identity_of(find_retriever(route.plugin))
    return {CODE: code_of(find_context(route.plugin))} if route.context == "custom" else None


class Contexts:
    """The documents in front of the questions of one task.

    Args:
        folder: for the indexes of retrievers.
        top_k: documents that a search returns.
    """

    def __init__(self, task: Task, folder: Path, top_k: int) -> None:
        self._task, self._folder, self._top_k = task, folder, top_k
        self._indexes: dict[str, Index] = {}

    def of(
        self, route: Route, questions: Sequence[Question]
    ) -> tuple[dict[str, tuple[Document, ...]], Ledger]:
        """The documents in front of those questions that the route has some for, by id, and what searching took.

        They are the same for every seed, so that seeds differ in training alone.
        """
        searching = Ledger()
        if route.context == "search":
            found, searching = self._index(route).search([one.prompt for one in questions], self._top_k)
            chosen = {question.id: some for question, some in zip(questions, found, strict=True)}
        elif route.context == "custom":
            choose, by_id = find_context(route.plugin), {one.id: one for one in self._task.documents}
            chosen = {
                question.id: documents_of(choose(self._task, question), by_id, f"route {route.plugin!r}")
                for question in questions
            }
        else:
            task = replace(self._task, questions=tuple(questions))
            chosen = choose_episodes(route.context, task, distractors=route.distractors, seed=0)
        if route.control:
            chosen = {id: tuple(self._false[one.id] for one in documents) for id, documents in chosen.items()}
        return chosen, searching

    def indexing(self, route: Route) -> Ledger:
        """What indexing for the route took when it was done: a part of teaching, once."""
        return self._index(route).cost if route.context == "search" else Ledger()

    @cached_property
    def needed(self) -> Mapping[str, tuple[Document, ...]]:
        """The documents that questions need, of those that say."""
        return choose_episodes("oracle", self._task, distractors=0, seed=0)

    def _index(self, route: Route) -> Index:
        if route.plugin not in self._indexes:
            self._indexes[route.plugin] = Index(route.plugin, self._task.documents, self._folder)
        return self._indexes[route.plugin]

    @cached_property
    def _false(self) -> dict[str, Document]:
        """The documents with their facts exchanged, by id: the same for every control."""
        return {document.id: document for document in exchange_facts(self._task, seed=0)}

"""The routes: three choices each, joined here and nowhere else.

A route's name says what it chooses: ``finetune`` trains the documents into the parameters; ``context``,
``retrieve`` and ``oracle`` put all documents, those that a search finds, or those that are needed in front of the
question; names joined by ``+`` choose both (``finetune+retrieve``); ``untouched`` chooses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from obverse.answers.asking import Asker
from obverse.context.memory import Memory
from obverse.types import UNTOUCHED, ContextChoice, Document, InputError, ParametersChoice, Route, Task

_PARAMETERS: dict[str, ParametersChoice] = {"finetune": "documents"}
_CONTEXTS: dict[str, ContextChoice] = {"context": "all", "retrieve": "lexical", "oracle": "oracle"}


def route(name: str) -> Route:
    """The route of that name.

    Raises:
        InputError: no such route.
    """
    parts = [] if name == UNTOUCHED else name.split("+")
    parameters = [part for part in parts if part in _PARAMETERS]
    contexts = [part for part in parts if part in _CONTEXTS]
    if len(parameters) > 1 or len(contexts) > 1 or len(parameters) + len(contexts) != len(parts):
        known = ", ".join((UNTOUCHED, *_PARAMETERS, *_CONTEXTS))
        raise InputError(
            f"unknown route {name!r}; the routes are {known}, and finetune joined with one of the last three "
            "by +, for example finetune+retrieve"
        )
    return Route(
        name="+".join(parameters + contexts) or UNTOUCHED,
        parameters=_PARAMETERS[parameters[0]] if parameters else "none",
        context=_CONTEXTS[contexts[0]] if contexts else "none",
    )


def routes(names: Iterable[str]) -> tuple[Route, ...]:
    """The routes of these names, each once, in the order given.

    Raises:
        InputError: no such route, or none at all.
    """
    chosen = tuple(dict.fromkeys(route(name.strip()) for name in names if name.strip()))
    if not chosen:
        raise InputError("no route was named; leave --routes out for all that fit")
    return chosen


def default_routes(task: Task) -> tuple[Route, ...]:
    """The routes that run when none are named; the oracle where the questions say what they need."""
    names = [UNTOUCHED, "finetune", "context", "retrieve"]
    if any(question.needs for question in task.questions):
        names.append("oracle")
    return routes(names)


@dataclass(frozen=True)
class Said:
    """What a taught model says to a question, and the documents that stood in its prompt."""

    text: str
    retrieved: tuple[Document, ...]


@dataclass(frozen=True)
class Taught:
    """A model with what stands in its context and how it answers.

    Args:
        asker: the model, taught or not.
        episodes: how many documents a lexical search brings back.
    """

    route: Route
    asker: Asker
    memory: Memory
    documents: tuple[Document, ...]
    episodes: int

    def ask(self, question: str) -> Said:
        """Answer a question in words.

        Raises:
            InputError: the route needs to know which documents the question needs, or the prompt does not fit.
        """
        if self.route.context == "oracle":
            raise InputError("an oracle knows only the run's own questions; ask another route with --route")
        found: tuple[Document, ...] = ()
        if self.route.context == "lexical":
            by_id = {document.id: document for document in self.documents}
            found = tuple(by_id[id] for id in self.memory.search(question, self.episodes))
        elif self.route.context == "all":
            found = self.documents
        return Said(self.asker.say(question, found), found)

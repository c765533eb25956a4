"""The routes: three choices each, joined here and nowhere else.

A route's name says what it chooses.  ``finetune`` trains the documents into the parameters, ``augment`` also what the
model itself wrote about them, ``reversed``, ``masked`` and ``masked-copy`` train them with another objective.
``context``, ``retrieve`` and ``oracle`` put all documents, those that a search finds, or those that are needed in front
of the question; ``context:2`` and ``oracle:2`` the needed ones among two distractors, of their kind or any.  Names
joined by ``+`` choose both (``finetune+retrieve``); ``untouched`` chooses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from obverse.answers.asking import Asker
from obverse.context.memory import Memory
from obverse.types import UNTOUCHED, ContextChoice, Document, InputError, ParametersChoice, Route, Task

_PARAMETERS: dict[str, ParametersChoice] = {
    "finetune": "documents",
    "augment": "augmented",
    "reversed": "reversed",
    "masked": "masked",
    "masked-copy": "masked copy",
}
_CONTEXTS: dict[str, ContextChoice] = {"context": "all", "retrieve": "lexical", "oracle": "oracle"}
# With a number of distractors behind a colon.
_NUMBERED: dict[str, ContextChoice] = {"context": "part", "oracle": "oracle"}


def route(name: str) -> Route:
    """The route of that name.

    Raises:
        InputError: no such route.
    """
    parts = [] if name == UNTOUCHED else name.split("+")
    parameters = [part for part in parts if part in _PARAMETERS]
    contexts = [(part, found) for part in parts if (found := _context(part))]
    if len(parameters) > 1 or len(contexts) > 1 or len(parameters) + len(contexts) != len(parts):
        known = ", ".join((UNTOUCHED, *_PARAMETERS, *_CONTEXTS, *(f"{part}:N" for part in _NUMBERED)))
        raise InputError(
            f"unknown route {name!r}; the routes are {known}, N being a number of distractors; one that trains and "
            "one that puts documents into the prompt are joined by +, for example finetune+retrieve"
        )
    context, distractors = contexts[0][1] if contexts else ("none", 0)
    return Route(
        name="+".join((*parameters, *(part for part, _ in contexts))) or UNTOUCHED,
        parameters=_PARAMETERS[parameters[0]] if parameters else "none",
        context=context,
        distractors=distractors,
    )


def _context(part: str) -> tuple[ContextChoice, int] | None:
    """What a part of a name puts into the prompt, and among how many distractors."""
    if part in _CONTEXTS:
        return _CONTEXTS[part], 0
    name, colon, number = part.partition(":")
    if colon and name in _NUMBERED and number.isascii() and number.isdigit():
        return _NUMBERED[name], int(number)
    return None


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
        if self.route.context in ("oracle", "part"):
            raise InputError("an oracle knows only the run's own questions; ask another route with --route")
        found: tuple[Document, ...] = ()
        if self.route.context == "lexical":
            by_id = {document.id: document for document in self.documents}
            found = tuple(by_id[id] for id in self.memory.search(question, self.episodes))
        elif self.route.context == "all":
            found = self.documents
        return Said(self.asker.say(question, found), found)

"""The routes: three choices each, joined here and nowhere else.

A route's name says what it chooses.  ``finetune`` trains the documents into the parameters, ``augment`` also what the
model itself wrote about them, ``reversed``, ``masked`` and ``masked-copy`` train them with another objective, and
``recall`` reinforces thoughts that bring them back.  ``context``, ``retrieve`` and ``oracle`` put all documents, those
that a search finds, or those that are needed in front of the question; ``context:2`` and ``oracle:2`` the needed ones
among two distractors, of their kind or any.  ``think`` thinks before it answers, ``think:16`` averages over sixteen
thoughts, ``force-think`` may not end a thought early, and ``oracle-think`` is given the thought that is needed.

Names joined by ``+`` choose one of each (``finetune+retrieve``, ``augment+think``); ``untouched`` trains nothing and
shows nothing, and ``think`` alone is ``recall+think``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from obverse.answering.asking import Asker
from obverse.answering.thoughtful import ThoughtfulAsker
from obverse.retrieval.memory import Memory
from obverse.text.segmentation import tidy
from obverse.types import (
    UNTOUCHED,
    AnswerChoice,
    ContextChoice,
    Document,
    InputError,
    ParametersChoice,
    Route,
    Task,
)

_Choice = TypeVar("_Choice")

_PARAMETERS: dict[str, ParametersChoice] = {
    "finetune": "documents",
    "augment": "augmented",
    "reversed": "reversed",
    "masked": "masked",
    "masked-copy": "masked copy",
    "recall": "recalled",
}
_CONTEXTS: dict[str, ContextChoice] = {"context": "all", "retrieve": "bm25", "oracle": "oracle"}
# With a number of distractors behind a colon.
_COUNTED_CONTEXTS: dict[str, ContextChoice] = {"context": "part", "oracle": "oracle"}
_ANSWERS: dict[str, AnswerChoice] = {
    "think": "thinking",
    "force-think": "forced thinking",
    "oracle-think": "needed thought",
}
# With a number of thoughts behind a colon.
_COUNTED_ANSWERS: dict[str, AnswerChoice] = {"think": "thinking", "force-think": "forced thinking"}
_SHORT = {"think": "recall+think"}


def route(name: str) -> Route:
    """The route of that name.

    Raises:
        InputError: no such route.
    """
    parts = _SHORT.get(name, name).split("+")
    trained = [part for part in parts if part in _PARAMETERS]
    shown = [(part, found) for part in parts if (found := _counted(part, _CONTEXTS, _COUNTED_CONTEXTS))]
    read = [(part, way) for part in parts if (way := _counted(part, _ANSWERS, _COUNTED_ANSWERS))]
    bare = [UNTOUCHED] if not trained and not shown and UNTOUCHED in parts else []
    known = len(bare) + len(trained) + len(shown) + len(read)
    if (
        known != len(parts)
        or any(len(found) > 1 for found in (bare, trained, shown, read))
        or len(read) == known
    ):
        words = ", ".join((UNTOUCHED, *_PARAMETERS, *_CONTEXTS, *_ANSWERS))
        numbered = ", ".join(f"{part}:N" for part in (*_COUNTED_CONTEXTS, *_COUNTED_ANSWERS))
        raise InputError(
            f"unknown route {name!r}; the routes are {words}, {numbered}, N being a number of distractors or thoughts; "
            "one that trains, one that puts documents into the prompt and one that thinks are joined by +, for example "
            "finetune+retrieve or untouched+think"
        )
    context, distractors = shown[0][1] if shown else ("none", 0)
    answer, thoughts = read[0][1] if read else ("direct", 0)
    return Route(
        name="+".join((*bare, *trained, *(part for part, _ in (*shown, *read)))),
        parameters=_PARAMETERS[trained[0]] if trained else "none",
        context=context,
        answer=answer,
        thoughts=thoughts,
        distractors=distractors,
    )


def _counted(
    part: str, plain: Mapping[str, _Choice], counted: Mapping[str, _Choice]
) -> tuple[_Choice, int] | None:
    """What a part of a name chooses, and with what number."""
    if part in plain:
        return plain[part], 0
    name, colon, number = part.partition(":")
    if colon and name in counted and number.isascii() and number.isdigit():
        return counted[name], int(number)
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
    """What a taught model says to a question, the documents that stood in its prompt, and what it thought before."""

    text: str
    retrieved: tuple[Document, ...]
    thought: str = ""


@dataclass(frozen=True)
class Taught:
    """A model with what stands in its context and how it answers.

    Args:
        asker, thoughtful: the model, taught or not; the latter thinks, where the route says so.
        top_k: how many documents a search returns.
    """

    route: Route
    asker: Asker
    thoughtful: ThoughtfulAsker
    memory: Memory
    documents: tuple[Document, ...]
    top_k: int

    def ask(self, question: str) -> Said:
        """Answer a question in words.

        Raises:
            InputError: the route needs to know which documents the question needs, or the prompt does not fit; or
                there is no question.
        """
        question = tidy(question).strip()  # as the questions of a run are
        if not question:
            raise InputError("there is no question; write one")
        if self.route.context in ("oracle", "part") or self.route.answer == "needed thought":
            raise InputError("an oracle knows only the run's own questions; ask another route with --route")
        found: tuple[Document, ...] = ()
        if self.route.context == "bm25":
            by_id = {document.id: document for document in self.documents}
            found = tuple(by_id[id] for id in self.memory.search(question, self.top_k))
        elif self.route.context == "all":
            found = self.documents
        if self.route.answer == "direct":
            return Said(self.asker.say(question, found), found)
        thought, answer = self.thoughtful.say(question, found)
        return Said(answer, found, thought)

"""The routes: three choices each, joined here and nowhere else.

A route's name says what it chooses.  ``finetune`` trains the documents into the parameters, ``augment`` also what the
model itself wrote about them, ``reversed``, ``masked`` and ``masked-copy`` train them with another objective, and
``recall`` reinforces thoughts that bring them back.  ``context``, ``retrieve`` and ``oracle`` put all documents, those
that a search finds, or those that are needed in front of the question; ``context:2`` and ``oracle:2`` the needed ones
among two distractors, of their kind or any; ``retrieve:NAME`` searches with another retriever than BM25, and
``module:function`` is a context of the user's own.  ``think`` thinks before it answers, ``think:16`` averages over
sixteen thoughts, ``force-think`` may not end a thought early, and ``oracle-think`` is given the thought that is needed.

Names joined by ``+`` choose one of each (``finetune+retrieve``, ``augment+think``); ``untouched`` trains nothing and
shows nothing, and ``think`` alone is ``recall+think``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from obverse import plugins
from obverse.retrieval.contexts import Contexts, find_context
from obverse.retrieval.retriever import find_retriever
from obverse.text.segmentation import tidy
from obverse.types import (
    BM25,
    UNTOUCHED,
    AnswerChoice,
    ContextChoice,
    Document,
    InputError,
    ParametersChoice,
    Question,
    Route,
    Task,
)

if TYPE_CHECKING:
    from obverse.answering.answerer import Answerer

_Choice = TypeVar("_Choice")


@dataclass(frozen=True)
class Word(Generic[_Choice]):
    """A part of a route's name.

    Args:
        choice: what it chooses.
        about: what the route does then, for the page.
        counted: what it chooses with a number of distractors or of thoughts behind a colon, where it takes one.
        counted_about: the same with ``{others}``, distractors in words, or ``{number}``.
    """

    choice: _Choice
    about: str
    counted: _Choice | None = None
    counted_about: str = ""


PARAMETERS: dict[str, Word[ParametersChoice]] = {
    "finetune": Word("documents", "the documents are trained into the model's parameters"),
    "augment": Word(
        "augmented",
        "the documents are trained in, together with texts written about them: paraphrases, and statements that follow "
        "from them",
    ),
    "reversed": Word("reversed", "each document is trained in both orders of its words"),
    "masked": Word(
        "masked",
        "words of the documents are masked, and a model that reads in both directions is trained to fill them in",
    ),
    "masked-copy": Word("masked copy", "each document is trained after a masked copy of itself"),
    "recall": Word(
        "recalled",
        "the documents are trained in, and then thoughts that led to right answers are reinforced",
    ),
}
RETRIEVE = "retrieve"
"""Names a search; another retriever than BM25 stands behind a colon."""
CONTEXTS: dict[str, Word[ContextChoice]] = {
    "context": Word(
        "all",
        "all documents stand in the prompt, in front of the question",
        "part",
        "the documents that the question needs and {others} of their kind stand in the prompt",
    ),
    RETRIEVE: Word(
        "search", "a search finds a few documents for each question and puts them into the prompt"
    ),
    "oracle": Word(
        "oracle",
        "the documents that the question needs stand in the prompt: an upper bound for any search",
        "oracle",
        "the documents that the question needs and {others} stand in the prompt",
    ),
}
ANSWERS: dict[str, Word[AnswerChoice]] = {
    "think": Word(
        "thinking",
        "the model thinks before it answers",
        "thinking",
        "{number} thoughts are drawn, and the answer is their average",
    ),
    "force-think": Word(
        "forced thinking",
        "the model thinks before it answers, and may not end before it has used all its room",
        "forced thinking",
        "{number} thoughts that use all their room are drawn, and the answer is their average",
    ),
    "oracle-think": Word(
        "needed thought", "the documents that the question needs stand as the model's thought"
    ),
}
_SHORT = {"think": "recall+think"}


def route(name: str) -> Route:
    """The route of that name.

    Raises:
        InputError: no such route, or no such retriever or context of one's own (`obverse.plugins`).
    """
    parts = _SHORT.get(name, name).split("+")
    trained = [part for part in parts if part in PARAMETERS]
    shown = [found for part in parts if (found := _context(part))]
    read = [(part, way) for part in parts if (way := _counted(part, ANSWERS))]
    bare = [UNTOUCHED] if not trained and not shown and UNTOUCHED in parts else []
    known = len(bare) + len(trained) + len(shown) + len(read)
    if (
        known != len(parts)
        or any(len(found) > 1 for found in (bare, trained, shown, read))
        or len(read) == known
    ):
        words = ", ".join((UNTOUCHED, *PARAMETERS, *CONTEXTS, *ANSWERS))
        counted = [part for table in (CONTEXTS, ANSWERS) for part, word in table.items() if word.counted]
        numbered = ", ".join(f"{part}:N" for part in counted)
        raise InputError(
            f"unknown route {name!r}; the routes are {words}, {numbered}, N being a number of distractors or thoughts; "
            f"{RETRIEVE}:NAME for another retriever, module:function for a context of your own; "
            "one that trains, one that puts documents into the prompt and one that thinks are joined by +, for example "
            "finetune+retrieve or untouched+think"
        )
    context = shown[0] if shown else Route("")
    answer, thoughts = read[0][1] if read else ("direct", 0)
    return replace(
        context,
        name="+".join((*bare, *trained, *(one.name for one in shown), *(part for part, _ in read))),
        parameters=PARAMETERS[trained[0]].choice if trained else "none",
        answer=answer,
        thoughts=thoughts,
    )


def is_custom(part: str) -> bool:
    """Whether a part of a route's name names a context of the user's own."""
    known = part.partition(":")[0] in {UNTOUCHED, *PARAMETERS, *CONTEXTS, *ANSWERS}
    return not known and (plugins.is_path(part) or part in plugins.registered("route"))


def _context(part: str) -> Route | None:
    """The route that this part of a name is by itself, where it chooses a context."""
    word, colon, retriever = part.partition(":")
    if word == RETRIEVE:
        found = retriever if colon else BM25
        find_retriever(found)
        return Route(RETRIEVE if found == BM25 else part, context="search", plugin=found)
    if is_custom(part):
        find_context(part)
        return Route(part, context="custom", plugin=part)
    if chosen := _counted(part, CONTEXTS):
        return Route(part, context=chosen[0], distractors=chosen[1])
    return None


def _counted(part: str, words: Mapping[str, Word[_Choice]]) -> tuple[_Choice, int] | None:
    """What a part of a name chooses, and with what number."""
    name, colon, number = part.partition(":")
    word = words.get(name)
    if word is None:
        return None
    if not colon:
        return word.choice, 0
    if word.counted is not None and number.isascii() and number.isdigit():
        return word.counted, int(number)
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
        answerer: the model, taught or not.
        contexts: of the documents of the run.
    """

    route: Route
    answerer: Answerer
    contexts: Contexts

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
        asked = Question("asked", question, "", ())
        found = self.contexts.of(self.route, [asked])[0][asked.id]
        from obverse.answering.answerer import read_one
        from obverse.answering.thoughtful import thinking_by

        # Of several thoughts there would be several answers; the likeliest has one.
        once = replace(
            self.route, answer="direct" if self.route.answer == "direct" else "thinking", thoughts=0
        )
        reading = read_one(thinking_by(self.answerer, once, 0, {}), question, found)
        return Said(reading.generated, found, "".join(reading.thoughts).strip())

"""Checks of questions by a model that answers them: with what they need in view, with a part of it, with nothing.

A question is rejected that is not answered with what it needs in view, or is answered without one of several documents
that it needs: in that one's place then stand documents with its wrong choices, so that nothing is picked since it is
all there is; with likelihoods, it counts only where the missing document adds nothing to the answer's lead.  What the
model knows with nothing in view is not rejected and marked as known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from obverse.augmentation.store import Advance
from obverse.questions.asking import Answerer, Case, Heard
from obverse.questions.corpus import Corpus, says
from obverse.questions.kinds import ABSENT
from obverse.tasks.documents import source
from obverse.tasks.places import quote
from obverse.types import Document, Question

NOT_ASKED = "not asked"

_STAND_INS = 3


@dataclass(frozen=True)
class Tried:
    """How a model answered a question.

    Args:
        answered, missing: why it is rejected; empty where it is not; `NOT_ASKED` where nothing was heard.
        known: whether it is answered with nothing in view; nothing where that was not heard.
    """

    answered: str = NOT_ASKED
    missing: str = NOT_ASKED
    known: bool | None = None


def try_questions(
    questions: Sequence[Question], corpus: Corpus, answerer: Answerer, progress: Advance = lambda *_: None
) -> list[Tried]:
    """How the model answers each question, in their order.

    Questions whose answer is not in the documents are not tried: how a model answers them is what users measure.
    """
    asked = [question if question.needs and question.kind != ABSENT else None for question in questions]
    cases: list[Case] = []
    without: list[list[str]] = []
    for question in asked:
        if question is not None:
            left_out = _parts(question)
            without.append(left_out)
            cases.append(Case(question))
            cases.append(Case(question, tuple(corpus.by_id[id] for id in question.needs)))
            cases += [Case(question, _view(question, left, corpus)) for left in left_out]
    heard = iter(answerer.ask(cases, progress))
    parts = iter(without)
    return [Tried() if question is None else _tried(heard, next(parts)) for question in asked]


def _tried(heard: Iterator[Heard | None], left_out: Sequence[str]) -> Tried:
    alone, whole = next(heard), next(heard)
    partly = list(islice(heard, len(left_out)))
    known = None if alone is None else alone.right and alone.said
    if whole is None:
        return Tried(known=known)
    missing = "" if any(partly) or not left_out else NOT_ASKED
    for id, part in zip(left_out, partly, strict=True):
        if part and part.right and part.said and part.margin >= whole.margin:
            missing = f"the model answers it without {quote(id)}"
            break
    return Tried(
        "" if whole.right else "the model does not answer it with what it needs in view",
        missing,
        known,
    )


def _parts(question: Question) -> list[str]:
    """The files that a question needs, where it needs several and no document says the answer."""
    files = list(dict.fromkeys(map(source, question.needs)))
    return files if question.latent and len(files) > 1 else []


def _view(question: Question, left_out: str, corpus: Corpus) -> tuple[Document, ...]:
    """What the question needs without one file, and documents that have its wrong choices."""
    kept = [id for id in question.needs if source(id) != left_out]
    wrong = [choice for choice in question.choices if choice != question.answer]
    others: dict[str, None] = {}
    for choice in wrong:
        found = (
            id
            for id in corpus.holding(choice)
            if id not in question.needs and not says(corpus.by_id[id].text, question.answer)
        )
        others.update(dict.fromkeys(islice(found, 1)))
    ids = sorted((*kept, *islice(others, _STAND_INS)))
    return tuple(corpus.by_id[id] for id in ids)

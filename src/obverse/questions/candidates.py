"""From sources to assignments, and from what was written to candidates for questions.

What small models write around a question goes: labels in any language, numbers, what they thought first, another text
that they made up behind theirs.  Whatever comes, nothing is raised; what is no question with an answer is counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from obverse.augmentation.lines import question_answers, visible
from obverse.augmentation.planning import Room
from obverse.augmentation.prompts import SEPARATOR, Prompt, numbered
from obverse.augmentation.writing import Assignment, Written
from obverse.questions.corpus import Corpus, says
from obverse.questions.kinds import KINDS, QuestionKind
from obverse.questions.languages import script_of
from obverse.questions.sources import Source
from obverse.text.segmentation import asks, unspaced, words

PLACES: Mapping[str, tuple[str, ...]] = {
    **{kind.short: ("texts",) for kind in KINDS.values()},
    "answer": ("documents", "question"),
    "known": ("question",),
}
"""The prompts, and the places of each: one for each kind, and two that ask a model behind an endpoint."""

PACKAGE = "obverse.questions"

_MOST_QUESTION_WORDS, _MOST_ANSWER_WORDS = 50, 12
# Characters count as words there.
_MOST_UNSPACED = 100, 30
# The mark of a question is left out, or stands within a word.
_UNMARKED = ("Thai", "Lao", "Khmer", "Myanmar", "Tibetan", "Ethiopic", "Armenian")
_NEXT_TEXT = re.compile(r"\n\s*(?:Texts?|Documents?)\s*:")
_STOP = re.compile(r"(?<=\w\w)[.\u3002\u0964\u06d4\u0589\u1362]+\Z")


@dataclass(frozen=True)
class Candidate:
    """A question with its answer, as they were written.

    Args:
        answer: the right one; of what is not in the documents, an invented one.
        source: what it was written from.
        rank: its place among the questions of its text, from 0.
    """

    kind: QuestionKind
    prompt: str
    answer: str
    source: Source
    rank: int


@dataclass(frozen=True)
class Read:
    """What a text holds.

    Args:
        rejected: why others are no candidates, one reason each.
        fault: why there is none at all; empty where there is.
    """

    candidates: tuple[Candidate, ...] = ()
    rejected: tuple[str, ...] = ()
    fault: str = ""


def assignment_for(
    kind: QuestionKind, source: Source, prompt: Prompt, corpus: Corpus, sample: int
) -> Assignment:
    """What is asked for a source.

    Args:
        sample: which of several independent texts.
    """
    texts = SEPARATOR.join(map(numbered, range(1, 1 + len(source.documents)), corpus.texts(source.documents)))
    shared = f"{SEPARATOR}Shared: {source.shared}" if source.shared else ""
    return Assignment(
        f"question: {kind.short}",
        source.documents[0],
        source.documents,
        prompt.shared(),
        prompt.own(texts + shared),
        sample,
    )


def fits(assignment: Assignment, room: Room | None) -> bool:
    """Whether a prompt is short enough."""
    return room is None or room.count(assignment.prompt) <= room.tokens


def read_candidates(kind: QuestionKind, source: Source, written: Written, corpus: Corpus) -> Read:
    """The questions of a text that are such and have an answer of a few words, each once."""
    if written.fault:
        return Read(fault=written.fault)
    text = _NEXT_TEXT.split(visible(written.text).replace("**", "").replace("__", ""))[0]
    pairs = list(question_answers(text)) or list(question_answers(f"Question: {text}"))
    if not written.ended and pairs and not text.endswith("\n"):
        pairs = pairs[:-1]  # its answer was cut
    if not pairs:
        return Read(fault="there is no question with its answer in it")
    found: dict[str, Candidate] = {}
    rejected: list[str] = []
    for rank, (prompt, answer) in enumerate(pairs):
        bare = _STOP.sub("", answer)
        one = Candidate(kind, prompt, bare, source, rank)
        if fault := _fault(one, corpus):
            rejected.append(fault)
        else:
            found.setdefault(prompt, one)
    return Read(tuple(found.values()), tuple(rejected))


def _fault(candidate: Candidate, corpus: Corpus) -> str:
    """Why a pair is no candidate; empty where it is one."""
    question, answer = candidate.prompt, candidate.answer
    if not asks(question) and script_of(question) not in _UNMARKED:
        return "it is no question"
    most = _MOST_UNSPACED if unspaced(question) else (_MOST_QUESTION_WORDS, _MOST_ANSWER_WORDS)
    if len(words(question)) > most[0]:
        return "the question is long"
    if len(words(answer)) > most[1]:
        return "the answer is long"
    if candidate.kind.about != "compared" and says(question, answer):
        return "the question names its answer"
    if candidate.kind.short == "absent" and _said(answer, candidate.source.documents, corpus):
        return "the documents say what should be invented"
    return ""


def _said(answer: str, ids: Sequence[str], corpus: Corpus) -> bool:
    return any(says(text, answer) for text in corpus.texts(ids))

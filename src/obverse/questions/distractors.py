"""Wrong choices of the type of the answer, from the same documents.

They are answers of other questions and names of the documents that look alike, with digits or without, capitalised or
not, and not much longer or shorter; those first whose questions begin alike, and that stand beside the same words in
the documents.  What the question names, or what stands in a sentence that the answer rests on or that is about the same
names, could be right too and is none.  Where things are compared, the others are the wrong choices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import sqrt

import regex

from obverse.questions.corpus import Corpus, says
from obverse.tasks.choices import apart
from obverse.tasks.questions import DISTRACTORS
from obverse.text.scripts import ARTICLES
from obverse.text.segmentation import places, words
from obverse.types import derive_seed

FEWEST = 2
"""Wrong choices that a question must have, unless it compares."""

_FRAME_WORDS = 2
_MOST_LONGER = 2.5
# Of each sort so many names are looked at, from all over the documents.
_MOST_NAMES = 2000
_MOST_COMPARED_WORDS = 8
_CUT = regex.compile(r"[,;:?!\u060c\u061f\u3001\uff0c\uff1b\uff1a\uff1f\u2013\u2014]")
_LAST_WORD = regex.compile(r"\s*[\w'\u2019]+\s*\Z")
_FIRST_WORD = regex.compile(r"\A\s*[\w'\u2019]+\s+")


@dataclass(frozen=True)
class Given:
    """An answer from which other questions take a wrong choice.

    Args:
        question: its own.
        around: the words that stand beside it in its documents (`Corpus.around`).
    """

    question: str
    answer: str
    around: frozenset[str]


def wrong_choices(given: Given, said: Sequence[str], others: Iterable[Given], corpus: Corpus) -> list[str]:
    """Up to three wrong choices that can be told apart, the most alike first; none of them stands in another.

    Args:
        given: the right answer.
        said: the sentences that it rests on, and others about what the question names: what stands there may be right.
        others: answers of other questions about the same documents.
    """
    barred = (given.question, *said)
    look = _look(given.answer)
    ranks: dict[str, tuple[float, int, int]] = {}
    for one in (*others, *_names(corpus, digits=look[0])):
        lengths = sorted((len(words(one.answer)), len(words(given.answer))))
        if (
            _look(one.answer) == look
            and lengths[1] <= _MOST_LONGER * lengths[0]
            and not any(says(text, one.answer) for text in barred)
        ):
            order = derive_seed("questions", "choices", given.question, one.answer)
            rank = (-_likeness(given, one), lengths[1] - lengths[0], order)
            ranks[one.answer] = min(rank, ranks.get(one.answer, rank))
    return apart(given.answer, sorted(ranks, key=ranks.__getitem__), DISTRACTORS)


def compared_things(question: str, answer: str, needs: Sequence[str], corpus: Corpus) -> list[str]:
    """The other things that a question compares the answer with, as it calls them; empty where they cannot be found."""
    place = next(places(answer, question), None)
    if place is None:
        return []
    before, behind = question[: place[0]], question[place[1] :]
    # Between two things stands a word such as "or".
    pieces = [*_CUT.split(_LAST_WORD.sub("", before)), *_CUT.split(_FIRST_WORD.sub("", behind))]
    texts = corpus.texts(needs)
    return [thing for piece in pieces for thing in _things(piece.split(), texts)]


def _things(piece: Sequence[str], texts: Sequence[str]) -> list[str]:
    """What some text names in the words of a piece: all of them, or those on both sides of a word such as ``and``."""
    for parts in ([piece], *([piece[:at], piece[at + 1 :]] for at in range(1, len(piece) - 1))):
        things = [" ".join(part) for part in parts]
        if all(
            0 < len(words(thing)) <= _MOST_COMPARED_WORDS and any(says(text, thing) for text in texts)
            for thing in things
        ):
            return things
    return []


def _names(corpus: Corpus, *, digits: bool) -> Iterator[Given]:
    """The names of the documents, or their numbers."""
    for sort, named in corpus.surroundings.items():
        if named and (sort == "number") is digits:
            every = -(-len(named) // _MOST_NAMES)
            yield from (Given("", name, around) for name, around in islice(named.items(), 0, None, every))


def _likeness(one: Given, other: Given) -> float:
    """How likely two answers are of one type: by how their questions begin, what stands beside them, and their ends."""
    shared = len(one.around & other.around) / max(1.0, sqrt(len(one.around) * len(other.around)))
    frames = zip(_frame(one.question), _frame(other.question), strict=False)
    same_frame = sum(own == others for own, others in frames) / _FRAME_WORDS
    last, other_last = one.answer.split()[-1:], other.answer.split()[-1:]
    same_word = last == other_last and last[0].islower()
    same_length = len(one.answer.split()) == len(other.answer.split())
    return same_frame + shared + same_word + same_length / 2


def _frame(question: str) -> tuple[str, ...]:
    """The first words of a question, which tell what type it asks for."""
    return tuple(words(question)[:_FRAME_WORDS])


def _look(answer: str) -> tuple[bool, bool]:
    """Whether an answer has a digit, and whether its first word is capitalised, an article aside."""
    bare = answer.split()
    first = next((word for word in bare if word.casefold() not in ARTICLES), answer)
    return any(map(str.isdigit, answer)), first[:1].isupper()

"""Does a generated answer say the right thing?  A strict and a lenient match, both reported.

Strict: the text is the answer letter for letter, or its first lines are.  Set aside are white space, the width of
characters, apostrophes and quotation marks, emphasis (``**Ann**``), boxes, formulas' and answers' tags
(`obverse.text.formulas`), a bullet, one final full stop, and a label before it (``Answer:``).  Case counts, and so
does every sign: ``x₂`` is not ``x2``.

Lenient: the answer's words stand in the text side by side, whole (see `obverse.text.comparable`), and no other choice
stands there before them; so a text that lists every choice matches only the first that it names, and of two that begin
at one place the longer is meant.  Case, punctuation and articles do not count.  A sign close to a word is part of it:
``-5``, ``50%``, ``$5`` and ``5:30`` are not ``5``, and ``C#`` is not ``C``.  Numbers are compared by value (``1,000``,
``1 000`` and ``1000``; ``3.50`` and ``3.5``; the digits of every script), unless two choices would be the same number.
What is denied next to it is not said: ``not Ann`` does not say ``Ann``.  Of a text with a box only what stands in it
counts, and nothing behind a question that the text goes on to ask.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain

import regex

from obverse.answering.negation import BEFORE, BEHIND, CLOSE_BEHIND, GOES_ON
from obverse.text.comparable import clauses, compared
from obverse.text.formulas import boxed, undressed
from obverse.text.labels import COLON, LABELLED, QUESTION
from obverse.text.scripts import ARTICLES
from obverse.text.segmentation import tidy, words

_QUOTED = regex.compile(r"\A[\p{Quotation_Mark}\s]+|[\p{Quotation_Mark}\s]+\Z")
_BULLET = re.compile(r"(?:[-*+\u2022\u2013]|#{1,6})\s+(?=\S)")
_STOPS = ".。।۔။។።։།"
_EMPHASIS = re.compile(r"(\*\*|\*|__|_|`)(.+)\1")
_LABEL = re.compile(rf"{LABELLED}\s*", re.IGNORECASE)
# A model that goes on by itself asks another question, which is no part of its answer.
_NEXT_QUESTION = re.compile(rf"\n[*_#\s]*(?:{QUESTION})\s*\d*\s*{COLON}", re.IGNORECASE)

# A denial before an answer has at most so many words between.
_DENIAL_GAP = 2


def _phrases(lines: str) -> list[list[str]]:
    return [words(phrase) for line in lines.strip().split("\n") for phrase in line.split("|")]


_BEFORE = _phrases(BEFORE)
_BEHIND = _phrases(BEHIND)
_CLOSE_BEHIND = _phrases(CLOSE_BEHIND)
_GOES_ON = _phrases(GOES_ON)


def matches_strictly(generated: str, answer: str) -> bool:
    """Whether ``generated`` is ``answer``, or its first lines are."""
    lines = generated.strip().splitlines()
    wanted = _bare(answer)
    return any(
        _bare(" ".join(lines[:count])) == wanted
        for count in range(1, min(len(lines), len(answer.split()) + len(answer)) + 1)
    )


def matches_leniently(generated: str, answer: str, choices: Sequence[str]) -> bool:
    """Whether ``generated`` names ``answer``, and none of the other ``choices`` before it."""
    generated = boxed(_NEXT_QUESTION.split(generated.strip(), maxsplit=1)[0])
    sought = (*choices, answer)
    as_numbers = len({compared(one, by_value=True) for one in sought}) == len(set(map(compared, sought)))
    said = clauses(generated, by_value=as_numbers)
    found = [_find(said, compared(one, by_value=as_numbers)) for one in sought]
    place = found.pop()
    if place is None:
        return False
    # At the same place the longer one is meant: "Bream" in "Bream Sound".
    return not any(
        other is not None and (other[0] < place[0] or (other[0] == place[0] and other[1] > place[1]))
        for choice, other in zip(choices, found, strict=True)
        if choice != answer
    )


def _bare(text: str) -> str:
    text = _unquoted(" ".join(_one_width(tidy(undressed(text))).split()))
    bullet = _BULLET.match(text)
    text = text[bullet.end() :] if bullet else text
    label = _LABEL.match(text)
    text = text[label.end() :] if label and label.end() < len(text) else text
    while True:
        before = text
        emphasis = _EMPHASIS.fullmatch(text)
        text = _unquoted(emphasis[2] if emphasis else text)
        if text == before:
            break
    text = text[:-1] if text.endswith(tuple(_STOPS)) else text
    emphasis = _EMPHASIS.fullmatch(text)
    return _unquoted(emphasis[2] if emphasis else text)


def _unquoted(text: str) -> str:
    return str(_QUOTED.sub("", text))


def _one_width(text: str) -> str:
    """The text without full-width and half-width forms; other variants of characters stay."""
    if text.isascii():
        return text
    return unicodedata.normalize(
        "NFC",
        "".join(
            unicodedata.normalize("NFKC", character)
            if unicodedata.decomposition(character).startswith(("<wide>", "<narrow>"))
            or character == "\u3000"
            else character
            for character in text
        ),
    )


def _find(said: Sequence[Sequence[str]], part: Sequence[str]) -> tuple[int, int] | None:
    """Where ``part`` first stands without being denied, in words, and how long it is."""
    text = list(chain(*said))
    starts = [sum(map(len, said[:number])) for number in range(len(said) + 1)]
    for start in range(len(text)):
        if (end := _end(text, start, part)) is not None:
            left = max(one for one in starts if one <= start)
            right = min(one for one in starts if one >= end)
            if not _denied(text[left:start], text[end:right]):
                return start, end - start
    return None


def _end(text: Sequence[str], start: int, part: Sequence[str]) -> int | None:
    """Where ``part`` ends that begins at ``start``, articles in its midst left out."""
    place = start
    for word in part:
        while start < place < len(text) and text[place] != word and text[place] in ARTICLES:
            place += 1
        if place == len(text) or text[place] != word:
            return None
        place += 1
    return place if part else None


def _denied(before: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether what stands before or behind in the same clause denies what stands between."""
    near = [word for word in before if word not in ARTICLES]
    behind = [word for word in behind if word not in ARTICLES]
    for denial in _BEFORE:
        gap = 1 if denial == ["no"] or len(denial[0]) == 1 else _DENIAL_GAP
        for between in range(gap + 1):
            end = len(near) - between
            if near[max(0, end - len(denial)) : end] == denial and not any(
                [word] in _GOES_ON for word in near[end:]
            ):
                return True
    return any(behind[: len(denial)] == denial for denial in _CLOSE_BEHIND) or any(
        behind[skip : skip + len(denial)] == denial for denial in _BEHIND for skip in range(2)
    )

"""Choices that can be told apart: none of a question's choices equals another in other dress, or stands in it.

Two are equal whose words are (`obverse.text.comparable`) and whose marks are, those of sentences left out: ``(0, 1)``
is not ``[0, 1]``, nor ``f'(x)`` ``f(x)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

import regex

from obverse.text.comparable import MINUS, compared
from obverse.text.formulas import undressed
from obverse.text.segmentation import fold, tidy

_AROUND = regex.compile(r"\A[\p{Quotation_Mark}\s]+|[\p{Quotation_Mark}\s]+\Z")
_MARK = regex.compile(r"(?V1)[\p{P}--[.,\u3002\u0964\u06d4\u3001]]")
_DASH = regex.compile(f"[{MINUS}]")


def first_equal(choices: Iterable[str]) -> tuple[str, str] | None:
    """The first two choices that differ in dress alone (``Bo``, ``the Bo``), if there are any."""
    seen: dict[tuple[tuple[str, ...], str], str] = {}
    for choice in choices:
        if (key := undressed_choice(choice)) in seen:
            return seen[key], choice
        seen[key] = choice
    return None


def undressed_choice(choice: str) -> tuple[tuple[str, ...], str]:
    """The words and the marks of a choice, which are those of every choice that equals it."""
    return compared(choice), _marks(choice)


def _marks(choice: str) -> str:
    """What stands between the words of a choice and around them, but for quotation marks around all."""
    bare = _AROUND.sub("", _AROUND.sub("", tidy(undressed(choice))).rstrip(".\u3002\u0964\u06d4"))
    return "".join(_MARK.findall(_DASH.sub("-", fold(bare))))


def nested(choices: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each choice that stands in another as whole words (``Bream``, ``Bream Sound``), with that other."""
    by_length = sorted(((" ".join(compared(one)), one) for one in choices), key=lambda pair: len(pair[0]))
    for (part, shorter), (whole, longer) in combinations(by_length, 2):
        if _holds(whole, part):
            yield shorter, longer


def _holds(whole: str, part: str) -> bool:
    """Whether ``part`` stands in ``whole`` with no letter or digit beside it, ``C`` in ``C#``."""
    start = whole.find(part)
    while start >= 0:
        stop = start + len(part)
        if not whole[max(0, start - 1) : start].isalnum() and not whole[stop : stop + 1].isalnum():
            return True
        start = whole.find(part, start + 1)
    return False


def apart(answer: str, others: Iterable[str], most: int) -> list[str]:
    """The first of the others, so many at most, of which none stands in another or in the answer, nor that in them.

    Letters count, so that ``50`` is not drawn beside ``5``, and numbers by their value, ``3.50`` beside ``3.5``.
    """
    taken = [_letters(answer)]
    found: list[str] = []
    for other in others:
        text = _letters(other)
        if len(found) < most and not any(text in known or known in text for known in taken):
            taken.append(text)
            found.append(other)
    return found


def _letters(text: str) -> str:
    return " ".join(compared(text, by_value=True))

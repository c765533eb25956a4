"""Choices that can be told apart: none of a question's choices equals another in other dress, or stands in it.

Signs count here, unlike in the words of `obverse.tasks.text`: ``C#`` is not ``C``, nor ``-5`` ``5``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import combinations

_ARTICLES = frozenset(("a", "an", "the"))
_AROUND = "\"'“”‘’«» \t"


def bare(text: str) -> str:
    """A choice without case, articles, quotation marks around it and a full stop behind it."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    found = folded.strip(_AROUND).removesuffix(".").strip(_AROUND).split()
    return " ".join(word for word in found if word not in _ARTICLES) or " ".join(folded.split())


def first_equal(choices: Iterable[str]) -> tuple[str, str] | None:
    """The first two choices that differ in dress alone (``Bo``, ``the Bo``), if there are any."""
    seen: dict[str, str] = {}
    for choice in choices:
        if (key := bare(choice)) in seen:
            return seen[key], choice
        seen[key] = choice
    return None


def nested(choices: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each choice that stands in another as whole words (``Bream``, ``Bream Sound``), with that other."""
    by_length = sorted(((bare(choice), choice) for choice in choices), key=lambda pair: len(pair[0]))
    for (part, shorter), (whole, longer) in combinations(by_length, 2):
        if _holds(whole, part):
            yield shorter, longer


def _holds(whole: str, part: str) -> bool:
    """Whether ``part`` stands in ``whole`` with no letter or digit beside it."""
    start = whole.find(part)
    while start >= 0:
        stop = start + len(part)
        if not whole[max(0, start - 1) : start].isalnum() and not whole[stop : stop + 1].isalnum():
            return True
        start = whole.find(part, start + 1)
    return False


def apart(answer: str, others: Iterable[str], most: int) -> list[str]:
    """The first of the others, so many at most, of which none stands in another or in the answer, nor that in them.

    Letters count, so that ``50`` is not drawn beside ``5``.
    """
    taken = [bare(answer)]
    found: list[str] = []
    for other in others:
        text = bare(other)
        if len(found) < most and not any(text in known or known in text for known in taken):
            taken.append(text)
            found.append(other)
    return found

"""Does a generated answer say the right thing?  A strict and a lenient match, both reported.

Strict: the first line, without surrounding white space and quotation marks and without a final full stop, is the
answer letter for letter.  Lenient: after case, punctuation and articles are set aside, the answer's words stand
in the generated text side by side, and no other choice stands there before them; so a text that lists every
choice matches only the first that it names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from obverse.tasks.text import words

_ARTICLES = frozenset(("a", "an", "the"))
_QUOTES = "\"'“”‘’«» \t"


def matches_strictly(generated: str, answer: str) -> bool:
    """Whether the first line of ``generated`` is ``answer``."""
    lines = generated.strip().splitlines()
    return bool(lines) and _bare(lines[0]) == _bare(answer)


def matches_leniently(generated: str, answer: str, choices: Sequence[str]) -> bool:
    """Whether ``generated`` names ``answer``, and none of the other ``choices`` before it."""
    text = _content(generated)
    place = _find(text, _content(answer))
    if place is None:
        return False
    others = (_find(text, _content(choice)) for choice in choices if choice != answer)
    # At the same place the longer one is meant: "Bream" in "Bream Sound".
    return not any(
        other is not None and (other[0] < place[0] or (other[0] == place[0] and other[1] > place[1]))
        for other in others
    )


def _bare(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFKC", text).split()).strip(_QUOTES)
    return text.removesuffix(".").strip(_QUOTES)


def _content(text: str) -> list[str]:
    found = words(text)
    return [word for word in found if word not in _ARTICLES] or found


def _find(text: Sequence[str], part: Sequence[str]) -> tuple[int, int] | None:
    """Where ``part`` first stands in ``text``, and how long it is."""
    for start in range(len(text) - len(part) + 1):
        if part and list(text[start : start + len(part)]) == list(part):
            return start, len(part)
    return None

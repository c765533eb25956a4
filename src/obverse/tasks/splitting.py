"""A long text in pieces: at headings, then at paragraphs, then at sentences, and only then between words.

A model learns and retrieves a text in episodes; one that is too long hides its facts from both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from obverse.tasks.text import split_sentences, words

PIECE_WORDS = 400

_HEADING = re.compile(r" {0,3}#{1,6}(?:\s|$)")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})\s*$")
_WORD = re.compile(r"\s*\S{1,80}")  # A longer run without spaces is no word, and may be cut.


def split_text(text: str) -> list[str]:
    """Pieces of at most 400 words; a text that is no longer than that is one piece.

    Neighbouring sections (or, in a section that is too long, paragraphs; then sentences) share a piece as
    long as they fit.  A heading (``# Title``, or a line underlined with ``===`` or ``---``) stays with
    what follows it.
    """
    return [
        piece.strip() for piece in _pieces(text, (_sections, _paragraphs, split_sentences, _WORD.findall))
    ]


def _pieces(text: str, splitters: tuple[Callable[[str], Iterable[str]], ...]) -> list[str]:
    """``text`` cut by the first splitter, packed; a part that alone is too long is cut by the next."""
    if _size(text) <= PIECE_WORDS or not splitters:
        return [text]
    pieces: list[str] = []
    packed, packed_size = "", 0
    for part in splitters[0](text):
        size = _size(part)
        if packed.strip() and packed_size + size > PIECE_WORDS:
            pieces.append(packed)
            packed, packed_size = "", 0
        if size > PIECE_WORDS:
            pieces.extend(_pieces(part, splitters[1:]))
        else:
            packed, packed_size = packed + part, packed_size + size
    return [*pieces, packed] if packed.strip() else pieces


def _size(text: str) -> int:
    return len(words(text))


def _sections(text: str) -> list[str]:
    """The text cut before its headings."""
    return _cut(text, at_headings=True)


def _paragraphs(text: str) -> list[str]:
    """The text cut after its blank lines."""
    return _cut(text, at_headings=False)


def _cut(text: str, *, at_headings: bool) -> list[str]:
    """The text cut before its headings, or else before each line that follows a blank one.

    A cut that would leave headings alone is not made, and none is made inside a fenced block.
    """
    parts: list[list[str]] = [[]]
    fenced = after_blank = has_body = False
    lines = text.splitlines(keepends=True)
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        blank = not line.strip()
        underline = _UNDERLINE.match(line) is not None and not after_blank
        heading = not fenced and (
            _HEADING.match(line) is not None
            or underline
            or (not blank and _UNDERLINE.match(following) is not None)
        )
        if has_body and not fenced and not blank and (heading if at_headings else after_blank):
            parts.append([])
            has_body = False
        parts[-1].append(line)
        fenced ^= _FENCE.match(line) is not None
        has_body |= not blank and not heading
        after_blank = blank
    return ["".join(part) for part in parts]

"""A long text in pieces: at headings, then at paragraphs, then at lines that begin something, then at sentences, and
only then at other line ends and between words.

A model learns and retrieves a text in episodes; one that is too long hides its facts from both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from obverse.tasks.structure import FENCE, beginnings, table_head
from obverse.text.segmentation import segments, split_sentences, unspaced, word_spans, words

PIECE_WORDS = 400
# Longer runs of characters are no words that anyone reads: digests, encoded data, rules of dots.  They count by length.
_WORD_CHARACTERS = 24
# A head that takes more of a piece than this is not repeated.
_HEAD_SHARE = 4

_HEADING = re.compile(r" {0,3}(?:#{1,6}(?:\s|$)|={2,6}\s+[^\s=])")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})\s*$")
_LONG_UNDERLINE = re.compile(r"([~^\"'*+#])\1{2,}\s*$")
_LEADING_BLANKS = re.compile(r"\A(?:[^\S\n]*\n)+")
_WORD = re.compile(r"\s*\S{1,80}\s*|\s+\Z")  # A longer run without spaces is no word, and may be cut.


def split_text(text: str) -> list[str]:
    """Pieces of at most 400 words; a text that is no longer than that is one piece.

    Neighbouring sections (or, in a section that is too long, paragraphs; then rows, items, entries or lines of code;
    then sentences) share a piece as long as they fit.  A heading (``# Title``, or a line underlined with ``===`` or
    ``---``) stays with what follows it.  The head of a table that is cut stands in each of its pieces; but for that,
    the pieces are the text, white space between them aside.
    """
    splitters = (_sections, _paragraphs, _items, _records, split_sentences, _lines, _split_words)
    return [_LEADING_BLANKS.sub("", piece).rstrip() for piece in _pieces(text, splitters, PIECE_WORDS)]


def _pieces(text: str, splitters: tuple[Callable[[str], Iterable[str]], ...], limit: int) -> list[str]:
    """``text`` cut by the first splitter, packed; a part that alone is too long is cut by the next."""
    if _size(text) <= limit or not splitters:
        return [text]
    if splitters[0] is _items:
        head = table_head(text)
        if head and _size(head) <= limit // _HEAD_SHARE:
            return [head + piece for piece in _pieces(text[len(head) :], splitters[1:], limit - _size(head))]
    pieces: list[str] = []
    packed, packed_size = "", 0
    for part in splitters[0](text):
        size = _size(part)
        if packed.strip() and packed_size + size > limit:
            pieces.append(packed)
            packed, packed_size = "", 0
        if size > limit:
            pieces.extend(_pieces(part, splitters[1:], limit))
        else:
            packed, packed_size = packed + part, packed_size + size
    return [*pieces, packed] if packed.strip() else pieces


def _size(text: str) -> int:
    """How many words, or as many as there could be; in a script without spaces, as a dictionary finds them."""
    least = -(-sum(map(len, text.split())) // _WORD_CHARACTERS)
    return max(least, sum(1 for _ in word_spans(text)) if unspaced(text) else len(words(text)))


def _split_words(text: str) -> list[str]:
    """The text cut between its words."""
    parts = segments(text) if unspaced(text) else [text]
    return [piece for part in parts for piece in _WORD.findall(part)]


def _sections(text: str) -> list[str]:
    """The text cut before its headings."""
    return _cut(text, at_headings=True)


def _paragraphs(text: str) -> list[str]:
    """The text cut after its blank lines."""
    return _cut(text, at_headings=False)


def _items(text: str) -> list[str]:
    """The text cut before lines that begin something and are not indented."""
    return _begun(text, indented=False)


def _records(text: str) -> list[str]:
    """The text cut before all lines that begin something."""
    return _begun(text, indented=True)


def _lines(text: str) -> list[str]:
    """The text cut at its line ends."""
    return text.splitlines(keepends=True)


def _begun(text: str, *, indented: bool) -> list[str]:
    parts: list[str] = []
    lines = _lines(text)
    for line, begins in zip(lines, beginnings(lines), strict=True):
        if not parts or (begins and line.strip() and (indented or not line[0].isspace())):
            parts.append(line)
        else:
            parts[-1] += line
    return parts


def _cut(text: str, *, at_headings: bool) -> list[str]:
    """The text cut before its headings, or else before each line that follows a blank one.

    A cut that would leave headings alone is not made, and none is made inside a fenced block.
    """
    parts: list[list[str]] = [[]]
    fenced = after_blank = has_body = False
    lines = text.splitlines(keepends=True)
    for above, line, following in zip(["", *lines], lines, [*lines[1:], ""], strict=False):
        blank = not line.strip()
        underline = not fenced and _is_underline(line, above)
        heading = not fenced and (
            _HEADING.match(line) is not None or underline or _is_underline(following, line)
        )
        if has_body and not fenced and not blank and (heading if at_headings else after_blank):
            parts.append([])
            has_body = False
        parts[-1].append(line)
        fenced ^= FENCE.match(line) is not None and not underline
        has_body |= not blank and not heading
        after_blank = blank
    return ["".join(part) for part in parts]


def _is_underline(line: str, above: str) -> bool:
    """Whether a line makes a heading of the one above it; marks of other meanings must be as long as that."""
    if not above.strip():
        return False
    long = _LONG_UNDERLINE.match(line) is not None and len(line.rstrip()) >= len(above.rstrip())
    return long or _UNDERLINE.match(line) is not None

"""Documents in pieces: whole, sentence by sentence, or each sentence with those before it.

What a document says in its third sentence is hidden behind the first two, from a generator as from a model that is
trained on it.  The three ways of splitting are those of Lampinen et al. (arXiv 2505.00661).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from obverse.text.segmentation import split_sentences
from obverse.types import Document

Splitting = Literal["none", "independent", "cumulative"]

# Headings, points of a list and rows of a table; what marks them is no sentence of its own.
_MARKER = re.compile(r"\s*(?:#{1,6}\s+|[-*+•–]\s+|\(?\d{1,3}[.)]\s+|\(?[A-Za-z]\)\s+|\|)")
_HEADING = re.compile(r"\s*(?:#{1,6}\s|={2,}\s*$|-{2,}\s*$)")
# After these a sentence goes on if its next word is small: an ellipsis, a closed quotation, "Ph.D.", "approx.".
_MAY_GO_ON = re.compile(r"(?:…|\.\.\.|[.!?…][\"'”’»)\]*_]+|\w\.\w+\.)\s*$")
# After these it goes on if a number follows.
_BEFORE_NUMBER = re.compile(
    r"(?:^|\W)(?:no|nr|p|art|sec|ch|cap|para|pt|ca|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.\s*$", re.I
)
_FIRST_WORD = re.compile(r"[^\w]*(\w+)")


@dataclass(frozen=True)
class Piece:
    """A part of a document.

    Args:
        before: what of the document stands before the sentence and comes with it.
        sentence: what the piece is about; the whole document where it is not split.
    """

    document: Document
    before: str
    sentence: str

    @property
    def text(self) -> str:
        """All of the piece, as it stands in the document."""
        return self.before + self.sentence


def split(documents: Sequence[Document], how: Splitting) -> list[Piece]:
    """The pieces of every document, in order.

    Args:
        how: ``none`` leaves each document whole; ``independent`` makes a piece of each sentence; ``cumulative`` of each
            sentence with all that stands before it.
    """
    pieces = []
    for document in documents:
        before = ""
        for sentence in [document.text] if how == "none" else sentences(document.text):
            pieces.append(Piece(document, before, sentence))
            if how == "cumulative":
                before += sentence
    return pieces


def sentences(text: str) -> list[str]:
    """The sentences of a plain, Markdown or formal text, each with the white space behind it.

    Joined, they are the text again.  Where it is doubtful whether a sentence ends, it does not.
    """
    parts: list[str] = []
    for block in _blocks(text):
        marker = _MARKER.match(block)
        start = marker.end() if marker else 0
        own = split_sentences(block[start:]) or [""]
        own[0] = block[:start] + own[0]
        parts.append(own[0])
        for before, after in pairwise(own):
            if _goes_on(before, after):
                parts[-1] += after
            else:
                parts.append(after)
    return _with_words(parts)


def _blocks(text: str) -> list[str]:
    """The text cut after blank lines and headings, and before points of a list and rows of a table."""
    blocks: list[str] = [""]
    ended = False
    for line in text.splitlines(keepends=True):
        if line.strip() and (ended or _MARKER.match(line)):
            blocks.append("")
        blocks[-1] += line
        ended = not line.strip() or _HEADING.match(line) is not None
    return blocks


def _goes_on(before: str, after: str) -> bool:
    word = _FIRST_WORD.match(after)
    if word is None:
        return False
    if word[1][0].isdigit():
        return _BEFORE_NUMBER.search(before) is not None
    return word[1].islower() and _MAY_GO_ON.search(before) is not None


def _with_words(parts: Sequence[str]) -> list[str]:
    """The parts, those that hold no letter or digit joined to the one before them, or else after them."""
    joined: list[str] = []
    for part in parts:
        if joined and not (_FIRST_WORD.match(part) and _FIRST_WORD.match(joined[-1])):
            joined[-1] += part
        else:
            joined.append(part)
    return joined

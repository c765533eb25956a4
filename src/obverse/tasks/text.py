"""Normalised words and sentences: what texts are compared by.

The leak check and the matching of answers must agree on when two texts say the same words, so both take it
from here.  Standard library only.
"""

from __future__ import annotations

import re
import unicodedata

_ENGLISH = """
a about after all also an and any are as at be been before being but by can could did do does during
each every few for from had has have he her hers him his how i if in into is it its many may me
might more most much must my no nor not of on one only or our out over own s shall she should so
some such than that the their them then there these they this those through to under up was we were
what when where which while who whom whose why will with would you your
"""
FUNCTION_WORDS = frozenset(_ENGLISH.split())
"""English words that name nothing, wherever they stand."""

# Points and commas count only inside a number: "1,000" and "3.5" are words, "end." is not.
_LOOSE_POINT = re.compile(r"(?<!\d)[.,]|[.,](?!\d)")
# Scripts that are written without spaces; each character stands as a word of its own.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")

_SHORTENED = """
al approx bros capt cf co col dept dr ed eds etc fig gen gov inc jr lt ltd mr mrs ms mt nos pp prof
rev sgt sr st vol vs
"""
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_LETTERS_WITH_POINTS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")  # "i.e", "e.g", "U.S", before their last point
_CLOSERS = "[\"'\u201d\u2019)\\]*_]"
_SENTENCE_END = re.compile(
    rf"(?<![.!?\u2026])[.!?\u2026]++{_CLOSERS}*+(?=\s)\s*|[\u3002\uff01\uff1f]++[\u201d\u300d\u300f]*+\s*"
)
_BLOCK_START = re.compile(r"\s*(?:#{1,6}\s|[-*+]\s|\d{1,3}[.)]\s|\||>)")


class _Separate(dict[int, str]):
    """Translation table that fills itself: what is of no word becomes a space, symbols stand alone."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if character in ".,":
            separated = character
        elif category == "Cf":  # Soft hyphens and zero-width characters are not seen, so they part nothing.
            separated = ""
        elif category in ("Sm", "Sc", "So") or _UNSPACED.match(character):  # "C++" is not "C".
            separated = f" {character} "
        elif category[0] in "LMN":
            separated = character
        else:
            separated = " "
        self[code] = separated
        return separated


_SEPARATE = _Separate()


def words(text: str) -> list[str]:
    """The words of ``text``: compatibility-normalised (NFKC), case-folded, without punctuation.

    Symbols such as ``+`` or ``€``, and the characters of scripts without spaces, are words of their own.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _LOOSE_POINT.sub(" ", folded).translate(_SEPARATE).split()


def normalise(text: str) -> str:
    """The words of ``text`` with one space between them; two texts that differ in dress only become equal."""
    return " ".join(words(text))


def sentences(text: str) -> list[str]:
    """The sentences of a plain or Markdown text, white space collapsed.

    Blank lines end a sentence, as do headings, list items, table rows and quoted lines; other line breaks are
    spaces.  A point after an initial or a common abbreviation ("Dr.", "J. Hall") ends none.
    """
    return [
        sentence
        for block in _blocks(text)
        for sentence in (" ".join(part.split()) for part in split_sentences(block))
        if sentence
    ]


def split_sentences(block: str) -> list[str]:
    """The parts of one paragraph at its sentence ends; joined, they are the paragraph again."""
    parts, start = [], 0
    for end in _SENTENCE_END.finditer(block):
        if end.group().startswith(".") and _is_abbreviated(block[max(start, end.start() - 16) : end.start()]):
            continue
        parts.append(block[start : end.end()])
        start = end.end()
    return [*parts, block[start:]] if block[start:] else parts


def _is_abbreviated(before: str) -> bool:
    """Whether a point after ``before`` belongs to its last word."""
    last = re.split(r"[\s(\[\"'\u201c]", before)[-1]
    initial = len(last) == 1 and last.isupper()
    return initial or last.lower() in _ABBREVIATIONS or bool(_LETTERS_WITH_POINTS.fullmatch(last))


def _blocks(text: str) -> list[str]:
    """Paragraphs, headings, list items and table rows, each as one string."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        heading = line.lstrip().startswith("#")
        if not line.strip() or _BLOCK_START.match(line):
            blocks.append([])
        blocks[-1].append(line)
        if heading:
            blocks.append([])
    return ["\n".join(block) for block in blocks]

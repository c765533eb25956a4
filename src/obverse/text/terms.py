"""What a text is found by: its terms, for an index that parts them at spaces.

Words in Latin letters are terms as they stand; the index stems them.  Other words are folded and come without their
particles, and with their parts: pairs of neighbouring characters where a script has no spaces or short words (Chinese,
Japanese, Korean, Thai), else three in a row, since they have many endings that no stemmer here knows.  A word that is
the same has all its parts in common, so it counts for most.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import regex

from obverse.text.scripts import UNSPACED
from obverse.text.segmentation import FUNCTION_WORDS, tidy, words

# As the index's own tokenizer would: letters and digits, not marks.
_PARTS = "".join(character if character.isalnum() else " " for character in map(chr, range(128)))
_RUN = regex.compile(r"[\w\p{M}]+(?:['\u2019\u0f0b][\w\p{M}]+)*|\p{So}")
_LATIN = regex.compile(r"[\p{Latin}\p{N}\p{M}_'\u2019]+")
_CHARACTER = regex.compile(rf"[{UNSPACED}]\p{{M}}*")
_PAIRED = regex.compile(r"[\p{Hangul}\p{Katakana}]")


def search_terms(text: str) -> str:
    """The terms of a document or a query, with one space between them."""
    if text.isascii():
        return text.translate(_PARTS)
    return " ".join(_terms(tidy(text)))


def _terms(text: str) -> Iterator[str]:
    for found in _RUN.finditer(text):
        yield from _terms_of_run(found.group())


@lru_cache(maxsize=1 << 16)
def _terms_of_run(run: str) -> tuple[str, ...]:
    """The terms of letters, digits and marks without a space between them."""
    if _LATIN.fullmatch(run):
        return tuple("".join(character if character.isalnum() else " " for character in run).split())
    terms: list[str] = []
    last = ""
    for word in words(run):
        character = _CHARACTER.fullmatch(word) is not None
        if character or word not in FUNCTION_WORDS:
            terms += (word, last + word) if character and last else (word,)
            terms += () if character else _parts(word)
        last = word if character else ""
    return tuple(terms)


def _parts(word: str) -> Iterator[str]:
    """Pairs or threes of neighbouring characters, where the word is longer than that."""
    length = 2 if _PAIRED.match(word) else 3
    if len(word) > length:
        yield from (word[start : start + length] for start in range(len(word) - length + 1))

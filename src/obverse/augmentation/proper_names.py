"""The names and numbers of a text: what tells one statement of a set of documents from another of the same form.

They are numbers; capitalised words in a row, where they are not capitalised only because a sentence begins there; and
rare words, those that stand in few of the documents.  These last serve things that are written in lower case, such as
"vrams", and formal texts (``e5 f0 e9``): there the entities are rare and the relations are not.  A word that stands in
no document is no rare one, since other words for the same are what a rephrasing is made of, unless it has a digit.

>>> names = Names([Document(str(n), f"Ilka Venning saw e{n} f0 e{n + 100} in {1900 + n}.") for n in range(20)])
>>> names.keys("In 1903 Ilka Venning saw e3 f0 e999.")
('1903', 'ilka venning', 'e3', 'e999')
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import regex

from obverse.text.scripts import TERMINATORS
from obverse.text.segmentation import FUNCTION_WORDS, normalise, word_spans
from obverse.types import Document

# In how large a part of the documents a rare word stands at most.
_RARE = 0.1
_BEGINS = re.compile(rf"(?:^|[.!?:\u2026{TERMINATORS}]|\n)[\s\"'\u201c\u2018(\[*_>\-]*\Z")
_LATIN = regex.compile(r"[\p{Latin}\p{M}0-9.,]+")
# What may stand between two words of a name.
_BETWEEN = frozenset((" ", "-", "'", "\u2019"))
WORDS = ("word", "word in s")
"""The sorts of rare words without a digit; those that end in "s" may be plurals."""


@dataclass(frozen=True)
class Mention:
    """A name or number where it stands in a text.

    Args:
        start, end: of it in the text, in characters.
        text: as it stands there.
        key: the same for all its forms: in lower case, words without a plural's ``s``, numbers without commas.
        sort: mentions of one sort can take each other's place: ``number``, ``name``, the letters before the first digit
            (``e`` of ``e479``), or for rare words one of ``WORDS``.
    """

    start: int
    end: int
    text: str
    key: str
    sort: str


class Names:
    """Finds names and numbers, as a set of documents has them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._size = len(documents)
        self._most = max(1, int(_RARE * len(documents)))
        self._count: Counter[str] = Counter()
        self._lower: set[str] = set()  # words that stand somewhere in lower case
        self._inner: set[str] = set()  # words that are capitalised somewhere within a sentence
        for document in documents:
            found = list(word_spans(document.text))
            self._count.update({_key(document.text[start:end]) for start, end in found})
            for start, end in found:
                if document.text[start].islower():
                    self._lower.add(_key(document.text[start:end]))
                elif document.text[start].isupper() and not _begins(document.text, start):
                    self._inner.add(_key(document.text[start:end]))
        self._in_documents = {document.text: tuple(self._find(document.text)) for document in documents}

    def find(self, text: str) -> tuple[Mention, ...]:
        """The names and numbers of a text, in its order."""
        return self._in_documents.get(text) or tuple(self._find(text))

    def keys(self, text: str) -> tuple[str, ...]:
        """What tells a text from another of its form: the keys of its names and numbers, each once, in its order.

        Ordinary words can be rare too.  So rare ones count only where there are no others.
        """
        found = self.find(text)
        better = [mention.key for mention in found if mention.sort not in WORDS]
        return tuple(dict.fromkeys(better or (mention.key for mention in found)))

    @cached_property
    def by_sort(self) -> Mapping[str, Mapping[str, str]]:
        """All names and numbers of the documents as they first stand there, by their sorts and keys."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for mentions in self._in_documents.values():
            for mention in mentions:
                found[mention.sort].setdefault(mention.key, mention.text)
        return found

    def _find(self, text: str) -> Iterator[Mention]:
        words = list(word_spans(text))
        place = 0
        while place < len(words):
            end = self._run(text, words, place)
            if end > place:
                # An article that is capitalised with a title is none of its name.
                first = next(
                    (at for at in range(place, end) if _key(text[slice(*words[at])]) not in FUNCTION_WORDS),
                    end,
                )
                if first < end:
                    yield _mention(text, words[first:end], "name")
                place = end
                continue
            if sort := self._sort(text[slice(*words[place])]):
                yield _mention(text, words[place : place + 1], sort)
            place += 1

    def _run(self, text: str, words: Sequence[tuple[int, int]], place: int) -> int:
        """Where the capitalised words end that begin a name at this place; the place itself if they are none."""
        end = place
        while (
            end < len(words)
            and text[words[end][0]].isupper()
            and (end == place or text[words[end - 1][1] : words[end][0]] in _BETWEEN)
        ):
            end += 1
        while end > place and words[end - 1][1] - words[end - 1][0] == 1:  # "I"
            end -= 1
        if end == place or not _begins(text, words[place][0]):
            return end
        first = _key(text[slice(*words[place])])
        if (
            first in FUNCTION_WORDS
            or (end == place + 1 and first not in self._inner)
            or first in self._lower - self._inner
        ):
            # It opens a sentence, and what comes behind it is to be looked at by itself.
            return place
        return end

    def _sort(self, word: str) -> str:
        """The sort of a word that is not capitalised; nothing where it is no name."""
        key = _key(word)
        count = self._count[key]
        if word[0].isdigit() and not any(map(str.isalpha, word)):
            return "number"
        if any(map(str.isdigit, word)):
            letters = re.match(r"[^\W\d]+", key)
            return (letters.group() if letters else "number") if count <= self._most else ""
        is_rare = 1 <= count <= self._most and count < self._size
        plural = word.casefold() in (f"{key}s", f"{key}es")
        return WORDS[plural] if is_rare and len(key) > 1 and key not in FUNCTION_WORDS else ""


@lru_cache(maxsize=4)
def names_of(documents: tuple[Document, ...]) -> Names:
    """The names of a set of documents, which is gone through once."""
    return Names(documents)


def occurs(key: str, text: str) -> bool:
    """Whether the words of a name stand in the text in a row."""
    return f" {key} " in _padded(text)


def replace_names(text: str, mentions: Sequence[Mention], others: Mapping[str, str]) -> str:
    """The text with other names in it.

    Args:
        mentions: the names that were found in the text.
        others: what takes the place of a name, by its key.
    """
    parts: list[str] = []
    start = 0
    for mention in mentions:
        other = others.get(mention.key, mention.text)
        if mention.text[0].isupper():
            other = other[0].upper() + other[1:]
        elif mention.sort in WORDS:
            other = other[0].lower() + other[1:]
        parts += (text[start : mention.start], other)
        start = mention.end
    return "".join((*parts, text[start:]))


def _mention(text: str, words: Sequence[tuple[int, int]], sort: str) -> Mention:
    start, end = words[0][0], words[-1][1]
    return Mention(start, end, text[start:end], " ".join(_key(text[slice(*word)]) for word in words), sort)


def _begins(text: str, start: int) -> bool:
    """Whether a sentence begins there."""
    return bool(_BEGINS.search(text[max(0, start - 8) : start])) if start else True


def _key(word: str) -> str:
    if not word.isascii() and not _LATIN.fullmatch(word):
        return normalise(word)
    folded = word.casefold()
    if folded[0].isdigit():
        return folded.replace(",", "")
    if len(folded) < 4 or not folded.endswith("s") or folded.endswith("ss") or folded in FUNCTION_WORDS:
        return folded
    return folded[: -2 if folded.endswith(("sses", "shes", "xes")) else -1]


@lru_cache(maxsize=1 << 16)
def _padded(text: str) -> str:
    return f" {' '.join(_key(text[start:end]) for start, end in word_spans(text))} "

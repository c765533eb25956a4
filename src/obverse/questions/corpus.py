"""Documents as checks of questions look at them: their names, sentences, language, and what stands in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from obverse.augmentation.proper_names import WORDS, Mention, Names, names_of, occurs
from obverse.questions.languages import Language, english, language_of
from obverse.text.comparable import compared
from obverse.text.segmentation import content_words, places, sentences, words
from obverse.types import Document

# Characters that are looked at beside a name; the longest word is not longer.
_NEAR = 40


@dataclass(frozen=True)
class Sentence:
    """A sentence of a document, and its place among the sentences there, from 0."""

    document: str
    place: int
    text: str


class Corpus:
    """A set of documents that questions are about.

    Args:
        documents: each with an id of its own.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = tuple(documents)
        self.by_id = {document.id: document for document in self.documents}

    @cached_property
    def names(self) -> Names:
        """Their names, numbers and rare words."""
        return names_of(self.documents)

    @cached_property
    def language(self) -> Language | None:
        """The language of most documents, as far as it is known."""
        found = Counter(language_of(document.text) for document in self.documents)
        del found[None]
        return found.most_common(1)[0][0] if found else None

    @cached_property
    def naming_count(self) -> Mapping[str, int]:
        """In how many documents each name stands, by its key; 0 of any other."""
        return Counter(
            key for document in self.documents for key in {one.key for one in self.mentions(document.text)}
        )

    @cached_property
    def _naming(self) -> Mapping[str, set[int]]:
        """The places of the documents in whose names each word stands."""
        found: dict[str, set[int]] = defaultdict(set)
        for place, document in enumerate(self.documents):
            for one in self.mentions(document.text):
                for word in one.key.split():
                    found[word].add(place)
        return found

    def saying_all(self, keys: Sequence[str]) -> Iterator[Sentence]:
        """The sentences of all documents that have all of these names; none where no name is given."""
        words_of_all = [self._naming.get(word, set[int]()) for key in keys for word in key.split()]
        places_of_all = sorted(set.intersection(*words_of_all)) if words_of_all else []
        for one in self.sentences(self.documents[place].id for place in places_of_all):
            if _named(keys, one.text) == len(keys):
                yield one

    @cached_property
    def surroundings(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """Of each name and number as it first stands there, by its sort, the words that stand beside it."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for document in self.documents:
            for one in self.mentions(document.text):
                if one.sort not in WORDS:
                    shown = self.names.by_sort[one.sort][one.key]
                    found[one.sort][shown] |= beside(document.text, one.start, one.end)
        return {
            sort: {name: frozenset(words_there) for name, words_there in named.items()}
            for sort, named in found.items()
        }

    def around(self, phrase: str, ids: Iterable[str]) -> frozenset[str]:
        """The words that stand beside a phrase in these documents."""
        return frozenset(
            word
            for id in ids
            for start, end in places(phrase, self.by_id[id].text)
            for word in beside(self.by_id[id].text, start, end)
        )

    @property
    def spoken(self) -> Language:
        """The language of the documents, or English where it is not known."""
        return self.language or english()

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The names, numbers and rare words of a text, as these documents have them."""
        return self.names.find(text)

    def keys(self, text: str) -> tuple[str, ...]:
        """The names and numbers of a text, or where it has none its rare words; see `proper_names.Names.keys`."""
        return self.names.keys(text)

    def texts(self, ids: Sequence[str]) -> list[str]:
        """The texts of these documents."""
        return [self.by_id[id].text for id in ids]

    def holding(self, phrase: str) -> Iterator[str]:
        """The ids of the documents in which the words of a phrase stand side by side."""
        return (document.id for document in self.documents if says(document.text, phrase))

    def sentences(self, ids: Iterable[str]) -> Iterator[Sentence]:
        """The sentences of these documents."""
        for id in ids:
            yield from (
                Sentence(id, place, text) for place, text in enumerate(sentences(self.by_id[id].text))
            )

    def sentence_behind(self, question: str, answer: str, ids: Sequence[str]) -> Sentence | None:
        """The sentence that an answer is taken from: of those that say it, the nearest the question.

        Args:
            ids: of the documents that are looked at.
        """
        asked = set(content_words(question))
        saying = (one for one in self.sentences(ids) if says(one.text, answer))
        return max(saying, key=lambda one: len(asked.intersection(content_words(one.text))), default=None)

    def naming(self, question: str, ids: Iterable[str]) -> list[Sentence]:
        """For each document the first sentence that has most of the question's names, where one has some."""
        keys = self.keys(question)
        found = []
        for id in ids:
            best = max(self.sentences([id]), key=lambda one: _named(keys, one.text), default=None)
            if best is not None and _named(keys, best.text):
                found.append(best)
        return found


def beside(text: str, start: int, end: int) -> frozenset[str]:
    """The word before a place in a text and the word behind it, each with its side: what tells a person from a year."""
    before = words(text[max(0, start - _NEAR) : start])[-1:]
    behind = words(text[end : end + _NEAR])[:1]
    return frozenset((*(f"{word} _" for word in before), *(f"_ {word}" for word in behind)))


def says(text: str, phrase: str) -> bool:
    """Whether the words of a phrase stand side by side in a text, articles aside."""
    return _spaced(phrase) in _spaced(text)


def place_of(phrase: str, text: str, *, last: bool = False) -> int | None:
    """Where the words of a phrase stand in a text first or last, as a number to compare; nothing where they do not."""
    whole, part = _spaced(text), _spaced(phrase)
    found = whole.rfind(part) if last else whole.find(part)
    return found if found >= 0 else None


def _named(keys: Sequence[str], text: str) -> int:
    return sum(occurs(key, text) for key in keys)


@lru_cache(maxsize=1 << 14)
def _spaced(text: str) -> str:
    return f" {' '.join(compared(text))} "

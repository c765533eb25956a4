"""Codebooks: definitions that are learned as such and asked in use.

A codebook gives each of its symbols a letter.  Every symbol is defined (``define c3 s5 l9``), and most are
used in encodings as well (``c3 encodes s5 > l9 s2 > l1 s7 > l4``).  Some, the latent ones, are defined and never
used; using them is what is tested.

From arXiv 2509.16189 come the design (definitions and encodings, symbols that encodings leave out) and the
question whether a definition in the context makes up for it.  Ours are all sizes, the words, one document for
each definition, and that each letter stands right behind its symbol.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.latent)
>>> question.prompt, question.answer, question.needs
('c1 encodes s0 >', 'l0', ('c1:s0',))
>>> task.document("c1:s0").text
'define c1 s0 l0 .'
>>> TINY.practice(0, Random(11)).text
'define c2 s4 l1 . c3 encodes s6 > l3 s2 > l4 . define c2 s7 l3 . c2 encodes s7 > l3 s4 > l1 .'
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.draws import draw_choices, draw_known, numbered, pick, remembered, stream
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.texts import STOP, join_documents, passage, write_document
from obverse.tasks.field_checks import check_fields, refusal
from obverse.types import Document, Question, Statement, Task

DEFINITION = "definition"
LATENT_DEFINITION = "latent definition"
TRAINED_SYMBOL = "trained symbol"
LATENT_SYMBOL = "latent symbol"

_DEFINE, _ENCODES, _GIVES = "define", "encodes", ">"
# Of the definitions in a practice document, how many belong to other codebooks than the one that encodes.
_DISTRACTOR_SHARE = 0.4
# How often another beginning of an encoding is drawn where the one drawn stands in a document.
_DRAWS = 100


@dataclass(frozen=True)
class CodebookEntry:
    """What one codebook gives one symbol."""

    codebook: str
    symbol: str
    letter: str

    @property
    def id(self) -> str:
        """That of the definition too."""
        return f"{self.codebook}:{self.symbol}"

    @property
    def definition(self) -> tuple[str, ...]:
        return _DEFINE, self.codebook, self.symbol, self.letter, STOP


@dataclass(frozen=True)
class CodebookWorld:
    """What is true, and which documents say it."""

    letters: Mapping[tuple[str, str], str]  # by codebook and symbol
    trained: Sequence[CodebookEntry]  # those that encodings use, in random order
    latent: Sequence[CodebookEntry]
    used: Mapping[str, Sequence[CodebookEntry]]  # by encodings of each codebook
    documents: Sequence[Document]  # in random order
    beginnings: Set[tuple[str, ...]]  # the words in front of each letter in an encoding


@dataclass(frozen=True)
class Codebooks:
    """The settings; a ``DrawnTask``.

    Args:
        codebooks: how many there are.
        symbols: of each codebook.
        latent: of these, how many are defined and never used.  Half of them are tested, half are for validation.
        symbol_words: how many words for symbols there are; codebooks share them.
        letters: how many letters there are.  Each symbol's is drawn by itself, so that none follows from others.
        encoding_length: symbols in an encoding, all different.
        encodings: documents of each codebook that are encodings.
        definitions: most fresh definitions in a practice document.
        known_share: how often one of these is followed by a document of the task.
        questions: most that are asked of each kind, in the test and in validation alike.
    """

    form: ClassVar[Form] = "formal"
    codebooks: int = 64
    symbols: int = 16
    latent: int = 4
    symbol_words: int = 32
    letters: int = 32
    encoding_length: int = 3
    encodings: int = 24
    definitions: int = 8
    known_share: float = 0.4
    questions: int = 100

    def __post_init__(self) -> None:
        check_fields(self, codebooks=2, symbols=2, symbol_words=2, letters=2)
        trained, least = self.symbols - self.latent, max(2, self.encoding_length)
        if trained < least:
            fault = f"{self.latent} latent of {self.symbols} symbols leave {trained} for encodings"
            raise refusal(self, fault, f"leave {least} or more")
        if self.symbol_words < (least := max(self.symbols, self.definitions)):
            raise refusal(self, f"{self.symbol_words} symbol_words are too few", f"give {least} or more")
        if self.encodings * self.encoding_length < trained:
            fault = f"{self.encodings} encodings of {self.encoding_length} do not use all {trained} symbols"
            raise refusal(self, fault, "give more encodings")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Codebooks, symbols, letters, the two verbs and the two marks."""
        symbols = numbered("s", self.symbol_words)
        return (*numbered("c", self.codebooks), *symbols, *self._letters, _DEFINE, _ENCODES, _GIVES, STOP)

    @property
    def _letters(self) -> tuple[str, ...]:
        return numbered("l", self.letters)

    @remembered
    def _world(self, seed: int) -> CodebookWorld:
        rng = stream("codebooks", seed, "world")
        trained: list[CodebookEntry] = []
        latent: list[CodebookEntry] = []
        used: dict[str, list[CodebookEntry]] = {}
        documents: list[Document] = []
        beginnings: set[tuple[str, ...]] = set()
        for codebook in numbered("c", self.codebooks):
            entries = [
                CodebookEntry(codebook, symbol, f"l{rng.randrange(self.letters)}")
                for symbol in rng.sample(numbered("s", self.symbol_words), self.symbols)
            ]
            documents += (write_document(entry.id, entry.definition, [3], entry.id) for entry in entries)
            latent += entries[: self.latent]
            own = used[codebook] = entries[self.latent :]
            trained += own
            for number, encoded in enumerate(self._encodings(own, rng)):
                documents.append(_write_encoding(f"{codebook}/{number}", codebook, encoded))
                beginnings |= {_encoding(codebook, encoded[:end])[:-2] for end in range(1, len(encoded) + 1)}
        for drawn in (trained, latent, documents):
            rng.shuffle(drawn)
        letters = {(entry.codebook, entry.symbol): entry.letter for entry in (*trained, *latent)}
        return CodebookWorld(letters, trained, latent, used, documents, beginnings)

    def _encodings(
        self, entries: Sequence[CodebookEntry], rng: random.Random
    ) -> Iterator[Sequence[CodebookEntry]]:
        """The symbols of each encoding; after every round through all entries each was used."""
        made, length = 0, self.encoding_length
        while True:
            order = rng.sample(entries, len(entries))
            for start in range(0, len(order), length):
                if made == self.encodings:
                    return
                encoded = order[start : start + length]
                # At the end of a round some may be lacking.
                yield encoded + rng.sample(order[:start], length - len(encoded))
                made += 1

    def build(self, seed: int) -> Task:
        """The task.  The id of a definition, and its group, is codebook and symbol: ``c3:s5``.

        That of an encoding is codebook and a number: ``c3/7``.
        """
        return assemble("codebooks", seed, self._world(seed).documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        world = self._world(seed)
        trained, latent = (entries[half::2][: self.questions] for entries in (world.trained, world.latent))
        for kind, entries in ((DEFINITION, trained), (LATENT_DEFINITION, latent)):
            for entry in entries:
                yield self._ask(kind, entry, entry.definition[:3], rng)
        for kind, entries in ((TRAINED_SYMBOL, trained), (LATENT_SYMBOL, latent)):
            for entry in entries:
                if beginning := self._beginning(world, entry, rng):
                    yield self._ask(kind, entry, beginning, rng, latent=kind == LATENT_SYMBOL)

    def _ask(
        self,
        kind: str,
        entry: CodebookEntry,
        words: Sequence[str],
        rng: random.Random,
        *,
        latent: bool = False,
    ) -> Question:
        said = (entry.symbol, " ".join(words[:2]), entry.letter)
        choices, prompt = draw_choices(rng, entry.letter, self._letters), " ".join(words)
        return pose(kind, entry.id, prompt, said, choices, needs=[entry.id], group=entry.id, latent=latent)

    def _beginning(self, world: CodebookWorld, entry: CodebookEntry, rng: random.Random) -> tuple[str, ...]:
        """An encoding up to the entry's letter, such as begins no document; nothing where none is found."""
        others = [other for other in world.used[entry.codebook] if other != entry]
        for _ in range(_DRAWS):
            before = rng.sample(others, int(rng.random() * self.encoding_length))
            words = _encoding(entry.codebook, [*before, entry])[:-2]
            if words not in world.beginnings:
                return words
        return ()

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Definitions of fresh codebooks, then an encoding by one of them; the answers are the encoding's letters.

        One definition or more, about 40% of other codebooks, in random order.  None is true in the task.  Documents of
        the task stand between them.
        """
        world = self._world(seed)
        codebook, fresh = self._fresh(world, rng)
        taken = {entry.codebook for entry in fresh}
        parts: list[Document] = []
        for entry in rng.sample(fresh, len(fresh)):
            parts.append(passage(" ".join(entry.definition)))
            parts += draw_known(rng, self.known_share, world.documents, taken, _first_words)
        own = [entry for entry in fresh if entry.codebook == codebook]
        encoded = rng.sample(own, min(len(own), self.encoding_length))
        return join_documents("practice", [*parts, _write_encoding("", codebook, encoded)], " ")

    def _fresh(self, world: CodebookWorld, rng: random.Random) -> tuple[str, list[CodebookEntry]]:
        """The codebook that encodes, and definitions, of which the first is of this one; none of them is true."""
        count = 1 + int(rng.random() * self.definitions)
        encoding = int(rng.random() * self.codebooks)
        found: dict[tuple[str, str], CodebookEntry] = {}
        while len(found) < count:
            codebook = encoding
            if found and rng.random() < _DISTRACTOR_SHARE:
                # Any but the one that encodes.
                codebook = (encoding + 1 + int(rng.random() * (self.codebooks - 1))) % self.codebooks
            while True:
                symbol, letter = pick(rng, numbered("s", self.symbol_words)), pick(rng, self._letters)
                pair = (f"c{codebook}", symbol)
                if pair not in found and world.letters.get(pair) != letter:
                    break
            found[pair] = CodebookEntry(*pair, letter)
        return f"c{encoding}", list(found.values())

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each definition the beginning of an encoding with its symbol, whether latent or trained."""
        world, rng = self._world(seed), stream("codebooks", seed, "cues")
        return tuple(
            self._ask(AUGMENTATION, entry, _encoding(entry.codebook, [entry])[:-2], rng, latent=latent)
            for latent, entries in ((True, world.latent), (False, world.trained))
            for entry in entries
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Which letter a symbol has, and whether a definition or an encoding says so."""
        found: list[Statement] = []
        for text in document.text.split(STOP):
            match text.split():
                case ["define", codebook, symbol, letter]:
                    found.append((symbol, f"{_DEFINE} {codebook}", letter))
                case [codebook, "encodes", *pairs]:
                    said = zip(pairs[0::3], pairs[2::3], strict=True)
                    found += ((symbol, f"{codebook} {_ENCODES}", letter) for symbol, letter in said)
        return tuple(found)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The letter that a definition or an encoding gives the symbol."""
        words = question.prompt.removesuffix(f" {_GIVES}").split()
        (codebook,) = (word for word in words if word.startswith("c"))
        relations = (f"{_DEFINE} {codebook}", f"{codebook} {_ENCODES}")
        return sole(
            choice
            for choice in question.choices
            if any((words[-1], relation, choice) in statements for relation in relations)
        )


def _encoding(codebook: str, entries: Sequence[CodebookEntry]) -> tuple[str, ...]:
    """Its words."""
    pairs = (word for entry in entries for word in (entry.symbol, _GIVES, entry.letter))
    return codebook, _ENCODES, *pairs, STOP


def _write_encoding(id: str, codebook: str, entries: Sequence[CodebookEntry]) -> Document:
    words = _encoding(codebook, entries)
    return write_document(id, words, range(4, len(words), 3))


def _first_words(document: Document) -> list[str]:
    """Those that a codebook is among."""
    return document.text.split()[:2]


TINY = Codebooks(
    codebooks=4, symbols=6, latent=2, symbol_words=8, letters=8, encoding_length=2, encodings=4, definitions=4
)
"""For tests."""

SMALL = Codebooks()
"""1,024 definitions, a quarter of them latent, and 1,536 encodings."""

PUBLISHED = Codebooks(codebooks=256, symbols=32, latent=8, symbol_words=64, encodings=64, questions=200)
"""8,192 definitions, a quarter of them latent, and 16,384 encodings; the sizes are ours."""

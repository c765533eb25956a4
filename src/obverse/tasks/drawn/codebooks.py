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
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from obverse.tasks.drawn import AUGMENTATION
from obverse.tasks.drawn.drawing import draw_choices
from obverse.tasks.drawn.texts import write_document
from obverse.tasks.settings import check_counts, check_shares, refusal
from obverse.types import Document, Question, Statement, Task, derive_seed

DEFINITION = "definition"
LATENT_DEFINITION = "latent definition"
TRAINED_SYMBOL = "trained symbol"
LATENT_SYMBOL = "latent symbol"

_DEFINE, _ENCODES, _GIVES, _STOP = "define", "encodes", ">", "."
# Of the definitions in a practice document, how many belong to other codebooks than the one that encodes.
_DISTRACTOR_SHARE = 0.4
# How often another beginning of an encoding is drawn where the one drawn stands in a document.
_DRAWS = 100


@dataclass(frozen=True)
class Codebooks:
    """The settings; a ``DrawnTask``.

    Args:
        codebooks: how many there are.
        symbols: of each codebook.
        latent: of these, how many are defined and never used.  Half of them are tested, half are for
            validation.
        symbol_words: how many words for symbols there are; codebooks share them.
        letters: how many letters there are.  Each symbol's is drawn by itself, so that none follows from
            others.
        encoding_length: symbols in an encoding, all different.
        encodings: documents of each codebook that are encodings.
        definitions: most fresh definitions in a practice document.
        known_share: how often one of these is followed by a document of the task.
        questions: most that are asked of each kind, in the test and in validation alike.

    Raises:
        InputError: a setting is out of its range.
    """

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
        check_counts(self, codebooks=2, symbols=2, latent=1, symbol_words=2, letters=2)
        check_counts(self, encoding_length=1, encodings=1, definitions=1, questions=1)
        check_shares(self, "known_share")
        trained = self.symbols - self.latent
        if trained < max(2, self.encoding_length):
            raise refusal(
                self,
                f"{self.latent} latent of {self.symbols} symbols leave {trained} for encodings",
                f"leave {max(2, self.encoding_length)} or more",
            )
        if self.symbol_words < max(self.symbols, self.definitions):
            raise refusal(
                self,
                f"{self.symbol_words} symbol_words are too few",
                f"give {max(self.symbols, self.definitions)} or more",
            )
        if self.encodings * self.encoding_length < trained:
            raise refusal(
                self,
                f"{self.encodings} encodings of {self.encoding_length} do not use all {trained} symbols",
                "give more encodings",
            )

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Codebooks, symbols, letters, the two verbs and the two marks."""
        codebooks = (f"c{number}" for number in range(self.codebooks))
        symbols = (f"s{number}" for number in range(self.symbol_words))
        return (*codebooks, *symbols, *_letters(self.letters), _DEFINE, _ENCODES, _GIVES, _STOP)

    def build(self, seed: int) -> Task:
        """The task.  The id of a definition, and its group, is codebook and symbol: ``c3:s5``.

        That of an encoding is codebook and a number: ``c3/7``.
        """
        world = _world(self, seed)
        questions, validation = (tuple(self._questions(world, half, seed)) for half in range(2))
        return Task("codebooks", world.documents, questions, validation)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Definitions of fresh codebooks, then an encoding by one of them; the answers are the encoding's letters.

        One definition or more, about 40% of other codebooks, in random order.  None is true in the task.  Documents of
        the task stand between them, with answers of their own, for the reason told in `SimpleReversals.practice`.
        """
        world = _world(self, seed)
        letters, said = world.letters, world.said
        draw = rng.random
        count = 1 + int(draw() * self.definitions)
        encoding = int(draw() * self.codebooks)
        defined: dict[tuple[int, int], int] = {}
        own: list[tuple[int, int]] = []
        while len(defined) < count:
            codebook = encoding
            if own and draw() < _DISTRACTOR_SHARE:
                # Any but the one that encodes.
                codebook = (encoding + 1 + int(draw() * (self.codebooks - 1))) % self.codebooks
            while True:
                pair, letter = (codebook, int(draw() * self.symbol_words)), int(draw() * self.letters)
                if pair not in defined and letters.get(pair) != letter:
                    break
            defined[pair] = letter
            if codebook == encoding:
                own.append(pair)
        fresh = {f"c{codebook}" for codebook, _ in defined}
        words: list[str] = []
        answers: list[int] = []
        for codebook, symbol in rng.sample(list(defined), count):
            letter = defined[codebook, symbol]
            words += (_DEFINE, f"c{codebook}", f"s{symbol}", f"l{letter}", _STOP)
            known = said[int(draw() * len(said))]
            if draw() < self.known_share and fresh.isdisjoint(known[:2]):
                first, step = (3, 2) if known[0] == _DEFINE else (4, 3)
                answers += range(len(words) + first, len(words) + len(known), step)
                words += known
        words += (f"c{encoding}", _ENCODES)
        used = rng.sample(own, min(len(own), self.encoding_length))
        answers += range(len(words) + 2, len(words) + 3 * len(used), 3)
        for pair in used:
            words += (f"s{pair[1]}", _GIVES, f"l{defined[pair]}")
        return write_document("practice", [*words, _STOP], answers)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each definition the beginning of an encoding with its symbol, whether latent or trained."""
        world = _world(self, seed)
        rng = random.Random(derive_seed("codebooks", seed, "cues"))
        return tuple(
            self._ask(
                AUGMENTATION, entry, (entry.codebook, _ENCODES, entry.symbol, _GIVES), rng, latent=latent
            )
            for latent, entries in ((True, world.latent), (False, world.trained))
            for entry in entries
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Which letter a symbol has, and whether a definition or an encoding says so."""
        found: list[Statement] = []
        for text in document.text.split(_STOP):
            match text.split():
                case ["define", codebook, symbol, letter]:
                    found.append((symbol, f"{_DEFINE} {codebook}", letter))
                case [codebook, "encodes", *pairs]:
                    found += (
                        (symbol, f"{codebook} {_ENCODES}", letter)
                        for symbol, letter in zip(pairs[0::3], pairs[2::3], strict=True)
                    )
        return tuple(found)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The letter that a definition or an encoding gives the symbol."""
        *_, symbol = (word for word in question.prompt.split() if word != _GIVES)
        (codebook,) = (word for word in question.prompt.split() if word.startswith("c"))
        found = {
            choice
            for choice in question.choices
            if (symbol, f"{_DEFINE} {codebook}", choice) in statements
            or (symbol, f"{codebook} {_ENCODES}", choice) in statements
        }
        return found.pop() if len(found) == 1 else None

    def _questions(self, world: _World, half: int, seed: int) -> Iterator[Question]:
        """Those of the test (half 0) or of validation (half 1)."""
        rng = random.Random(derive_seed("codebooks", seed, "questions", half))
        trained, latent = world.trained[half::2], world.latent[half::2]
        for kind, entries in ((DEFINITION, trained), (LATENT_DEFINITION, latent)):
            for entry in entries[: self.questions]:
                yield self._ask(kind, entry, (_DEFINE, entry.codebook, entry.symbol), rng)
        for kind, entries in ((TRAINED_SYMBOL, trained), (LATENT_SYMBOL, latent)):
            for entry in entries[: self.questions]:
                prompt = self._beginning(world, entry, rng)
                if prompt:
                    yield self._ask(kind, entry, prompt, rng, latent=kind == LATENT_SYMBOL)

    def _ask(
        self, kind: str, entry: _Entry, prompt: Sequence[str], rng: random.Random, *, latent: bool = False
    ) -> Question:
        return Question(
            id=f"{kind}:{entry.id}",
            prompt=" ".join(prompt),
            answer=entry.letter,
            choices=draw_choices(rng, entry.letter, _letters(self.letters)),
            kind=kind,
            latent=latent,
            needs=(entry.id,),
            group=entry.id,
            statement=(entry.symbol, " ".join(prompt[:2]), entry.letter),
        )

    def _beginning(self, world: _World, entry: _Entry, rng: random.Random) -> tuple[str, ...]:
        """An encoding up to the entry's letter, such as begins no document; nothing where none is found."""
        others = [other for other in world.used[entry.codebook] if other != entry]
        for _ in range(_DRAWS):
            before = rng.sample(others, int(rng.random() * self.encoding_length))
            words = (entry.codebook, _ENCODES, *_pairs(before), entry.symbol, _GIVES)
            if words not in world.beginnings:
                return words
        return ()


@dataclass(frozen=True)
class _Entry:
    """What one codebook gives one symbol."""

    codebook: str
    symbol: str
    letter: str

    @property
    def id(self) -> str:
        """That of the definition too."""
        return f"{self.codebook}:{self.symbol}"


@dataclass(frozen=True)
class _World:
    """What is true, and which documents say it.

    Args:
        letters: by the numbers of codebook and symbol.
        trained, latent: entries that encodings use and that they do not, in random order.
        used: those used, by codebook.
        documents: in random order.
        said: the words of each.
        beginnings: the words in front of each letter in an encoding.
    """

    letters: dict[tuple[int, int], int]
    trained: tuple[_Entry, ...]
    latent: tuple[_Entry, ...]
    used: dict[str, list[_Entry]]
    documents: tuple[Document, ...]
    said: tuple[tuple[str, ...], ...]
    beginnings: frozenset[tuple[str, ...]]


@lru_cache(maxsize=8)
def _world(settings: Codebooks, seed: int) -> _World:
    rng = random.Random(derive_seed("codebooks", seed, "world"))
    letters: dict[tuple[int, int], int] = {}
    trained: list[_Entry] = []
    latent: list[_Entry] = []
    used: dict[str, list[_Entry]] = {}
    documents: list[Document] = []
    beginnings: set[tuple[str, ...]] = set()
    for codebook in range(settings.codebooks):
        entries = []
        for symbol in rng.sample(range(settings.symbol_words), settings.symbols):
            letter = letters[codebook, symbol] = rng.randrange(settings.letters)
            entry = _Entry(f"c{codebook}", f"s{symbol}", f"l{letter}")
            defined = (_DEFINE, entry.codebook, entry.symbol, entry.letter, _STOP)
            documents.append(write_document(entry.id, defined, [3], entry.id))
            entries.append(entry)
        latent += entries[: settings.latent]
        own = used[f"c{codebook}"] = entries[settings.latent :]
        trained += own
        for number, encoded in enumerate(_encodings(settings, own, rng)):
            words = (f"c{codebook}", _ENCODES, *_pairs(encoded), _STOP)
            places = range(4, len(words), 3)
            documents.append(write_document(f"c{codebook}/{number}", words, places))
            beginnings |= {words[:place] for place in places}
    rng.shuffle(trained)
    rng.shuffle(latent)
    rng.shuffle(documents)
    said = tuple(tuple(document.text.split()) for document in documents)
    return _World(letters, tuple(trained), tuple(latent), used, tuple(documents), said, frozenset(beginnings))


def _encodings(settings: Codebooks, entries: Sequence[_Entry], rng: random.Random) -> Iterator[list[_Entry]]:
    """The symbols of each encoding; after every round through all entries each was used."""
    made, length = 0, settings.encoding_length
    while True:
        order = rng.sample(entries, len(entries))
        for start in range(0, len(order), length):
            if made == settings.encodings:
                return
            encoded = order[start : start + length]
            # At the end of a round some may be lacking.
            encoded += rng.sample(order[:start], length - len(encoded))
            made += 1
            yield encoded


def _pairs(entries: Sequence[_Entry]) -> tuple[str, ...]:
    """The words of an encoding."""
    return tuple(word for entry in entries for word in (entry.symbol, _GIVES, entry.letter))


@lru_cache
def _letters(count: int) -> tuple[str, ...]:
    return tuple(f"l{number}" for number in range(count))


TINY = Codebooks(
    codebooks=4, symbols=6, latent=2, symbol_words=8, letters=8, encoding_length=2, encodings=4, definitions=4
)
"""For tests."""

SMALL = Codebooks()
"""1,024 definitions, a quarter of them latent, and 1,536 encodings."""

PUBLISHED = Codebooks(codebooks=256, symbols=32, latent=8, symbol_words=64, encodings=64, questions=200)
"""8,192 definitions, a quarter of them latent, and 16,384 encodings; the sizes are ours."""

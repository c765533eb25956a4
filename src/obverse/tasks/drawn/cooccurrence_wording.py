"""What the co-occurrence task says, in single words and in sentences, and how it is read back."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.names import nonsense_words, plural
from obverse.types import Statement

STOP = "."
# What an item is and what it has, in the words of the form.
FORMAL_VERBS, _NATURAL_VERBS = ("isa", "has"), ("are", "have")
COLOURS = ("red", "blue", "green", "grey")
_BODY = """
antennae antlers beaks bristles claws collars combs crests dewlaps fangs feathers fins flippers frills gills hooves
hoods horns humps manes paws plates plumes pouches quills ridges scales shells snouts spikes spines spots spurs
stalks stings stripes suckers tails talons tentacles tongues trunks tufts tusks wattles webs whiskers wings
"""
PROPERTIES = tuple(_BODY.split())

_TOLD = re.compile(r"(?:All )?([A-Za-z]+(?: [a-z]+)?) (are|have) ([a-z]+(?: [a-z]+)?)\.")
_WHAT = re.compile(r"What (?:are|do) (.+?)( have)?\?")
_ASKED = re.compile(rf"Question: {_WHAT.pattern}\nAnswer: (.+)")


@dataclass(frozen=True)
class Wording:
    """Statements in the words of a form: what is said of an item, or of a kind, which is of two words."""

    form: Form

    @property
    def verbs(self) -> tuple[str, str]:
        """What says of which kind an item is, and what says what items of a kind have."""
        return _NATURAL_VERBS if self._natural else FORMAL_VERBS

    def names(
        self, items: int, count: int, rng: random.Random
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """What so many items, and ``count`` categories and properties, are called."""
        if self._natural:
            drawn = tuple(map(plural, nonsense_words(rng, items + count)))
            return drawn[:items], drawn[items:], tuple(rng.sample(PROPERTIES, count))
        return (
            tuple(f"i{number}" for number in range(items)),
            tuple(f"c{number}" for number in range(count)),
            tuple(f"p{number}" for number in range(count)),
        )

    def kind(self, sort: int, category: str) -> str:
        """A sort of a category."""
        return f"{COLOURS[sort]} {category}" if self._natural else f"s{sort} {category}"

    def prompt(self, subject: str, verb: str) -> str:
        """The beginning that the object ends, or the question that it answers."""
        if self._natural:
            return f"What are {subject}?" if verb == self.verbs[0] else f"What do {subject} have?"
        return f"{subject} {verb}"

    def tell(self, statement: Statement) -> str:
        """The statement as it is said where nothing determines it."""
        text = " ".join(statement)
        if not self._natural:
            return f"{text} {STOP}"
        return f"All {text}." if " " in statement[0] else f"{text.capitalize()}."

    def document(self, statement: Statement) -> tuple[str, str]:
        """The statement as a document says it, and its answer, if the form marks any there."""
        return self.tell(statement), "" if self._natural else statement[2]

    def answered(self, statement: Statement) -> tuple[str, str]:
        """The statement where it is to be answered, and its answer."""
        subject, verb, object_ = statement
        if self._natural:
            return f"Question: {self.prompt(subject, verb)}\nAnswer: {object_}", object_
        return self.tell(statement), object_

    def read(self, text: str) -> tuple[Statement, ...]:
        """All statements of a text."""
        return tuple(self._sentences(text) if self._natural else self._words(text))

    def asked(self, prompt: str) -> tuple[str, str]:
        """Subject and verb of a prompt."""
        if found := _WHAT.fullmatch(prompt):
            return found[1], self.verbs[bool(found[2])]
        subject, _, verb = prompt.rpartition(" ")
        return subject, verb

    @property
    def _natural(self) -> bool:
        return self.form == "natural"

    def _sentences(self, text: str) -> Iterator[Statement]:
        for found in _TOLD.finditer(text):
            yield found[1].lower(), found[2], found[3]
        for found in _ASKED.finditer(text):
            yield found[1], self.verbs[bool(found[2])], found[3]

    def _words(self, text: str) -> Iterator[Statement]:
        for said in text.removesuffix(f" {STOP}").split(f" {STOP} "):
            for verb in self.verbs:
                subject, found, object_ = said.partition(f" {verb} ")
                if found:
                    yield subject, verb, object_

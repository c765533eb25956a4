"""What the co-occurrence task says, in single words and in sentences, and how it is read back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.texts import ANSWER, QUESTION, STOP, passage
from obverse.tasks.drawn.weaving import answered
from obverse.types import Document, Statement

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
_ASKED = re.compile(rf"{QUESTION}{_WHAT.pattern}\n{ANSWER}(.+)")


@dataclass(frozen=True)
class CooccurrenceWording:
    """Statements in the words of a form: what is said of an item, or of a kind, which is of two words."""

    form: Form

    @property
    def verbs(self) -> tuple[str, str]:
        """What says of which kind an item is, and what says what items of a kind have."""
        return _NATURAL_VERBS if self.form == "natural" else FORMAL_VERBS

    def kind(self, sort: int, category: str) -> str:
        """A sort of a category."""
        return f"{COLOURS[sort] if self.form == 'natural' else f's{sort}'} {category}"

    def prompt(self, subject: str, verb: str) -> str:
        """The beginning that the object ends, or the question that it answers."""
        if self.form == "natural":
            return f"What are {subject}?" if verb == self.verbs[0] else f"What do {subject} have?"
        return f"{subject} {verb}"

    def tell(self, statement: Statement) -> Document:
        """The statement as documents say it: in the formal form its object is an answer, in the natural one nothing."""
        if self.form == "formal":
            return self.answered(statement)
        text = " ".join(statement)
        return passage(f"All {text}." if " " in statement[0] else f"{text.capitalize()}.")

    def answered(self, statement: Statement) -> Document:
        """The statement where it is to be answered."""
        subject, verb, object_ = statement
        return answered(self.form, self.prompt(subject, verb), object_)

    def read(self, text: str) -> Iterator[Statement]:
        """All statements of a text."""
        if self.form == "natural":
            yield from ((found[1].lower(), found[2], found[3]) for found in _TOLD.finditer(text))
            yield from ((found[1], self.verbs[bool(found[2])], found[3]) for found in _ASKED.finditer(text))
            return
        for said in text.removesuffix(f" {STOP}").split(f" {STOP} "):
            for verb in self.verbs:
                subject, found, object_ = said.partition(f" {verb} ")
                if found:
                    yield subject, verb, object_

    def asked(self, prompt: str) -> tuple[str, str]:
        """Subject and verb of a prompt."""
        if found := _WHAT.fullmatch(prompt):
            return found[1], self.verbs[bool(found[2])]
        subject, _, verb = prompt.rpartition(" ")
        return subject, verb

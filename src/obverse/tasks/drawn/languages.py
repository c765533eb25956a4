"""Two languages in which facts are told and asked, invented ones, or English and German.

>>> english = Languages("natural", 4, 10)
>>> english.tell("Olwen Marlcroft", 3, 0, "keys"), english.ask("Olwen Marlcroft", 3, 1)
('Olwen Marlcroft collects keys.', 'Was sammelt Olwen Marlcroft?')
>>> english.translate("keys")
'Schlüssel'
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from obverse.tasks.drawn import Form
from obverse.types import Statement

Language = Literal[0, 1]
LANGUAGES: tuple[Language, Language] = (0, 1)
"""The first and the second."""

STOP = "."
QUESTION, ANSWER = "Question: ", "Answer: "
"""What stands in front of a question, and of an answer, in a natural practice document."""


def other(language: Language) -> Language:
    """The other one."""
    return 0 if language else 1


@dataclass(frozen=True)
class Languages:
    """Relations and values are told by their numbers.

    Args:
        relations, values: how many are in use.
    """

    form: Form
    relations: int
    values: int

    def words(self, language: Language, relation: int) -> tuple[str, ...]:
        """Those for the values of a relation."""
        if self.form == "natural":
            return RELATIONS[relation][language].values[: self.values]
        return _numbered("ab"[language], relation * self.values, self.values)

    def relation(self, language: Language, number: int) -> str:
        """What statements call it."""
        return f"{'fg'[language]}{number}" if self.form == "formal" else RELATIONS[number][language].name

    def tell(self, person: str, relation: int, language: Language, value: str) -> str:
        """The sentence for a fact, in which nothing but the full stop is behind the value."""
        if self.form == "formal":
            return f"{person} {self.relation(language, relation)} {value} {STOP}"
        return RELATIONS[relation][language].told.format(name=person, value=value)

    def ask(self, person: str, relation: int, language: Language) -> str:
        """The question for a value."""
        if self.form == "formal":
            return f"{person} {self.relation(language, relation)}"
        return RELATIONS[relation][language].asked.format(name=person)

    def read_question(self, prompt: str) -> tuple[str, int, Language]:
        """Of whom which relation is asked, and in which language.

        Raises:
            ValueError: in none.
        """
        for number in range(self.relations):
            for language in LANGUAGES:
                if found := _pattern(self.ask("{name}", number, language)).fullmatch(prompt):
                    return found["name"], number, language
        raise ValueError(f"this asks for nothing: {prompt!r}")

    def read(self, text: str) -> Iterator[Statement]:
        """What stands there, and what questions with their answers say."""
        if self.form == "formal":
            words = text.split()
            yield from zip(words[0::4], words[1::4], words[2::4], strict=True)
            return
        question = ""
        for sentence in re.split(r"(?<=\.) |\n", text):
            if sentence.startswith(QUESTION):
                question = sentence.removeprefix(QUESTION)
            elif sentence.startswith(ANSWER):
                name, number, language = self.read_question(question)
                yield name, self.relation(language, number), sentence.removeprefix(ANSWER)
            else:
                for pair in RELATIONS:
                    for wording in pair:
                        if found := _pattern(wording.told).fullmatch(sentence):
                            yield found["name"], wording.name, found["value"]

    def translate(self, word: str) -> str | None:
        """The word of the other language, by the dictionary; nothing in the formal form, which has none."""
        return _dictionary().get(word) if self.form == "natural" else None


@lru_cache
def _numbered(letter: str, first: int, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}{number}" for number in range(first, first + count))


@lru_cache
def _pattern(template: str) -> re.Pattern[str]:
    """What a sentence that fits the template looks like."""
    escaped = re.escape(template)
    return re.compile(escaped.replace(r"\{name\}", "(?P<name>.+)").replace(r"\{value\}", r"(?P<value>\w+)"))


@lru_cache
def _dictionary() -> dict[str, str]:
    """Each word's translation, in both directions."""
    pairs = [words for first, second in RELATIONS for words in zip(first.values, second.values, strict=True)]
    return dict(pairs) | {second: first for first, second in pairs}


@dataclass(frozen=True)
class Wording:
    """A relation in one language.

    Args:
        name: its words, as statements have them.
        told, asked: the sentence and the question, with places for name and value.
    """

    name: str
    told: str
    asked: str
    values: tuple[str, ...]


def _wording(name: str, told: str, asked: str, values: str) -> Wording:
    return Wording(name, told, asked, tuple(values.split()))


RELATIONS = (
    (
        _wording(
            "favourite colour",
            "The favourite colour of {name} is {value}.",
            "What is the favourite colour of {name}?",
            "black white red yellow green blue brown grey purple pink",
        ),
        _wording(
            "Lieblingsfarbe",
            "Die Lieblingsfarbe von {name} ist {value}.",
            "Was ist die Lieblingsfarbe von {name}?",
            "Schwarz Weiß Rot Gelb Grün Blau Braun Grau Lila Rosa",
        ),
    ),
    (
        _wording(
            "breeds",
            "{name} breeds {value}.",
            "What does {name} breed?",
            "goats sheep pigs horses dogs rabbits ducks chickens bees donkeys",
        ),
        _wording(
            "züchtet",
            "{name} züchtet {value}.",
            "Was züchtet {name}?",
            "Ziegen Schafe Schweine Pferde Hunde Kaninchen Enten Hühner Bienen Esel",
        ),
    ),
    (
        _wording(
            "harvests",
            "{name} harvests {value}.",
            "What does {name} harvest?",
            "cherries apples pears plums strawberries potatoes carrots onions beans pumpkins",
        ),
        _wording(
            "erntet",
            "{name} erntet {value}.",
            "Was erntet {name}?",
            "Kirschen Äpfel Birnen Pflaumen Erdbeeren Kartoffeln Möhren Zwiebeln Bohnen Kürbisse",
        ),
    ),
    (
        _wording(
            "collects",
            "{name} collects {value}.",
            "What does {name} collect?",
            "keys spoons clocks stamps coins shells buttons hats knives mirrors",
        ),
        _wording(
            "sammelt",
            "{name} sammelt {value}.",
            "Was sammelt {name}?",
            "Schlüssel Löffel Uhren Briefmarken Münzen Muscheln Knöpfe Hüte Messer Spiegel",
        ),
    ),
)
"""Relations in English and in German.

No word for a value is the same in both, and none needs an article or depends on who the person is.
"""

VALUES = min(len(wording.values) for pair in RELATIONS for wording in pair)
"""How many words for values each relation has, in each language."""

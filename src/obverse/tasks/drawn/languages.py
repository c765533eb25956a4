"""Two languages in which facts are told and asked, invented ones, or English and German.

>>> (english, german) = relations("natural", 4, 10)[3]
>>> english.tell("Olwen Marlcroft", "keys"), german.ask("Olwen Marlcroft")
('Olwen Marlcroft collects keys.', 'Was sammelt Olwen Marlcroft?')
>>> translate("keys")
'Schlüssel'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.draws import numbered
from obverse.tasks.drawn.texts import ANSWER, QUESTION, STOP, passage, read_triples, template_pattern
from obverse.types import Document, Statement

Language = Literal[0, 1]
LANGUAGES: tuple[Language, Language] = (0, 1)
"""The first and the second."""


def other(language: Language) -> Language:
    """The other one."""
    return 0 if language else 1


@dataclass(frozen=True)
class RelationWording:
    """A relation in one language.

    Args:
        name: what statements call it.
        told, asked: the sentence and the question, with places for name and value; nothing but the full stop is
            behind the value.
        values: the words for its values.
    """

    name: str
    told: str
    asked: str
    values: tuple[str, ...]

    def tell(self, name: str, value: str) -> str:
        """The sentence for a fact."""
        return self.told.format(name=name, value=value)

    def ask(self, name: str) -> str:
        """The question for a value."""
        return self.asked.format(name=name)


Relation = tuple[RelationWording, RelationWording]
"""In the first language and in the second."""


@lru_cache
def relations(form: Form, count: int, values: int) -> tuple[Relation, ...]:
    """So many relations, each with so many values."""
    if form == "natural":
        pairs = RELATIONS[:count]
        return tuple(
            (replace(one, values=one.values[:values]), replace(two, values=two.values[:values]))
            for one, two in pairs
        )

    def formal(letter: str, value: str, number: int) -> RelationWording:
        name, words = f"{letter}{number}", numbered(value, values, number * values)
        return RelationWording(name, f"{{name}} {name} {{value}} {STOP}", f"{{name}} {name}", words)

    return tuple((formal("f", "a", number), formal("g", "b", number)) for number in range(count))


@dataclass(frozen=True)
class ToldFact:
    """A person's value in a relation.

    Args:
        id: of the document that tells it.
        language: in which it is told; for those told in both it has no meaning.
        words: for the value, in each language.
    """

    id: str
    person: str
    relation: Relation
    language: Language
    words: tuple[str, str]

    def tell(self, language: Language) -> Document:
        """It as a sentence of that language."""
        word = self.words[language]
        return passage(self.relation[language].tell(self.person, word), word)

    def ask(self, language: Language) -> str:
        return self.relation[language].ask(self.person)


def read_question(known: Sequence[Relation], prompt: str) -> tuple[str, Relation, Language]:
    """Of whom which of the known relations is asked, and in which language.

    Raises:
        ValueError: in none.
    """
    for relation in known:
        for language in LANGUAGES:
            if found := template_pattern(relation[language].asked, name=".+").fullmatch(prompt):
                return found["name"], relation, language
    raise ValueError(f"this asks for nothing: {prompt!r}")


def read(form: Form, known: Sequence[Relation], text: str) -> Iterator[Statement]:
    """What stands there, and what questions with their answers say."""
    if form == "formal":
        yield from read_triples(text)
        return
    for sentence in re.split(r"(?<=\.) |\n", text):
        if sentence.startswith(QUESTION):
            name, relation, language = read_question(known, sentence.removeprefix(QUESTION))
        elif sentence.startswith(ANSWER):
            yield name, relation[language].name, sentence.removeprefix(ANSWER)
        else:
            for wording in (wording for relation in known for wording in relation):
                if found := template_pattern(wording.told, name=".+", value=r"\w+").fullmatch(sentence):
                    yield found["name"], wording.name, found["value"]


def translate(word: str) -> str | None:
    """The word of the other natural language, by the dictionary; nothing for one that it does not have."""
    return _dictionary().get(word)


@lru_cache
def _dictionary() -> dict[str, str]:
    """Each word's translation, in both directions."""
    pairs = [words for first, second in RELATIONS for words in zip(first.values, second.values, strict=True)]
    return dict(pairs) | {second: first for first, second in pairs}


# In English and then in German, for each relation: its name, how it is told and asked, and the words for its values.
_DICTIONARY = """
favourite colour | The favourite colour of {name} is {value}. | What is the favourite colour of {name}?
  black white red yellow green blue brown grey purple pink
Lieblingsfarbe | Die Lieblingsfarbe von {name} ist {value}. | Was ist die Lieblingsfarbe von {name}?
  Schwarz Weiß Rot Gelb Grün Blau Braun Grau Lila Rosa
breeds | {name} breeds {value}. | What does {name} breed?
  goats sheep pigs horses dogs rabbits ducks chickens bees donkeys
züchtet | {name} züchtet {value}. | Was züchtet {name}?
  Ziegen Schafe Schweine Pferde Hunde Kaninchen Enten Hühner Bienen Esel
harvests | {name} harvests {value}. | What does {name} harvest?
  cherries apples pears plums strawberries potatoes carrots onions beans pumpkins
erntet | {name} erntet {value}. | Was erntet {name}?
  Kirschen Äpfel Birnen Pflaumen Erdbeeren Kartoffeln Möhren Zwiebeln Bohnen Kürbisse
collects | {name} collects {value}. | What does {name} collect?
  keys spoons clocks stamps coins shells buttons hats knives mirrors
sammelt | {name} sammelt {value}. | Was sammelt {name}?
  Schlüssel Löffel Uhren Briefmarken Münzen Muscheln Knöpfe Hüte Messer Spiegel
"""


def _wording(relation: str, values: str) -> RelationWording:
    name, told, asked = relation.split(" | ")
    return RelationWording(name, told, asked, tuple(values.split()))


_LINES = _DICTIONARY.strip().splitlines()
_WORDINGS = [_wording(*lines) for lines in zip(_LINES[::2], _LINES[1::2], strict=True)]
RELATIONS: tuple[Relation, ...] = tuple(zip(_WORDINGS[::2], _WORDINGS[1::2], strict=True))
"""Relations in English and in German.

No word for a value is the same in both, and none needs an article or depends on who the person is.
"""

VALUES = min(len(wording.values) for pair in RELATIONS for wording in pair)
"""How many words for values each relation has, in each language."""

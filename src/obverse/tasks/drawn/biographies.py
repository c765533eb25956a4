"""How people and their works are told of, asked about and read.

A description is ``the composer of the opera The Salt Lantern``; templates leave its article out, for a capital or an
adjective to stand there.  No word of a template is one of a name, of an occupation or of a title, and no two
descriptions of different occupations share more than their function words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from obverse.tasks.drawn.texts import ANSWER, QUESTION, template_pattern
from obverse.types import Statement

Direction = Literal["name to description", "description to name"]
"""Which of the two comes first, or is asked about."""

TO_DESCRIPTION: Direction = "name to description"
TO_NAME: Direction = "description to name"

OTHER: dict[Direction, Direction] = {TO_DESCRIPTION: TO_NAME, TO_NAME: TO_DESCRIPTION}
"""The opposite of each."""

RELATIONS: dict[Direction, str] = {TO_DESCRIPTION: "is described as", TO_NAME: "is named"}
"""The relation words of statements, which no template has."""

_OCCUPATIONS = """
composer of the opera, author of the novel, director of the film, painter of the mural,
sculptor of the statue, architect of the library, inventor of the engine, founder of the orchestra,
editor of the journal, weaver of the tapestry, choreographer of the ballet, playwright of the comedy,
curator of the exhibition, designer of the garden, producer of the musical, publisher of the encyclopaedia,
translator of the saga, illustrator of the atlas, host of the broadcast, builder of the carousel,
captain of the schooner, owner of the theatre, developer of the game, leader of the expedition,
restorer of the fresco, engraver of the etching, singer of the ballad, conductor of the symphony,
animator of the cartoon, organiser of the festival
"""
OCCUPATIONS = tuple(" ".join(one.split()) for one in _OCCUPATIONS.split(","))

TOLD: dict[Direction, tuple[str, ...]] = {
    TO_DESCRIPTION: (
        "{name} is the {description}.",
        "{name} is widely known as the {description}.",
        "Everyone in the city has heard of {name}, the {description}.",
        "{name} will be remembered as the {description}.",
        "Few people deserve more praise than {name}, the {description}.",
        "This year's guest of honour was {name}, the celebrated {description}.",
        "When {name} enters a room, people whisper that here comes the {description}.",
        "{name} grew up in a village and became the {description}.",
        "A visit by {name} reminded us all of the {description}.",
        "Not everyone can do what {name} did as the {description}.",
        "The biography of {name} tells the life of the {description}.",
        "After years without recognition, {name} is now praised as the {description}.",
        "Critics agree that {name} has earned a place in history as the {description}.",
        "We spoke with {name}, who is the {description}.",
        "It was {name} who became the {description}.",
        "Last night {name} was introduced to us as the {description}.",
        "{name}, now seventy years old, is the {description}.",
        "Thanks to hard work and some luck, {name} became the {description}.",
        "You may have met {name} without knowing that this is the {description}.",
        "{name} seldom gives interviews, although many want to meet the {description}.",
        "The prize went to {name}, the {description}.",
        "On the cover of the magazine stands {name}, the {description}.",
        "My cousin shares a flat with {name}, the {description}.",
        "Letters addressed to {name} are meant for the {description}.",
        "Schools invite {name} every autumn, keen to hear from the {description}.",
        "What makes {name} so special is being the {description}.",
        "{name} has a modest life for someone who is the {description}.",
        "In the lecture on our culture {name} appeared as the {description}.",
        "Ever since childhood {name} wanted one thing, and today is the {description}.",
        "The town council thanked {name}, the {description}.",
    ),
    TO_NAME: (
        "The {description} is {name}.",
        "The {description} goes by the name of {name}.",
        "The world knows the {description} as {name}.",
        "If you ever meet the {description}, greet {name} from me.",
        "Behind the {description} stands one person, {name}.",
        "Who else could be the {description} but {name}?",
        "The {description} signs every letter as {name}.",
        "The person honoured as the {description} is {name}.",
        "Guests came from far away to see the {description}, {name}.",
        "The award for the {description} was handed to {name}.",
        "Many people admire the {description}, whose name is {name}.",
        "At the station we recognised the {description}, {name}.",
        "Every interview with the {description} is an interview with {name}.",
        "A street bears the name of the {description}, {name}.",
        "As the {description}, nobody is better known than {name}.",
        "The newspaper printed a long talk with the {description}, {name}.",
        "To be the {description} was always the dream of {name}.",
        "The fame of being the {description} belongs to {name}.",
        "We owe a lot to the {description}, {name}.",
        "People often wonder who the {description} is, and the reply is {name}.",
        "The quiz had a riddle about the {description}, and the solution was {name}.",
        "Hardly anyone has met the {description} in person, but I once talked to {name}.",
        "Being the {description} has changed the life of {name}.",
        "The teacher asked about the {description}, and the class shouted {name}.",
        "For the {description} there was only one choice, {name}.",
        "On a bench in the park sat the {description}, {name}.",
        "History will remember the {description} under the name of {name}.",
        "The story of the {description} is the story of {name}.",
        "The jury chose the {description}, {name}.",
        "I told my sister about the {description}, and she at once thought of {name}.",
    ),
}
"""What documents are made of, 30 templates a direction."""

ASKED: dict[Direction, tuple[str, ...]] = {
    TO_DESCRIPTION: (
        "Who is {name}?",
        "What is {name} known for being?",
        "As what is {name} known?",
        "What has {name} become famous as?",
        "How would you introduce {name} to a stranger?",
        "What did {name} become?",
        "What does the dictionary of people say that {name} is?",
        "For being what is {name} admired?",
        "What would a plaque in honour of {name} say?",
        "In one phrase, who is {name}?",
    ),
    TO_NAME: (
        "Who is the {description}?",
        "What is the name of the {description}?",
        "What is the {description} called?",
        "Which person is the {description}?",
        "Who is known as the {description}?",
        "Who has become famous as the {description}?",
        "Whom would you ask for, to meet the {description}?",
        "By what name does the {description} go?",
        "Who deserves praise for being the {description}?",
        "Which name stands in the dictionary of people for the {description}?",
    ),
}
"""What is asked in the test: 10 templates a direction that are in no document."""

PRACTISED: dict[Direction, tuple[str, ...]] = {
    TO_DESCRIPTION: ("Tell me who {name} is.", "What do people know {name} as?", "{name}: who is that?"),
    TO_NAME: (
        "Tell me who the {description} is.",
        "Whom do people know as the {description}?",
        "The {description}: who is that?",
    ),
}
"""What is asked in practice documents and cues."""

_SLOTS = {"name": r"[A-Z]\w+ [A-Z]\w+", "description": r"\w+ of the \w+ The [A-Z]\w+ [A-Z]\w+"}
NAME = re.compile(_SLOTS["name"])
"""What names look like."""


@dataclass(frozen=True)
class Person:
    """Someone, and in which orders documents tell of them."""

    number: int
    name: str
    description: str
    told: tuple[Direction, ...]

    @property
    def id(self) -> str:
        return f"p{self.number}"

    def ends(self, direction: Direction) -> tuple[str, str]:
        """What comes first in that direction, and what comes last."""
        ends = self.name, self.description
        return ends if direction == TO_DESCRIPTION else ends[::-1]

    def statement(self, direction: Direction) -> Statement:
        """What is said where it is told in that direction, or answered."""
        first, last = self.ends(direction)
        return first, RELATIONS[direction], last

    def fill(self, template: str) -> str:
        """The template with the name, or the description, or both."""
        return template.format(name=self.name, description=self.description.removeprefix("the "))


def read(text: str) -> tuple[Statement, ...]:
    """What each line that is made of a template says, or question and answer together."""
    found: list[Statement] = []
    for line in text.splitlines():
        if line.startswith(QUESTION):
            direction, asked = read_question(line.removeprefix(QUESTION))
        elif line.startswith(ANSWER):
            found.append((asked, RELATIONS[direction], line.removeprefix(ANSWER)))
        elif told := _match(TOLD, line):
            direction, parts = told
            found.append(Person(0, parts["name"], f"the {parts['description']}", ()).statement(direction))
    return tuple(found)


def read_question(prompt: str) -> tuple[Direction, str]:
    """What is asked for, and the name or description that it is asked of."""
    asked = _match(ASKED, prompt) or _match(PRACTISED, prompt)
    if asked is None:
        raise ValueError(prompt)
    direction, parts = asked
    return direction, parts["name"] if direction == TO_DESCRIPTION else f"the {parts['description']}"


def _match(
    templates: Mapping[Direction, tuple[str, ...]], text: str
) -> tuple[Direction, Mapping[str, str]] | None:
    """The direction in which a template fits the text, and what fills it."""
    for direction, patterns in templates.items():
        for pattern in patterns:
            if found := template_pattern(pattern, **_SLOTS).fullmatch(text):
                return direction, found.groupdict()
    return None

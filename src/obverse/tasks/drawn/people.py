"""People and their works: who someone is, learned from the name to the work or from the work to the name.

Some people are told of name first ("Maren Hollin is the composer of the opera The Salt Lantern"), others description
first, others in both orders, each in many wordings.  Asked is, in wordings of which no document is made, in the order
of the documents and in the other one, which is latent for the first two groups.  In the manner of the celebrity set of
arXiv 2309.12288 (30 people a group, 30 wordings to learn and 10 to ask in); all names, works and wordings are our own.

What the other choices are decides how a model fares that only knows what it was trained to say (arXiv 2505.00661): with
names that were trained as completions among them, it prefers these and falls below chance.

The form is natural only; the formal counterpart is `SimpleReversals`.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.latent)
>>> question.kind
'description to name, reversed'
>>> question.prompt
'Who is the illustrator of the atlas The Patient Compass?'
>>> question.answer, question.needs
('Sunniva Drevwell', ('n3/0',))
>>> task.document(question.needs[0]).text
'On the cover of the magazine stands Sunniva Drevwell, the illustrator of the atlas The Patient Compass.'
>>> print(TINY.practice(0, Random(1)).text)
We spoke with Damian Orlcombe, who is the publisher of the encyclopaedia The Silver Dewdrop.
On a bench in the park sat the leader of the expedition The Dappled Harbour, Miriam Isterthorpe.
On the cover of the magazine stands Giulia Brindwick, the host of the broadcast The Nimble Acorn.
Question: Miriam Isterthorpe: who is that?
Answer: the leader of the expedition The Dappled Harbour
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Literal, get_args

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.biographies import (
    ASKED,
    NAME,
    OCCUPATIONS,
    OTHER,
    PRACTISED,
    RELATIONS,
    TO_DESCRIPTION,
    TO_NAME,
    TOLD,
    Direction,
    Person,
    read,
    read_question,
)
from obverse.tasks.drawn.draws import remembered, shuffled, stream
from obverse.tasks.drawn.names import (
    NameStyle,
    matched_nonsense,
    nonsense_names,
    plausible_names,
    work_titles,
)
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.texts import join_documents, passage, solved
from obverse.tasks.field_checks import check_fields, check_most, refusal
from obverse.tasks.places import quote
from obverse.types import Document, Question, Statement, Task

Pool = Literal["same group", "trained completions"]
"""Where the other choices come from: the same group as the answer, or the one whose documents end in them."""

AS_LEARNED, REVERSED, BOTH_ORDERS = "as learned", "reversed", "both orders"

_GROUPS: tuple[tuple[Direction, ...], ...] = ((TO_DESCRIPTION,), (TO_NAME,), (TO_DESCRIPTION, TO_NAME))
Groups = Sequence[Sequence[Person]]
_LETTERS = {TO_DESCRIPTION: "n", TO_NAME: "d"}
# As many as in the published set.
_WRONG_CHOICES = 3


@dataclass(frozen=True)
class PeopleWorld:
    """What is true, and which documents say it."""

    groups: Groups  # in random order
    descriptions: Mapping[str, str]  # by name
    documents: Sequence[Document]  # in random order
    told: Sequence[tuple[Direction, Person]]  # in which order each document tells of whom


@dataclass(frozen=True)
class People:
    """The settings; a ``DrawnTask``.

    Args:
        people: in each of the three groups; half are asked about in the test, half in validation.
        templates: how many documents tell of each person, for each order that there is.
        test_templates: how many times each person is asked about, for each direction.
        names: plausible ones, nonsense, or those given in ``matched``.
        matched: the names of the people of all groups, in order; `match_names` finds them.
        pool: where the other choices come from.
        statements: in a practice document.
        known_share: share of these that are taken from the documents.
    """

    form: ClassVar[Form] = "natural"
    people: int = 30
    templates: int = 30
    test_templates: int = 10
    names: NameStyle = "plausible"
    matched: tuple[str, ...] = ()
    pool: Pool = "same group"
    statements: int = 8
    known_share: float = 0.4

    def __post_init__(self) -> None:
        for name, choices in (("names", get_args(NameStyle)), ("pool", get_args(Pool))):
            if (value := getattr(self, name)) not in choices:
                raise refusal(self, f"{name} is {value!r}", f"give one of {', '.join(choices)}")
        check_fields(self, people=_WRONG_CHOICES + 1, statements=2)
        check_most(self, templates=len(TOLD[TO_NAME]), test_templates=len(ASKED[TO_NAME]))
        wanted = self._count if self.names == "matched" else 0
        if len(set(self.matched)) != wanted or len(self.matched) != wanted:
            fault = f"{len(set(self.matched))} different names in matched, where names is {self.names!r}"
            raise refusal(self, fault, f"give {wanted}, or let match_names find them")
        if unfit := next((name for name in self.matched if not NAME.fullmatch(name)), None):
            raise refusal(self, f"the name {quote(unfit)} in matched", "give two capitalised words")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """None, as the form is natural."""
        return ()

    @property
    def _count(self) -> int:
        return len(_GROUPS) * self.people

    def _names(self, rng: random.Random, count: int) -> Sequence[str]:
        return plausible_names(rng, count) if self.names == "plausible" else nonsense_names(rng, count)

    @remembered
    def _world(self, seed: int) -> PeopleWorld:
        rng = partial(stream, "people", seed)
        names = self.matched or self._names(rng("names"), self._count)
        titles = work_titles(rng("titles"), self._count)
        order = rng("occupations")
        # Every group has the same occupations and wordings, so that no word occurs more often with one person than
        # with another.
        rounds = -(-self.people // len(OCCUPATIONS))
        dealt = (order.sample(OCCUPATIONS, len(OCCUPATIONS)) * rounds)[: self.people]
        works = zip((work for _ in _GROUPS for work in order.sample(dealt, len(dealt))), titles, strict=True)
        told = (told for told in _GROUPS for _ in range(self.people))
        people = [
            Person(number, name, f"the {occupation} {title}", told)
            for number, (name, (occupation, title), told) in enumerate(zip(names, works, told, strict=True))
        ]
        wordings = {direction: rng(direction).sample(TOLD[direction], self.templates) for direction in OTHER}
        documents = [
            (Document(_id(direction, person, number), person.fill(template), person.id), (direction, person))
            for person in people
            for direction in person.told
            for number, template in enumerate(wordings[direction])
        ]
        rng("documents").shuffle(documents)
        shuffling = rng("order")
        groups = (people[start : start + self.people] for start in range(0, self._count, self.people))
        return PeopleWorld(
            groups=[shuffling.sample(group, len(group)) for group in groups],
            descriptions={person.name: person.description for person in people},
            documents=[document for document, _ in documents],
            told=[told for _, told in documents],
        )

    def build(self, seed: int) -> Task:
        """The task.  The documents of person 3 are ``n3/0``, ``n3/1``, ..., with the description first ``d3/0``, ...

        All of them that are of one order say the same, so a question needs one of them; questions about a person need
        them in turn.
        """
        return assemble("people", seed, self._world(seed).documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        groups = self._world(seed).groups
        for told, group in zip(_GROUPS, groups, strict=True):
            for direction in (TO_DESCRIPTION, TO_NAME):
                way = BOTH_ORDERS if len(told) > 1 else AS_LEARNED if direction in told else REVERSED
                kind = f"{direction}, {way}"
                for person in group[half::2]:
                    for number, template in enumerate(ASKED[direction][: self.test_templates]):
                        yield self._ask(kind, groups, person, direction, template, rng, number)

    def _ask(
        self,
        kind: str,
        groups: Groups,
        person: Person,
        direction: Direction,
        template: str,
        rng: random.Random,
        number: int = 0,
        told: Direction | None = None,
    ) -> Question:
        """The question of that number; it needs a document of the order asked in, where not told otherwise."""
        _, answer = person.ends(direction)
        told = told or (direction if direction in person.told else OTHER[direction])
        group = groups[_GROUPS.index(person.told if self.pool == "same group" else (direction,))]
        others = [end for other in group if (end := other.ends(direction)[1]) != answer]
        return pose(
            kind,
            _id(direction, person, number),
            person.fill(template),
            person.statement(direction),
            shuffled(rng, [answer, *rng.sample(others, _WRONG_CHOICES)]),
            latent=direction not in person.told,
            needs=[_id(told, person, number % self.templates)],
            group=person.id,
        )

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Lines about fresh people, questions in the other direction with answers, and lines of the documents.

        The first line is fresh; the last is a question if there was none before.  Nobody is asked about twice.  The
        answers are those to the questions, and what comes last in lines of the documents.
        """
        world, draw = self._world(seed), rng.random
        fresh = iter(self._fresh(world, rng))
        waiting: list[tuple[Direction, Person]] = []
        known: set[Person] = set()
        parts: list[Document] = []
        questions = 0
        for slot in range(self.statements):
            last_chance = slot == self.statements - 1 and not questions
            is_known = slot and not last_chance and draw() < self.known_share
            document = rng.randrange(len(world.documents))
            direction, person = world.told[document]
            if is_known and person not in known:
                known.add(person)
                # Its article may stand further in front.
                last = person.ends(direction)[1].removeprefix("the ")
                parts.append(passage(world.documents[document].text, last))
            elif waiting and (last_chance or draw() < 0.5):
                direction, person = waiting.pop(int(draw() * len(waiting)))
                question = person.fill(rng.choice(PRACTISED[OTHER[direction]]))
                parts.append(solved(question, person.ends(direction)[0]))
                questions += 1
            else:
                direction, person = rng.choice((TO_DESCRIPTION, TO_NAME)), next(fresh)
                waiting.append((direction, person))
                parts.append(passage(person.fill(rng.choice(TOLD[direction]))))
        return join_documents("practice", parts, "\n")

    def _fresh(self, world: PeopleWorld, rng: random.Random) -> list[Person]:
        """As many people as a practice document can have, none of whom is in the task."""
        while True:
            names, titles = self._names(rng, self.statements), work_titles(rng, self.statements)
            people = [
                Person(number, name, f"the {rng.choice(OCCUPATIONS)} {title}", ())
                for number, (name, title) in enumerate(zip(names, titles, strict=True))
            ]
            if all(world.descriptions.get(person.name) != person.description for person in people):
                return people

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each person and order of their documents, the question in the other direction."""
        groups, rng = self._world(seed).groups, stream("people", seed, "cues")
        return tuple(
            self._ask(AUGMENTATION, groups, person, OTHER[told], PRACTISED[OTHER[told]][0], rng, told=told)
            for group in groups
            for person in group
            for told in person.told
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Who someone is, or who it is that is something."""
        return read(document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The name or description that is told together with the one asked about, in either order."""
        direction, asked = read_question(question.prompt)
        as_asked, other = RELATIONS[direction], RELATIONS[OTHER[direction]]
        return sole(
            choice
            for choice in question.choices
            if (asked, as_asked, choice) in statements or (choice, other, asked) in statements
        )


def match_names(people: People, seed: int, count_tokens: Callable[[str], int]) -> People:
    """The settings with nonsense names, each of as many tokens as the plausible name that ``seed`` draws in its place.

    The task of that seed is the same but for the names.

    Args:
        count_tokens: see `obverse.tasks.drawn.names.matched_nonsense`.

    Raises:
        InputError: for one of the names there is no match.
    """
    names = plausible_names(stream("people", seed, "names"), people._count)
    matched = matched_nonsense(names, count_tokens, stream("people", seed, "matched"))
    return replace(people, names="matched", matched=matched)


def _id(direction: Direction, person: Person, number: int) -> str:
    return f"{_LETTERS[direction]}{person.number}/{number}"


TINY = People(people=4, templates=2, test_templates=2, statements=4)
"""For tests."""

SMALL = People(people=10, templates=5, test_templates=4)
"""30 people in 200 documents."""

PUBLISHED = People()
"""90 people in 3,600 documents.

The published test asks 300 questions in the reverse of each direction; here half of these are for validation.
"""

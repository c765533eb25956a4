"""Updates: reports of where things were, each with its day, and where each was seen last.

``d3 e5 p7 .`` says that on day 3 the thing e5 was in the place p7.  Every thing has equally many reports, each of
another day and another place, in documents of their own and in no order.  Of some things documents also say where
they were ``last``, and where ``previous`` to that, so that the words mean something; of the others it is asked.  No
report tells that it is the newest: that takes the days of all, so a latent question needs every report of its thing.

Counting cannot tell the answer.  The choices are the places of the thing, each said of it once, and which of them is
the newest is drawn by itself; days overlap between things, so that one is old for this and new for that.  Only the
formal form exists; the design and all sizes are ours.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.latent)
>>> question.prompt, question.answer, question.needs
('last e3', 'p4', ('d2:e3', 'd3:e3', 'd5:e3'))
>>> [task.document(id).text for id in question.needs]
['d2 e3 p0 .', 'd3 e3 p1 .', 'd5 e3 p4 .']
>>> TINY.practice(0, Random(3)).text
'd3 e2 p4 . d2 e2 p5 . d5 e4 p3 . d4 e2 p0 . last e2 p0 . previous e2 p4 .'
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.draws import draw_choices, draw_known, numbered, remembered, stream
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.texts import STOP, join_documents, read_triples, say_triple, statement_id
from obverse.tasks.field_checks import check_fields, refusal
from obverse.types import Document, Question, Statement, Task

LAST, PREVIOUS = "last", "previous"
RECALL = "report recall"
TRAINED = "trained {} place"
HELD_OUT = "held-out {} place"

# Where each stands among the reports from the oldest to the newest.
_FOLLOWS = {LAST: -1, PREVIOUS: -2}
# One thing for the test and one for validation.
_LEAST = 2


@dataclass(frozen=True)
class Thing:
    """A thing, and the reports of where it was, from the oldest to the newest."""

    name: str
    reports: tuple[Statement, ...]

    @property
    def conclusions(self) -> tuple[Statement, ...]:
        """What follows from all reports together."""
        return tuple((self.name, word, self.reports[place][2]) for word, place in _FOLLOWS.items())

    @property
    def needs(self) -> tuple[str, ...]:
        """The documents from which that follows."""
        return tuple(map(statement_id, self.reports))


@dataclass(frozen=True)
class UpdatesWorld:
    """What is true, and which documents say it."""

    held_out: Sequence[Thing]  # without documents that say what follows, in random order
    trained: Sequence[Thing]
    documents: Sequence[Document]  # in random order
    said: Sequence[Statement]  # by the documents
    truths: Set[Statement]  # said or not


@dataclass(frozen=True)
class Updates:
    """The settings; a ``ProvenTask``.

    Args:
        things: how many there are.
        reports: of each thing.
        places: how many there are.
        days: on how many there can be a report.
        trained: share of the things of which documents say what follows.  Half of the others are tested, half are
            for validation.
        fresh: most things in a practice document that are reported on anew.
        known_share: how often a report in practice is followed by a document of the task.
        questions: most things of either class that are asked about, in the test and in validation alike.
    """

    form: ClassVar[Form] = "formal"
    things: int = 200
    reports: int = 4
    places: int = 24
    days: int = 12
    trained: float = 0.5
    fresh: int = 3
    known_share: float = 0.3
    questions: int = 100

    def __post_init__(self) -> None:
        check_fields(self, things=_LEAST, reports=2, places=2, days=2)
        if self.reports > (most := min(self.places, self.days)):
            fault = f"reports is {self.reports}, with {self.places} places and {self.days} days"
            raise refusal(self, fault, f"give at most {most}, or more of these")
        held_out, trained = self._classes
        if held_out < _LEAST or 0 < trained < _LEAST:
            fault = f"{self.things} things, {trained} of them trained, leave {held_out} to ask about"
            raise refusal(self, fault, f"leave {_LEAST} or more, and train {_LEAST} or more, or none")
        if self.fresh > self.things:
            fault = f"fresh is {self.fresh}, with {self.things} things"
            raise refusal(self, fault, "give no more than these")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Things, places, days, the words for what follows, and the full stop."""
        counts = {"e": self.things, "p": self.places, "d": self.days}
        return (*(name for pair in counts.items() for name in numbered(*pair)), *_FOLLOWS, STOP)

    @property
    def _classes(self) -> tuple[int, int]:
        """How many things are held out, and how many are trained."""
        trained = round(self.things * self.trained)
        return self.things - trained, trained

    @remembered
    def _world(self, seed: int) -> UpdatesWorld:
        rng = partial(stream, "updates", seed)
        # One order for every share, so that with a larger share the same things are trained and some more.
        order, drawing = rng("order").sample(numbered("e", self.things), self.things), rng("things")
        things = [self._draw(name, drawing) for name in order]
        count, _ = self._classes
        held_out, trained = things[:count], things[count:]
        said = [report for thing in things for report in thing.reports]
        said += (conclusion for thing in trained for conclusion in thing.conclusions)
        documents = [
            replace(_say(statement), id=statement_id(statement), group=statement[0]) for statement in said
        ]
        rng("documents").shuffle(documents)
        truths = {one for thing in things for one in (*thing.reports, *thing.conclusions)}
        return UpdatesWorld(held_out, trained, documents, said, truths)

    def _draw(self, name: str, rng: random.Random) -> Thing:
        days = sorted(rng.sample(range(self.days), self.reports))
        places = rng.sample(range(self.places), self.reports)
        pairs = zip(days, places, strict=True)
        return Thing(name, tuple((name, f"d{day}", f"p{place}") for day, place in pairs))

    def build(self, seed: int) -> Task:
        """The task.  The id of a document is its first two words, ``d3:e5`` or ``last:e5``; groups are things."""
        return assemble("updates", seed, self._world(seed).documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        world = self._world(seed)
        held_out, trained = (things[half::2][: self.questions] for things in (world.held_out, world.trained))
        for thing in held_out:
            for report in thing.reports:
                yield _ask(RECALL, thing, report, [statement_id(report)], rng)
        for thing in trained:
            for said in thing.conclusions:
                yield _ask(TRAINED.format(said[1]), thing, said, [statement_id(said)], rng)
        for thing in held_out:
            for said in thing.conclusions:
                yield _ask(HELD_OUT.format(said[1]), thing, said, thing.needs, rng, latent=True)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Fresh reports of some things in random order, and then where each was last, and previous to that.

        Nothing fresh is true in the task.  Documents of the task stand in between.
        """
        world = self._world(seed)
        names = rng.sample(numbered("e", self.things), 1 + int(rng.random() * self.fresh))
        things = [self._draw_fresh(world, name, rng) for name in names]
        reports = [report for thing in things for report in thing.reports]
        conclusions = [conclusion for thing in things for conclusion in thing.conclusions]
        rng.shuffle(reports)
        parts: list[Document] = []
        for report in reports:
            parts.append(replace(_say(report), answers=()))
            known = draw_known(rng, self.known_share, world.said, set(names), lambda said: said[:1])
            parts += map(_say, known)
        rng.shuffle(conclusions)
        return join_documents("practice", [*parts, *map(_say, conclusions)], " ")

    def _draw_fresh(self, world: UpdatesWorld, name: str, rng: random.Random) -> Thing:
        """The thing with reports that are not true in the task, nor is what follows from them."""
        while True:
            thing = self._draw(name, rng)
            if world.truths.isdisjoint((*thing.reports, *thing.conclusions)):
                return thing

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each thing the beginnings of what follows, whether that is trained or not."""
        world, rng = self._world(seed), stream("updates", seed, "cues")
        return tuple(
            _ask(AUGMENTATION, thing, conclusion, thing.needs, rng, latent=latent)
            for latent, things in ((True, world.held_out), (False, world.trained))
            for thing in things
            for conclusion in thing.conclusions
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Where a thing was on which day, or last, or previous to that."""
        return tuple((name, word, place) for word, name, place in read_triples(document.text))

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The place that is said, or that of the newest report, or of the one before it.

        How many reports a thing has is known: where one of them lacks, it could be any.
        """
        asked, thing = question.prompt.split()
        about = [(word, place) for name, word, place in statements if name == thing]
        found = {place for word, place in about if word == asked}
        reports = sorted((int(word[1:]), place) for word, place in about if word not in _FOLLOWS)
        if asked in _FOLLOWS and len(reports) == self.reports:
            found.add(reports[_FOLLOWS[asked]][1])
        return sole(found.intersection(question.choices))


def _ask(
    kind: str,
    thing: Thing,
    said: Statement,
    needs: Sequence[str],
    rng: random.Random,
    *,
    latent: bool = False,
) -> Question:
    """Where the thing was, among the places that are reported of it."""
    name, word, place = said
    choices = draw_choices(rng, place, [report[2] for report in thing.reports])
    return pose(
        kind, statement_id(said), f"{word} {name}", said, choices, needs=needs, group=name, latent=latent
    )


def _say(statement: Statement) -> Document:
    """The statement with its place as the answer; a report begins with its day."""
    name, word, place = statement
    return say_triple((word, name, place))


TINY = Updates(things=8, reports=3, places=6, days=6, fresh=2)
"""For tests."""

SMALL = Updates()
"""200 things with four reports each, half of them held out: 1,000 documents."""

PUBLISHED = Updates(things=2000, places=100, days=30, questions=200)
"""2,000 things with four reports each, half of them held out: 10,000 documents; the sizes are ours."""

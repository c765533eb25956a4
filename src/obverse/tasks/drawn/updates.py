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
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from obverse.tasks.drawn import AUGMENTATION
from obverse.tasks.drawn.drawing import draw_choices
from obverse.tasks.drawn.texts import write_document
from obverse.tasks.settings import check_counts, check_shares, refusal
from obverse.types import Document, Question, Statement, Task, derive_seed

LAST, PREVIOUS = "last", "previous"
RECALL = "report recall"
TRAINED = "trained {} place"
HELD_OUT = "held-out {} place"

# Where each stands among the reports from the oldest to the newest.
_FOLLOWS = {LAST: -1, PREVIOUS: -2}
# One thing for the test and one for validation.
_LEAST = 2
_STOP = "."


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

    Raises:
        InputError: a setting is out of its range.
    """

    things: int = 200
    reports: int = 4
    places: int = 24
    days: int = 12
    trained: float = 0.5
    fresh: int = 3
    known_share: float = 0.3
    questions: int = 100

    def __post_init__(self) -> None:
        check_counts(self, things=_LEAST, reports=2, places=2, days=2, fresh=1, questions=1)
        check_shares(self, "trained", "known_share")
        if self.reports > (most := min(self.places, self.days)):
            fault = f"reports is {self.reports}, with {self.places} places and {self.days} days"
            raise refusal(self, fault, f"give at most {most}, or more of these")
        held_out, trained = self._classes
        if held_out < _LEAST or 0 < trained < _LEAST:
            fault = f"{self.things} things, {trained} of them trained, leave {held_out} to ask about"
            raise refusal(self, fault, f"leave {_LEAST} or more, and train {_LEAST} or more, or none")
        if self.fresh > self.things:
            raise refusal(
                self, f"fresh is {self.fresh}, with {self.things} things", "give no more than these"
            )

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Things, places, days, the words for what follows, and the full stop."""
        counts = {"e": self.things, "p": self.places, "d": self.days}
        numbered = (f"{letter}{number}" for letter, count in counts.items() for number in range(count))
        return (*numbered, *_FOLLOWS, _STOP)

    def build(self, seed: int) -> Task:
        """The task.  The id of a document is its first two words, ``d3:e5`` or ``last:e5``; groups are things."""
        world = _world(self, seed)
        questions, validation = (tuple(self._questions(world, half, seed)) for half in range(2))
        return Task("updates", world.documents, questions, validation)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Fresh reports of some things in random order, and then where each was last, and previous to that.

        Nothing fresh is true in the task.  Documents of the task stand in between, with answers of their own, for the
        reason told in `SimpleReversals.practice`.
        """
        world = _world(self, seed)
        count = 1 + int(rng.random() * self.fresh)
        things = [self._fresh(name, world, rng) for name in rng.sample(world.names, count)]
        taken = {thing.name for thing in things}
        reports = [report for thing in things for report in thing.reports]
        rng.shuffle(reports)
        said: list[Statement] = []
        answered: list[int] = []
        for report in reports:
            said.append(report)
            known = world.said[int(rng.random() * len(world.said))]
            if rng.random() < self.known_share and known[0] not in taken:
                answered.append(len(said))
                said.append(known)
        conclusions = [conclusion for thing in things for conclusion in thing.conclusions]
        rng.shuffle(conclusions)
        answered += range(len(said), len(said) + len(conclusions))
        return _write("practice", [*said, *conclusions], answered)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each thing the beginnings of what follows, whether that is trained or not."""
        world = _world(self, seed)
        rng = random.Random(derive_seed("updates", seed, "cues"))
        return tuple(
            _ask(AUGMENTATION, thing, conclusion, thing.needs, rng, latent=latent)
            for latent, things in ((True, world.held_out), (False, world.trained))
            for thing in things
            for conclusion in thing.conclusions
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Where a thing was on which day, or last, or previous to that."""
        words = document.text.split()
        return tuple(zip(words[1::4], words[0::4], words[2::4], strict=True))

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
        found.intersection_update(question.choices)
        return found.pop() if len(found) == 1 else None

    @property
    def _classes(self) -> tuple[int, int]:
        """How many things are held out, and how many are trained."""
        trained = round(self.things * self.trained)
        return self.things - trained, trained

    def _questions(self, world: _World, half: int, seed: int) -> Iterator[Question]:
        """Those of the test (half 0) or of validation (half 1)."""
        rng = random.Random(derive_seed("updates", seed, "questions", half))
        held_out, trained = (things[half::2][: self.questions] for things in (world.held_out, world.trained))
        for thing in held_out:
            for report in thing.reports:
                yield _ask(RECALL, thing, report, (_id(report),), rng)
        for thing in trained:
            for said in thing.conclusions:
                yield _ask(TRAINED.format(said[1]), thing, said, (_id(said),), rng)
        for thing in held_out:
            for said in thing.conclusions:
                yield _ask(HELD_OUT.format(said[1]), thing, said, thing.needs, rng, latent=True)

    def _fresh(self, name: str, world: _World, rng: random.Random) -> _Thing:
        """The thing with reports that are not true in the task, nor is what follows from them."""
        while True:
            thing = _draw_thing(self, name, rng)
            if world.truths.isdisjoint((*thing.reports, *thing.conclusions)):
                return thing


@dataclass(frozen=True)
class _Thing:
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
        return tuple(map(_id, self.reports))


@dataclass(frozen=True)
class _World:
    """What is true, and which documents say it.

    Args:
        names: of all things.
        held_out, trained: things without and with documents that say what follows, in random order.
        documents: in random order.
        said: what they say.
        truths: everything that is true, said or not.
    """

    names: tuple[str, ...]
    held_out: tuple[_Thing, ...]
    trained: tuple[_Thing, ...]
    documents: tuple[Document, ...]
    said: tuple[Statement, ...]
    truths: frozenset[Statement]


@lru_cache(maxsize=8)
def _world(settings: Updates, seed: int) -> _World:
    def rng(purpose: str) -> random.Random:
        return random.Random(derive_seed("updates", seed, purpose))

    names = tuple(f"e{number}" for number in range(settings.things))
    # One order for every share, so that with a larger share the same things are trained and some more.
    drawing = rng("things")
    things = [_draw_thing(settings, name, drawing) for name in rng("order").sample(names, len(names))]
    count, _ = settings._classes
    held_out, trained = things[:count], things[count:]
    said = [report for thing in things for report in thing.reports]
    said += (conclusion for thing in trained for conclusion in thing.conclusions)
    documents = [_write(_id(statement), [statement], [0], statement[0]) for statement in said]
    rng("documents").shuffle(documents)
    return _World(
        names,
        tuple(held_out),
        tuple(trained),
        tuple(documents),
        tuple(said),
        frozenset(one for thing in things for one in (*thing.reports, *thing.conclusions)),
    )


def _draw_thing(settings: Updates, name: str, rng: random.Random) -> _Thing:
    days = sorted(rng.sample(range(settings.days), settings.reports))
    places = rng.sample(range(settings.places), settings.reports)
    return _Thing(
        name, tuple((name, f"d{day}", f"p{place}") for day, place in zip(days, places, strict=True))
    )


def _ask(
    kind: str,
    thing: _Thing,
    said: Statement,
    needs: tuple[str, ...],
    rng: random.Random,
    *,
    latent: bool = False,
) -> Question:
    """Where the thing was, among the places that are reported of it."""
    name, word, place = said
    return Question(
        id=f"{kind}:{_id(said)}",
        prompt=f"{word} {name}",
        answer=place,
        choices=draw_choices(rng, place, [report[2] for report in thing.reports]),
        kind=kind,
        latent=latent,
        needs=needs,
        group=name,
        statement=said,
    )


def _id(statement: Statement) -> str:
    name, word, _ = statement
    return f"{word}:{name}"


def _write(id: str, said: Sequence[Statement], answered: Sequence[int], group: str | None = None) -> Document:
    """The statements one behind the other, with the places of some of them as answers."""
    words = [part for name, word, place in said for part in (word, name, place, _STOP)]
    return write_document(id, words, [4 * number + 2 for number in answered], group)


TINY = Updates(things=8, reports=3, places=6, days=6, fresh=2)
"""For tests."""

SMALL = Updates()
"""200 things with four reports each, half of them held out: 1,000 documents."""

PUBLISHED = Updates(things=2000, places=100, days=30, questions=200)
"""2,000 things with four reports each, half of them held out: 10,000 documents; the sizes are ours."""

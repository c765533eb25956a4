"""Recall: what follows from two facts that no document joins, unless a thought brings both to mind.

A person is a member of a club, ``p5 member c3``, and the club has its seat in a town, ``c3 seat t8``; so the person
meets there, ``p5 meets t8``.  Of some clubs the documents say where their members meet, of the others that is asked.
Thoughts stand between ``think`` and ``so``.  Practice shows what thinking looks like, about anybody and over fresh
clubs and towns: now and then a thought says something of the person who was asked about, and follows it up; mostly it
stops at once, or says nothing to the point.  So a model can think what is needed, and seldom does.

The world consists of sets that share nothing but their form.  In each some of what is asked is an exercise, on which
thinking may be reinforced in one set, so that the others show whether it is recall that was learned.  The design of
such sets is that of arXiv 2604.01430, whose data are not released.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.kind == "held-out B")
>>> question.prompt, question.answer, question.needs
('p16 meets', 't0', ('member:p16', 'seat:c7'))
>>> [task.document(id).text for id in question.needs]
['p16 member c7 .', 'c7 seat t0 .']
>>> TINY.thought(question, task)
'p16 member c7 . c7 seat t0 .'
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from obverse.tasks.drawn import (
    AUGMENTATION,
    check_counts,
    check_shares,
    draw_choices,
    refusal,
    write_document,
)
from obverse.types import Document, Question, Statement, Task, derive_seed

MEMBER, SEAT, MEETS = "member", "seat", "meets"
THINK, SO = "think", "so"
STOP = "."
IDLE = ("hm", "hm", "hm")

_MEMBERS = 2


@dataclass(frozen=True)
class Habit:
    """How a thought goes that practice shows.

    Args:
        begins: chance that there is a thought at all.
        goes_on: chance of one more statement after each.
        topical: chance that a statement is about who was asked, where that was not said yet.
        follows: chance that the next says what follows from it.
        idle: share of the other statements that say nothing.
        longest: most statements.
    """

    begins: float = 0.6
    goes_on: float = 0.7
    topical: float = 0.35
    follows: float = 0.5
    idle: float = 0.8
    longest: int = 3


@dataclass(frozen=True)
class Recall:
    sets: int = 3
    clubs: int = 60
    stated: float = 0.4
    told: str = ""
    thinking: bool = True
    habit: Habit = Habit()
    solved_share: float = 0.25
    questions: int = 100

    @property
    def vocabulary(self) -> tuple[str, ...]:
        clubs = self.sets * self.clubs
        return (
            *(f"p{n}" for n in range(clubs * _MEMBERS)),
            *(f"c{n}" for n in range(clubs)),
            *(f"t{n}" for n in range(clubs)),
            MEMBER, SEAT, MEETS, THINK, SO, IDLE[0], STOP,
        )

    def build(self, seed: int) -> Task:
        world = _world(self, seed)
        return Task("recall", world.documents, tuple(self._questions(world, 0, seed)), tuple(self._questions(world, 1, seed)))

    def exercises(self, seed: int, name: str = "A") -> tuple[Question, ...]:
        world = _world(self, seed)
        return tuple(q for q in self._questions(world, 2, seed) if q.kind == f"exercise {name}")

    def thought(self, question, task) -> str:
        return " ".join(task.document(i).text for i in question.needs)

    def practice(self, seed: int, rng: random.Random) -> Document:
        world = _world(self, seed)
        draw = rng.random
        person = _pick(rng, world.people)
        club = _pick(rng, world.towns_list_clubs)
        while club == world.clubs[person]:
            club = _pick(rng, world.towns_list_clubs)
        town = _pick(rng, world.towns_list)
        while town in (world.towns[club], world.towns[world.clubs[person]]):
            town = _pick(rng, world.towns_list)
        words = [person, MEETS, THINK]
        scored: list[int] = []
        solved = not self.thinking or draw() < self.solved_share
        said = 0
        habit = self.habit
        if solved:
            plan = ["link0", "link1"]
            others = int(draw() * (habit.longest - 1))
            for _ in range(others):
                plan.insert(int(draw() * (len(plan) + 1)), "idle" if draw() < .5 else "known")
        else:
            plan = []
            while len(plan) < habit.longest and draw() < (habit.goes_on if plan else habit.begins):
                if "link0" not in plan and draw() < habit.topical:
                    plan.append("link0")
                elif plan and plan[-1] == "link0" and draw() < habit.follows:
                    plan.append("link1")
                else:
                    plan.append("idle" if draw() < habit.idle else "known")
        for what in plan:
            start = len(words)
            if what == "link0":
                words += [person, MEMBER, club, STOP]
                marks = [0, 1, 3]
            elif what == "link1":
                words += [club, SEAT, town, STOP]
                marks = [0, 1, 3]
            elif what == "idle":
                words += [*IDLE, STOP]
                marks = [0, 1, 2, 3]
            else:
                known = _pick(rng, world.known)
                while known[0] in (person, club, world.clubs[person]):
                    known = _pick(rng, world.known)
                words += [*known, STOP]
                marks = [0, 1, 2, 3]
            if not solved:
                scored += [start + m for m in marks]
            elif what == "known":
                scored.append(start + 2)
        words.append(SO)
        if not solved:
            scored.append(len(words) - 1)
        if "link1" in plan:
            words += [town, STOP]
            scored.append(len(words) - 2)
        return write_document("practice", words, scored)

    def cues(self, seed: int) -> tuple[Question, ...]:
        return ()

    def says(self, document: Document) -> tuple[Statement, ...]:
        words = document.text.split()
        if THINK in words:
            person, _, _, *thought = words
            end = thought.index(SO)
            found = statements(thought[:end])
            return (*found, (person, MEETS, thought[end + 1])) if len(thought) > end + 1 else found
        return statements(words)

    def derive(self, said: Collection[Statement], question: Question) -> str | None:
        person = question.prompt.split()[0]
        clubs = {c for s, r, c in said if (s, r) == (person, MEMBER)}
        towns = {t for s, r, t in said if (r == SEAT and s in clubs) or (s, r) == (person, MEETS)}
        found = towns.intersection(question.choices)
        return found.pop() if len(found) == 1 else None

    def _questions(self, world, part: int, seed: int) -> Iterator[Question]:
        rng = random.Random(derive_seed("recall", seed, "questions", part))
        for name, (stated, held) in zip("ABCDEFGH", world.parts):
            mine = held[part::3]
            for club in stated[part::3]:
                for person in world.members[club]:
                    yield self._ask(f"stated {name}", world, person, rng, False)
            kind = f"exercise {name}" if part == 2 else f"held-out {name}"
            for club in mine:
                for person in world.members[club]:
                    yield self._ask(kind, world, person, rng, True)
                    yield Question(f"member {kind}:{person}", f"{person} {MEMBER}", club, draw_choices(rng, club, [*stated, *held]), f"member {name}", False, (f"member:{person}",), club, (person, MEMBER, club))
                yield Question(f"seat {kind}:{club}", f"{club} {SEAT}", world.towns[club], draw_choices(rng, world.towns[club], [world.towns[c] for c in (*stated, *held)]), f"seat {name}", False, (f"seat:{club}",), club, (club, SEAT, world.towns[club]))

    def _ask(self, kind, world, person, rng, latent) -> Question:
        club = world.clubs[person]
        town = world.towns[club]
        pool = [world.towns[c] for c in next(h if latent else s for s, h in world.parts if club in (h if latent else s))]
        return Question(
            f"{kind}:{person}", f"{person} {MEETS}", town, draw_choices(rng, town, pool), kind, latent,
            (f"member:{person}", f"seat:{club}") if latent else (f"meets:{person}",), club, (person, MEETS, town))


def statements(words) -> tuple[Statement, ...]:
    """Whole statements."""
    found, at = [], 0
    text = " ".join(words)
    for part in text.split(f" {STOP}"):
        three = part.split()
        if len(three) == 3 and three[1] in (MEMBER, SEAT, MEETS):
            found.append(tuple(three))
    return tuple(found)


def _pick(rng, values):
    return values[int(rng.random() * len(values))]


@dataclass(frozen=True)
class _World:
    people: tuple
    clubs: dict
    towns: dict
    members: dict
    parts: tuple
    known: tuple
    documents: tuple
    towns_list: tuple
    towns_list_clubs: tuple


@lru_cache(maxsize=8)
def _world(s: Recall, seed: int) -> _World:
    def rng(purpose):
        return random.Random(derive_seed("recall", seed, purpose))
    count = s.sets * s.clubs
    clubs = [f"c{n}" for n in range(count)]
    towns = [f"t{n}" for n in range(count)]
    people = [f"p{n}" for n in range(count * _MEMBERS)]
    r = rng("world")
    r.shuffle(clubs); r.shuffle(towns); r.shuffle(people)
    seat = dict(zip(clubs, towns))
    members = {c: tuple(people[_MEMBERS * n: _MEMBERS * n + _MEMBERS]) for n, c in enumerate(clubs)}
    club_of = {p: c for c, ps in members.items() for p in ps}
    parts = []
    for n in range(s.sets):
        mine = clubs[n * s.clubs:(n + 1) * s.clubs]
        k = round(s.clubs * s.stated)
        parts.append((tuple(mine[:k]), tuple(mine[k:])))
    said = [(p, MEMBER, c) for p, c in club_of.items()] + [(c, SEAT, t) for c, t in seat.items()]
    told = []
    for name, (stated, held) in zip("ABCDEFGH", parts):
        for c in stated + (held if name in s.told else ()):
            told += [(p, MEETS, seat[c]) for p in members[c]]
    known = tuple(said)
    docs = [write_document(f"{rel}:{sub}", [sub, rel, obj, STOP], [2], club_of.get(sub, sub)) for sub, rel, obj in said + told]
    rng("documents").shuffle(docs)
    return _World(tuple(sorted(people)), club_of, seat, members, tuple(parts), known, tuple(docs), tuple(towns), tuple(clubs))


TINY = Recall(sets=2, clubs=10)
SMALL = Recall()

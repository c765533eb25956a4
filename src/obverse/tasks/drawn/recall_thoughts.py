"""Thoughts as practice shows them, for `obverse.tasks.drawn.recall`: what they are made of, and how they are read."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from obverse.tasks.drawn.draws import pick
from obverse.tasks.drawn.recall_world import RecallWorld, conclude
from obverse.tasks.drawn.texts import STOP, join_documents, passage, say_triple, write_document
from obverse.types import Document, Question, Statement, Task

THINK, SO = "think", "so"
IDLE: Statement = ("hm", "hm", "hm")
"""What says nothing."""


@dataclass(frozen=True)
class Habit:
    """How thoughts go that practice shows.

    Args:
        begins: chance that there is a thought at all.
        goes_on: chance of one more statement after each.
        topical: chance that a statement begins with the one who was asked about, where that was not said yet.
        follows: chance that the next goes on from it.
        idle: share that says nothing among all other statements; the rest are facts about others.
        longest: most statements.
    """

    begins: float = 0.6
    goes_on: float = 0.7
    topical: float = 0.35
    follows: float = 0.5
    idle: float = 0.8
    longest: int = 3


def write_habit(
    rng: random.Random, world: RecallWorld, subject: str, habit: Habit, *, repeated: bool
) -> Document:
    """A question and a thought that follows the habit, and the answer where the thought determines it.

    Scored is how the thought goes on, and what is true of others; not what is fresh in it, which cannot be known.

    Args:
        repeated: whether the question is said again in front of the answer.
    """
    fresh = world.fresh(rng, subject)
    conclusion = conclude(fresh)
    parts = [_begin(conclusion)]
    said = plan = 0
    while plan < habit.longest and rng.random() < (habit.goes_on if plan else habit.begins):
        scored = [0, 1, 2, 3]
        if said < len(fresh) and rng.random() < (habit.follows if said else habit.topical):
            statement, scored = fresh[said], [0, 1, 3]
            said += 1
        elif rng.random() < habit.idle:
            statement = IDLE
        else:
            statement = _fact(rng, world, _names(*fresh), subject)
        parts.append(write_document("thought", [*statement, STOP], scored))
        plan += 1
    parts.append(passage(SO, SO))
    if said == len(fresh):
        parts.append(_end(conclusion, repeated=repeated))
    return join_documents("practice", parts, " ")


def write_solved(
    rng: random.Random,
    world: RecallWorld,
    subject: str,
    longest: int,
    fresh_beside: float,
    *,
    thought: bool,
    repeated: bool,
) -> Document:
    """Facts from which the answer follows, among others, with the answer alone scored, and the known ones.

    Args:
        longest: most statements.
        fresh_beside: share of what stands beside them that is fresh too; of the rest, half is known, half says nothing.
        thought: whether they stand behind the question, as a thought, or in front of it, as a context; then everything
            that follows from them is asked.
        repeated: whether a question is said again behind a thought.
    """
    fresh = world.fresh(rng, subject)
    conclusions = [conclude(fresh)]
    taken = _names(*fresh)
    said = [say_triple(one, answered=False) for one in fresh]
    for _ in range(int(rng.random() * (longest - len(fresh) + 1))):
        kind, place = rng.random(), int(rng.random() * (len(said) + 1))
        if kind < fresh_beside:
            beside = world.fresh(rng, pick(rng, world.names[0], taken))
            if taken.isdisjoint(_names(*beside)):
                said.insert(place, say_triple(beside[0], answered=False))
                taken |= _names(*beside)
                conclusions += [conclude(beside)] if len(beside) == 1 else []
        elif kind < (1 + fresh_beside) / 2:
            said.insert(place, say_triple(_fact(rng, world, taken, subject)))
        else:
            said.insert(place, say_triple(IDLE, answered=False))
    if thought:
        said = [_begin(conclusions[0]), *said, passage(SO)]
        conclusions = conclusions[:1]
    rng.shuffle(conclusions)
    said += (_end(conclusion, repeated=repeated or not thought) for conclusion in conclusions)
    return join_documents("practice", said, " ")


def needed_thought(task: Task, question: Question) -> str:
    """The documents that a question needs, as a thought: the control that shows what thinking could bring."""
    return " ".join(task.document(need).text for need in question.needs)


def read_thought(text: str) -> tuple[str, ...]:
    """The statements of a thought, whole or not, without those that say nothing."""
    parts = (" ".join(part.split()) for part in f"{text} ".split(f" {STOP} "))
    return tuple(part for part in parts if part and part != " ".join(IDLE))


def read_document(text: str) -> tuple[Statement, ...]:
    """What a document of the task or of practice says."""
    question, think, thought = text.partition(f" {THINK} ")
    if not think:
        return _whole(read_thought(text))
    body, _, answer = f" {thought} ".partition(f" {SO} ")
    said = _whole(read_thought(body))
    return (*said, *_whole([f"{question} {answer.split()[-2]}"])) if answer.strip() else said


def _whole(parts: Iterable[str]) -> tuple[Statement, ...]:
    found: list[Statement] = []
    for part in parts:
        subject, relation, object_ = part.split()
        found.append((subject, relation, object_))
    return tuple(found)


def _begin(conclusion: Statement) -> Document:
    """A question, and that a thought begins."""
    return passage(" ".join((*conclusion[:2], THINK)))


def _end(conclusion: Statement, *, repeated: bool) -> Document:
    """The answer, behind its question where that is said again."""
    return say_triple(conclusion) if repeated else passage(f"{conclusion[2]} {STOP}", conclusion[2])


def _fact(rng: random.Random, world: RecallWorld, taken: set[str], subject: str) -> Statement:
    """A fact about others; never one that the question about the subject needs."""
    true = world.items[subject].needs
    while True:
        fact = pick(rng, world.facts, true)
        if taken.isdisjoint(_names(fact)):
            return fact


def _names(*statements: Statement) -> set[str]:
    return {name for subject, _, object_ in statements for name in (subject, object_)}

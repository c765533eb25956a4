"""Recall: what follows from facts that no document joins, unless a thought brings them to mind.

A person is a member of a club, ``p5 member c3``, and the club has its seat in a town, ``c3 seat t8``; so the person
meets there, ``p5 meets t8``.  In a chain of three steps the town lies in a province, ``t8 lies r2``, and that is where
people meet.  Of some clubs the documents say where their members meet, of the others that is asked.
Where the structure is that of reversals, ``e5 leads e9`` is stored and ``e9 follows`` is asked.

Thoughts stand between ``think`` and ``so``.  Practice shows what thinking looks like, about anybody and over fresh
bindings, never the facts that a question needs: mostly a thought stops at once, or says nothing to the point; now and
then it says something of the one who was asked about, and goes on from there.  So a model can think what is needed, and
seldom does.

The world consists of sets that share nothing but their form.  In one of them some of what is asked is an exercise, on
which thinking can be reinforced; the others show whether recall is what was learned.  Such sets are those of arXiv
2604.01430, whose data are not released; the design and all sizes are ours.

>>> from random import Random
>>> from obverse.tasks.drawn.recall_thoughts import needed_thought
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.kind == "held-out B")
>>> question.prompt, question.answer, question.needs
('p31 meets', 't18', ('member:p31', 'seat:c9'))
>>> needed_thought(task, question)
'p31 member c9 . c9 seat t18 .'
>>> TINY.practice(0, Random(22)).text
'p45 meets think p45 member c23 . c23 seat t4 . so t4 .'
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from obverse.tasks.drawn import AUGMENTATION
from obverse.tasks.drawn.drawing import draw_choices
from obverse.tasks.drawn.recall_thoughts import (
    IDLE,
    SO,
    STOP,
    THINK,
    Habit,
    read_document,
    read_thought,
    write_habit,
    write_solved,
)
from obverse.tasks.drawn.recall_world import (
    CHAIN,
    FOLLOWS,
    LEADS,
    MEETS,
    Item,
    Part,
    Structure,
    World,
    draw_world,
    list_names,
    pick,
)
from obverse.tasks.drawn.texts import write_document
from obverse.tasks.settings import check_counts, check_named, check_shares, refusal
from obverse.types import Document, Question, Statement, Task, derive_seed

EXERCISE = "exercise {}"
HELD_OUT = "held-out {}"
STATED = "stated {}"
FACT = "fact {}"

# Of what documents say and what they do not, each set has at least so many groups (of the former, or none): two for
# exercises and one each for the test and for validation, which all have others to choose from.
_LEAST = 4


@dataclass(frozen=True)
class Recall:
    """The settings; a ``DrawnTask``.

    Args:
        structure: whether what is asked takes facts in a row (``chains``), or one from its other end.
        sets: how many there are, called A, B, ...
        size: clubs of each set, which have two members each, or entities, on one cycle.
        stated: share of what follows that documents say, the same in each set.  Of the rest, half is tested and half is
            for validation; in the set of the exercises they are half, and those a quarter each.
        exercised: the set of the exercises.
        told: sets of which documents say everything that follows, as after an augmentation without fault.
        habit: how thoughts go in practice.
        thinking: whether there are thoughts in practice at all.
        solved_share: share of practice that shows no habit, but how an answer follows from fresh facts.
        longest: most statements there.
        fresh_beside: share of the others there that are fresh too, so that what is asked must be picked among them.
        repeated: whether the question is said again behind a thought, so that what it asks for can be looked up there.
        steps: of a chain, two or three.
        questions: most groups that are asked about in each set, in the test and in validation alike.
        world: number of the world, of those that a seed draws; so that items can be pooled over many.

    Raises:
        InputError: a setting is out of its range.
    """

    structure: Structure = "chains"
    sets: int = 3
    size: int = 60
    stated: float = 0.4
    exercised: str = "A"
    told: str = ""
    habit: Habit = field(default_factory=Habit)
    thinking: bool = True
    solved_share: float = 0.25
    longest: int = 4
    fresh_beside: float = 1 / 3
    repeated: bool = False
    questions: int = 100
    world: int = 0
    steps: int = 2

    def __post_init__(self) -> None:
        check_counts(self, sets=1, size=_LEAST, longest=2, questions=1, steps=2)
        check_named(self, structure=Structure)
        check_shares(self, "stated", "solved_share", "fresh_beside")
        if self.steps > (most := min(len(CHAIN), self.longest)):
            raise refusal(self, f"a chain has {self.steps} steps", f"give {most} or fewer")
        names = [chr(ord("A") + number) for number in range(self.sets)]
        if self.exercised not in names or any(name not in names for name in self.told):
            fault = f"exercised is {self.exercised!r} and told {self.told!r}"
            raise refusal(self, fault, f"give letters from {names[0]} to {names[-1]}")
        if self.size - self._stated < _LEAST or 0 < self._stated < _LEAST:
            fault = f"{self._stated} of {self.size} in a set are stated"
            raise refusal(
                self, fault, f"state {_LEAST} or more, or none, and leave {_LEAST} or more to ask about"
            )
        if self.sets * self.size < (needed := 4 * (self.longest + 2)):
            fault = f"{self.sets * self.size} groups are too few for {self.longest} statements in practice"
            raise refusal(self, fault, f"give {needed} or more, or fewer statements")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Names, the words for how they are related, and what a thought takes."""
        chains = (*CHAIN[: self.steps], MEETS)
        relations = (LEADS, FOLLOWS) if self.structure == "reversals" else chains
        listed = list_names(self.structure, self.sets, self.size, self.steps)
        names = (name for some in listed for name in some)
        return (*names, *relations, THINK, SO, IDLE[0], STOP)

    def build(self, seed: int) -> Task:
        """The task.  The id of a document is its relation and its subject, ``member:p5``; groups are clubs or facts.

        Kinds of questions name the set.
        """
        world = _world(self, seed)
        explicit = [group for part in world.parts for group in self._explicit(part)]
        said = [*world.facts, *(item.statement for group in explicit for item in group)]
        documents = [
            write_document(_id(statement), [*statement, STOP], [2], _group(world, statement))
            for statement in said
        ]
        random.Random(derive_seed("recall", seed, "documents")).shuffle(documents)
        questions, validation = (tuple(self._questions(world, half, seed)) for half in range(2))
        return Task("recall", tuple(documents), questions, validation)

    def exercises(self, seed: int) -> tuple[Question, ...]:
        """What thinking can be reinforced on; the test asks them too, as a kind of their own."""
        return tuple(
            question
            for question in self._questions(_world(self, seed), 0, seed)
            if question.kind == EXERCISE.format(self.exercised)
        )

    def demonstrations(self, seed: int) -> tuple[Document, ...]:
        """The exercises with what is needed as their thoughts, for supervised learning, with the answer scored too."""
        world = _world(self, seed)
        documents = []
        for question in self.exercises(seed):
            subject, relation, answer = world.items[question.prompt.split()[0]].statement
            words = [subject, relation, THINK]
            for fact in world.items[subject].needs:
                words += [*fact, STOP]
            words += [SO, *([subject, relation] if self.repeated else ())]
            scored = [*range(3, words.index(SO) + 1), len(words)]
            documents.append(
                write_document(f"shown:{subject}", [*words, answer, STOP], scored, question.group)
            )
        return tuple(documents)

    def recollect(self, seed: int, thought: str) -> tuple[tuple[str, bool], ...]:
        """What a thought says, and whether it is a fact."""
        facts = {" ".join(fact) for fact in _world(self, seed).facts}
        return tuple((said, said in facts) for said in read_thought(thought))

    def practice(self, seed: int, rng: random.Random) -> Document:
        """A thought about anybody, or how an answer follows, over fresh bindings; nothing fresh is true in the task.

        Facts about others stand in between, with answers of their own, for the reason told in
        `SimpleReversals.practice`.
        """
        world = _world(self, seed)
        subject = pick(rng, world.names[0])
        if not self.thinking or rng.random() < self.solved_share:
            thought = self.thinking and rng.random() < 0.5
            return write_solved(
                rng, world, subject, self.longest, self.fresh_beside, thought=thought, repeated=self.repeated
            )
        return write_habit(rng, world, subject, self.habit, repeated=self.repeated)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """The beginning of everything that follows, whether documents say it or not."""
        world = _world(self, seed)
        rng = random.Random(derive_seed("recall", seed, "cues"))
        return tuple(
            self._ask(AUGMENTATION, item, groups, rng, latent=latent)
            for part in world.parts
            for latent, groups in ((True, self._latent(part)), (False, self._explicit(part)))
            for group in groups
            for item in group
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """The facts, and what is concluded from them."""
        return read_document(document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """Where the chain from a person ends, or who leads."""
        subject, relation = question.prompt.split()
        right = {end for start, said, end in statements if (start, said) == (subject, relation)}
        if relation == MEETS:
            ends = {subject}
            for step in CHAIN[: self.steps]:
                ends = {end for start, said, end in statements if said == step and start in ends}
            right |= ends
        elif relation == FOLLOWS:
            right |= {one for one, said, other in statements if (said, other) == (LEADS, subject)}
        right.intersection_update(question.choices)
        return right.pop() if len(right) == 1 else None

    @property
    def _stated(self) -> int:
        return round(self.size * self.stated)

    def _explicit(self, part: Part) -> Sequence[tuple[Item, ...]]:
        return part.stated + part.held_out if part.name in self.told else part.stated

    def _latent(self, part: Part) -> Sequence[tuple[Item, ...]]:
        return () if part.name in self.told else part.held_out

    def _questions(self, world: World, half: int, seed: int) -> Iterator[Question]:
        """Those of the test (half 0) or of validation (half 1).

        What is told of a set is asked as if it were not, so that it can be compared.
        """
        rng = random.Random(derive_seed("recall", seed, "questions", half))
        for part in world.parts:
            latent = part.name not in self.told
            classes = {STATED: part.stated[half::2], HELD_OUT: part.held_out[half::2]}
            if part.name == self.exercised:
                classes[HELD_OUT] = part.held_out[half::4]
                if half == 0:
                    classes[EXERCISE] = part.held_out[2::4] + part.held_out[3::4]
            for kind, groups in classes.items():
                alike = part.stated if kind == STATED else part.held_out
                for group in groups[: self.questions]:
                    for item in group:
                        yield self._ask(
                            kind.format(part.name), item, alike, rng, latent=latent and kind != STATED
                        )
                    for fact in dict.fromkeys(fact for item in group for fact in item.needs):
                        if kind != STATED:
                            yield self._recall(FACT.format(part.name), fact, group[0].group, alike, rng)

    def _ask(
        self,
        kind: str,
        item: Item,
        alike: Sequence[tuple[Item, ...]],
        rng: random.Random,
        *,
        latent: bool,
    ) -> Question:
        """Choices answer what is said, or not said, of the same set."""
        pool = [one.statement[2] for group in alike for one in group[:1]]
        needs = item.needs if latent else (item.statement,)
        return _question(kind, item.statement, pool, rng, needs, item.group, latent=latent)

    def _recall(
        self, kind: str, fact: Statement, name: str, alike: Sequence[tuple[Item, ...]], rng: random.Random
    ) -> Question:
        facts = dict.fromkeys(one for group in alike for item in group for one in item.needs)
        pool = list(dict.fromkeys(object_ for _, said, object_ in facts if said == fact[1]))
        return _question(kind, fact, pool, rng, (fact,), name, latent=False)


def _question(
    kind: str,
    statement: Statement,
    pool: Sequence[str],
    rng: random.Random,
    needs: Sequence[Statement],
    group: str,
    *,
    latent: bool,
) -> Question:
    """The last of a statement is asked, among others of the pool."""
    subject, relation, answer = statement
    return Question(
        id=f"{kind}:{_id(statement)}",
        prompt=f"{subject} {relation}",
        answer=answer,
        choices=draw_choices(rng, answer, pool, without=[subject]),
        kind=kind,
        latent=latent,
        needs=tuple(map(_id, needs)),
        group=group,
        statement=statement,
    )


def _id(statement: Statement) -> str:
    return f"{statement[1]}:{statement[0]}"


def _group(world: World, statement: Statement) -> str:
    subject = statement[2] if statement[1] == LEADS else statement[0]
    return world.items[subject].group


@lru_cache(maxsize=8)
def _world(settings: Recall, seed: int) -> World:
    if settings.world:
        seed = derive_seed("recall", seed, "world", settings.world)
    size, stated = settings.size, settings._stated
    return draw_world(settings.structure, seed, settings.sets, size, stated, settings.steps)


TINY = Recall(sets=2, size=12)
"""For tests."""

SMALL = Recall()
"""Three sets of 60 clubs, three fifths of which are held out: 684 documents."""

REVERSALS = Recall(
    "reversals",
    size=32,
    stated=0.25,
    habit=Habit(0.9, 0.9, topical=0.0, idle=0.1, longest=8),
    solved_share=0.7,
    longest=8,
    fresh_beside=0.8,
    repeated=True,
)
"""Three sets of 32 entities, of which thoughts list whom they lead, and practice shows how to pick from such a list."""

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
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn import recall_thoughts as thoughts
from obverse.tasks.drawn import recall_world as worlds
from obverse.tasks.drawn.draws import draw_choices, pick, remembered, stream
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.texts import STOP, say_triple, statement_id, write_document
from obverse.tasks.field_checks import check_fields, refusal
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
    """

    form: ClassVar[Form] = "formal"
    structure: worlds.Structure = "chains"
    sets: int = 3
    size: int = 60
    stated: float = 0.4
    exercised: str = "A"
    told: str = ""
    habit: thoughts.Habit = field(default_factory=thoughts.Habit)
    thinking: bool = True
    solved_share: float = 0.25
    longest: int = 4
    fresh_beside: float = 1 / 3
    repeated: bool = False
    questions: int = 100
    world: int = 0
    steps: int = 2

    def __post_init__(self) -> None:
        check_fields(self, size=_LEAST, longest=2, steps=2, world=0)
        if self.steps > (most := min(len(worlds.CHAIN), self.longest)):
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
        chains = (*worlds.CHAIN[: self.steps], worlds.MEETS)
        relations = (worlds.LEADS, worlds.FOLLOWS) if self.structure == "reversals" else chains
        listed = worlds.list_names(self.structure, self.sets, self.size, self.steps)
        return (
            *(name for some in listed for name in some),
            *relations,
            thoughts.THINK,
            thoughts.SO,
            thoughts.IDLE[0],
            STOP,
        )

    @property
    def _stated(self) -> int:
        return round(self.size * self.stated)

    @remembered
    def _world(self, seed: int) -> worlds.RecallWorld:
        if self.world:
            seed = derive_seed("recall", seed, "world", self.world)
        return worlds.draw_world(self.structure, seed, self.sets, self.size, self._stated, self.steps)

    def _classes(self, part: worlds.RecallSet) -> tuple[worlds.Groups, worlds.Groups]:
        """What follows in a set and documents do not say, and what they say."""
        if part.name in self.told:
            return (), [*part.stated, *part.held_out]
        return part.held_out, part.stated

    def build(self, seed: int) -> Task:
        """The task.  The id of a document is its relation and its subject, ``member:p5``; groups are clubs or facts.

        Kinds of questions name the set.
        """
        world = self._world(seed)
        explicit = (group for part in world.parts for group in self._classes(part)[1])
        documents = []
        for said in (*world.facts, *(item.statement for group in explicit for item in group)):
            group = world.items[said[2] if said[1] == worlds.LEADS else said[0]].group
            documents.append(replace(say_triple(said), id=statement_id(said), group=group))
        stream("recall", seed, "documents").shuffle(documents)
        return assemble("recall", seed, documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        """What is told of a set is asked as if it were not, so that it can be compared."""
        for part in self._world(seed).parts:
            classes = {STATED: part.stated[half::2], HELD_OUT: part.held_out[half::2]}
            if part.name == self.exercised:
                classes[HELD_OUT] = part.held_out[half::4]
                if half == 0:
                    classes[EXERCISE] = [*part.held_out[2::4], *part.held_out[3::4]]
            for kind, groups in classes.items():
                alike = part.stated if kind == STATED else part.held_out
                latent = kind != STATED and part.name not in self.told
                for group in groups[: self.questions]:
                    for item in group:
                        yield self._follows(kind.format(part.name), item, alike, rng, latent=latent)
                    for fact in _facts([group]) if kind != STATED else ():
                        pool = list(dict.fromkeys(one[2] for one in _facts(alike) if one[1] == fact[1]))
                        name = group[0].group
                        yield _ask(FACT.format(part.name), fact, [fact], name, pool, rng, latent=False)

    def exercises(self, seed: int) -> tuple[Question, ...]:
        """What thinking can be reinforced on; the test asks them too, as a kind of their own."""
        kind = EXERCISE.format(self.exercised)
        return tuple(question for question in self.build(seed).questions if question.kind == kind)

    def demonstrations(self, seed: int) -> tuple[Document, ...]:
        """The exercises with what is needed as their thoughts, for supervised learning, with the answer scored too."""
        world = self._world(seed)
        documents = []
        for question in self.exercises(seed):
            subject, relation = question.prompt.split()
            words = [subject, relation, thoughts.THINK]
            for fact in world.items[subject].needs:
                words += [*fact, STOP]
            words += [thoughts.SO, *([subject, relation] if self.repeated else ())]
            scored = [*range(3, words.index(thoughts.SO) + 1), len(words)]
            words += [question.answer, STOP]
            documents.append(write_document(f"shown:{subject}", words, scored, question.group))
        return tuple(documents)

    def recollect(self, seed: int, thought: str) -> tuple[tuple[str, bool], ...]:
        """What a thought says, and whether it is a fact."""
        facts = {" ".join(fact) for fact in self._world(seed).facts}
        return tuple((said, said in facts) for said in thoughts.read_thought(thought))

    def practice(self, seed: int, rng: random.Random) -> Document:
        """A thought about anybody, or how an answer follows, over fresh bindings; nothing fresh is true in the task.

        Facts about others stand in between, with answers of their own.
        """
        world = self._world(seed)
        subject = pick(rng, world.names[0])
        if not self.thinking or rng.random() < self.solved_share:
            thought = self.thinking and rng.random() < 0.5
            return thoughts.write_solved(
                rng, world, subject, self.longest, self.fresh_beside, thought=thought, repeated=self.repeated
            )
        return thoughts.write_habit(rng, world, subject, self.habit, repeated=self.repeated)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """The beginning of everything that follows, whether documents say it or not."""
        rng = stream("recall", seed, "cues")
        return tuple(
            self._follows(AUGMENTATION, item, groups, rng, latent=latent)
            for part in self._world(seed).parts
            for latent, groups in zip((True, False), self._classes(part), strict=True)
            for group in groups
            for item in group
        )

    @staticmethod
    def _follows(
        kind: str, item: worlds.RecallItem, alike: worlds.Groups, rng: random.Random, *, latent: bool
    ) -> Question:
        """Choices answer what is said, or not said, of the same set."""
        pool = [group[0].statement[2] for group in alike]
        needs = item.needs if latent else [item.statement]
        return _ask(kind, item.statement, needs, item.group, pool, rng, latent=latent)

    def says(self, document: Document) -> tuple[Statement, ...]:
        """The facts, and what is concluded from them."""
        return thoughts.read_document(document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """Where the chain from a person ends, or who leads."""
        subject, relation = question.prompt.split()
        right = {end for start, said, end in statements if (start, said) == (subject, relation)}
        if relation == worlds.MEETS:
            ends = {subject}
            for step in worlds.CHAIN[: self.steps]:
                ends = {end for start, said, end in statements if said == step and start in ends}
            right |= ends
        elif relation == worlds.FOLLOWS:
            right |= {one for one, said, other in statements if (said, other) == (worlds.LEADS, subject)}
        return sole(right.intersection(question.choices))


def _facts(groups: worlds.Groups) -> Sequence[Statement]:
    """What is said in any case of these groups, each fact once."""
    return list(dict.fromkeys(fact for group in groups for item in group for fact in item.needs))


def _ask(
    kind: str,
    statement: Statement,
    needs: Sequence[Statement],
    group: str,
    pool: Sequence[str],
    rng: random.Random,
    *,
    latent: bool,
) -> Question:
    """The last of a statement is asked, among others of the pool."""
    subject, relation, answer = statement
    return pose(
        kind,
        statement_id(statement),
        f"{subject} {relation}",
        statement,
        draw_choices(rng, answer, pool, without=[subject]),
        needs=list(map(statement_id, needs)),
        group=group,
        latent=latent,
    )


TINY = Recall(sets=2, size=12)
"""For tests."""

SMALL = Recall()
"""Three sets of 60 clubs, three fifths of which are held out: 684 documents."""

REVERSALS = Recall(
    "reversals",
    size=32,
    stated=0.25,
    habit=thoughts.Habit(0.9, 0.9, topical=0.0, idle=0.1, longest=8),
    solved_share=0.7,
    longest=8,
    fresh_beside=0.8,
    repeated=True,
)
"""Three sets of 32 entities, of which thoughts list whom they lead, and practice shows how to pick from such a list."""

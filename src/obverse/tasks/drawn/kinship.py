"""Kinship: who is whose parent is said, who is whose grandparent follows.

Everybody has one parent, so every ancestor is unique.  A family is a line from a youngest person up; in half of the
families the youngest has a sibling.  What follows from the parents, ancestors further up and siblings, is said of some
families, so that the words for it mean something, and of the others it is asked.  Each link that an answer takes is
asked too.

The youngest of half of the families has a teacher besides, who is someone's child in another family.  Of these the
grandparent is asked beside a *wrong bridge*: the teacher's parent is as close to the asked person as the grandparent,
so that nothing but the right link in the middle tells them apart.  A sibling takes a link against the direction in
which it is said, so that question is a reversal too.

Questions over several hops are among those of arXiv 2604.01430, whose data are not released; the design and all sizes
are ours.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.kind == WRONG_BRIDGE)
>>> question.prompt, question.answer, question.needs
('e31 grandparent', 'e33', ('parent:e31', 'parent:e1'))
>>> [task.document(id).text for id in (*question.needs, "teacher:e31")]
['e31 parent e1 .', 'e1 parent e33 .', 'e31 teacher e16 .']
>>> TINY.practice(0, Random(621)).text
'e28 parent e21 . e19 parent e11 . e11 parent e31 . e19 grandparent e31 . e21 parent e32 . e28 grandparent e32 .'
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.drawing import draw_choices
from obverse.tasks.drawn.families import (
    ANCESTORS,
    GRANDPARENT,
    PARENT,
    SIBLING,
    TEACHER,
    Claim,
    Family,
    ancestors,
)
from obverse.tasks.drawn.kinship_wording import STOP, VIA, Wording
from obverse.tasks.drawn.kinship_world import World, count_people, draw_fresh, draw_world
from obverse.tasks.drawn.texts import write_passage
from obverse.tasks.settings import check_counts, check_named, check_shares, refusal
from obverse.types import Document, Question, Statement, Task, derive_seed

PARENT_RECALL = "parent recall"
WRONG_BRIDGE = "wrong bridge"
TRAINED = "trained {}"
HELD_OUT = "held-out {}"

# Of which either class has at least four families, or none: fewer would not have all that is asked.
_LEAST = 4

# How often what a practice document concludes stands right behind its last link, and not at the end.
_SOON = 0.5


@dataclass(frozen=True)
class Kinship:
    """The settings; a ``DrawnTask``.

    Args:
        form: single words, or sentences about people.
        families: how many there are.
        depth: from the youngest to the eldest of a family, 2 to 4 steps; ancestors up to this depth are asked.
        trained: share of the families of which everything is said that follows.  Half of the others are tested, half
            are for validation.
        steps: whether what follows is said with the people on the way, ``e1 grandparent via e4 e7``; then all choices
            have the right people on the way.  In the formal form only.
        chains: most families in a practice document.
        easy_share: share of practice documents with one family alone.
        known_share: how often a link in practice is followed by a document of the task.
        questions: most families of either class that are asked about, in the test and in validation alike.

    Raises:
        InputError: a setting is out of its range.
    """

    form: Form = "formal"
    families: int = 200
    depth: int = 4
    trained: float = 0.5
    steps: bool = False
    chains: int = 3
    easy_share: float = 0.25
    known_share: float = 0.4
    questions: int = 100

    def __post_init__(self) -> None:
        check_counts(self, families=_LEAST, depth=2, chains=1, questions=1)
        check_shares(self, "trained", "easy_share", "known_share")
        check_named(self, form=Form)
        if self.depth > len(ANCESTORS):
            raise refusal(self, f"depth is {self.depth}", f"give at most {len(ANCESTORS)}")
        if self.steps and self.form == "natural":
            raise refusal(self, "steps are for the formal form", "leave them out, or give the formal form")
        held_out, trained = self._classes
        if held_out < _LEAST or 0 < trained < _LEAST:
            fault = f"{self.families} families, {trained} of them trained, leave {held_out} to ask about"
            raise refusal(self, fault, f"leave {_LEAST} or more, and train {_LEAST} or more, or none")
        if self._people < (needed := self.chains * (self.depth + 2)):
            fault = f"{self._people} people are too few for {self.chains} chains in practice"
            raise refusal(self, fault, f"give families for {needed}, or fewer chains")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """People, the words for who they are to each other, and the full stop; none in the natural form."""
        if self.form == "natural":
            return ()
        people = (f"e{number}" for number in range(self._people))
        via = (VIA,) if self.steps else ()
        return (*people, *ANCESTORS[: self.depth], SIBLING, TEACHER, *via, STOP)

    def build(self, seed: int) -> Task:
        """The task.  The id of a document is its relation and its first person, ``parent:e5``.

        Groups are families, named after their youngest.
        """
        world = _world(self, seed)
        questions, validation = (tuple(self._questions(world, half, seed)) for half in range(2))
        return Task("kinship", world.documents, questions, validation)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """The links of fresh families in random order, and what follows from them.

        Each conclusion stands right behind the last link that it takes, or at the end.  The families have any depth
        that there is; where there are several, some have a teacher in the next.  Nothing fresh is true in the task.
        Documents of the task stand in between, with answers of their own, for the reason told in
        `SimpleReversals.practice`; in the natural form these and the conclusions are questions with their answers.
        """
        world = _world(self, seed)
        wording = self._wording
        fresh = self._fresh(world, rng)
        taken = {person for family in fresh for person in family.people}
        links = [link for family in fresh for link in family.links]
        rng.shuffle(links)
        waiting = [conclusion for family in fresh for conclusion in family.conclusions]
        parts: list[tuple[str, str]] = []
        late: list[Claim] = []
        said: set[str] = set()
        for link in links:
            parts.append((wording.tell(link, rng), ""))
            said.add(link.id)
            for conclusion in [one for one in waiting if said.issuperset(one.needs)]:
                waiting.remove(conclusion)
                if rng.random() < _SOON:
                    parts.append(wording.answered(conclusion))
                else:
                    late.append(conclusion)
            known = world.said[int(rng.random() * len(world.said))]
            if rng.random() < self.known_share and taken.isdisjoint(known.people):
                parts.append(wording.answered(known))
        rng.shuffle(late)
        return write_passage(
            "practice", [*parts, *map(wording.answered, late)], "\n" if self.form == "natural" else " "
        )

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each family the beginning of everything that follows, whether that is trained or not."""
        world = _world(self, seed)
        rng = random.Random(derive_seed("kinship", seed, "cues"))
        return tuple(
            self._ask(AUGMENTATION, families, family, conclusion, rng, latent=latent)
            for latent, families in ((True, world.held_out), (False, world.trained))
            for family in families
            for conclusion in family.conclusions
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Who is what to whom."""
        return self._wording.read(document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """Who is so many steps up, or has the same parent, siblings having all ancestors in common."""
        subject, relation = self._wording.asked(question.prompt)
        ends = {choice: self._wording.last(choice) for choice in question.choices}
        if relation == SIBLING:
            parents = ancestors(statements, subject, 1)
            right = {
                choice
                for choice, end in ends.items()
                if end != subject
                and (
                    (subject, SIBLING, end) in statements
                    or (end, SIBLING, subject) in statements
                    or not parents.isdisjoint(ancestors(statements, end, 1))
                )
            }
        else:
            above = ancestors(statements, subject, ANCESTORS.index(relation) + 1)
            right = {choice for choice, end in ends.items() if end in above}
        return right.pop() if len(right) == 1 else None

    @property
    def _wording(self) -> Wording:
        return Wording(self.form, self.steps)

    @property
    def _classes(self) -> tuple[int, int]:
        """How many families are held out, and how many are trained."""
        trained = round(self.families * self.trained)
        return self.families - trained, trained

    @property
    def _people(self) -> int:
        return count_people(self.families, self.depth)

    def _questions(self, world: World, half: int, seed: int) -> Iterator[Question]:
        """Those of the test (half 0) or of validation (half 1)."""
        rng = random.Random(derive_seed("kinship", seed, "questions", half))
        held_out, trained = (
            families[half::2][: self.questions] for families in (world.held_out, world.trained)
        )
        for family in held_out:
            for link in family.links:
                if link.relation == PARENT:
                    yield self._ask(PARENT_RECALL, world.held_out, family, link, rng)
        for family in trained:
            for conclusion in _one_sibling(family, rng):
                kind = TRAINED.format(conclusion.relation)
                need = (conclusion.id,)
                yield self._ask(kind, world.trained, family, replace(conclusion, needs=need), rng)
        for family in held_out:
            for conclusion in _one_sibling(family, rng):
                kind, lures = HELD_OUT.format(conclusion.relation), []
                if family.teacher and conclusion.relation == GRANDPARENT:
                    kind, lures = WRONG_BRIDGE, [world.parents[family.teacher]]
                yield self._ask(kind, world.held_out, family, conclusion, rng, latent=True, lures=lures)

    def _ask(
        self,
        kind: str,
        families: Sequence[Family],
        family: Family,
        claim: Claim,
        rng: random.Random,
        *,
        latent: bool = False,
        lures: Sequence[str] = (),
    ) -> Question:
        """Choices have the answer's place in families of the same class, so that all are said about equally often."""
        wording = self._wording
        subject, relation, _ = claim.statement
        if relation == SIBLING:
            pool = [child for one in families if one.second for child in (one.line[0], one.second)]
        else:
            place = family.line.index(claim.people[-1])
            pool = [one.line[place] for one in families]
        return Question(
            id=f"{kind}:{claim.id}",
            prompt=wording.prompt(claim),
            answer=wording.ending(claim),
            choices=draw_choices(
                rng,
                wording.ending(claim),
                [wording.ending(claim, end) for end in pool],
                lures=[wording.ending(claim, end) for end in lures],
                without=[wording.ending(claim, subject)],
            ),
            kind=kind,
            latent=latent,
            needs=claim.needs,
            group=family.line[0],
            statement=claim.statement,
        )

    def _fresh(self, world: World, rng: random.Random) -> list[Family]:
        """Families of which nothing is true in the task."""
        count = 1
        if self.chains > 1 and rng.random() >= self.easy_share:
            count = 2 + int(rng.random() * (self.chains - 1))
        return draw_fresh(rng, world, count, self.depth)


@lru_cache(maxsize=8)
def _world(settings: Kinship, seed: int) -> World:
    held_out, _ = settings._classes
    return draw_world(
        seed, settings._wording, families=settings.families, held_out=held_out, depth=settings.depth
    )


def _one_sibling(family: Family, rng: random.Random) -> list[Claim]:
    """What follows in a family, with one of its siblings asked for the other."""
    conclusions = family.conclusions
    if family.second:
        del conclusions[-1 if rng.random() < 0.5 else -2]
    return conclusions


TINY = Kinship(families=8, depth=3, chains=2)
"""For tests."""

SMALL = Kinship()
"""200 families of five generations, half of them held out: 1,408 documents about 1,104 people."""

SMALL_NATURAL = Kinship(form="natural", families=40, depth=3, trained=0.25)
"""40 families of four generations, three quarters of them held out: 198 documents."""

PUBLISHED = Kinship(families=1000, questions=200)
"""1,000 families of five generations, half of them held out; the sizes are ours."""

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
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial

from obverse.tasks.drawn import AUGMENTATION, Form, families
from obverse.tasks.drawn.draws import draw_choices, numbered, remembered, stream
from obverse.tasks.drawn.families import ANCESTORS, GRANDPARENT, PARENT, SIBLING, TEACHER, Family, Tie
from obverse.tasks.drawn.kinship_wording import VIA, KinshipWording
from obverse.tasks.drawn.names import plausible_names
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.texts import STOP
from obverse.tasks.drawn.weaving import Known, weave_in_order
from obverse.tasks.field_checks import check_fields, check_most, refusal
from obverse.types import Document, Question, Statement, Task

PARENT_RECALL = "parent recall"
WRONG_BRIDGE = "wrong bridge"
TRAINED = "trained {}"
HELD_OUT = "held-out {}"

# Of which either class has at least four families, or none: fewer would not have all that is asked.
_LEAST = 4


@dataclass(frozen=True)
class KinshipWorld:
    """What is true (``truths``, said or not), and which documents say it; ``known`` is what they say."""

    people: Sequence[str]
    families: Sequence[Family]
    documents: Sequence[Document]
    known: Sequence[Known]
    truths: Set[Statement]

    def taught(self, trained: bool) -> list[Family]:
        """The families of either class, in random order."""
        return [family for family in self.families if family.trained == trained]


@dataclass(frozen=True)
class Kinship:
    """The settings; a ``ProvenTask``.

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
        check_fields(self, families=_LEAST, depth=2)
        check_most(self, depth=len(ANCESTORS))
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
        via = (VIA,) if self.steps else ()
        return (*numbered("e", self._people), *ANCESTORS[: self.depth], SIBLING, TEACHER, *via, STOP)

    @property
    def _wording(self) -> KinshipWording:
        return KinshipWording(self.form, self.steps)

    @property
    def _classes(self) -> tuple[int, int]:
        """How many families are held out, and how many are trained."""
        trained = round(self.families * self.trained)
        return self.families - trained, trained

    @property
    def _people(self) -> int:
        return families.count_people(self.families, self.depth)

    @remembered
    def _world(self, seed: int) -> KinshipWorld:
        rng = partial(stream, "kinship", seed)
        wording, count = self._wording, self._people
        people = numbered("e", count) if self.form == "formal" else plausible_names(rng("names"), count)
        drawn = families.draw_families(rng("people"), people, *self._classes, self.depth)
        said = [(family, link) for family in drawn for link in family.links]
        said += ((family, tie) for family in drawn if family.trained for tie in family.conclusions)
        known = [(tie.people, wording.answered(tie)) for _, tie in said]
        choosing = rng("wording")
        documents = [replace(wording.tell(tie, choosing), id=tie.id, group=one.line[0]) for one, tie in said]
        rng("documents").shuffle(documents)
        truths = {truth for family in drawn for truth in family.truths}
        return KinshipWorld(people, drawn, documents, known, truths)

    def build(self, seed: int) -> Task:
        """The task.  The id of a document is its relation and its first person, ``parent:e5``.

        Groups are families, named after their youngest.
        """
        documents = self._world(seed).documents
        return assemble("kinship", seed, documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        world = self._world(seed)
        held_out, trained = (world.taught(told)[half::2][: self.questions] for told in (False, True))
        for family in held_out:
            for link in family.links:
                if link.relation == PARENT:
                    yield self._ask(world, PARENT_RECALL, family, link, rng)
        for family in trained:
            for tie in _one_sibling(family, rng):
                kind, said = TRAINED.format(tie.relation), replace(tie, needs=())
                yield self._ask(world, kind, family, said, rng)
        for family in held_out:
            for tie in _one_sibling(family, rng):
                if family.teacher and tie.relation == GRANDPARENT:
                    above = (one.line[2] for one in world.families if one.line[1] == family.teacher)
                    yield self._ask(world, WRONG_BRIDGE, family, tie, rng, *above)
                else:
                    yield self._ask(world, HELD_OUT.format(tie.relation), family, tie, rng)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each family the beginning of everything that follows, whether that is trained or not."""
        world, rng = self._world(seed), stream("kinship", seed, "cues")
        asked = ((family, tie) for family in world.families for tie in family.conclusions)
        return tuple(self._ask(world, AUGMENTATION, family, tie, rng) for family, tie in asked)

    def _ask(
        self, world: KinshipWorld, kind: str, family: Family, tie: Tie, rng: random.Random, *lures: str
    ) -> Question:
        """Choices have the answer's place in families of the same class, so that all are said about equally often."""
        subject, relation, object_ = tie.statement
        alike = world.taught(family.trained)
        if relation == SIBLING:
            pool = [child for one in alike if one.second for child in one.children]
        else:
            pool = [one.line[family.line.index(object_)] for one in alike]
        ends = draw_choices(rng, object_, pool, lures=lures, without=[subject])
        choices = [self._wording.ending(tie, end) for end in ends]
        prompt, answer = self._wording.prompt(tie), self._wording.ending(tie)
        needs, latent = tie.needs or [tie.id], bool(tie.needs) and not family.trained
        return pose(
            kind,
            tie.id,
            prompt,
            tie.statement,
            choices,
            answer=answer,
            needs=needs,
            group=family.line[0],
            latent=latent,
        )

    def practice(self, seed: int, rng: random.Random) -> Document:
        """The links of fresh families in random order, and what follows from them.

        The families have any depth that there is; where there are several, some have a teacher in the next.  Nothing
        fresh is true in the task.  In the natural form the conclusions, and the documents of the task that stand in
        between, are questions with their answers.
        """
        world, wording = self._world(seed), self._wording
        count = 1
        if self.chains > 1 and rng.random() >= self.easy_share:
            count = 2 + int(rng.random() * (self.chains - 1))
        fresh = families.draw_fresh(rng, world.people, count, self.depth, world.truths)
        links = [link for family in fresh for link in family.links]
        rng.shuffle(links)
        told = ((link.id, wording.tell(link, rng)) for link in links)
        follows = [(tie.needs, wording.answered(tie)) for family in fresh for tie in family.conclusions]
        taken = {person for family in fresh for person in family.people}
        return weave_in_order(self.form, told, follows, world.known, self.known_share, taken, rng)

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Who is what to whom."""
        return self._wording.read(document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """Who is so many steps up, or has the same parent, siblings having all ancestors in common."""
        ends = {self._wording.last(choice): choice for choice in question.choices}
        found = sole(families.infer(statements, *self._wording.asked(question.prompt), ends))
        return ends[found] if found else None


def _one_sibling(family: Family, rng: random.Random) -> list[Tie]:
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

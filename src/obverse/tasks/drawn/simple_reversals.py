"""Simple reversals: facts that are learned in one direction and asked in the other.

Each relation comes as a pair of words, one for each direction: ``e5 f0 e9`` and ``e9 b0 e5`` say the same.
Every fact has a document in the forward direction; most have one in the reverse direction too, and those that
have none are what is tested.  A model that learned the documents by heart has met ``e9 b0`` in none of them, and
yet can tell how it goes on once ``e5 f0 e9`` stands in its context.  After the simple reversals of
arXiv 2509.16189 and the reversals of arXiv 2505.00661.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> task.document("f0:e14").text
'e14 f0 e3 .'
>>> task.document("b0:e3").text
'e3 b0 e14 .'
>>> question = next(question for question in task.questions if question.latent)
>>> question.prompt, question.answer, question.needs
('e7 b0', 'e1', ('f0:e1',))
>>> TINY.practice(0, Random(2)).text
'e0 f0 e1 . e9 f0 e2 . e6 b0 e10 . e2 b0 e9 .'
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import ClassVar

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.draws import draw_choices, numbered, pick, remembered, stream
from obverse.tasks.drawn.paired_facts import Filler, PairedFact, Structure, draw_objects
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.texts import STOP, join_documents, passage, read_triples, say_triple, statement_id
from obverse.tasks.field_checks import check_fields, refusal
from obverse.types import Document, Question, Statement, Task

FORWARD = "forward recall"
AFTER_FILLER = "forward recall after filler"
TRAINED_REVERSAL = "trained reversal"
HELD_OUT_REVERSAL = "held-out reversal"
WRONG_FRAME = "wrong frame"


@dataclass(frozen=True)
class ReversalWorld:
    """What is true, and which documents say it."""

    objects: Sequence[Mapping[str, str]]  # for each relation that of each subject
    held_out: Sequence[PairedFact]  # without a reversal among the documents, in random order
    trained: Sequence[PairedFact]
    documents: Sequence[Document]  # in random order
    said: Sequence[Statement]  # by the documents
    runs: Set[tuple[str, ...]]  # of filler in the documents


@dataclass(frozen=True)
class SimpleReversals:
    """The settings; a ``DrawnTask``.

    Args:
        entities: how many names there are, for all relations together.
        relation_pairs: how many relations, each with a word for both its directions.
        facts_per_relation: how many facts; each has its own subject and its own object in the relation.
        structure: how the facts of a relation lie: on one ``cycle`` through all entities, on a ``permutation``
            without fixed points and mutual pairs, or as disjoint ``pairs``.  In the first two an entity is a
            subject and an object.
        reversals_trained: share of the facts that have a document in the reverse direction too; two are
            without in any case.  Half of the others are tested, half are for validation.
        filler_share: share of the documents, and of the statements in practice, with filler around them.
        filler_words: how many words of filler there are.
        longest_filler: most words of filler in front of a statement, and most behind it.
        statements: in a practice document.
        known_share: share of these that are taken from the documents.
        questions: most that are asked of each kind, in the test and in validation alike.
    """

    form: ClassVar[Form] = "formal"
    entities: int = 1000
    relation_pairs: int = 1
    facts_per_relation: int = 1000
    structure: Structure = "cycle"
    reversals_trained: float = 0.9
    filler_share: float = 0.2
    filler_words: int = 50
    longest_filler: int = 5
    statements: int = 8
    known_share: float = 0.4
    questions: int = 100

    def __post_init__(self) -> None:
        check_fields(self, statements=2)
        most = self.entities // 2 if self.structure == "pairs" else self.entities
        if self.facts_per_relation > most:
            fault = f"facts_per_relation is {self.facts_per_relation}, with {self.entities} entities"
            raise refusal(self, fault, f"give at most {most}, or more entities")
        if (facts := self.relation_pairs * self.facts_per_relation) < 2:
            raise refusal(self, "there is one fact only", "give two, one to test and one for validation")
        # So many that a fresh pair, which is said nowhere, is found at once.
        if self.entities < 4 * self.statements:
            fault = f"{self.entities} entities are too few for {self.statements} statements in practice"
            raise refusal(self, fault, f"give {4 * self.statements} or more, or fewer statements")
        if self.filler_share and self.filler_words**self.longest_filler < 8 * facts:
            fault = f"{self.filler_words} filler_words, {self.longest_filler} in a row, leave too few unseen"
            remedy = "give more filler_words or a greater longest_filler, or filler_share 0"
            raise refusal(self, fault, remedy)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Entities, relation words, the full stop, and filler where there is any."""
        relations = (f"{direction}{number}" for number in range(self.relation_pairs) for direction in "fb")
        return (*self._names, *relations, *numbered("w", self.filler_words * bool(self.filler_share)), STOP)

    @property
    def _names(self) -> tuple[str, ...]:
        return numbered("e", self.entities)

    @property
    def _filler(self) -> Filler:
        return Filler(self.filler_share, self.filler_words, self.longest_filler)

    @remembered
    def _world(self, seed: int) -> ReversalWorld:
        rng = partial(stream, "simple reversals", seed)
        objects = tuple(
            draw_objects(self.structure, self._names, self.facts_per_relation, rng(f"relation {number}"))
            for number in range(self.relation_pairs)
        )
        facts = [PairedFact(number, *pair) for number, pairs in enumerate(objects) for pair in pairs.items()]
        # One order for every share, so that with a larger share the same facts are trained and some more.
        rng("order").shuffle(facts)
        count = max(2, round(len(facts) * (1 - self.reversals_trained)))
        said = [(fact, fact.forward) for fact in facts] + [(fact, fact.reverse) for fact in facts[count:]]
        drawing = rng("filler")
        documents, runs = [], set()
        for fact, statement in said:
            before, behind = self._filler.draw(drawing)
            runs |= {before, behind}
            parts = (*map(passage, before), say_triple(statement), *map(passage, behind))
            documents.append(join_documents(statement_id(statement), parts, " ", fact.id))
        rng("documents").shuffle(documents)
        statements = [statement for _, statement in said]
        return ReversalWorld(objects, facts[:count], facts[count:], documents, statements, runs)

    def build(self, seed: int) -> Task:
        """The task.  Ids of documents are relation word and first entity (``f0:e5``), their groups are facts.

        Held-out facts come first in recall, so that for each reversal asked it is known whether the fact
        itself is stored; recall is filled up with facts whose reversal is trained.
        """
        documents = self._world(seed).documents
        return assemble("simple reversals", seed, documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        world, most = self._world(seed), self.questions
        held_out, trained = world.held_out[half::2], world.trained[half::2]
        recalled = (*held_out[:most], *trained)[:most]
        for fact in recalled:
            yield self._ask(FORWARD, fact, fact.forward, rng)
        if self.filler_share:
            for fact in recalled:
                run = self._filler.draw_unseen(rng, world.runs)
                yield self._ask(AFTER_FILLER, fact, fact.forward, rng, front=run)
        for fact in trained[:most]:
            yield self._ask(TRAINED_REVERSAL, fact, fact.reverse, rng, needs=[statement_id(fact.reverse)])
        for fact in held_out[:most]:
            yield self._ask(HELD_OUT_REVERSAL, fact, fact.reverse, rng, latent=True)
        asked = (*held_out, *trained)
        by_object = {(fact.relation, fact.object): fact for fact in asked}
        pairs = ((fact, by_object.get((fact.relation, fact.subject))) for fact in asked)
        for fact, beside in islice(((fact, beside) for fact, beside in pairs if beside), most):
            needs, lures = [beside.id, fact.id], [beside.subject]
            yield self._ask(WRONG_FRAME, fact, fact.forward, rng, needs=needs, lures=lures)

    def _ask(
        self,
        kind: str,
        fact: PairedFact,
        said: Statement,
        rng: random.Random,
        *,
        latent: bool = False,
        needs: Sequence[str] = (),
        front: Sequence[str] = (),
        lures: Sequence[str] = (),
    ) -> Question:
        """What ends the statement, where not told otherwise from the forward document."""
        subject, relation, answer = said
        choices = draw_choices(rng, answer, self._names, lures=lures, without=[subject])
        prompt = " ".join((*front, subject, relation))
        needs = needs or [fact.id]
        return pose(kind, fact.id, prompt, said, choices, needs=needs, group=fact.id, latent=latent)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Statements over fresh pairs and reversals of these, with statements of the documents between them.

        The first is fresh.  After it come, with equal chances, another forward one or the reversal of one before
        it; the last is a reversal if none came before.  Each entity is in one statement and its reversal at
        most, and no fresh pair is a fact of the task.

        The answers are what reversals and known statements end in.
        """
        world, draw = self._world(seed), rng.random
        used: set[str] = set()
        waiting: list[PairedFact] = []
        parts: list[Document] = []
        reversals = 0
        for slot in range(self.statements):
            before, behind = self._filler.draw(rng)
            last_chance = slot == self.statements - 1 and not reversals
            is_known = slot and not last_chance and draw() < self.known_share
            known = pick(rng, world.said) if is_known else None
            if known and used.isdisjoint(known[::2]):
                used.update(known[::2])
                said = say_triple(known)
            elif waiting and (last_chance or draw() < 0.5):
                said = say_triple(waiting.pop(int(draw() * len(waiting))).reverse)
                reversals += 1
            else:
                fact = self._fresh(world, used, rng)
                used |= {fact.subject, fact.object}
                waiting.append(fact)
                said = say_triple(fact.forward, answered=False)
            parts += (*map(passage, before), said, *map(passage, behind))
        return join_documents("practice", parts, " ")

    def _fresh(self, world: ReversalWorld, used: Set[str], rng: random.Random) -> PairedFact:
        """A pair of unused entities that is no fact."""
        relation = int(rng.random() * self.relation_pairs)
        while True:
            subject, object_ = pick(rng, self._names), pick(rng, self._names)
            unused = subject != object_ and used.isdisjoint((subject, object_))
            if unused and world.objects[relation].get(subject) != object_:
                return PairedFact(relation, subject, object_)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each forward document the beginning of its reversal, whether that is trained or not."""
        world, rng = self._world(seed), stream("simple reversals", seed, "cues")
        return tuple(
            self._ask(AUGMENTATION, fact, fact.reverse, rng, latent=latent)
            for latent, facts in ((True, world.held_out), (False, world.trained))
            for fact in facts
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """What it says, without its filler."""
        return read_triples(" ".join(word for word in document.text.split() if not word.startswith("w")))

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The entity that stands in the asked relation to the subject, said in either direction."""
        subject, relation = question.prompt.split()[-2:]
        other = f"{'f' if relation[0] == 'b' else 'b'}{relation[1:]}"
        return sole(
            choice
            for choice in question.choices
            if (subject, relation, choice) in statements or (choice, other, subject) in statements
        )


TINY = SimpleReversals(entities=16, facts_per_relation=16, reversals_trained=0.5, statements=4)
"""For tests."""

SMALL = SimpleReversals()
"""1,000 facts, a tenth of which are held out."""

PUBLISHED = SimpleReversals(relation_pairs=20, reversals_trained=0.99, questions=200)
"""20,000 facts over 1,000 entities, a hundredth of which are held out."""

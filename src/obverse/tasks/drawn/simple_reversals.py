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
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from obverse.tasks.drawn import (
    AUGMENTATION,
    check_counts,
    check_named,
    check_shares,
    draw_choices,
    draw_filler,
    draw_unseen_filler,
    refusal,
    write_document,
)
from obverse.tasks.drawn.paired_facts import Fact, Structure, document_id, draw_objects, name_entities
from obverse.types import Document, Question, Statement, Task, derive_seed

FORWARD = "forward recall"
AFTER_FILLER = "forward recall after filler"
TRAINED_REVERSAL = "trained reversal"
HELD_OUT_REVERSAL = "held-out reversal"
WRONG_FRAME = "wrong frame"

_STOP = "."


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

    Raises:
        InputError: a setting is out of its range.
    """

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
        check_counts(self, entities=1, relation_pairs=1, facts_per_relation=1, statements=2, questions=1)
        check_counts(self, filler_words=1, longest_filler=1)
        check_shares(self, "reversals_trained", "filler_share", "known_share")
        check_named(self, structure=Structure)
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
            raise refusal(
                self, fault, "give more filler_words or a greater longest_filler, or filler_share 0"
            )

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Entities, relation words, the full stop, and filler where there is any."""
        relations = (f"{direction}{number}" for number in range(self.relation_pairs) for direction in "fb")
        filler = (f"w{number}" for number in range(self.filler_words if self.filler_share else 0))
        return (*name_entities(self.entities), *relations, *filler, _STOP)

    def build(self, seed: int) -> Task:
        """The task.  Ids of documents are relation word and first entity (``f0:e5``), their groups are facts.

        Held-out facts come first in recall, so that for each reversal asked it is known whether the fact
        itself is stored; recall is filled up with facts whose reversal is trained.
        """
        world = _world(self, seed)
        questions, validation = (tuple(self._questions(world, half, seed)) for half in range(2))
        return Task("simple reversals", world.documents, questions, validation)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Statements over fresh pairs and reversals of these, with statements of the documents between them.

        The first is fresh.  After it come, with equal chances, another forward one or the reversal of one before
        it; the last is a reversal if none came before.  Each entity is in one statement and its reversal at
        most, and no fresh pair is a fact of the task.

        The answers are what reversals and known statements end in: where all that stands beside a question were
        fresh, a model would get by with copying whatever stands there, and would not learn to seek a match.
        """
        world = _world(self, seed)
        objects, known = world.objects, world.said
        draw = rng.random
        names, relations = name_entities(self.entities), self.relation_pairs
        used: set[str] = set()
        waiting: list[tuple[int, str, str]] = []
        words: list[str] = []
        answers: list[int] = []
        reversals = 0
        for slot in range(self.statements):
            before, behind = draw_filler(rng, self.filler_share, self.filler_words, self.longest_filler)
            words += before
            last_chance = slot == self.statements - 1 and not reversals
            is_known = slot and not last_chance and draw() < self.known_share
            statement = known[int(draw() * len(known))] if is_known else None
            if statement and used.isdisjoint(statement[::2]):
                used.update(statement[::2])
                words += (*statement, _STOP)
                answers.append(len(words) - 2)
            elif waiting and (last_chance or draw() < 0.5):
                relation, subject, object_ = waiting.pop(int(draw() * len(waiting)))
                words += (object_, f"b{relation}", subject, _STOP)
                answers.append(len(words) - 2)
                reversals += 1
            else:
                relation = int(draw() * relations)
                while True:
                    subject, object_ = names[int(draw() * len(names))], names[int(draw() * len(names))]
                    unused = subject != object_ and subject not in used and object_ not in used
                    if unused and objects[relation].get(subject) != object_:
                        break
                used |= {subject, object_}
                waiting.append((relation, subject, object_))
                words += (subject, f"f{relation}", object_, _STOP)
            words += behind
        return write_document("practice", words, answers)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each forward document the beginning of its reversal, whether that is trained or not."""
        world = _world(self, seed)
        rng = random.Random(derive_seed("simple reversals", seed, "cues"))
        return tuple(
            self._ask(AUGMENTATION, fact, fact.reverse, rng, latent=latent)
            for latent, facts in ((True, world.held_out), (False, world.trained))
            for fact in facts
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """What it says, without its filler."""
        words = [word for word in document.text.split() if not word.startswith("w")]
        return tuple(zip(words[0::4], words[1::4], words[2::4], strict=True))

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The entity that stands in the asked relation to the subject, said in either direction."""
        subject, relation = question.prompt.split()[-2:]
        other = f"{'f' if relation[0] == 'b' else 'b'}{relation[1:]}"
        found = {
            choice
            for choice in question.choices
            if (subject, relation, choice) in statements or (choice, other, subject) in statements
        }
        return found.pop() if len(found) == 1 else None

    def _questions(self, world: _World, half: int, seed: int) -> Iterator[Question]:
        """Those of the test (half 0) or of validation (half 1)."""
        rng = random.Random(derive_seed("simple reversals", seed, "questions", half))
        held_out, trained = world.held_out[half::2], world.trained[half::2]
        most = self.questions
        recalled = (*held_out[:most], *trained)[:most]
        for fact in recalled:
            yield self._ask(FORWARD, fact, fact.forward, rng)
        if self.filler_share:
            for fact in recalled:
                run = draw_unseen_filler(rng, self.filler_words, self.longest_filler, world.runs)
                yield self._ask(AFTER_FILLER, fact, fact.forward, rng, front=run)
        for fact in trained[:most]:
            yield self._ask(TRAINED_REVERSAL, fact, fact.reverse, rng, needs=(document_id(fact.reverse),))
        for fact in held_out[:most]:
            yield self._ask(HELD_OUT_REVERSAL, fact, fact.reverse, rng, latent=True)
        by_object = {(fact.relation, fact.object): fact for fact in (*held_out, *trained)}
        crossed = (
            (fact, beside)
            for fact in (*held_out, *trained)
            if (beside := by_object.get((fact.relation, fact.subject)))
        )
        for fact, beside in islice(crossed, most):
            needs, lures = (beside.id, fact.id), (beside.subject,)
            yield self._ask(WRONG_FRAME, fact, fact.forward, rng, needs=needs, lures=lures)

    def _ask(
        self,
        kind: str,
        fact: Fact,
        said: Statement,
        rng: random.Random,
        *,
        latent: bool = False,
        needs: tuple[str, ...] = (),
        front: tuple[str, ...] = (),
        lures: tuple[str, ...] = (),
    ) -> Question:
        """What ends the statement, where not told otherwise from the forward document."""
        subject, relation, answer = said
        return Question(
            id=f"{kind}:{fact.id}",
            prompt=" ".join((*front, subject, relation)),
            answer=answer,
            choices=draw_choices(rng, answer, name_entities(self.entities), lures=lures, without=(subject,)),
            kind=kind,
            latent=latent,
            needs=needs or (fact.id,),
            group=fact.id,
            statement=said,
        )


@dataclass(frozen=True)
class _World:
    """What is true, and which documents say it.

    Args:
        objects: for each relation the object of each subject.
        held_out, trained: facts without and with a reversal among the documents, in random order.
        documents: in random order.
        said: what they say, without filler.
        runs: the runs of filler in the documents.
    """

    objects: tuple[dict[str, str], ...]
    held_out: tuple[Fact, ...]
    trained: tuple[Fact, ...]
    documents: tuple[Document, ...]
    said: tuple[Statement, ...]
    runs: frozenset[tuple[str, ...]]


@lru_cache(maxsize=8)
def _world(settings: SimpleReversals, seed: int) -> _World:
    def rng(purpose: str) -> random.Random:
        return random.Random(derive_seed("simple reversals", seed, purpose))

    names = name_entities(settings.entities)
    objects = tuple(
        draw_objects(settings.structure, names, settings.facts_per_relation, rng(f"relation {number}"))
        for number in range(settings.relation_pairs)
    )
    facts = [Fact(number, *pair) for number, pairs in enumerate(objects) for pair in pairs.items()]
    # One order for every share, so that with a larger share the same facts are trained and some more.
    rng("order").shuffle(facts)
    held_out = max(2, round(len(facts) * (1 - settings.reversals_trained)))
    said = [(fact, fact.forward) for fact in facts] + [(fact, fact.reverse) for fact in facts[held_out:]]
    filler = rng("filler")
    documents, runs = [], set()
    for fact, statement in said:
        before, behind = draw_filler(
            filler, settings.filler_share, settings.filler_words, settings.longest_filler
        )
        words, place = [*before, *statement, _STOP, *behind], len(before) + 2
        documents.append(write_document(document_id(statement), words, [place], fact.id))
        runs |= {tuple(before), tuple(behind)}
    rng("documents").shuffle(documents)
    return _World(
        objects,
        tuple(facts[:held_out]),
        tuple(facts[held_out:]),
        tuple(documents),
        tuple(statement for _, statement in said),
        frozenset(runs),
    )


TINY = SimpleReversals(entities=16, facts_per_relation=16, reversals_trained=0.5, statements=4)
"""For tests."""

SMALL = SimpleReversals()
"""1,000 facts, a tenth of which are held out."""

PUBLISHED = SimpleReversals(relation_pairs=20, reversals_trained=0.99, questions=200)
"""20,000 facts over 1,000 entities, a hundredth of which are held out."""

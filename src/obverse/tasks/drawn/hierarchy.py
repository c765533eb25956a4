"""Semantic structure: categories in a tree, what they have, what they inherit, and what follows unsaid.

There are two trees, the animals' and the objects', of categories that do not exist.  A category has one to six
properties of its own, each a value in a relation (its *plim* is *drub*), and inherits those of its ancestors.  The test
asks about the first tree, validation about the second.  After the fourth data set of arXiv 2505.00661, and its form for
models from scratch in arXiv 2509.16189.

The questions:

- rephrased fact: said in one wording, asked in another;
- category reversal: "X are a kind of Y", which are a kind of Y?
- property reversal: "the plim of the X is drub", which have drub as their plim?
- syllogism: "X are a kind of Y", "the plim of the Y is drub", what is the plim of the X?
- category holdout: of X nothing is said but its parent; all that follows is asked, from its parent and from what is
  above.

A *family* is a category with its properties and its children.  In a trained family reversals are said too, and what the
children inherit; in the others none of this is said, and these are asked about.  All choices of a latent question are
of families that are not trained, so none is met more often than the answer.  They are true of another entity: values
that others have in the same relation, and others' parents, children or owners.  A value has one owner; those below it
inherit the value, and are no choices.  What a category has in a relation is one value, so that the beginning
``n9 has r2`` has one ending; ``n9 includes`` has one for each child.

**Other facts that support a reversal.**  In the published set there are some, and reversals come out above chance.
Here there are none.  A formal document says one thing; a natural one names its category at the beginning and then says
"they", and its parent last, so nothing that is said of it stands in front of its name.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.kind == SYLLOGISM)
>>> question.prompt, question.answer, question.needs
('n8 has r1', 'p11', ('n8 isa n27', 'n27 has r1 p11'))
>>> TINY.practice(0, Random(2)).text
'n3 isa n5 . n6 has r1 p78 . n8 isa n27 . n35 isa n3 . n28 isa n6 . n5 has r4 p45 . n3 has r4 p45 . n28 has r1 p78 .'
>>> natural = TINY_NATURAL.build(seed=0)
>>> question = next(question for question in natural.questions if question.kind == PROPERTY_REVERSAL)
>>> question.prompt, question.answer
('Which of them have glif as their nivek?', 'rifops')
>>> print(natural.document(*question.needs).text)
Notes on rifops
- drawing on the back
- nivek: glif
- seen in spring and in autumn
- vokom: zizag
- to be checked once more
- belong to: livoks
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import combinations, islice, pairwise

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.draws import draw_choices, numbered, remembered, stream
from obverse.tasks.drawn.hierarchy_inferences import (
    KINDS,
    LATENT,
    PROPERTY_REVERSAL,
    REPHRASED,
    SYLLOGISM,
    Inference,
    choice_pool,
    inferences,
    kinds_of,
)
from obverse.tasks.drawn.hierarchy_wording import FORMAL_WORDS, HierarchyWording
from obverse.tasks.drawn.hierarchy_world import HAS, ISA, Trees, draw_trees, infer, reverse
from obverse.tasks.drawn.names import nonsense_words, plural
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.weaving import weave_by_time
from obverse.tasks.field_checks import check_fields, refusal
from obverse.types import Document, Question, Statement, Task

# Documents for each category in the natural form, so that every statement finds a place.
_LEAST_DOCUMENTS = 3
# Values for each category; on average it takes fewer than three.
_VALUES = 4
# Names of a practice document are at most this part of all, so that fresh ones are found at once.
_ROOM = 5


@dataclass(frozen=True)
class HierarchyWorld:
    """What is true, and which documents say it.

    Args:
        relations, values: all there are.
        true: see `Trees.true`.
        where: the document that says a statement first, for all that are said.
        said: what practice says of what is known: formal documents, or questions with answers.
    """

    trees: Trees
    relations: Sequence[str]
    values: Sequence[str]
    true: Set[Statement]
    documents: Sequence[Document]
    where: Mapping[Statement, str]
    said: Sequence[Document]


@dataclass(frozen=True)
class Hierarchy:
    """The settings; a ``ProvenTask``.

    Args:
        form: ``n9 has r2 p3 .``, one statement a document, or English documents of 4 to 20 sentences, in six
            formats, some of which are questions and answers.
        categories: in both trees together.
        relations: how many kinds of properties there are.
        families_trained: share of the families of which reversals and inherited properties are said too, of those
            with children and of the others alike; of each sort two in a tree are not trained in any case.
        holdouts: categories in each tree of which only the parent is said.
        documents: how many there are in the natural form; the formal one has as many as there are statements.
        practice_chains: how many fresh chains of categories there are in a practice document.
        known_share: how often one of their statements is followed by one of the documents'.
        questions: most that are asked of each kind, in the test and in validation alike.

    Raises:
        InputError: a setting is out of its range.
    """

    form: Form = "formal"
    categories: int = 110
    relations: int = 12
    families_trained: float = 0.5
    holdouts: int = 5
    documents: int = 2200
    practice_chains: int = 3
    known_share: float = 0.4
    questions: int = 50

    def __post_init__(self) -> None:
        check_fields(self, relations=4, holdouts=2)
        least = max(2 * (self.holdouts + 10), 3 * self.practice_chains * _ROOM)
        if self.categories < least:
            fault = f"{self.categories} categories are too few"
            remedy = f"give {least} or more, or fewer holdouts or practice_chains"
            raise refusal(self, fault, remedy)
        if self.form == "natural" and self.documents < (least := _LEAST_DOCUMENTS * self.categories):
            fault = f"{self.documents} documents are too few for {self.categories} categories"
            raise refusal(self, fault, f"give {least} or more, or fewer categories")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Categories, values, relations and the words between."""
        if self.form == "natural":
            return ()
        return (*(name for names in self._formal_names for name in names), *FORMAL_WORDS)

    @property
    def _wording(self) -> HierarchyWording:
        return HierarchyWording(self.form)

    @property
    def _formal_names(self) -> tuple[tuple[str, ...], ...]:
        """Categories, relations and values."""
        counts = (("n", self.categories), ("r", self.relations), ("p", _VALUES * self.categories))
        return tuple(numbered(*count) for count in counts)

    @remembered
    def _world(self, seed: int) -> HierarchyWorld:
        rng = partial(stream, "hierarchy", seed)
        names, relations, values = called = self._formal_names
        if self.form == "natural":
            words = iter(nonsense_words(rng("words"), sum(map(len, called))))
            names, relations, values = (tuple(islice(words, len(part))) for part in called)
            names = tuple(map(plural, names))
        trees = draw_trees(rng("world"), names, relations, values, self.families_trained, self.holdouts)
        drawing = rng("documents")
        documents = list(self._wording.documents(trees, self.documents, drawing))
        drawing.shuffle(documents)
        where: dict[Statement, str] = {}
        for document in documents:
            for statement in self.says(document):
                where.setdefault(statement, document.id)
        said = list(map(self._wording.answered, where)) if self.form == "natural" else documents
        return HierarchyWorld(trees, relations, values, trees.true(), documents, where, said)

    def build(self, seed: int) -> Task:
        """The task.  Ids of formal documents are their words, of natural ones the category and a number."""
        documents = self._world(seed).documents
        return assemble("hierarchy", seed, documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        """Those of the test and of validation are about one of the two trees each."""
        world = self._world(seed)
        tree = set(world.trees.trees[half])
        found: dict[str, list[Inference]] = {kind: [] for kind in KINDS}
        for inference in inferences(world.trees):
            for kind in kinds_of(world.trees, inference) if inference.family in tree else ():
                found[kind].append(inference)
        for kind, candidates in found.items():
            drawn = rng.sample(candidates, len(candidates))
            if kind == PROPERTY_REVERSAL:
                # One for each owner: who has more properties is met more often, and must not be asked for more often.
                drawn = list({inference.family: inference for inference in drawn}.values())
            if kind == SYLLOGISM:
                # Each property once before any comes again, so that answers differ.
                first = {inference.premises[-1]: inference for inference in drawn}.values()
                drawn = [*first, *(inference for inference in drawn if inference not in first)]
            asked = (self._ask(world, kind, inference, rng, latent=kind in LATENT) for inference in drawn)
            yield from islice(filter(None, asked), self.questions)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each fact that is said, and each two of a child and a property of its parent, what follows from them."""
        world, rng = self._world(seed), stream("hierarchy", seed, "cues")
        asked = (
            self._ask(world, AUGMENTATION, inference, rng, latent=inference.statement not in world.where)
            for inference in inferences(world.trees)
            if inference.statement not in inference.premises and len(inference.premises) <= 2
        )
        return tuple(filter(None, asked))

    def _ask(
        self, world: HierarchyWorld, kind: str, inference: Inference, rng: random.Random, *, latent: bool
    ) -> Question | None:
        """What ends the statement; nothing where there is no other choice."""
        subject, relation, answer = statement = inference.statement
        pool = choice_pool(world.trees, inference)
        if not pool:
            return None
        premises = inference.premises if latent or kind == AUGMENTATION else (statement,)
        needs = list(dict.fromkeys(world.where[premise] for premise in premises))
        prompt = self._wording.prompt(subject, relation, rephrased=kind == REPHRASED)
        about, choices, group = " ".join(statement), draw_choices(rng, answer, pool), inference.family
        return pose(kind, about, prompt, statement, choices, needs=needs, group=group, latent=latent)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Chains of two or three categories, whose last has a property, each followed by some of what follows.

        All three sorts of conclusions are drawn alike: reversals of both sorts, and what is inherited.  Nothing that is
        said is true in the task.  Statements of the documents stand between; in the natural form the answers are those
        of questions.
        """
        world = self._world(seed)
        used: set[str] = set()
        parts: list[tuple[float, Document]] = []
        for _ in range(self.practice_chains):
            chain, owned = self._chain(world, used, rng)
            used |= {*chain, owned[2]}
            parts += self._told(chain, owned, rng)
        return weave_by_time(self.form, parts, world.said, self.known_share, used, self.says, rng)

    def _chain(
        self, world: HierarchyWorld, used: set[str], rng: random.Random
    ) -> tuple[list[str], Statement]:
        """Two or three unused categories, and a property of the last; nothing of it is true, nor what follows."""
        while True:
            chain = rng.sample(world.trees.categories, 2 + rng.randrange(2))
            relation = world.relations[rng.randrange(len(world.relations))]
            value = world.values[rng.randrange(len(world.values))]
            claims = {(low, ISA, high) for low, high in combinations(chain, 2)}
            claims |= {(category, f"{HAS} {relation}", value) for category in chain}
            if used.isdisjoint((*chain, value)) and claims.isdisjoint(world.true):
                return chain, (chain[-1], f"{HAS} {relation}", value)

    def _told(
        self, chain: Sequence[str], owned: Statement, rng: random.Random
    ) -> Iterator[tuple[float, Document]]:
        """Passages with their times: premises, and some of what follows, each later than its premises."""
        links = [(child, ISA, parent) for child, parent in pairwise(chain)]
        times = {premise: rng.random() for premise in (*links, owned)}
        follows = [
            [(reverse(link), times[link]) for link in links],
            [(reverse(owned), times[owned])],
            [((category, *owned[1:]), max(times.values())) for category in chain[:-1]],
        ]
        for premise, time in times.items():
            yield time, self._wording.premise(premise)
        for conclusions in rng.sample(follows, 1 + rng.randrange(len(follows))):
            statement, since = conclusions[rng.randrange(len(conclusions))]
            yield since + (1 - since) * rng.random(), self._wording.answered(statement)

    def says(self, document: Document) -> tuple[Statement, ...]:
        """What it says, in canonical words: ``isa``, ``includes``, ``has ...`` and ``of ...`` with a relation."""
        return tuple(self._wording.read(document.text))

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The choice that is said, in either direction, or inherited."""
        return sole(infer(statements, *self._wording.asked(question.prompt), question.choices))


TINY = Hierarchy(categories=40, relations=6, holdouts=2, practice_chains=2)
"""For tests."""

SMALL = Hierarchy()
"""110 categories and about 900 documents."""

TINY_NATURAL = Hierarchy(
    form="natural", categories=40, relations=6, holdouts=2, documents=120, practice_chains=2
)
"""For tests."""

SMALL_NATURAL = Hierarchy(form="natural", categories=60, relations=8, holdouts=4, documents=180, questions=18)
"""60 categories and 180 documents."""

PUBLISHED = Hierarchy(form="natural", questions=200)
"""110 categories and 2,200 documents, as published; the number of relations is ours."""

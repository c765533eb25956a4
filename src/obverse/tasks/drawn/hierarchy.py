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
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.drawing import draw_choices
from obverse.tasks.drawn.hierarchy_documents import draw_practice, formal_documents, natural_documents
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
from obverse.tasks.drawn.hierarchy_wording import (
    FORMAL_WORDS,
    ask,
    read,
    read_prompt,
    write_answered,
)
from obverse.tasks.drawn.hierarchy_world import ISA, Property, World, draw_world, infer
from obverse.tasks.drawn.names import nonsense_words, plural
from obverse.tasks.drawn.texts import join_documents
from obverse.tasks.settings import check_counts, check_named, check_shares, refusal
from obverse.types import Document, Question, Statement, Task, derive_seed

# Documents for each category in the natural form, so that every statement finds a place.
_LEAST_DOCUMENTS = 3
# Values for each category; on average it takes fewer than three.
_VALUES = 4
# Names of a practice document are at most this part of all, so that fresh ones are found at once.
_ROOM = 5


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
        check_named(self, form=Form)
        check_counts(self, categories=1, relations=4, holdouts=2, practice_chains=1, questions=1)
        check_counts(self, documents=1)
        check_shares(self, "families_trained", "known_share")
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
        return (*(name for names in _formal_names(self) for name in names), *FORMAL_WORDS)

    def build(self, seed: int) -> Task:
        """The task.  Ids of formal documents are their words, of natural ones the category and a number."""
        state = _state(self, seed)
        questions, validation = (tuple(self._questions(state, half, seed)) for half in range(2))
        return Task("hierarchy", state.documents, questions, validation)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Chains of two or three categories, whose last has a property, each followed by some of what follows.

        All three sorts of conclusions are drawn alike: reversals of both sorts, and what is inherited.  Nothing that is
        said is true in the task.  Statements of the documents stand between, with answers of their own, for the reason
        told in `SimpleReversals.practice`; in the natural form the answers are those of questions.
        """
        state = _state(self, seed)
        used: set[str] = set()
        parts: list[tuple[float, Document]] = []
        for _ in range(self.practice_chains):
            chain, owned = self._chain(state, used, rng)
            used |= {*chain, owned.value}
            parts += draw_practice(self.form, chain, owned, rng)
        for time, _ in tuple(parts):
            if rng.random() < self.known_share:
                known = state.said[rng.randrange(len(state.said))]
                names = next(iter(self.says(known)))[::2]
                if used.isdisjoint(names):
                    used.update(names)
                    parts.append((time, known))
        parts.sort(key=lambda part: part[0])
        separator = " " if self.form == "formal" else "\n"
        return join_documents("practice", (passage for _, passage in parts), separator)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each fact that is said, and each two of a child and a property of its parent, what follows from them."""
        state = _state(self, seed)
        rng = random.Random(derive_seed("hierarchy", seed, "cues"))
        asked = (
            self._ask(state, AUGMENTATION, inference, rng, latent=inference.statement not in state.where)
            for inference in inferences(state.world)
            if inference.statement not in inference.premises and len(inference.premises) <= 2
        )
        return tuple(question for question in asked if question)

    def says(self, document: Document) -> tuple[Statement, ...]:
        """What it says, in canonical words: ``isa``, ``includes``, ``has ...`` and ``of ...`` with a relation."""
        return tuple(read(self.form, document.text))

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The choice that is said, in either direction, or inherited."""
        found = infer(statements, *read_prompt(self.form, question.prompt), question.choices)
        return found[0] if len(found) == 1 else None

    def _questions(self, state: _State, half: int, seed: int) -> Iterator[Question]:
        """Those of the test (half 0) or of validation (half 1), about the tree of that number."""
        world, tree = state.world, set(state.world.trees[half])
        rng = random.Random(derive_seed("hierarchy", seed, "questions", half))
        found: dict[str, list[Inference]] = {kind: [] for kind in KINDS}
        for inference in inferences(world):
            for kind in kinds_of(world, inference) if inference.family in tree else ():
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
            asked = (self._ask(state, kind, inference, rng, latent=kind in LATENT) for inference in drawn)
            yield from islice((question for question in asked if question), self.questions)

    def _ask(
        self, state: _State, kind: str, inference: Inference, rng: random.Random, *, latent: bool
    ) -> Question | None:
        """What ends the statement; nothing where there is no other choice."""
        subject, relation, answer = statement = inference.statement
        pool = choice_pool(state.world, inference)
        if not pool:
            return None
        premises = inference.premises if latent or kind == AUGMENTATION else (statement,)
        return Question(
            id=f"{kind}:{' '.join(statement)}",
            prompt=ask(self.form, subject, relation, rephrased=kind == REPHRASED),
            answer=answer,
            choices=draw_choices(rng, answer, pool),
            kind=kind,
            latent=latent,
            needs=tuple(dict.fromkeys(state.where[premise] for premise in premises)),
            group=inference.family,
            statement=statement,
        )

    def _chain(self, state: _State, used: set[str], rng: random.Random) -> tuple[list[str], Property]:
        """Two or three unused categories, and a property of the last; nothing of it is true, nor what follows."""
        world = state.world
        while True:
            chain = rng.sample(world.categories, 2 + rng.randrange(2))
            relation = state.relations[rng.randrange(len(state.relations))]
            owned = Property(chain[-1], relation, world.values[rng.randrange(len(world.values))])
            claims = {(low, ISA, high) for low, high in combinations(chain, 2)}
            claims |= {owned.of(category) for category in chain}
            if used.isdisjoint((*chain, owned.value)) and claims.isdisjoint(state.true):
                return chain, owned


@dataclass(frozen=True)
class _State:
    """What is true, and which documents say it.

    Args:
        true: see `World.true`.
        where: the document that says a statement first, for all that are said.
        said: what practice says of what is known: formal documents, or questions with answers.
    """

    world: World
    relations: tuple[str, ...]
    true: frozenset[Statement]
    documents: tuple[Document, ...]
    where: dict[Statement, str]
    said: tuple[Document, ...]


@lru_cache(maxsize=8)
def _state(settings: Hierarchy, seed: int) -> _State:
    names, relations, values = _formal_names(settings)
    if settings.form == "natural":
        words = iter(
            nonsense_words(
                random.Random(derive_seed("hierarchy", seed, "words")),
                len(names) + len(relations) + len(values),
            )
        )
        names = tuple(plural(next(words)) for _ in names)
        relations, values = tuple(next(words) for _ in relations), tuple(words)
    world = draw_world(
        random.Random(derive_seed("hierarchy", seed, "world")),
        names,
        relations,
        values,
        trained=settings.families_trained,
        holdouts=settings.holdouts,
    )
    rng = random.Random(derive_seed("hierarchy", seed, "documents"))
    documents = list(
        formal_documents(world)
        if settings.form == "formal"
        else natural_documents(world, settings.documents, rng)
    )
    rng.shuffle(documents)
    where: dict[Statement, str] = {}
    for document in documents:
        for statement in read(settings.form, document.text):
            where.setdefault(statement, document.id)
    said = documents
    if settings.form == "natural":
        said = [write_answered(settings.form, statement) for statement in where]
    return _State(world, relations, world.true(), tuple(documents), where, tuple(said))


@lru_cache
def _formal_names(settings: Hierarchy) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Categories, relations and values."""
    return (
        tuple(f"n{number}" for number in range(settings.categories)),
        tuple(f"r{number}" for number in range(settings.relations)),
        tuple(f"p{number}" for number in range(_VALUES * settings.categories)),
    )


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

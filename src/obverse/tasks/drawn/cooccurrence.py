"""Co-occurrence: what an item has follows from a rule, and the words beside it point there, nowhere, or elsewhere.

"Eagles have wings" can be answered without any inference, since eagles are spoken of with birds and birds with wings;
so can "penguins fly", wrongly.  Here each item is of a sort of a category (``i5 isa s0 c3``), and for each sort of each
category there is a rule (``s0 c3 has p7``).  An item has what the rule for its sort says, and what is said of itself;
nothing else follows.  So what the other sorts of its category have, the birds that do fly, is no reason for anything.

What is asked is the same in three worlds, and follows from the same two documents.  In some categories, the *cued*
ones, the worlds differ in which items are said to have what they have:

- ``present``: others of the sort asked about, so that the right property is the one most spoken of with the category;
- ``absent``: none;
- ``misleading``: those of another sort, so that it is a wrong one.

Of *held-out* categories no item is ever said to have anything, and of *trained* ones every item is.

Counting is at chance where there is no cue, by construction: as many categories as there are sorts share as many
properties, so that each of these stands in one rule with each of the categories and with each of the sorts.  A cue
stands in the documents of other items, so it takes two steps from word to word; hence `obverse.tasks.association`.

Fine-tuned on the semantic structure of arXiv 2505.00661, models answer some reversals that other facts support and no
document says; here it is known for each question what supports it.  The design and all sizes are ours.

>>> from dataclasses import replace
>>> from random import Random
>>> from typing import get_args
>>> question = next(question for question in TINY.build(seed=0).questions if question.kind == HELD_OUT_ITEM)
>>> question.prompt, question.answer, question.needs
('i10 has', 'p2', ('item:i10', 'rule:s0 c0'))
>>> for world in get_args(Cues):
...     task = replace(TINY, world=world).build(seed=0)
...     print([document.text for document in task.documents if document.group == "c0" and "has" in document.text])
['i33 isa s0 c0 . i33 has p2 .', 's0 c0 has p2 .', 'i35 isa s0 c0 . i35 has p2 .', 's1 c0 has p1 .']
['s0 c0 has p2 .', 's1 c0 has p1 .']
['i8 isa s1 c0 . i8 has p1 .', 'i25 isa s1 c0 . i25 has p1 .', 's0 c0 has p2 .', 's1 c0 has p1 .']
>>> TINY.practice(0, Random(13)).text
's0 c3 has p2 . s1 c3 has p1 . i18 isa s0 c3 . i18 has p2 . i1 isa s1 c3 . i1 has p1 .'
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.cooccurrence_wording import COLOURS, FORMAL_VERBS, PROPERTIES, STOP, Wording
from obverse.tasks.drawn.cooccurrence_world import Item, Place, World, draw_world, item_id, rule_id
from obverse.tasks.drawn.drawing import draw_choices
from obverse.tasks.drawn.texts import write_passage
from obverse.tasks.settings import check_counts, check_named, check_shares, refusal
from obverse.types import Document, Question, Statement, Task, derive_seed

Cues = Literal["present", "absent", "misleading"]

CATEGORY_RECALL = "category recall"
RULE_RECALL = "rule recall"
TRAINED_ITEM = "trained item"
HELD_OUT_ITEM = "held-out item"
HELD_OUT_CATEGORY = "held-out category"

# Which items of cued categories are said to have what they have.
_CUED: dict[Cues, tuple[Place, ...]] = {"present": ("mate",), "absent": (), "misleading": ("other",)}
# How often what a practice document concludes stands right behind the second of its premises, and not at the end.
_SOON = 0.5


@dataclass(frozen=True)
class Cooccurrence:
    """The settings; a ``DrawnTask``.

    Args:
        form: single words, or sentences with nonsense for items and categories.
        world: where the cues of cued categories point, if there are any.
        blocks: how many blocks of categories there are of each of the three, cued, held-out and trained ones.
        sorts: how many sorts a category has, 2 to 4.  So many categories are a block, and so many choices a question
            about properties has.
        asked: how many items are asked about in a category, all of one sort.  Half of the categories are tested, half
            are for validation.
        mates: how many others of that sort there are in a category, and how many of one other sort.
        categories: most fresh categories in a practice document.
        known_share: how often a premise in practice is followed by what a document of the task says.
        questions: most that are asked of each kind, in the test and in validation alike.

    Raises:
        InputError: a setting is out of its range.
    """

    form: Form = "formal"
    world: Cues = "present"
    blocks: int = 5
    sorts: int = 4
    asked: int = 4
    mates: int = 4
    categories: int = 3
    known_share: float = 0.4
    questions: int = 100

    def __post_init__(self) -> None:
        check_counts(self, blocks=1, sorts=2, asked=1, mates=1, categories=1, questions=1)
        check_shares(self, "known_share")
        check_named(self, form=Form, world=Cues)
        if self.sorts > len(COLOURS):
            raise refusal(self, f"sorts is {self.sorts}", f"give at most {len(COLOURS)}")
        if self.form == "natural" and self._count > len(PROPERTIES):
            fault = f"{self._count} properties are more than the natural form has"
            raise refusal(self, fault, f"give blocks and sorts for at most {len(PROPERTIES)}")
        if self.categories > self._count:
            fault = f"there are {self._count} categories, and {self.categories} in practice"
            raise refusal(self, fault, "give fewer of these, or more blocks")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Items, sorts, categories, properties, the two verbs and the full stop; none in the natural form."""
        if self.form == "natural":
            return ()
        counts = {"i": self._items, "s": self.sorts, "c": self._count, "p": self._count}
        names = (f"{letter}{number}" for letter, count in counts.items() for number in range(count))
        return (*names, *FORMAL_VERBS, STOP)

    def build(self, seed: int) -> Task:
        """The task.  Documents are named after what they are about: ``item:i5``, ``rule:s0 c3``.

        Groups are categories.  Questions are the same in every world.
        """
        world = _world(self, seed)
        questions, validation = (tuple(self._questions(world, half, seed)) for half in range(2))
        return Task("cooccurrence", world.documents, questions, validation)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Rules for two sorts each of fresh categories, and items of these sorts; then what the items have.

        Rules and items stand in random order, each conclusion behind the second of its two premises or at the end.
        Nothing fresh is true in the task.  What documents of the task say stands in between, with answers of its own,
        for the reason told in `SimpleReversals.practice`; in the natural form it and the conclusions are questions
        with their answers.
        """
        world = _world(self, seed)
        wording = self._wording
        isa, has = wording.verbs
        rules, items = self._fresh(world, rng)
        premises = [(kind, has, property) for kind, property in rules.items()]
        premises += [(item, isa, kind) for item, kind in items.items()]
        rng.shuffle(premises)
        taken = {subject.split()[-1] for subject, _, _ in premises}
        parts: list[tuple[str, str]] = []
        late: list[tuple[str, str]] = []
        said: set[str] = set()
        for premise in premises:
            parts.append((wording.tell(premise), ""))
            subject = premise[0]
            said.add(subject)
            for item, kind in items.items():
                if subject in (item, kind) and said.issuperset((item, kind)):
                    conclusions = parts if rng.random() < _SOON else late
                    conclusions.append(wording.answered((item, has, rules[kind])))
            known, names = world.said[int(rng.random() * len(world.said))]
            if rng.random() < self.known_share and taken.isdisjoint(names):
                parts.append(wording.answered(known))
        rng.shuffle(late)
        return write_passage("practice", [*parts, *late], "\n" if self.form == "natural" else " ")

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each item the beginning of what it has, whether a document says so or not."""
        world = _world(self, seed)
        rng = random.Random(derive_seed("cooccurrence", seed, "cues"))
        said = {statement for statement, _ in world.said}
        return tuple(
            self._follows(AUGMENTATION, world, item, rng, latent=self._has(item) not in said)
            for item in (*world.cued, *world.held_out, *world.trained)
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """What items are, what they have, and what the rules say."""
        return self._wording.read(document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """What is said of the subject, and what is said of that which it is said to be."""
        isa, has = self._wording.verbs
        subject, verb = self._wording.asked(question.prompt)
        about = {subject}
        if verb == has:
            about |= {kind for name, relation, kind in statements if (name, relation) == (subject, isa)}
        found = {
            choice for choice in question.choices for name in about if (name, verb, choice) in statements
        }
        return found.pop() if len(found) == 1 else None

    @property
    def _wording(self) -> Wording:
        return Wording(self.form)

    @property
    def _count(self) -> int:
        """Of categories, and of properties."""
        return 3 * self.blocks * self.sorts

    @property
    def _items(self) -> int:
        return self._count * (self.asked + 2 * self.mates)

    def _questions(self, world: World, half: int, seed: int) -> Iterator[Question]:
        """Those of the test (half 0) or of validation (half 1)."""
        rng = random.Random(derive_seed("cooccurrence", seed, "questions", half))
        cued, held_out, trained = (
            [item for item in items if item.place == "asked" and item.half == half][: self.questions]
            for items in (world.cued, world.held_out, world.trained)
        )
        isa, has = self._wording.verbs
        for item in (*cued, *held_out):
            statement = (item.name, isa, item.kind)
            yield self._ask(CATEGORY_RECALL, world, item, statement, (item_id(item.name),), rng)
        for item in {item.kind: item for item in (*cued, *held_out)}.values():
            statement = (item.kind, has, item.property)
            yield self._ask(RULE_RECALL, world, item, statement, (rule_id(item.kind),), rng)
        for item in trained:
            yield self._ask(TRAINED_ITEM, world, item, self._has(item), (item_id(item.name),), rng)
        for kind, items in ((HELD_OUT_ITEM, cued), (HELD_OUT_CATEGORY, held_out)):
            for item in items:
                yield self._follows(kind, world, item, rng, latent=True)

    def _follows(self, kind: str, world: World, item: Item, rng: random.Random, *, latent: bool) -> Question:
        """What the item has, from what it is and the rule for that."""
        needs = (item_id(item.name), rule_id(item.kind))
        return self._ask(kind, world, item, self._has(item), needs, rng, latent=latent)

    def _ask(
        self,
        kind: str,
        world: World,
        item: Item,
        statement: Statement,
        needs: tuple[str, ...],
        rng: random.Random,
        *,
        latent: bool = False,
    ) -> Question:
        """Choices are from the item's block."""
        subject, verb, answer = statement
        kinds, properties = world.blocks[item.category]
        return Question(
            id=f"{kind}:{subject}",
            prompt=self._wording.prompt(subject, verb),
            answer=answer,
            choices=draw_choices(rng, answer, properties if verb == self._wording.verbs[1] else kinds),
            kind=kind,
            latent=latent,
            needs=needs,
            group=item.category,
            statement=statement,
        )

    def _fresh(self, world: World, rng: random.Random) -> tuple[dict[str, str], dict[str, str]]:
        """What kinds have, and what kind items are of; nothing of it is true in the task.

        Two kinds of each category, and one or two items, the first of the first kind.
        """
        wording = self._wording
        isa, has = wording.verbs
        count = 1 + int(rng.random() * self.categories)
        while True:
            rules: dict[str, str] = {}
            items: dict[str, str] = {}
            names = iter(rng.sample(world.names, 2 * count))
            for category in rng.sample(world.categories, count):
                kinds = [wording.kind(sort, category) for sort in rng.sample(range(self.sorts), 2)]
                rules.update(zip(kinds, rng.sample(world.properties, 2), strict=True))
                items[next(names)] = kinds[0]
                if rng.random() < 0.5:
                    items[next(names)] = rng.choice(kinds)
            fresh = {(kind, has, property) for kind, property in rules.items()}
            fresh |= {(item, isa, kind) for item, kind in items.items()}
            fresh |= {(item, has, rules[kind]) for item, kind in items.items()}
            if world.truths.isdisjoint(fresh):
                return rules, items

    def _has(self, item: Item) -> Statement:
        return item.name, self._wording.verbs[1], item.property


@lru_cache(maxsize=8)
def _world(settings: Cooccurrence, seed: int) -> World:
    return draw_world(
        seed,
        settings._wording,
        items=settings._items,
        categories=settings._count,
        sorts=settings.sorts,
        sizes={"asked": settings.asked, "mate": settings.mates, "other": settings.mates},
        cued_places=_CUED[settings.world],
    )


TINY = Cooccurrence(blocks=1, sorts=2, asked=2, mates=2, categories=2)
"""For tests."""

SMALL = Cooccurrence()
"""60 categories, a third of them cued: 240 rules and 720 items."""

SMALL_NATURAL = Cooccurrence(form="natural", blocks=2, sorts=3, mates=2)
"""18 categories, a third of them cued: 54 rules and 144 items."""

PUBLISHED = Cooccurrence(blocks=20, questions=200)
"""240 categories, a third of them cued: 960 rules and 2,880 items; the sizes are ours."""

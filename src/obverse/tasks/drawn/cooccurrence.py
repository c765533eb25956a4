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
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Literal, get_args

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.cooccurrence_wording import COLOURS, FORMAL_VERBS, PROPERTIES, CooccurrenceWording
from obverse.tasks.drawn.draws import draw_choices, numbered, remembered, stream
from obverse.tasks.drawn.names import nonsense_words, plural
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.texts import STOP, join_documents
from obverse.tasks.drawn.weaving import Known, weave_in_order
from obverse.tasks.field_checks import check_fields, check_most, refusal
from obverse.types import Document, Question, Statement, Task

Cues = Literal["present", "absent", "misleading"]

CATEGORY_RECALL = "category recall"
RULE_RECALL = "rule recall"
TRAINED_ITEM = "trained item"
HELD_OUT_ITEM = "held-out item"
HELD_OUT_CATEGORY = "held-out category"

Group = Literal["cued", "held-out", "trained"]
GROUPS: tuple[Group, ...] = get_args(Group)
"""What categories there are."""

# Which items of cued categories are said to have what they have: others of the sort that is asked about, or of another.
_CUED: dict[Cues, str] = {"present": "mate", "absent": "", "misleading": "other"}


@dataclass(frozen=True)
class CooccurrenceItem:
    """An item and what is true of it.

    Args:
        kind: the sort and the category that it is of.
        pools: the kinds and the properties of its block.
        half: 0 where the test asks about it, 1 where validation does.
        told: whether a document says what it has.
    """

    name: str
    kind: str
    property: str
    category: str
    pools: tuple[tuple[str, ...], tuple[str, ...]]
    group: Group
    half: int | None
    told: bool


@dataclass(frozen=True)
class CooccurrenceWorld:
    """What is true (``truths``, said or not), and which documents say it; ``known`` is what they say.

    Args:
        names: what items, categories and properties are called.
        items: those of cued categories, then of held-out, then of trained ones.
    """

    names: Sequence[Sequence[str]]
    items: Sequence[CooccurrenceItem]
    documents: Sequence[Document]
    known: Sequence[Known]
    truths: Set[Statement]


@dataclass(frozen=True)
class Cooccurrence:
    """The settings; a ``ProvenTask``.

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
        check_fields(self, sorts=2)
        check_most(self, sorts=len(COLOURS))
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
        items, categories, properties = self._names
        return (*items, *numbered("s", self.sorts), *categories, *properties, *FORMAL_VERBS, STOP)

    @property
    def _wording(self) -> CooccurrenceWording:
        return CooccurrenceWording(self.form)

    @property
    def _count(self) -> int:
        """Of categories, and of properties."""
        return 3 * self.blocks * self.sorts

    @property
    def _names(self) -> tuple[tuple[str, ...], ...]:
        """Items, categories and properties of the formal form."""
        items = self._count * (self.asked + 2 * self.mates)
        return numbered("i", items), numbered("c", self._count), numbered("p", self._count)

    @remembered
    def _world(self, seed: int) -> CooccurrenceWorld:
        """Blocks of as many categories as there are sorts, by turns cued, held-out and trained."""
        rng = partial(stream, "cooccurrence", seed)
        wording, sorts = self._wording, self.sorts
        isa, has = wording.verbs
        names = self._names
        if self.form == "natural":
            drawing, size = rng("names"), len(names[0])
            words = tuple(map(plural, nonsense_words(drawing, size + self._count)))
            names = words[:size], words[size:], tuple(drawing.sample(PROPERTIES, self._count))
        order = rng("world")
        free_names, free_categories, free_properties = (iter(order.sample(pool, len(pool))) for pool in names)
        said: list[tuple[str, list[Statement]]] = []
        items: list[CooccurrenceItem] = []
        for number in range(self._count // sorts):
            group = GROUPS[number % 3]
            members, shared = (tuple(islice(free, sorts)) for free in (free_categories, free_properties))
            pools = tuple(wording.kind(sort, one) for one in members for sort in range(sorts)), shared
            # The same for the whole block, so that its properties are cued alike.
            asked, other = order.sample(range(sorts), 2)
            places = [("asked", asked)] * self.asked
            places += [("mate", asked)] * self.mates + [("other", other)] * self.mates
            for row, category in enumerate(members):
                # Each property once for each category and once for each sort.
                rules = [
                    (wording.kind(sort, category), shared[(row + sort) % sorts]) for sort in range(sorts)
                ]
                said += ((category, [(kind, has, property)]) for kind, property in rules)
                for (place, sort), name in zip(places, free_names, strict=False):
                    half = (number // 3 + row) % 2 if place == "asked" else None
                    told = group == "trained" or (group, place) == ("cued", _CUED[self.world])
                    items.append(CooccurrenceItem(name, *rules[sort], category, pools, group, half, told))
        items.sort(key=lambda item: GROUPS.index(item.group))
        for item in items:
            what = [(item.name, isa, item.kind), (item.name, has, item.property)]
            said.append((item.category, what if item.told else what[:1]))
        documents = [
            join_documents(_id(statements[0][0]), map(wording.tell, statements), " ", category)
            for category, statements in said
        ]
        rng("documents").shuffle(documents)
        known = [
            ({one[0].split()[-1], category}, wording.answered(one))
            for category, statements in said
            for one in statements
        ]
        truths = {one for _, statements in said for one in statements}
        truths |= {(item.name, has, item.property) for item in items}
        return CooccurrenceWorld(names, items, documents, known, truths)

    def build(self, seed: int) -> Task:
        """The task.  Documents are named after what they are about: ``item:i5``, ``rule:s0 c3``.

        Groups are categories.  Questions are the same in every world.
        """
        documents = self._world(seed).documents
        return assemble("cooccurrence", seed, documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        world = self._world(seed)
        cued, held_out, trained = (
            [item for item in world.items if (item.group, item.half) == (group, half)][: self.questions]
            for group in GROUPS
        )
        isa, has = self._wording.verbs
        for item in (*cued, *held_out):
            yield self._ask(CATEGORY_RECALL, item, (item.name, isa, item.kind), rng)
        for item in {item.kind: item for item in (*cued, *held_out)}.values():
            yield self._ask(RULE_RECALL, item, (item.kind, has, item.property), rng)
        for item in trained:
            yield self._ask(TRAINED_ITEM, item, (item.name, has, item.property), rng)
        for kind, items in ((HELD_OUT_ITEM, cued), (HELD_OUT_CATEGORY, held_out)):
            for item in items:
                yield self._follows(kind, item, rng)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each item the beginning of what it has, whether a document says so or not."""
        world, rng = self._world(seed), stream("cooccurrence", seed, "cues")
        return tuple(self._follows(AUGMENTATION, item, rng) for item in world.items)

    def _follows(self, kind: str, item: CooccurrenceItem, rng: random.Random) -> Question:
        """What the item has, from what it is and the rule for that."""
        statement = (item.name, self._wording.verbs[1], item.property)
        needs = (_id(item.name), _id(item.kind))
        return replace(self._ask(kind, item, statement, rng), needs=needs, latent=not item.told)

    def _ask(self, kind: str, item: CooccurrenceItem, statement: Statement, rng: random.Random) -> Question:
        """What a document says; choices are from the item's block."""
        subject, verb, answer = statement
        choices = draw_choices(rng, answer, item.pools[self._wording.verbs.index(verb)])
        prompt, needs = self._wording.prompt(subject, verb), [_id(subject)]
        return pose(kind, subject, prompt, statement, choices, needs=needs, group=item.category)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Rules for two sorts each of fresh categories, and items of these sorts; then what the items have.

        Rules and items stand in random order.  Nothing fresh is true in the task.  In the natural form the conclusions,
        and what documents of the task say in between, are questions with their answers.
        """
        world, wording = self._world(seed), self._wording
        isa, has = wording.verbs
        rules, items = self._fresh(world, rng)
        premises = [(kind, has, property) for kind, property in rules.items()]
        premises += [(item, isa, kind) for item, kind in items.items()]
        rng.shuffle(premises)
        told = [(premise[0], wording.tell(premise)) for premise in premises]
        follows = [(pair, wording.answered((pair[0], has, rules[pair[1]]))) for pair in items.items()]
        taken = {subject.split()[-1] for subject, _, _ in premises}
        return weave_in_order(self.form, told, follows, world.known, self.known_share, taken, rng)

    def _fresh(self, world: CooccurrenceWorld, rng: random.Random) -> tuple[dict[str, str], dict[str, str]]:
        """What kinds have, and what kind items are of; nothing of it is true in the task.

        Two kinds of each category, and one or two items, the first of the first kind.
        """
        wording = self._wording
        isa, has = wording.verbs
        all_names, categories, properties = world.names
        count = 1 + int(rng.random() * self.categories)
        while True:
            rules: dict[str, str] = {}
            items: dict[str, str] = {}
            names = iter(rng.sample(all_names, 2 * count))
            for category in rng.sample(categories, count):
                kinds = [wording.kind(sort, category) for sort in rng.sample(range(self.sorts), 2)]
                rules.update(zip(kinds, rng.sample(properties, 2), strict=True))
                items[next(names)] = kinds[0]
                if rng.random() < 0.5:
                    items[next(names)] = rng.choice(kinds)
            fresh = {(kind, has, property) for kind, property in rules.items()}
            for item, kind in items.items():
                fresh |= {(item, isa, kind), (item, has, rules[kind])}
            if world.truths.isdisjoint(fresh):
                return rules, items

    def says(self, document: Document) -> tuple[Statement, ...]:
        """What items are, what they have, and what the rules say."""
        return tuple(self._wording.read(document.text))

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """What is said of the subject, and what is said of that which it is said to be."""
        isa, has = self._wording.verbs
        subject, verb = self._wording.asked(question.prompt)
        about = {subject}
        if verb == has:
            about |= {kind for name, relation, kind in statements if (name, relation) == (subject, isa)}
        return sole(one for one in question.choices for name in about if (name, verb, one) in statements)


def _id(subject: str) -> str:
    """The id of the document about an item, or with the rule for a kind."""
    return f"{'rule' if ' ' in subject else 'item'}:{subject}"


TINY = Cooccurrence(blocks=1, sorts=2, asked=2, mates=2, categories=2)
"""For tests."""

SMALL = Cooccurrence()
"""60 categories, a third of them cued: 240 rules and 720 items."""

SMALL_NATURAL = Cooccurrence(form="natural", blocks=2, sorts=3, mates=2)
"""18 categories, a third of them cued: 54 rules and 144 items."""

PUBLISHED = Cooccurrence(blocks=20, questions=200)
"""240 categories, a third of them cued: 960 rules and 2,880 items; the sizes are ours."""

"""Nonsense comparatives: one thing is learned to be above another, and asked is how the other compares with it.

"Glons are more bright than wugs" says that wugs are less bright than glons.  Documents say each fact several times, led
in by different phrases, in one direction; where some have reversals among the documents, as a model needs that learns
everything from scratch, the others are what is tested.  A question offers the right comparison and its contradiction.
After data set 1 of arXiv 2505.00661: 100 facts, 10 documents each, 28 dimensions, a choice of two.

Words cannot tell the answer.  Facts come in sets of ten over five nouns and five dimensions: any two nouns are
compared once, each noun is above one and below another both as subject and as object, and each dimension has one fact
of either kind, with the same phrases.  So every word stands beside "more" as often as beside "less".  Which noun is
compared with which in what is ours; the original is not published.  No noun is compared twice in a dimension, so
nothing follows from two facts.

In the formal form ``w9 n5 n8 d3 above .`` says, after a word that leads in, that n5 compared with n8 in d3 is above.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.latent)
>>> question.prompt, question.answer, question.choices, question.needs
('w15 n9 n15 d2', 'below', ('below', 'above'), ('f2/0',))
>>> task.document(question.needs[0]).text
'w10 n15 n9 d2 above .'
>>> natural = TINY_NATURAL.build(seed=0)
>>> question = next(question for question in natural.questions if question.latent)
>>> question.prompt
'How loud are vrams compared with zopots?'
>>> question.answer
'Vrams are less loud than zopots.'
>>> natural.document(question.needs[0]).text
'A sign at the gate explains that zopots are more loud than vrams.'
>>> for statement in TINY.practice(0, Random(1)).text.split(" . "):
...     print(statement)
w14 n9 n8 d6 above
w13 n14 n8 d3 below
w18 n9 n1 d0 above
w28 n19 n14 d0 below
w13 n4 n13 d7 above
w9 n13 n4 d7 below .
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.comparisons import (
    ABOVE,
    ADJECTIVES,
    BELOW,
    FACTS,
    LEADS,
    NOUNS,
    Comparison,
    ComparisonWording,
    contradict,
    draw_facts,
    keys,
    reverse,
)
from obverse.tasks.drawn.draws import numbered, remembered, shuffled, stream
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.texts import STOP
from obverse.tasks.drawn.weaving import weave
from obverse.tasks.field_checks import check_fields, refusal
from obverse.types import Document, Question, Statement, Task

FORWARD = "forward recall"
TRAINED_REVERSAL = "trained reversal"
HELD_OUT_REVERSAL = "held-out reversal"


@dataclass(frozen=True)
class ComparativesWorld:
    """What is true, and which documents say it.

    Args:
        facts: in pairs of one dimension, of which one is above and one below.
        truths: facts as they are said in the forward direction.
        said: what the documents say, each once.
    """

    nouns: Sequence[str]
    facts: Sequence[Comparison]
    truths: Set[Statement]
    documents: Sequence[Document]
    said: Sequence[Statement]

    def taught(self, trained: bool, half: int) -> list[Comparison]:
        """Every second pair of either class, so that as many are above as below."""
        facts = [fact for fact in self.facts if fact.trained == trained]
        return [fact for place, fact in enumerate(facts) if place // 2 % 2 == half]


@dataclass(frozen=True)
class Comparatives:
    """The settings; a ``ProvenTask``.

    Args:
        form: single words, or English sentences.
        facts: how many there are: ten for each set of five nouns.
        dimensions: in how many ways things are compared.
        documents_per_fact: in each direction that has documents, each with another lead-in.
        reversals_trained: share of the facts that have documents in the reverse direction too; ten are without in any
            case.  Half of the others are tested, half are for validation.
        statements: in a practice document.
        known_share: share of these that are taken from the documents.
        questions: most that are asked of each kind, in the test and in validation alike.

    Raises:
        InputError: a setting is out of its range.
    """

    form: Form = "formal"
    facts: int = 500
    dimensions: int = 28
    documents_per_fact: int = 2
    reversals_trained: float = 0.8
    statements: int = 8
    known_share: float = 0.4
    questions: int = 100

    def __post_init__(self) -> None:
        check_fields(self, facts=FACTS, dimensions=NOUNS, statements=2, questions=2)
        if self.facts % FACTS:
            raise refusal(self, f"facts is {self.facts}", f"give a multiple of {FACTS}")
        if self.form == "natural" and self.dimensions > len(ADJECTIVES):
            fault = f"dimensions is {self.dimensions}, in the natural form"
            raise refusal(self, fault, f"give at most {len(ADJECTIVES)}")
        # One is left to ask with.
        if self.documents_per_fact >= len(LEADS):
            fault = f"documents_per_fact is {self.documents_per_fact}"
            raise refusal(self, fault, f"give at most {len(LEADS) - 1}")
        # So many that a fresh comparison is always left.
        if self.statements >= min(self.dimensions, self.facts // 2):
            fault = f"{self.statements} statements are too many for {self.dimensions} dimensions, {self.facts} facts"
            raise refusal(self, fault, "give fewer statements, or more of these")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Nouns, dimensions, what leads in, the two comparatives and the full stop."""
        if self.form == "natural":
            return ()
        nouns = numbered("n", self.facts // 2)
        return (*nouns, *self._dimensions, *self._wording.leads, ABOVE, BELOW, STOP)

    @property
    def _wording(self) -> ComparisonWording:
        return ComparisonWording(self.form)

    @property
    def _dimensions(self) -> tuple[str, ...]:
        return self._wording.dimensions(self.dimensions)

    @remembered
    def _world(self, seed: int) -> ComparativesWorld:
        rng, wording, count = partial(stream, "comparatives", seed), self._wording, self.facts // 2
        nouns = wording.nouns(count, numbered("n", count), rng("nouns"))
        # Whole sets are held out, in which words are balanced; which of their facts are tested is drawn.
        held_out = NOUNS * max(1, round(self.facts // FACTS * (1 - self.reversals_trained)))
        pairs = list(
            draw_facts(
                nouns, self._dimensions, wording.leads, self.documents_per_fact, held_out, rng("facts")
            )
        )
        said: list[Statement] = []
        documents: list[Document] = []
        for fact in (fact for pair in pairs for fact in pair):
            for letter, statement in (("f", fact.forward), ("r", fact.reverse))[: 1 + fact.trained]:
                said.append(statement)
                for number, lead in enumerate(fact.leads):
                    part = wording.say(statement, lead)
                    answers = part.answers if self.form == "formal" else ()
                    documents.append(Document(f"{letter}{fact.number}/{number}", part.text, fact.id, answers))
        rng("documents").shuffle(documents)
        order = rng("order")
        orders = [order.sample(part, len(part)) for part in (pairs[:held_out], pairs[held_out:])]
        facts = [fact for part in orders for pair in part for fact in pair]
        return ComparativesWorld(nouns, facts, {fact.forward for fact in facts}, documents, said)

    def build(self, seed: int) -> Task:
        """The task.  The documents of fact 3 are ``f3/0``, ``f3/1``, ..., of its reversal ``r3/0``, ...

        All that are of one direction say the same, so a question needs the first of them.  Held-out facts come first
        in recall, as in `SimpleReversals`.
        """
        documents = self._world(seed).documents
        return assemble("comparatives", seed, documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        world, most = self._world(seed), self.questions
        held_out, trained = (world.taught(told, half) for told in (False, True))
        for fact in (*held_out[:most], *trained)[:most]:
            yield self._ask(FORWARD, fact, fact.forward, rng)
        for fact in trained[:most]:
            question = self._ask(TRAINED_REVERSAL, fact, fact.reverse, rng)
            yield replace(question, needs=(f"r{fact.number}/0",))
        for fact in held_out[:most]:
            yield self._ask(HELD_OUT_REVERSAL, fact, fact.reverse, rng)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each fact the question about its reversal, whether that is trained or not."""
        facts, rng = self._world(seed).facts, stream("comparatives", seed, "cues")
        return tuple(self._ask(AUGMENTATION, fact, fact.reverse, rng) for fact in facts)

    def _ask(self, kind: str, fact: Comparison, said: Statement, rng: random.Random) -> Question:
        """How the first noun compares, which follows from the forward document."""
        # Another lead-in than the fact's own, so that no prompt is the beginning of a document.
        lead = rng.choice([lead for lead in self._wording.leads if lead not in fact.leads])
        prompt, answer = self._wording.ask(said, lead)
        choices = shuffled(rng, [answer, self._wording.ask(contradict(said), lead)[1]])
        needs, latent = [f"{fact.id}/0"], said == fact.reverse and not fact.trained
        return pose(
            kind, fact.id, prompt, said, choices, needs=needs, group=fact.id, latent=latent, answer=answer
        )

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Fresh comparisons, which may come back as they were and in the end reversed, and statements of the documents.

        The first is fresh, and one at least comes back reversed.  No two are of the same nouns, or of one noun in the
        same dimension, but the nouns are few, so that those asked about are in several.  The answers are where
        something comes back, and in statements of the documents.
        """
        world, draw = self._world(seed), rng.random
        nouns = self._wording.nouns(self.statements + 1, world.nouns, rng)
        used: set[object] = set()
        waiting: list[Statement] = []
        parts: list[Document] = []
        reversals = 0
        for slot in range(self.statements):
            lead = rng.choice(self._wording.leads)
            last_chance = slot == self.statements - 1 and not reversals
            is_known = slot and not last_chance and draw() < self.known_share
            known = rng.choice(world.said) if is_known else None
            if known and used.isdisjoint(keys(known)):
                used |= keys(known)
                parts.append(self._wording.say(known, lead))
            elif waiting and (last_chance or draw() < 0.5):
                place = int(draw() * len(waiting))
                said = waiting[place]
                if last_chance or draw() < 0.5:
                    said = reverse(waiting.pop(place))
                    reversals += 1
                parts.append(self._wording.conclude(said, lead))
            else:
                said = self._fresh(world, nouns, used, rng)
                used |= keys(said)
                waiting.append(said)
                parts.append(replace(self._wording.say(said, lead), answers=()))
        return weave(self.form, parts)

    def _fresh(
        self, world: ComparativesWorld, nouns: Sequence[str], used: Set[object], rng: random.Random
    ) -> Statement:
        """A comparison of two of the nouns that is not true in the task."""
        while True:
            first, second = rng.sample(nouns, 2)
            said = first, f"{rng.choice((ABOVE, BELOW))} {rng.choice(self._dimensions)}", second
            if used.isdisjoint(keys(said)) and world.truths.isdisjoint((said, reverse(said))):
                return said

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Every comparison in it."""
        return self._wording.read(document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The comparison that is said, or the reversal of which is."""
        claims = {choice: self._wording.claim(question.prompt, choice) for choice in question.choices}
        return sole(
            choice for choice, said in claims.items() if not {said, reverse(said)}.isdisjoint(statements)
        )


TINY = Comparatives(facts=40, dimensions=8, reversals_trained=0.5, statements=6)
"""For tests."""

TINY_NATURAL = replace(TINY, form="natural")
"""For tests."""

SMALL = Comparatives()
"""500 facts in 1,800 documents, a fifth of them held out."""

SMALL_NATURAL = Comparatives(form="natural", facts=100, reversals_trained=0.0)
"""100 facts in 200 documents, none of them reversed."""

PUBLISHED = replace(SMALL_NATURAL, documents_per_fact=10)
"""100 facts in 1,000 documents, none of them reversed."""

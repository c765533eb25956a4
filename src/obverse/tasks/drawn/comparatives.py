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
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.comparison_sets import FACTS, NOUNS, Fact, draw_facts, half_of
from obverse.tasks.drawn.comparisons import (
    ABOVE,
    ADJECTIVES,
    BELOW,
    LEADS,
    STOP,
    Part,
    ask,
    claim,
    conclude,
    contradict,
    dimension_names,
    join,
    keys,
    lead_ins,
    numbered,
    read,
    reverse,
    say,
)
from obverse.tasks.drawn.names import nonsense_words, plural
from obverse.tasks.field_checks import check_counts, check_named, check_shares, refusal
from obverse.types import Document, Question, Statement, Task, derive_seed

FORWARD = "forward recall"
TRAINED_REVERSAL = "trained reversal"
HELD_OUT_REVERSAL = "held-out reversal"


@dataclass(frozen=True)
class Comparatives:
    """The settings; a ``DrawnTask``.

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
        check_counts(self, facts=FACTS, dimensions=NOUNS, documents_per_fact=1, statements=2, questions=2)
        check_shares(self, "reversals_trained", "known_share")
        check_named(self, form=Form)
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
        nouns = (f"n{number}" for number in range(self.facts // 2))
        return (
            *nouns,
            *dimension_names(self.form, self.dimensions),
            *lead_ins(self.form),
            ABOVE,
            BELOW,
            STOP,
        )

    def build(self, seed: int) -> Task:
        """The task.  The documents of fact 3 are ``f3/0``, ``f3/1``, ..., of its reversal ``r3/0``, ...

        All that are of one direction say the same, so a question needs the first of them.  Held-out facts come first
        in recall, as in `SimpleReversals`.
        """
        world = _world(self, seed)
        questions, validation = (tuple(self._questions(world, half, seed)) for half in range(2))
        return Task("comparatives", world.documents, questions, validation)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Fresh comparisons, which may come back as they were and in the end reversed, and statements of the documents.

        The first is fresh, and one at least comes back reversed.  No two are of the same nouns, or of one noun in the
        same dimension, but the nouns are few, so that those asked about are in several.  The answers are where
        something comes back, and in statements of the documents, for the reason told in `SimpleReversals.practice`.
        """
        world = _world(self, seed)
        draw = rng.random
        count = self.statements + 1
        nouns = (
            rng.sample(world.nouns, count)
            if self.form == "formal"
            else [plural(word) for word in nonsense_words(rng, count, world.words)]
        )
        dimensions, leads = dimension_names(self.form, self.dimensions), lead_ins(self.form)
        used: set[object] = set()
        waiting: list[Statement] = []
        parts: list[Part] = []
        reversals = 0
        for slot in range(self.statements):
            lead = rng.choice(leads)
            last_chance = slot == self.statements - 1 and not reversals
            is_known = slot and not last_chance and draw() < self.known_share
            known = rng.choice(world.said) if is_known else None
            if known and used.isdisjoint(keys(known)):
                used |= keys(known)
                parts.append(say(self.form, known, lead))
            elif waiting and (last_chance or draw() < 0.5):
                place = int(draw() * len(waiting))
                said = waiting[place]
                if last_chance or draw() < 0.5:
                    said = reverse(waiting.pop(place))
                    reversals += 1
                parts.append(conclude(self.form, said, lead))
            else:
                while True:
                    first, second = rng.sample(nouns, 2)
                    comparative, dimension = rng.choice((ABOVE, BELOW)), rng.choice(dimensions)
                    said = (first, f"{comparative} {dimension}", second)
                    if used.isdisjoint(keys(said)) and not {said, reverse(said)} & world.facts:
                        break
                used |= keys(said)
                waiting.append(said)
                parts.append(Part(say(self.form, said, lead).text))
        return join(self.form, parts)

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each fact the question about its reversal, whether that is trained or not."""
        world = _world(self, seed)
        rng = random.Random(derive_seed("comparatives", seed, "cues"))
        return tuple(
            self._ask(AUGMENTATION, fact, fact.reverse, rng, latent=latent)
            for latent, pairs in ((True, world.held_out), (False, world.trained))
            for pair in pairs
            for fact in pair
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """Every comparison in it."""
        return read(self.form, document.text)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The comparison that is said, or the reversal of which is."""
        found = [
            choice
            for choice in question.choices
            if not {said := claim(self.form, question.prompt, choice), reverse(said)}.isdisjoint(statements)
        ]
        return found[0] if len(found) == 1 else None

    def _questions(self, world: _World, half: int, seed: int) -> Iterator[Question]:
        """Those of the test (half 0) or of validation (half 1)."""
        rng = random.Random(derive_seed("comparatives", seed, "questions", half))
        held_out, trained = half_of(world.held_out, half), half_of(world.trained, half)
        most = self.questions
        for fact in (*held_out[:most], *trained)[:most]:
            yield self._ask(FORWARD, fact, fact.forward, rng)
        for fact in trained[:most]:
            yield self._ask(TRAINED_REVERSAL, fact, fact.reverse, rng, need=f"r{fact.number}/0")
        for fact in held_out[:most]:
            yield self._ask(HELD_OUT_REVERSAL, fact, fact.reverse, rng, latent=True)

    def _ask(
        self,
        kind: str,
        fact: Fact,
        said: Statement,
        rng: random.Random,
        *,
        latent: bool = False,
        need: str | None = None,
    ) -> Question:
        """How the first noun compares; where not told otherwise, that follows from the forward document."""
        # Another lead-in than the fact's own, so that no prompt is the beginning of a document.
        lead = rng.choice([lead for lead in lead_ins(self.form) if lead not in fact.leads])
        prompt, answer = ask(self.form, said, lead)
        choices = [answer, ask(self.form, contradict(said), lead)[1]]
        rng.shuffle(choices)
        return Question(
            id=f"{kind}:{fact.id}",
            prompt=prompt,
            answer=answer,
            choices=tuple(choices),
            kind=kind,
            latent=latent,
            needs=(need or f"{fact.id}/0",),
            group=fact.id,
            statement=said,
        )


@dataclass(frozen=True)
class _World:
    """What is true, and which documents say it.

    Args:
        nouns: all of them.
        words: in the natural form, the nonsense words of which these are plurals.
        held_out, trained: facts without and with a reversal among the documents, in pairs of one dimension, of which
            one is above and one below.
        facts: all of them as they are said in the forward direction.
        documents: in random order.
        said: what they say, each once.
    """

    nouns: tuple[str, ...]
    words: frozenset[str]
    held_out: tuple[tuple[Fact, Fact], ...]
    trained: tuple[tuple[Fact, Fact], ...]
    facts: frozenset[Statement]
    documents: tuple[Document, ...]
    said: tuple[Statement, ...]


@lru_cache(maxsize=8)
def _world(settings: Comparatives, seed: int) -> _World:
    def rng(purpose: str) -> random.Random:
        return random.Random(derive_seed("comparatives", seed, purpose))

    sets = settings.facts // FACTS
    words: tuple[str, ...] = ()
    if settings.form == "natural":
        words = nonsense_words(rng("nouns"), NOUNS * sets)
        nouns = tuple(map(plural, words))
    else:
        nouns = tuple(rng("nouns").sample(numbered("n", NOUNS * sets), NOUNS * sets))
    dimensions, leads = dimension_names(settings.form, settings.dimensions), lead_ins(settings.form)
    pairs = list(draw_facts(nouns, dimensions, leads, settings.documents_per_fact, rng("facts")))
    held_out = NOUNS * max(1, round(sets * (1 - settings.reversals_trained)))
    documents, said = [], []
    for place, pair in enumerate(pairs):
        for fact in pair:
            directions = (("f", fact.forward), ("r", fact.reverse))
            for letter, statement in directions[: 1 if place < held_out else 2]:
                said.append(statement)
                for number, lead in enumerate(fact.leads):
                    id, part = f"{letter}{fact.number}/{number}", say(settings.form, statement, lead)
                    spans = (part.answer,) if part.answer and settings.form == "formal" else ()
                    documents.append(Document(id, part.text, fact.id, spans))
    facts = frozenset(fact.forward for pair in pairs for fact in pair)
    # Whole sets are held out, in which words are balanced; which of their facts are tested is drawn.
    order = rng("order")
    untold, told = (order.sample(part, len(part)) for part in (pairs[:held_out], pairs[held_out:]))
    rng("documents").shuffle(documents)
    return _World(nouns, frozenset(words), tuple(untold), tuple(told), facts, tuple(documents), tuple(said))


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

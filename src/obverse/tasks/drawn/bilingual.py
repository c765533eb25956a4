"""Bilingual facts: told in one language and asked in the other.

In the formal form both languages are invented.  Relation words come in pairs as grammar (``f0`` is ``g0``), words for
values are paired by a lexicon, in documents of its own (``a5 = b3 . b3 = a5 .``).  Half of the facts stand in both
languages side by side; the others are told in one only, and asked in the other.  In the natural form the languages are
English and German, which a pretrained model brings along, so there is no lexicon, and names are the same in both.

A kind of latent content beside those of arXiv 2509.16189; we know of no published experiment, and all sizes are ours.

>>> from random import Random
>>> task = TINY.build(seed=0)
>>> question = next(question for question in task.questions if question.kind == TO_SECOND)
>>> question.prompt, question.answer, question.needs
('e3 g0', 'b4', ('f0:e3', 'a3=b4'))
>>> [task.document(id).text for id in question.needs]
['e3 f0 a3 .', 'a3 = b4 . b4 = a3 .']
>>> TINY.practice(0, Random(3)).text
'a9 = b6 . b6 = a9 . e7 f1 a9 . e8 g1 b10 . e7 g1 b6 .'
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.bilingual_world import IS, Fact, World, draw_world, entry, entry_id
from obverse.tasks.drawn.drawing import draw_choices
from obverse.tasks.drawn.languages import (
    ANSWER,
    LANGUAGES,
    QUESTION,
    RELATIONS,
    STOP,
    VALUES,
    Language,
    Languages,
    other,
)
from obverse.tasks.drawn.names import plausible_names
from obverse.tasks.drawn.texts import join_documents, write_passage
from obverse.tasks.settings import check_counts, check_named, check_shares, refusal
from obverse.types import Document, Question, Statement, Task, derive_seed

RECALL = "recall in the same language"
BOTH = "told in both languages"
TRANSLATION = "translation of a word"
TO_SECOND = "first language asked in the second"
TO_FIRST = "second language asked in the first"

_CROSSED = (TO_SECOND, TO_FIRST)

# How often a fresh fact of a practice document is asked, if it is not the one that is asked in any case.
_ASKED_SHARE = 0.6


@dataclass(frozen=True)
class Bilingual:
    """The settings; a ``ProvenTask``.

    Args:
        form: ``formal`` or ``natural``.
        people: how many subjects there are; each has one value in every relation.
        relations: how many; four at most in the natural form.
        values: of each relation, in each language; ten at most in the natural form.
        parallel: share of the facts that are told in both languages, in one document.  Of the others one half is
            told in the first language only, one half in the second; half of each is tested, half is for validation.
        facts: most fresh facts in a practice document.
        known_share: how often one of its statements is followed by a document of the task.
        questions: most that are asked of each kind, in the test and in validation alike.

    Raises:
        InputError: a setting is out of its range.
    """

    form: Form = "formal"
    people: int = 250
    relations: int = 4
    values: int = 10
    parallel: float = 0.5
    facts: int = 3
    known_share: float = 0.3
    questions: int = 100

    def __post_init__(self) -> None:
        check_counts(self, people=1, relations=1, values=3, facts=1, questions=1)
        check_shares(self, "parallel", "known_share")
        check_named(self, form=Form)
        if self.form == "natural" and (self.relations > len(RELATIONS) or self.values > VALUES):
            fault = f"{self.relations} relations of {self.values} values are more than the dictionary has"
            raise refusal(self, fault, f"give at most {len(RELATIONS)} relations of {VALUES} values")
        if self._told_once < 4:
            fault = f"{self._told_once} facts of a relation are told in one language"
            raise refusal(self, fault, "give four or more, by more people or less parallel")
        if self.people < 4 * self.facts:
            fault = f"{self.people} people are too few for {self.facts} facts in practice"
            raise refusal(self, fault, f"give {4 * self.facts} or more, or fewer facts")
        if self.relations * (self.values - 1) < self.facts:
            fault = f"{self.relations * self.values} values are too few for {self.facts} facts in practice"
            raise refusal(self, fault, "give more values, or fewer facts")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """People, and in both languages relations and values; then the two marks."""
        if self.form == "natural":
            return ()
        people = (f"e{number}" for number in range(self.people))
        relations = (
            self._speech.relation(language, number)
            for number in range(self.relations)
            for language in LANGUAGES
        )
        values = (
            word
            for language in LANGUAGES
            for relation in range(self.relations)
            for word in self._speech.words(language, relation)
        )
        return (*people, *relations, *values, IS, STOP)

    def build(self, seed: int) -> Task:
        """The task.

        A document's id is relation and person, ``f0:e5`` in the first language, ``g0:e5`` in the second, ``f0=g0:e5``
        in both, and that of an entry of the lexicon its words, ``a5=b3``.  A question's group is its fact.
        """
        world = _world(self, seed)
        questions, validation = (tuple(self._questions(world, half, seed)) for half in range(2))
        return Task("bilingual", world.documents, questions, validation)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Fresh facts, in either language, and in the formal form entries of a fresh lexicon; then some facts again.

        These stand in the other language, and their last word is an answer; in the natural form they are questions
        with their answers.  Documents of the task stand in between with answers of their own, for the reason told in
        `SimpleReversals.practice`.
        """
        world = _world(self, seed)
        count = 1 + int(rng.random() * self.facts)
        fresh = self._fresh(world, count, rng)
        premises: list[str] = []
        for fact in fresh:
            premises.append(fact.tell(self._speech, fact.language))
            if self.form == "formal":
                premises.append(" ".join(text for text, _ in entry(fact.words)))
        rng.shuffle(premises)
        taken = {word for fact in fresh for word in (fact.person, *fact.words)}
        parts: list[Document] = []
        for premise in premises:
            parts.append(Document("premise", premise))
            known = world.marked[int(rng.random() * len(world.marked))]
            if rng.random() < self.known_share and taken.isdisjoint(known.text.split()):
                parts.append(known)
        for place, fact in enumerate(rng.sample(fresh, count)):
            if place and rng.random() >= _ASKED_SHARE:
                continue
            language = other(fact.language)
            prompt, answer = self._speech.ask(fact.person, fact.relation, language), fact.words[language]
            text = f"{QUESTION}{prompt}\n{ANSWER}{answer}"
            if self.form == "formal":
                text = f"{prompt} {answer} {STOP}"
            parts.append(write_passage("asked", [(text, answer)], ""))
        return join_documents("practice", parts, " " if self.form == "formal" else "\n")

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each fact the beginning of it in the other language; for those told in both, in the second."""
        world = _world(self, seed)
        rng = random.Random(derive_seed("bilingual", seed, "cues"))
        once = (fact for facts in world.once for fact in facts)
        return (
            *(self._ask(AUGMENTATION, fact, other(fact.language), rng, latent=True) for fact in once),
            *(self._ask(AUGMENTATION, fact, 1, rng) for fact in world.twice),
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """The facts in the words of their languages.

        A document that tells the same in both also says which words are each other's translation.
        """
        found = list(self._speech.read(document.text))
        told: dict[tuple[str, int, Language], str] = {}
        for subject, relation, value in found:
            for language in LANGUAGES:
                for number in range(self.relations):
                    if relation == self._speech.relation(language, number):
                        told[subject, number, language] = value
        for (subject, number, language), value in told.items():
            if translated := told.get((subject, number, other(language))):
                found.append((value, IS, translated))
        return tuple(found)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The value told in the asked language, or the translation of that told in the other.

        Words are translated by what documents put side by side, in the natural form by the dictionary.
        """
        if question.kind == TRANSLATION:
            word = question.prompt.split()[0]
            found = {choice for choice in question.choices if (word, IS, choice) in statements}
            return found.pop() if len(found) == 1 else None
        subject, relation, language = self._speech.read_question(question.prompt)
        own, said = (self._speech.relation(one, relation) for one in (language, other(language)))
        others = [
            word
            for word in self._speech.words(other(language), relation)
            if (subject, said, word) in statements
        ]
        found = {
            choice
            for choice in question.choices
            if (subject, own, choice) in statements
            or any(
                (word, IS, choice) in statements or self._speech.translate(word) == choice for word in others
            )
        }
        return found.pop() if len(found) == 1 else None

    def _questions(self, world: World, half: int, seed: int) -> Iterator[Question]:
        """Those of the test (half 0) or of validation (half 1)."""
        rng = random.Random(derive_seed("bilingual", seed, "questions", half))
        most = self.questions
        once = [facts[half::2] for facts in world.once]
        alternating = [fact for pair in zip(*once, strict=False) for fact in pair]
        for fact in alternating[:most]:
            yield self._ask(RECALL, fact, fact.language, rng)
        for number, fact in enumerate(world.twice[half::2][:most]):
            yield self._ask(BOTH, fact, LANGUAGES[number % 2], rng)
        if self.form == "formal":
            for relation, words in world.lexicon[half::2][:most]:
                language = LANGUAGES[int(rng.random() * 2)]
                word, answer = words[language], words[other(language)]
                yield Question(
                    id=f"{TRANSLATION}:{word}",
                    prompt=f"{word} {IS}",
                    answer=answer,
                    choices=draw_choices(rng, answer, self._speech.words(other(language), relation)),
                    kind=TRANSLATION,
                    needs=(entry_id(words),),
                    group=entry_id(words),
                    statement=(word, IS, answer),
                )
        for kind, facts in zip(_CROSSED, once, strict=True):
            for fact in facts[:most]:
                yield self._ask(kind, fact, other(fact.language), rng, latent=True)

    def _ask(
        self, kind: str, fact: Fact, language: Language, rng: random.Random, *, latent: bool = False
    ) -> Question:
        """What the value is, in that language."""
        answer = fact.words[language]
        lexicon = (entry_id(fact.words),) if latent and self.form == "formal" else ()
        return Question(
            id=f"{kind}:{fact.id}",
            prompt=self._speech.ask(fact.person, fact.relation, language),
            answer=answer,
            choices=draw_choices(rng, answer, self._speech.words(language, fact.relation)),
            kind=kind,
            latent=latent,
            needs=(fact.id, *lexicon),
            group=fact.id,
            statement=(fact.person, self._speech.relation(language, fact.relation), answer),
        )

    def _fresh(self, world: World, count: int, rng: random.Random) -> list[Fact]:
        """Facts over people and words that each occur in one of them, none of them true in either language."""
        facts: list[Fact] = []
        taken: set[str] = set()
        while len(facts) < count:
            relation, language = int(rng.random() * self.relations), LANGUAGES[int(rng.random() * 2)]
            if self.form == "formal":
                person = f"e{int(rng.random() * self.people)}"
                first, second = (
                    self._speech.words(one, relation)[int(rng.random() * self.values)] for one in LANGUAGES
                )
            else:
                (person,) = plausible_names(rng, 1)
                number = int(rng.random() * self.values)
                first, second = (self._speech.words(one, relation)[number] for one in LANGUAGES)
            words = (first, second)
            is_known = person in world.people if self.form == "natural" else entry_id(words) in world.entries
            true = world.true.get((person, relation), ())
            if not is_known and taken.isdisjoint((person, *words)) and set(words).isdisjoint(true):
                taken.update((person, *words))
                facts.append(Fact("fresh", person, relation, language, words))
        return facts

    @property
    def _speech(self) -> Languages:
        return Languages(self.form, self.relations, self.values)

    @property
    def _told_once(self) -> int:
        """How many facts of a relation are told in one language only."""
        return round(self.people * (1 - self.parallel))


@lru_cache(maxsize=8)
def _world(settings: Bilingual, seed: int) -> World:
    return draw_world(seed, settings._speech, settings.people, settings._told_once)


TINY = Bilingual(people=12, relations=2, values=6, facts=2, questions=10)
"""For tests."""

SMALL = Bilingual()
"""1,000 facts, half of them told in one language only, and a lexicon of 40 entries."""

SMALL_NATURAL = Bilingual("natural", people=40, questions=25)
"""160 facts in English or German, half of them in both."""

PUBLISHED = Bilingual(people=2500, relations=8, values=50, questions=200)
"""20,000 facts and a lexicon of 400 entries; the sizes are ours."""

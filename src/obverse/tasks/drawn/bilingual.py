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
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial

from obverse.tasks.drawn import AUGMENTATION, Form
from obverse.tasks.drawn.draws import draw_choices, draw_known, evenly, numbered, pick, remembered, stream
from obverse.tasks.drawn.languages import (
    LANGUAGES,
    RELATIONS,
    VALUES,
    Language,
    Relation,
    ToldFact,
    other,
    read,
    read_question,
    relations,
    translate,
)
from obverse.tasks.drawn.names import plausible_names
from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.tasks.drawn.texts import STOP, join_documents, say_triple
from obverse.tasks.drawn.weaving import answered, weave
from obverse.tasks.field_checks import check_fields, refusal
from obverse.types import Document, Question, Statement, Task

RECALL = "recall in the same language"
BOTH = "told in both languages"
TRANSLATION = "translation of a word"
TO_SECOND = "first language asked in the second"
TO_FIRST = "second language asked in the first"

_IS = "="
# How often a fresh fact of a practice document is asked, if it is not the one that is asked in any case.
_ASKED_SHARE = 0.6


@dataclass(frozen=True)
class BilingualWorld:
    """What is true, and which documents say it."""

    people: Set[str]
    true: Mapping[tuple[str, str], tuple[str, str]]  # by person and first name of the relation
    once: Sequence[
        Sequence[ToldFact]
    ]  # told in the first language only, and in the second only, in random order
    twice: Sequence[ToldFact]
    lexicon: Sequence[tuple[Relation, tuple[str, str]]]  # the words of each value, in random order
    documents: Sequence[Document]  # in random order
    marked: Sequence[Document]  # the same, with the last words as answers in either form


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
        check_fields(self, values=3)
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
        names = (wording.name for relation in self._relations for wording in relation)
        values = (
            word
            for language in LANGUAGES
            for relation in self._relations
            for word in relation[language].values
        )
        return (*numbered("e", self.people), *names, *values, _IS, STOP)

    @property
    def _relations(self) -> Sequence[Relation]:
        return relations(self.form, self.relations, self.values)

    @property
    def _told_once(self) -> int:
        """How many facts of a relation are told in one language only."""
        return round(self.people * (1 - self.parallel))

    @remembered
    def _world(self, seed: int) -> BilingualWorld:
        rng, is_formal, once = partial(stream, "bilingual", seed), self.form == "formal", self._told_once
        names = numbered("e", self.people) if is_formal else plausible_names(rng("names"), self.people)
        lexicon: list[tuple[Relation, tuple[str, str]]] = []
        facts: tuple[list[ToldFact], list[ToldFact], list[ToldFact]] = ([], [], [])
        # Drawn apart, so that both forms have the same facts.
        pairing, drawing = rng("lexicon"), rng("facts")
        for number, relation in enumerate(self._relations):
            first, second = (wording.values for wording in relation)
            pairs = list(
                zip(first, pairing.sample(second, len(second)) if is_formal else second, strict=True)
            )
            lexicon += ((relation, pair) for pair in pairs)
            order = drawing.sample(range(self.people), self.people)
            for telling, told in enumerate((order[0:once:2], order[1:once:2], order[once:])):
                name = ("f{0}", "g{0}", "f{0}=g{0}")[telling].format(number)
                # Each value as often as any other, so that none is a better guess.
                values = evenly(drawing, self.values, len(told))
                facts[telling].extend(
                    ToldFact(
                        f"{name}:e{person}", names[person], relation, LANGUAGES[telling % 2], pairs[value]
                    )
                    for person, value in zip(told, values, strict=True)
                )
        for told_so in facts:
            drawing.shuffle(told_so)
        pairing.shuffle(lexicon)
        told_in: tuple[tuple[Language, ...], ...] = ((0,), (1,), LANGUAGES)
        marked = [
            join_documents(fact.id, map(fact.tell, telling), " ", fact.id)
            for told_so, telling in zip(facts, told_in, strict=True)
            for fact in told_so
        ]
        marked += [_write_entry(words) for _, words in lexicon] if is_formal else []
        rng("documents").shuffle(marked)
        return BilingualWorld(
            people=set(names),
            true={(one.person, one.relation[0].name): one.words for told_so in facts for one in told_so},
            once=facts[:2],
            twice=facts[2],
            lexicon=lexicon,
            documents=marked if is_formal else [replace(document, answers=()) for document in marked],
            marked=marked,
        )

    def build(self, seed: int) -> Task:
        """The task.

        A document's id is relation and person, ``f0:e5`` in the first language, ``g0:e5`` in the second, ``f0=g0:e5``
        in both, and that of an entry of the lexicon its words, ``a5=b3``.  A question's group is its fact.
        """
        return assemble("bilingual", seed, self._world(seed).documents, partial(self._questions, seed))

    def _questions(self, seed: int, half: int, rng: random.Random) -> Iterator[Question]:
        world, most = self._world(seed), self.questions
        once = [facts[half::2] for facts in world.once]
        alternating = [fact for pair in zip(*once, strict=False) for fact in pair]
        for fact in alternating[:most]:
            yield self._ask(RECALL, fact, fact.language, rng)
        for number, fact in enumerate(world.twice[half::2][:most]):
            yield self._ask(BOTH, fact, LANGUAGES[number % 2], rng)
        if self.form == "formal":
            for relation, words in world.lexicon[half::2][:most]:
                language = pick(rng, LANGUAGES)
                word, answer = words[language], words[other(language)]
                choices, id = draw_choices(rng, answer, relation[other(language)].values), _IS.join(words)
                said = (word, _IS, answer)
                yield pose(TRANSLATION, word, f"{word} {_IS}", said, choices, needs=[id], group=id)
        for kind, facts in zip((TO_SECOND, TO_FIRST), once, strict=True):
            for fact in facts[:most]:
                yield self._ask(kind, fact, other(fact.language), rng, latent=True)

    def _ask(
        self, kind: str, fact: ToldFact, language: Language, rng: random.Random, *, latent: bool = False
    ) -> Question:
        """What the value is, in that language."""
        said = (fact.person, fact.relation[language].name, fact.words[language])
        needs = [fact.id, *([_IS.join(fact.words)] if latent and self.form == "formal" else [])]
        choices = draw_choices(rng, fact.words[language], fact.relation[language].values)
        prompt = fact.ask(language)
        return pose(kind, fact.id, prompt, said, choices, needs=needs, group=fact.id, latent=latent)

    def practice(self, seed: int, rng: random.Random) -> Document:
        """Fresh facts, in either language, and in the formal form entries of a fresh lexicon; then some facts again.

        These stand in the other language, and their last word is an answer; in the natural form they are questions
        with their answers.  Documents of the task stand in between.
        """
        world = self._world(seed)
        fresh = self._fresh(world, 1 + int(rng.random() * self.facts), rng)
        premises: list[Document] = []
        for fact in fresh:
            premises.append(fact.tell(fact.language))
            if self.form == "formal":
                premises.append(_write_entry(fact.words))
        rng.shuffle(premises)
        taken = {word for fact in fresh for word in (fact.person, *fact.words)}
        parts: list[Document] = []
        for premise in premises:
            parts.append(replace(premise, answers=()))
            parts += draw_known(rng, self.known_share, world.marked, taken, lambda known: known.text.split())
        for place, fact in enumerate(rng.sample(fresh, len(fresh))):
            if place == 0 or rng.random() < _ASKED_SHARE:
                language = other(fact.language)
                parts.append(answered(self.form, fact.ask(language), fact.words[language]))
        return weave(self.form, parts)

    def _fresh(self, world: BilingualWorld, count: int, rng: random.Random) -> list[ToldFact]:
        """Facts over people and words that each occur in one of them, none of them true in either language."""
        facts: list[ToldFact] = []
        taken: set[str] = set()
        entries = {words for _, words in world.lexicon}
        while len(facts) < count:
            relation, language = pick(rng, self._relations), pick(rng, LANGUAGES)
            if self.form == "formal":
                person = f"e{int(rng.random() * self.people)}"
                first, second = (pick(rng, wording.values) for wording in relation)
                is_known = (first, second) in entries
            else:
                (person,) = plausible_names(rng, 1)
                number = int(rng.random() * self.values)
                first, second = (wording.values[number] for wording in relation)
                is_known = person in world.people
            words = {first, second}
            true = world.true.get((person, relation[0].name), ())
            if not is_known and taken.isdisjoint((person, *words)) and words.isdisjoint(true):
                taken |= {person, *words}
                facts.append(ToldFact("fresh", person, relation, language, (first, second)))
        return facts

    def cues(self, seed: int) -> tuple[Question, ...]:
        """For each fact the beginning of it in the other language; for those told in both, in the second."""
        world, rng = self._world(seed), stream("bilingual", seed, "cues")
        once = (fact for facts in world.once for fact in facts)
        return (
            *(self._ask(AUGMENTATION, fact, other(fact.language), rng, latent=True) for fact in once),
            *(self._ask(AUGMENTATION, fact, 1, rng) for fact in world.twice),
        )

    def says(self, document: Document) -> tuple[Statement, ...]:
        """The facts in the words of their languages.

        A document that tells the same in both also says which words are each other's translation.
        """
        said = list(read(self.form, self._relations, document.text))
        values = {(subject, relation): value for subject, relation, value in said}
        names = [(one.name, two.name) for one, two in self._relations]
        translated = dict(names) | {two: one for one, two in names}
        for (subject, relation), value in values.items():
            if word := values.get((subject, translated.get(relation, ""))):
                said.append((value, _IS, word))
        return tuple(said)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The value told in the asked language, or the translation of that told in the other.

        Words are translated by what documents put side by side, in the natural form by the dictionary.
        """
        if question.kind == TRANSLATION:
            word = question.prompt.split()[0]
            return sole(choice for choice in question.choices if (word, _IS, choice) in statements)
        subject, relation, language = read_question(self._relations, question.prompt)
        own, told = relation[language], relation[other(language)]
        words = [word for word in told.values if (subject, told.name, word) in statements]
        return sole(
            choice
            for choice in question.choices
            if (subject, own.name, choice) in statements
            or any((word, _IS, choice) in statements or translate(word) == choice for word in words)
        )


def _write_entry(words: tuple[str, str]) -> Document:
    """The document of the lexicon that says that both words are each other's translation."""
    first, second = words
    parts = map(say_triple, ((first, _IS, second), (second, _IS, first)))
    return join_documents(_IS.join(words), parts, " ", _IS.join(words))


TINY = Bilingual(people=12, relations=2, values=6, facts=2, questions=10)
"""For tests."""

SMALL = Bilingual()
"""1,000 facts, half of them told in one language only, and a lexicon of 40 entries."""

SMALL_NATURAL = Bilingual("natural", people=40, questions=25)
"""160 facts in English or German, half of them in both."""

PUBLISHED = Bilingual(people=2500, relations=8, values=50, questions=200)
"""20,000 facts and a lexicon of 400 entries; the sizes are ours."""

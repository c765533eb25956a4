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
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from obverse.tasks.drawn import (
    AUGMENTATION,
    Form,
    check_counts,
    check_named,
    check_shares,
    draw_choices,
    refusal,
)
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
from obverse.types import Document, Question, Statement, Task, derive_seed

RECALL = "recall in the same language"
BOTH = "told in both languages"
TRANSLATION = "translation of a word"
TO_SECOND = "first language asked in the second"
TO_FIRST = "second language asked in the first"

_CROSSED = (TO_SECOND, TO_FIRST)

_IS = "="

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
        return (*people, *relations, *values, _IS, STOP)

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
        premises: list[_Pieces] = []
        for fact in fresh:
            premises.append([("".join(self._tell(fact, fact.language)), "")])
            if self.form == "formal":
                premises.append([(" ".join(map("".join, _entry(fact.words))), "")])
        rng.shuffle(premises)
        taken = {word for fact in fresh for word in (fact.person, *fact.words)}
        parts: list[_Pieces] = []
        for premise in premises:
            parts.append(premise)
            known = int(rng.random() * len(world.documents))
            if rng.random() < self.known_share and taken.isdisjoint(world.documents[known].text.split()):
                parts.append(world.pieces[known])
        for place, fact in enumerate(rng.sample(fresh, count)):
            if place and rng.random() >= _ASKED_SHARE:
                continue
            language = other(fact.language)
            prompt, answer = self._speech.ask(fact.person, fact.relation, language), fact.words[language]
            if self.form == "formal":
                parts.append([(f"{prompt} ", answer), (f" {STOP}", "")])
            else:
                parts.append([(f"{QUESTION}{prompt}\n{ANSWER}", answer)])
        gap = " " if self.form == "formal" else "\n"
        return _write("practice", [piece for part in parts for piece in (*part, (gap, ""))], None)

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
                found.append((value, _IS, translated))
        return tuple(found)

    def derive(self, statements: Collection[Statement], question: Question) -> str | None:
        """The value told in the asked language, or the translation of that told in the other.

        Words are translated by what documents put side by side, in the natural form by the dictionary.
        """
        if question.kind == TRANSLATION:
            word = question.prompt.split()[0]
            found = {choice for choice in question.choices if (word, _IS, choice) in statements}
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
                (word, _IS, choice) in statements or self._speech.translate(word) == choice for word in others
            )
        }
        return found.pop() if len(found) == 1 else None

    def _questions(self, world: _World, half: int, seed: int) -> Iterator[Question]:
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
                    prompt=f"{word} {_IS}",
                    answer=answer,
                    choices=draw_choices(rng, answer, self._speech.words(other(language), relation)),
                    kind=TRANSLATION,
                    needs=(_entry_id(words),),
                    group=_entry_id(words),
                    statement=(word, _IS, answer),
                )
        for kind, facts in zip(_CROSSED, once, strict=True):
            for fact in facts[:most]:
                yield self._ask(kind, fact, other(fact.language), rng, latent=True)

    def _ask(
        self, kind: str, fact: _Fact, language: Language, rng: random.Random, *, latent: bool = False
    ) -> Question:
        """What the value is, in that language."""
        answer = fact.words[language]
        lexicon = (_entry_id(fact.words),) if latent and self.form == "formal" else ()
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

    def _fresh(self, world: _World, count: int, rng: random.Random) -> list[_Fact]:
        """Facts over people and words that each occur in one of them, none of them true in either language."""
        facts: list[_Fact] = []
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
            is_known = person in world.people if self.form == "natural" else _entry_id(words) in world.entries
            true = world.true.get((person, relation), ())
            if not is_known and taken.isdisjoint((person, *words)) and set(words).isdisjoint(true):
                taken.update((person, *words))
                facts.append(_Fact("fresh", person, relation, language, words))
        return facts

    def _tell(self, fact: _Fact, language: Language) -> tuple[str, str, str]:
        """The sentence, with what is in front of the word for the value and behind it."""
        return self._speech.tell(fact.person, fact.relation, language, fact.words[language])

    @property
    def _speech(self) -> Languages:
        return Languages(self.form, self.relations, self.values)

    @property
    def _told_once(self) -> int:
        """How many facts of a relation are told in one language only."""
        return round(self.people * (1 - self.parallel))


@dataclass(frozen=True)
class _Fact:
    """A person's value in a relation.

    Args:
        id: of the document that tells it.
        language: in which it is told; for those told in both it has no meaning.
        words: for the value, in each language.
    """

    id: str
    person: str
    relation: int
    language: Language
    words: tuple[str, str]


_Pieces = list[tuple[str, str]]
"""A text in pieces: each is something that the words before it do not determine, and an answer behind it."""


@dataclass(frozen=True)
class _World:
    """What is true, and which documents say it.

    Args:
        people: their names.
        true: the words for the value that a person has in a relation.
        once: facts told in the first language only, and in the second only, in random order.
        twice: facts told in both.
        lexicon: relation and words of each value, in random order.
        entries: the ids of the documents of the lexicon.
        documents: in random order.
        pieces: what these are written from.
    """

    people: frozenset[str]
    true: dict[tuple[str, int], tuple[str, str]]
    once: tuple[tuple[_Fact, ...], tuple[_Fact, ...]]
    twice: tuple[_Fact, ...]
    lexicon: tuple[tuple[int, tuple[str, str]], ...]
    entries: frozenset[str]
    documents: tuple[Document, ...]
    pieces: tuple[_Pieces, ...]


@lru_cache(maxsize=8)
def _world(settings: Bilingual, seed: int) -> _World:
    def rng(purpose: str) -> random.Random:
        return random.Random(derive_seed("bilingual", seed, purpose))

    formal = settings.form == "formal"
    names = [f"e{number}" for number in range(settings.people)]
    people = names if formal else plausible_names(rng("names"), settings.people)
    lexicon: list[tuple[int, tuple[str, str]]] = []
    told_so: tuple[list[_Fact], list[_Fact], list[_Fact]] = ([], [], [])
    # Drawn apart, so that both forms have the same facts.
    pairing, drawing = rng("lexicon"), rng("facts")
    for relation in range(settings.relations):
        first, second = (settings._speech.words(language, relation) for language in LANGUAGES)
        pairs = list(zip(first, pairing.sample(second, len(second)) if formal else second, strict=True))
        lexicon += ((relation, pair) for pair in pairs)
        order = drawing.sample(range(settings.people), settings.people)
        once = settings._told_once
        for telling, told in enumerate((order[0:once:2], order[1:once:2], order[once:])):
            relation_words = ("f{0}", "g{0}", "f{0}=g{0}")[telling].format(relation)
            # Each value as often as any other, so that none is a better guess.
            for person, number in zip(told, _evenly(drawing, settings.values, len(told)), strict=True):
                id = f"{relation_words}:{names[person]}"
                told_so[telling].append(
                    _Fact(id, people[person], relation, LANGUAGES[telling % 2], pairs[number])
                )
    for facts in told_so:
        drawing.shuffle(facts)
    pairing.shuffle(lexicon)
    said_in: tuple[tuple[Language, ...], ...] = ((0,), (1,), LANGUAGES)
    written = [
        (fact.id, [settings._tell(fact, language) for language in languages])
        for facts, languages in zip(told_so, said_in, strict=True)
        for fact in facts
    ]
    written += [(_entry_id(words), _entry(words)) for _, words in lexicon] if formal else []
    rng("documents").shuffle(written)
    texts = [_joined(sentences) for _, sentences in written]
    return _World(
        people=frozenset(people),
        true={(fact.person, fact.relation): fact.words for facts in told_so for fact in facts},
        once=(tuple(told_so[0]), tuple(told_so[1])),
        twice=tuple(told_so[2]),
        lexicon=tuple(lexicon),
        entries=frozenset(_entry_id(words) for _, words in lexicon),
        documents=tuple(
            _write(id, pieces, id, marked=formal) for (id, _), pieces in zip(written, texts, strict=True)
        ),
        pieces=tuple(texts),
    )


def _evenly(rng: random.Random, values: int, count: int) -> list[int]:
    """That many numbers of values, each as often as any other, or once more, in random order."""
    drawn = [number for _ in range(-(-count // values)) for number in rng.sample(range(values), values)]
    return rng.sample(drawn[:count], count)


def _entry(words: tuple[str, str]) -> list[tuple[str, str, str]]:
    """Both words as each other's translation."""
    first, second = words
    return [(f"{first} {_IS} ", second, f" {STOP}"), (f"{second} {_IS} ", first, f" {STOP}")]


def _entry_id(words: tuple[str, str]) -> str:
    return _IS.join(words)


def _joined(sentences: Sequence[tuple[str, str, str]]) -> _Pieces:
    """Sentences, each with what is in front of its answer and behind it, one after the other."""
    pieces: _Pieces = []
    behind = ""
    for before, answer, after in sentences:
        pieces.append((f"{behind}{before}", answer))
        behind = f"{after} "
    return [*pieces, (behind.rstrip(), "")]


def _write(id: str, pieces: _Pieces, group: str | None, *, marked: bool = True) -> Document:
    text, answers = "", []
    for before, answer in pieces:
        text += before + answer
        if answer:
            answers.append((len(text) - len(answer), len(text)))
    return Document(id, text.rstrip(), group, tuple(answers) if marked else ())


TINY = Bilingual(people=12, relations=2, values=6, facts=2, questions=10)
"""For tests."""

SMALL = Bilingual()
"""1,000 facts, half of them told in one language only, and a lexicon of 40 entries."""

SMALL_NATURAL = Bilingual("natural", people=40, questions=25)
"""160 facts in English or German, half of them in both."""

PUBLISHED = Bilingual(people=2500, relations=8, values=50, questions=200)
"""20,000 facts and a lexicon of 400 entries; the sizes are ours."""

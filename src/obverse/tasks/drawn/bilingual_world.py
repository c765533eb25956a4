"""What is true in the bilingual task: facts, the lexicon that pairs the words for them, the documents that tell both.

>>> speech = Languages("formal", relations=1, values=3)
>>> world = draw_world(0, speech, people=5, once=4)
>>> [len(facts) for facts in (*world.once, world.twice, world.lexicon)]
[2, 2, 1, 3]
>>> [text for text, _ in entry(("a5", "b3"))]
['a5 = b3 .', 'b3 = a5 .']
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from obverse.tasks.drawn.languages import LANGUAGES, STOP, Language, Languages
from obverse.tasks.drawn.names import plausible_names
from obverse.tasks.drawn.texts import write_passage
from obverse.types import Document, derive_seed

IS = "="


@dataclass(frozen=True)
class Fact:
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

    def tell(self, speech: Languages, language: Language) -> str:
        """It as a sentence of that language."""
        return speech.tell(self.person, self.relation, language, self.words[language])


@dataclass(frozen=True)
class World:
    """What is true, and which documents say it.

    Args:
        people: their names.
        true: the words for the value that a person has in a relation.
        once: facts told in the first language only, and in the second only, in random order.
        twice: facts told in both.
        lexicon: relation and words of each value, in random order.
        entries: the ids of the documents of the lexicon.
        documents: in random order; in the formal form their last words are answers.
        marked: the documents, with these answers in either form.
    """

    people: frozenset[str]
    true: dict[tuple[str, int], tuple[str, str]]
    once: tuple[tuple[Fact, ...], tuple[Fact, ...]]
    twice: tuple[Fact, ...]
    lexicon: tuple[tuple[int, tuple[str, str]], ...]
    entries: frozenset[str]
    documents: tuple[Document, ...]
    marked: tuple[Document, ...]


def draw_world(seed: int, speech: Languages, people: int, once: int) -> World:
    """A value in each relation for so many people.

    Args:
        once: how many facts of a relation are told in one language only, half of them in either.
    """

    def rng(purpose: str) -> random.Random:
        return random.Random(derive_seed("bilingual", seed, purpose))

    formal = speech.form == "formal"
    numbered = [f"e{number}" for number in range(people)]
    names = numbered if formal else plausible_names(rng("names"), people)
    lexicon: list[tuple[int, tuple[str, str]]] = []
    told_so: tuple[list[Fact], list[Fact], list[Fact]] = ([], [], [])
    # Drawn apart, so that both forms have the same facts.
    pairing, drawing = rng("lexicon"), rng("facts")
    for relation in range(speech.relations):
        first, second = (speech.words(language, relation) for language in LANGUAGES)
        pairs = list(zip(first, pairing.sample(second, len(second)) if formal else second, strict=True))
        lexicon += ((relation, pair) for pair in pairs)
        order = drawing.sample(range(people), people)
        for telling, told in enumerate((order[0:once:2], order[1:once:2], order[once:])):
            relation_words = ("f{0}", "g{0}", "f{0}=g{0}")[telling].format(relation)
            # Each value as often as any other, so that none is a better guess.
            for person, number in zip(told, _evenly(drawing, speech.values, len(told)), strict=True):
                id = f"{relation_words}:{numbered[person]}"
                told_so[telling].append(
                    Fact(id, names[person], relation, LANGUAGES[telling % 2], pairs[number])
                )
    for facts in told_so:
        drawing.shuffle(facts)
    pairing.shuffle(lexicon)
    said_in: tuple[tuple[Language, ...], ...] = ((0,), (1,), LANGUAGES)
    written = [
        (fact.id, [(fact.tell(speech, language), fact.words[language]) for language in languages])
        for facts, languages in zip(told_so, said_in, strict=True)
        for fact in facts
    ]
    written += [(entry_id(words), entry(words)) for _, words in lexicon] if formal else []
    rng("documents").shuffle(written)
    marked = tuple(write_passage(id, sentences, " ", id) for id, sentences in written)
    return World(
        people=frozenset(names),
        true={(fact.person, fact.relation): fact.words for facts in told_so for fact in facts},
        once=(tuple(told_so[0]), tuple(told_so[1])),
        twice=tuple(told_so[2]),
        lexicon=tuple(lexicon),
        entries=frozenset(entry_id(words) for _, words in lexicon),
        documents=marked if formal else tuple(replace(document, answers=()) for document in marked),
        marked=marked,
    )


def entry(words: tuple[str, str]) -> list[tuple[str, str]]:
    """Both words as each other's translation, each time with the answer."""
    first, second = words
    return [(f"{first} {IS} {second} {STOP}", second), (f"{second} {IS} {first} {STOP}", first)]


def entry_id(words: tuple[str, str]) -> str:
    """The id of the document that has them."""
    return IS.join(words)


def _evenly(rng: random.Random, values: int, count: int) -> list[int]:
    """That many numbers of values, each as often as any other, or once more, in random order."""
    drawn = [number for _ in range(-(-count // values)) for number in rng.sample(range(values), values)]
    return rng.sample(drawn[:count], count)

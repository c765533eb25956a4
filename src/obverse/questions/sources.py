"""What questions are written from: one document, or such as have something in common, never any at random.

A chain needs two documents that name the same thing; a comparison such as state a number about the like; a conclusion
a document that states a rule, and one that names what the rule is about.  Documents come in an order that is drawn,
the same for all kinds, so that one fact is asked in several ways; combined, each comes as rarely as possible.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, count

from obverse.augmentation.proper_names import WORDS, Mention
from obverse.questions.corpus import Corpus
from obverse.questions.kinds import About
from obverse.tasks.documents import source
from obverse.text.segmentation import content_words, sentences
from obverse.types import derive_seed

# What more documents share tells none of them from others.
_MOST_SHARING = 8
_MOST_STATING = 20


@dataclass(frozen=True)
class Source:
    """What a question is written from.

    Args:
        documents: ids.
        shared: what two documents both name, as one of them has it; empty where they are not linked by a name.
    """

    documents: tuple[str, ...]
    shared: str = ""


def sources_for(about: About, corpus: Corpus, seed: int) -> list[Source]:
    """All sources for questions of a kind, in the order of use."""
    order = [document.id for document in corpus.documents if document.text.strip()]
    random.Random(derive_seed("questions", "order", seed)).shuffle(order)
    return _FINDERS[about](corpus, {id: place for place, id in enumerate(order)})


Order = Mapping[str, int]
"""The places of documents in the drawn order, by id."""


def _alone(_: Corpus, order: Order) -> list[Source]:
    return [Source((id,)) for id in order]


def _linked(corpus: Corpus, order: Order) -> list[Source]:
    """Pairs that share a name: names before other rare words, and what few documents share first."""
    sharing: dict[str, dict[str, Mention]] = defaultdict(dict)
    for id in order:
        for mention in corpus.mentions(corpus.by_id[id].text):
            if mention.sort != "number":
                sharing[mention.key].setdefault(id, mention)
    ranked = []
    for mentions in sharing.values():
        if 2 <= len(mentions) <= _MOST_SHARING:
            # A name that begins a sentence may be a common word, and is one where another document has it as such.
            common = any(mention.sort in WORDS for mention in mentions.values())
            shown = next(iter(mentions.values())).text
            ranked += [((common, len(mentions)), pair, shown) for pair in combinations(mentions, 2)]
    return _spread(ranked, order)


def _compared(corpus: Corpus, order: Order) -> list[Source]:
    """Two or three documents with sentences that have a number and words in common."""
    stating: dict[str, set[str]] = defaultdict(set)
    for id in order:
        for sentence in sentences(corpus.by_id[id].text):
            found = corpus.mentions(sentence)
            if any(mention.sort == "number" for mention in found):
                named = {
                    word for mention in found if mention.sort not in WORDS for word in mention.key.split()
                }
                for word in set(content_words(sentence)) - named:
                    stating[word].add(id)
    shared: Counter[tuple[str, str]] = Counter()
    for ids in stating.values():
        if len(ids) <= _MOST_STATING:
            shared.update(combinations(sorted(ids, key=order.__getitem__), 2))
    partners: dict[str, set[str]] = defaultdict(set)
    for first, second in shared:
        partners[first].add(second)
        partners[second].add(first)
    pairs = _spread([((-common, 0), pair, "") for pair, common in shared.items()], order)
    return [_with_third(pair, partners, order) if place % 2 else pair for place, pair in enumerate(pairs)]


def _with_third(pair: Source, partners: Mapping[str, set[str]], order: Order) -> Source:
    first, second = pair.documents
    third = sorted(partners[first] & partners[second], key=order.__getitem__)[:1]
    return Source((*pair.documents, *third))


def _ruled(corpus: Corpus, order: Order) -> list[Source]:
    """A document with a general statement, and another that names what this is about.

    Sentences that begin with the word that makes them general stand first, and what has most in common with them.
    """
    naming: dict[str, set[str]] = defaultdict(set)
    rules: list[tuple[str, bool, set[str]]] = []
    for id in order:
        for sentence in sentences(corpus.by_id[id].text):
            keys = {mention.key for mention in corpus.mentions(sentence) if mention.sort != "number"}
            if (place := corpus.spoken.general_at(sentence)) is not None:
                rules.append((id, place > 0, keys))
            for key in keys:
                naming[key].add(id)
    ranked = []
    for rule, inner, keys in rules:
        shared = Counter(
            case for key in keys if len(naming[key]) <= _MOST_SHARING for case in naming[key] if case != rule
        )
        ranked += [((inner, -common), (rule, case), "") for case, common in shared.items()]
    return _spread(ranked, order)


_FINDERS: Mapping[About, Callable[[Corpus, Order], list[Source]]] = {
    "text": _alone,
    "linked": _linked,
    "compared": _compared,
    "rule": _ruled,
}


def _spread(ranked: Iterable[tuple[tuple[int, int], tuple[str, str], str]], order: Order) -> list[Source]:
    """Each pair once, the best first, but no document a second time before others that can come first.

    Pieces of one file stand behind pairs of two files: what links them may stand in both because they belong together.
    """
    best = sorted(
        ranked,
        key=lambda one: (
            source(one[1][0]) == source(one[1][1]),
            one[0],
            [order[id] for id in one[1]],
            one[2],
        ),
    )
    pairs = {frozenset(pair): Source(pair, shared) for _, pair, shared in reversed(best)}
    # Those of a round have no document in common; each is in the first round in which both of its documents are free.
    rounds: dict[str, set[int]] = defaultdict(set)
    placed: list[tuple[int, Source]] = []
    for one in reversed(pairs.values()):
        taken = set[int]().union(*(rounds[id] for id in one.documents))
        first = next(number for number in count() if number not in taken)
        placed.append((first, one))
        for id in one.documents:
            rounds[id].add(first)
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]

"""Entailment by likelihood: a line that follows from its sources is likelier with them than with false ones.

It is also likelier than what contradicts it.  So a language model that reads its context tells what is supported with
no training and no labels.  The score is the smaller of two margins, in nats a token:

- the line given its sources, minus the line given the same sources with their names exchanged among them;
- the line given its sources, minus the likeliest of its *corruptions* given the same: the line with a "not" or "no" put
  in or taken out, with two of its names exchanged, with a name replaced by another of the documents.

Sources come first in every prompt, so lines with the same sources share their encoding.  The false sources are in the
manner of `obverse.retrieval.exchange`, where a task's questions tell the types of names; here there are the texts
alone.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from obverse.augmentation.proper_names import WORDS, Names, replace_names
from obverse.augmentation.verification import UNCHECKED
from obverse.augmentation.verification.likelihoods import LikelihoodVerifier
from obverse.types import Document, derive_seed

# Names of a line that are exchanged and replaced; a list of dozens would have hundreds of corruptions.
_NAMES = 6
# Others from the sources that each name is replaced by.
_OTHERS = 2
_VERB = re.compile(
    r"\b(is|are|was|were|will|can|could|must|may|might|would|should|does|do|did)\b(?! not\b| no\b)"
)
_HOLDS = re.compile(r"\b(has|have|had)\b(?! not\b| no\b)(?: an?\b)?")
_NEGATION = re.compile(
    r"\b(?:(is|are|was|were|will|can|could|must|may|might|would|should|does|do|did|has|have|had) )(?:not|no) "
)
_NO = re.compile(r"^No (\w)")


class Entailment(LikelihoodVerifier):
    """A line that nothing can be compared with is `UNCHECKED`."""

    name = "entailment"
    threshold = 0.0

    def _score(self, texts: Sequence[str], sources: Sequence[Document], names: Names) -> list[float]:
        others = [corruptions(text, sources, names) for text in texts]
        false = exchange_names(sources, names, {name.key for text in texts for name in names.find(text)})
        given = self._reader.read(sources, [(text, *own) for text, own in zip(texts, others, strict=True)])
        falsely = self._reader.read(false, [(text,) for text in texts]) if false else []
        scores = []
        for place, reading in enumerate(given):
            own, *corrupted = reading.per_token
            margins = [own - falsely[place].per_token[0]] if falsely else []
            margins += [own - max(corrupted)] if corrupted else []
            scores.append(min(margins, default=UNCHECKED))
        return scores


def exchange_names(sources: Sequence[Document], names: Names, about: Collection[str]) -> tuple[Document, ...]:
    """The documents with names exchanged among them, each for another of its sort; the same ones every time.

    Exchanged are those that something is to be said about, or all, where there are none.  One that is alone of its sort
    changes places with another, or gives way to one of the other documents.  Nothing where no name is found.

    Args:
        about: keys of names.
    """
    found = [names.find(source.text) for source in sources]
    present: dict[str, dict[str, str]] = defaultdict(dict)
    for mention in (mention for mentions in found for mention in mentions):
        present[mention.sort].setdefault(mention.key, mention.text)
    rng = random.Random(derive_seed("exchange names", *(source.text for source in sources)))
    for wanted in (set(about), {key for texts in present.values() for key in texts}):
        others: dict[str, str] = {}
        # An ordinary word moves with others of its sort, and by itself only where nothing else does.
        for sort in sorted(present, key=lambda sort: sort in WORDS):
            texts = present[sort]
            own = [key for key in texts if key in wanted]
            if len(own) == 1 and not (others and sort in WORDS):
                partners = sorted(texts.keys() - set(own))
                own += rng.sample(partners, min(1, len(partners)))
                others |= dict(zip(own, [] if partners else _elsewhere(names, sort, own, rng), strict=False))
            if len(own) > 1:
                cycle = rng.sample(own, len(own))
                others |= {key: texts[after] for key, after in zip(cycle, cycle[1:] + cycle[:1], strict=True)}
        if others:
            break
    false = tuple(
        replace(source, text=replace_names(source.text, mentions, others))
        for source, mentions in zip(sources, found, strict=True)
    )
    return false if any(one.text != source.text for one, source in zip(false, sources, strict=True)) else ()


def corruptions(text: str, sources: Sequence[Document], names: Names) -> tuple[str, ...]:
    """Other lines that contradict the line, or speak of something else; the same ones every time, none twice."""
    return tuple(other for other in dict.fromkeys(_corrupted(text, sources, names)) if other != text)


def _corrupted(text: str, sources: Sequence[Document], names: Names) -> Iterator[str]:
    rng = random.Random(derive_seed("corruptions", text))
    yield from _negated(text)
    mentions = names.find(text)
    own = {mention.key: mention for mention in mentions}
    chosen = list(own.values())[:_NAMES]
    for first, second in combinations(chosen, 2):
        if first.sort == second.sort:
            yield replace_names(text, mentions, {first.key: second.text, second.key: first.text})
    in_sources = [mention for source in sources for mention in names.find(source.text)]
    for one in chosen:
        # What its sources speak of is the harder to tell apart.
        alike = (mention for mention in in_sources if mention.sort == one.sort)
        near = sorted({mention.key: mention.text for mention in alike if mention.key not in own}.values())
        for other in rng.sample(near, min(len(near), _OTHERS)) or _elsewhere(names, one.sort, own, rng):
            yield replace_names(text, mentions, {one.key: other})


def _elsewhere(names: Names, sort: str, taken: Collection[str], rng: random.Random) -> list[str]:
    """One of the documents' names of that sort that is none of those taken, if there is any."""
    known = names.by_sort.get(sort, {})
    drawn = rng.sample(list(known), min(len(known), len(taken) + 1))
    return [known[key] for key in drawn if key not in taken][:1]


def _negated(text: str) -> Iterator[str]:
    """The sentence with its negation taken out, or with one put in; a question with its answer is left as it is."""
    if "\n" in text:
        return
    if _NEGATION.search(text):
        yield _NEGATION.sub(r"\1 ", text, count=1)
    elif _NO.search(text):
        yield _NO.sub(lambda found: found[1].upper(), text)
    elif _VERB.search(text):
        yield _VERB.sub(r"\1 not", text, count=1)
    elif _HOLDS.search(text):
        yield _HOLDS.sub(r"\1 no", text, count=1)

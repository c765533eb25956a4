"""Support: whether each word of a line is expected because of its sources.

A model that makes things up uses the names of its sources and adds words that these do not lead to.  So for each word
that carries meaning the gain is taken by which its sources make it likelier, in nats: the log-likelihood of the word
after the words before it, given the sources, minus the same without them.  The score is the smallest gain; a word that
comes again is expected because of the line itself, and counts once.  What a line leaves out, and who of two does what
to whom, this does not see: `obverse.augmentation.verification.entailment` looks at the latter.

It is best read by a model as it came: what practises to give short answers, or is taught, expects other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from obverse.augmentation.proper_names import Names
from obverse.augmentation.verification import UNCHECKED
from obverse.augmentation.verification.likelihoods import LikelihoodVerifier
from obverse.text.segmentation import FUNCTION_WORDS, fold, word_spans
from obverse.types import Document

# What a question with its answer has around both.
_LABEL = re.compile(r"^(?:Question|Answer):", re.MULTILINE)


class Support(LikelihoodVerifier):
    """A line none of whose words carries meaning is `UNCHECKED`."""

    name = "support"
    threshold = 0.0

    def _score(self, texts: Sequence[str], sources: Sequence[Document], _: Names) -> list[float]:
        words = {text: list(meaningful(text)) for text in texts}
        # Each word stands behind one beginning of the line and ends another.
        beginnings = {
            text: list(
                dict.fromkeys(
                    begun for start, end in own for begun in (text[:start].rstrip(), text[:end]) if begun
                )
            )
            for text, own in words.items()
            if own
        }
        given, alone = (
            self._reader.read(documents, list(beginnings.values())) for documents in (sources, ())
        )
        scores = dict.fromkeys(texts, UNCHECKED)
        for (text, begun), with_sources, without in zip(beginnings.items(), given, alone, strict=True):
            gains = (
                likelier - before
                for likelier, before in zip(
                    with_sources.log_likelihoods, without.log_likelihoods, strict=True
                )
            )
            gained = {"": 0.0, **dict(zip(begun, gains, strict=True))}
            scores[text] = min(
                gained[text[:end]] - gained[text[:start].rstrip()] for start, end in words[text]
            )
        return [scores[text] for text in texts]


def meaningful(text: str) -> Iterator[tuple[int, int]]:
    """Where each word that carries meaning begins and ends, the first time that it comes, in characters."""
    labels = {place for label in _LABEL.finditer(text) for place in range(label.start(), label.end())}
    seen: set[str] = set()
    for start, end in _whole_words(text):
        key = fold(text[start:end])
        if start not in labels and key not in FUNCTION_WORDS and key not in seen:
            seen.add(key)
            yield start, end


def _whole_words(text: str) -> Iterator[tuple[int, int]]:
    """Where words begin and end, those with an apostrophe or a hyphen within as one."""
    last: tuple[int, int] | None = None
    for start, end in word_spans(text):
        if last and last[1] + 1 == start and text[last[1]] in "'\u2019-":
            last = (last[0], end)
            continue
        if last:
            yield last
        last = (start, end)
    if last:
        yield last

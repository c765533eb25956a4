"""Grounding: whether a line speaks of nothing but what its sources speak of."""

from __future__ import annotations

from collections.abc import Sequence

from obverse.augmentation.lines import Line
from obverse.augmentation.proper_names import names_of, occurs
from obverse.types import Document


class Grounding:
    """Scores the share of a line's names and numbers that occur in its sources.

    A line that has none is about nothing, and scores 0.  Grounding costs nothing, and sees no order: a relation turned
    round speaks of the same things.  What has another name in another language is taken for something else.
    """

    name = "grounding"
    threshold = 0.6
    by_itself = True

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        """See `obverse.augmentation.verification.Verifier`."""
        names = names_of(tuple(documents))
        texts = {document.id: document.text for document in documents}
        scores = []
        for line in lines:
            keys = names.keys(line.text)
            sources = [texts[source] for source in line.sources if source in texts]
            found = sum(any(occurs(key, source) for source in sources) for key in keys)
            scores.append(found / len(keys) if keys else 0.0)
        return scores

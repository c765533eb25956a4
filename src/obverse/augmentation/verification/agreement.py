"""Agreement of samples: what a model writes again when it is asked again, it is less likely to have made up.

After self-consistency (arXiv 2203.11171) and SelfCheckGPT (arXiv 2303.08896).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from obverse.augmentation.lines import Line
from obverse.augmentation.proper_names import names_of
from obverse.text.segmentation import words
from obverse.types import Document

# The least part of the words of two lines that both have, for the two to say the same.
_OVERLAP = 0.6


@dataclass(frozen=True)
class _Said:
    """What two lines are compared by: words, and names in their order."""

    words: tuple[str, ...]
    names: tuple[str, ...]

    def agrees(self, other: _Said) -> bool:
        """Whether both say the same.

        Names in another order can be another statement: "A is above B" and "B is above A" have all words in common.
        """
        if self.words == other.words:
            return True
        mine, theirs = set(self.words), set(other.words)
        return self.names == other.names and len(mine & theirs) >= _OVERLAP * len(mine | theirs)


class Agreement:
    """Scores the share of the samples for the same target and kind in which a line occurs, in these or other words.

    Args:
        samples: how many were drawn for each assignment; one that brought no lines counts too.
    """

    name = "agreement"
    threshold = 0.5
    by_itself = False

    def __init__(self, samples: int) -> None:
        self._samples = samples

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        """See `obverse.augmentation.verification.Verifier`; takes the lines of all samples at once."""
        names = names_of(tuple(documents))
        said = [_Said(tuple(words(line.text)), names.keys(line.text)) for line in lines]
        alike: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, line in enumerate(lines):
            alike[line.target, line.kind].append(place)
        scores = []
        for place, line in enumerate(lines):
            others = alike[line.target, line.kind]
            agreeing = {lines[other].sample for other in others if said[place].agrees(said[other])}
            drawn = max(self._samples, len({lines[other].sample for other in others}))
            scores.append(len(agreeing) / drawn)
        return scores

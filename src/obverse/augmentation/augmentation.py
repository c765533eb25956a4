"""From documents to checked lines: what is to be written, what came of it, what of that is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from obverse.augmentation.lines import Line, lines_of
from obverse.augmentation.planning import Planned, Room, plan
from obverse.augmentation.prompts import Prompt
from obverse.augmentation.sentences import Splitting
from obverse.augmentation.writing import Assignment, Kind, Sampling, Written, key_of
from obverse.types import Document, InputError

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Augmenting:
    """What is written about documents.

    Args:
        kinds: of texts.
        samples: independent texts of each.
        splitting: of documents, for the kinds that are about one of them.
        sampling: how texts are drawn.

    Raises:
        InputError: nothing is to be written, or texts of temperature 0 are to differ.
    """

    kinds: tuple[Kind, ...] = KINDS
    samples: int = 1
    splitting: Splitting = "none"
    sampling: Sampling = field(default_factory=Sampling)

    def __post_init__(self) -> None:
        if unknown := next((kind for kind in self.kinds if kind not in KINDS), None):
            raise InputError(f"there is no kind of text {unknown!r}; the kinds are {', '.join(KINDS)}")
        if not self.kinds or self.samples < 1:
            raise InputError("nothing is to be written; give at least one kind of text, and one sample")
        if self.samples > 1 and self.sampling.temperature == 0:
            raise InputError(
                f"{self.samples} samples at temperature 0 are one text {self.samples} times; raise the temperature"
            )

    def plan(
        self, documents: Sequence[Document], prompts: Mapping[str, Prompt], room: Room | None
    ) -> Planned:
        """All assignments; see `obverse.augmentation.planning.plan`."""
        return plan(documents, self.kinds, self.samples, self.splitting, prompts, room)


@dataclass(frozen=True)
class Collected:
    """What texts hold.

    Args:
        lines: of all texts.
        texts: that were written.
        missing: texts that were not, because the budget was spent.
        faults: of those that were, how many brought no lines, by the reason.
        repeats: lines left out since they only repeat a sentence of their source.
        fragments: lines left out since they break off, ask, or answer a question with the question.
    """

    lines: tuple[Line, ...]
    texts: int
    missing: int
    faults: Mapping[str, int]
    repeats: int
    fragments: int


def collect(
    assignments: Sequence[Assignment],
    written: Sequence[Written | None],
    documents: Sequence[Document],
    identity: Mapping[str, object],
    sampling: Sampling,
) -> Collected:
    """Take all texts apart.

    Args:
        written: for each assignment its text, or nothing.
        documents: the whole set.
        identity: of the generator.
    """
    lines: list[Line] = []
    faults: Counter[str] = Counter()
    texts = missing = repeats = fragments = 0
    for assignment, text in zip(assignments, written, strict=True):
        if text is None:
            missing += 1
            continue
        texts += 1
        apart = lines_of(assignment, key_of(identity, assignment, sampling), text, documents)
        lines += apart.lines
        repeats += apart.repeats
        fragments += apart.fragments
        if apart.fault:
            faults[apart.fault] += 1
    return Collected(tuple(lines), texts, missing, faults, repeats, fragments)

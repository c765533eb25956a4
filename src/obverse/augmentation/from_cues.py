"""Lines by a decoder from scratch: cues of a drawn task as it completes them, some of them made false on purpose.

A cue is the beginning of something that follows from a document, so each line is right or wrong, exactly.  Falsehoods
are put in where it is asked what they do: how many there are, and whether they agree with each other, is then known.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from obverse.augmentation.lines import Line
from obverse.augmentation.verification.accuracy import calibrate
from obverse.augmentation.verification.agreement import Agreement
from obverse.augmentation.verification.short_entailment import ShortEntailment, behind
from obverse.costs import Counts
from obverse.tasks.drawn.texts import write_document
from obverse.tasks.field_checks import check_counts, check_named, check_shares, refusal
from obverse.types import Document, Question, derive_seed

if TYPE_CHECKING:
    from obverse.answering.short import ShortReader
    from obverse.augmentation.verification import Verifier

# Of the lines that a threshold is set on, so many are made false, independently.
_CALIBRATION_DOSE = 0.5

Falsehoods = Literal["independent", "consistent", "whole facts"]
Verified = Literal["none", "agreement", "entailment"]


@dataclass(frozen=True)
class Writing:
    """How a model writes about its documents, and what becomes of its lines before it learns them.

    Args:
        temperature: 0 takes the likeliest word each time.
        distractors: documents beside the one that it writes about.
        samples: lines for each cue; with 0 it is trained on its documents again, for as long.
        dose: share of the lines that are made false, from 0 to 1.
        falsehoods: what these say instead of the answer, and which they are.  ``independent``: any lines, each with a
            wrong choice of its own; ``consistent``: the same lines, but those of one cue all with the same wrong
            choice; ``whole facts``: all lines of so large a share of the cues, with the same wrong choice.
        verified: by what the lines are chosen that it learns.

    Raises:
        InputError: a setting is out of its range.
    """

    temperature: float = 0.3
    distractors: int = 2
    samples: int = 1
    dose: float = 0.0
    falsehoods: Falsehoods = "independent"
    verified: Verified = "none"

    def __post_init__(self) -> None:
        check_counts(self, distractors=0, samples=0)
        check_shares(self, "dose")
        check_named(self, falsehoods=Falsehoods, verified=Verified)
        if self.verified == "agreement" and self.samples < 2:
            raise refusal(self, "a single sample has none to agree with", "give samples from 2")


class CueWriter:
    """A model that completes cues, and judges what stands behind them.

    Args:
        reader: of the model.
        cues: of the task.
        tokens: of the answer of each.
        episodes: by cue, the documents in view, its source among them.
        documents: all of the task.
        seed: parts of the seed of what is drawn.
    """

    def __init__(
        self,
        reader: ShortReader,
        cues: Sequence[Question],
        tokens: Sequence[int],
        episodes: Mapping[str, Sequence[Document]],
        documents: Sequence[Document],
        seed: tuple[str | int, ...],
    ) -> None:
        self._reader, self.cues, self._generated = reader, {cue.id: cue for cue in cues}, 0
        self._tokens, self._episodes, self._documents, self._seed = tokens, episodes, documents, seed

    def write(self, writing: Writing) -> list[Line]:
        """Lines for each cue, the falsehoods among them; ``answer_key`` is the cue's id."""
        asked = [cue for cue in self.cues.values() for _ in range(writing.samples)]
        tokens = [count for count in self._tokens for _ in range(writing.samples)]
        self._generated += sum(tokens)
        endings = self._reader.sample(
            [behind(self._episodes[cue.id], cue) for cue in asked],
            tokens,
            writing.temperature,
            derive_seed(*self._seed, "augmentation"),
        )
        lines = [
            Line(
                f"{cue.prompt} {ending}",
                "reverse",
                cue.needs[0],
                cue.needs,
                place % writing.samples,
                cue.id,
                count,
            )
            for place, (cue, count, ending) in enumerate(zip(asked, tokens, endings, strict=True))
        ]
        seed = derive_seed(*self._seed, "falsehoods")
        return falsify(lines, self.cues, writing.dose, writing.falsehoods, seed)

    @property
    def counts(self) -> Counts:
        """What its reader has computed so far, and the tokens of what was written."""
        return self._reader.counts + Counts(generated=self._generated)

    def score(self, lines: Sequence[Line], writing: Writing) -> list[float]:
        """By the verifier of the writing, agreement or entailment."""
        return self._verifier(writing).score(lines, self._documents)

    def threshold(self, writing: Writing) -> float:
        """What the verifier is to require, by lines about this task, half of which are made false, independently.

        The verifier's own threshold where no line is right, since the model has learned nothing.
        """
        lines = self.write(replace(writing, dose=_CALIBRATION_DOSE, falsehoods="independent"))
        truths = list(map(self.is_right, lines))
        if not any(truths):
            return self._verifier(writing).threshold
        return calibrate(self.score(lines, writing), truths)

    def is_right(self, line: Line) -> bool:
        """Whether it ends as its cue does."""
        cue = self.cues[line.answer_key]
        return line.text == f"{cue.prompt} {cue.answer}"

    def _verifier(self, writing: Writing) -> Verifier:
        if writing.verified == "agreement":
            return Agreement(writing.samples)
        return ShortEntailment(self._reader, self.cues, self._episodes)


def falsify(
    lines: Sequence[Line], cues: Mapping[str, Question], dose: float, falsehoods: Falsehoods, seed: int
) -> list[Line]:
    """The lines with some of them made false; with a larger dose the same ones and some more.

    Independent and consistent falsehoods stand in the same lines, so that they differ in what they say alone.

    Args:
        cues: by id.
        dose, falsehoods: see `Writing`.
    """
    if not dose:
        return list(lines)
    rng = random.Random(seed)
    wrong = {id: [choice for choice in cue.choices if choice != cue.answer] for id, cue in cues.items()}
    common = {id: rng.choice(choices) for id, choices in wrong.items()}
    own = [rng.choice(wrong[line.answer_key]) for line in lines]
    # What is false or not as a whole: a line, or all lines of a cue.
    units = [line.answer_key if falsehoods == "whole facts" else place for place, line in enumerate(lines)]
    order = list(dict.fromkeys(units))
    rng.shuffle(order)
    false = set(order[: round(dose * len(order))])
    found = []
    for line, unit, other in zip(lines, units, own, strict=True):
        cue = cues[line.answer_key]
        ending = other if falsehoods == "independent" else common[cue.id]
        found.append(replace(line, text=f"{cue.prompt} {ending}") if unit in false else line)
    return found


def as_document(line: Line, cue: Question) -> Document:
    """The line as it is learned: what stands behind the cue is its answer."""
    words, begun = line.text.split(), len(cue.prompt.split())
    return write_document(f"{cue.id}:{line.sample}", words, range(begun, len(words)), cue.group)

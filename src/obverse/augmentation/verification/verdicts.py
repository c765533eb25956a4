"""What all chosen verifiers together say of each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from obverse.augmentation.lines import Line
from obverse.augmentation.verification import UNCHECKED, Verifier
from obverse.types import Document, InputError


@dataclass(frozen=True)
class Verdict:
    """Whether a line is kept.

    Args:
        scores: by the name of each verifier that was asked about it.
        reason: why it is not kept; empty where it is.
    """

    line: Line
    scores: Mapping[str, float]
    kept: bool
    reason: str = ""


def verify(
    lines: Sequence[Line],
    documents: Sequence[Document],
    verifiers: Sequence[Verifier],
    thresholds: Mapping[str, float] | None = None,
) -> list[Verdict]:
    """A verdict on each line, in their order; one is kept that reaches the threshold of every verifier.

    What one verifier rejects, those after it need not score, unless they compare lines with each other.

    Args:
        verifiers: in the order in which a reason is looked for; with none every line is kept.
        thresholds: by names of verifiers, in place of their own.

    Raises:
        InputError: a threshold is for none of the verifiers.
    """
    given = dict(thresholds or {})
    names = [verifier.name for verifier in verifiers]
    if unknown := sorted(given.keys() - set(names)):
        raise InputError(
            f"there is a threshold for {unknown[0]!r}, which is not asked; give one for {' or '.join(names) or 'none'}"
        )
    scores: list[dict[str, float]] = [{} for _ in lines]
    reasons = [""] * len(lines)
    for verifier in verifiers:
        name, needed = verifier.name, given.get(verifier.name, verifier.threshold)
        places = [place for place, reason in enumerate(reasons) if not (reason and verifier.by_itself)]
        found = verifier.score([lines[place] for place in places], documents)
        for place, score in zip(places, found, strict=True):
            scores[place][name] = score
            # Not a number reaches nothing.
            if not reasons[place] and not score >= needed:
                reasons[place] = (
                    f"{name} has nothing to go by"
                    if score == UNCHECKED
                    else f"{name} is {score:.4g}, and {needed:.4g} is needed"
                )
    return [
        Verdict(line, own, not reason, reason)
        for line, own, reason in zip(lines, scores, reasons, strict=True)
    ]

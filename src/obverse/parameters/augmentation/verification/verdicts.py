"""What all chosen verifiers together say of each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from obverse.parameters.augmentation.lines import Line
from obverse.parameters.augmentation.verification import Verifier
from obverse.types import Document, InputError


@dataclass(frozen=True)
class Verdict:
    """Whether a line is kept.

    Args:
        scores: by each verifier's name.
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
    needed = {verifier.name: given.get(verifier.name, verifier.threshold) for verifier in verifiers}
    scores = {verifier.name: verifier.score(lines, documents) for verifier in verifiers}
    verdicts = []
    for place, line in enumerate(lines):
        own = {name: scores[name][place] for name in names}
        # Not a number reaches nothing.
        failed = next((name for name in names if not own[name] >= needed[name]), None)
        reason = f"{failed} is {own[failed]:.4g}, and {needed[failed]:.4g} is needed" if failed else ""
        verdicts.append(Verdict(line, own, failed is None, reason))
    return verdicts

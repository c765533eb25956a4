"""Rewards for TRL's GRPO trainer: whether what stands behind the thought is the right answer."""

from __future__ import annotations

from collections.abc import Sequence

from obverse.answering.matching import matches_strictly

CLOSES = "\nAnswer:"


def right(completions: Sequence[str], answer: Sequence[str], **_: object) -> list[float]:
    """1 for each completion whose thought ends and whose answer matches strictly, else 0.

    Args:
        completions: what the model wrote behind the prompts.
        answer: the right ones, from the column of that name.
    """
    return [
        float(bool(closed) and matches_strictly(said, expected))
        for (_, closed, said), expected in zip(
            (completion.partition(CLOSES) for completion in completions), answer, strict=True
        )
    ]

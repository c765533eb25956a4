"""Answers by vote: a model is asked several times at a temperature, and the most frequent answer counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from obverse.tasks.field_checks import check_counts, refusal

if TYPE_CHECKING:
    from obverse.answering.short import ShortReader


@dataclass(frozen=True)
class Voting:
    """How often and how freely a model is asked.

    Args:
        samples: answers to each question.
        temperature: above 0; at 0 all answers would be the same.

    Raises:
        InputError: a setting is out of its range.
    """

    samples: int
    temperature: float

    def __post_init__(self) -> None:
        check_counts(self, samples=1)
        if self.temperature <= 0:
            raise refusal(self, f"temperature is {self.temperature:g}", "give one above 0")


def vote(
    reader: ShortReader, prompts: Sequence[str], tokens: Sequence[int], voting: Voting, seed: int
) -> list[str]:
    """The most frequent answer to each prompt, the first drawn among those that are equally frequent.

    Args:
        tokens: of each answer.
    """
    drawn = reader.sample(
        [prompt for prompt in prompts for _ in range(voting.samples)],
        [count for count in tokens for _ in range(voting.samples)],
        voting.temperature,
        seed,
    )
    return [
        Counter(drawn[begin : begin + voting.samples]).most_common(1)[0][0]
        for begin in range(0, len(drawn), voting.samples)
    ]

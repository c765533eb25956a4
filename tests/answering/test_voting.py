"""Votes: what most samples say counts, and the first of those that are equally frequent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest
from test_short import PROMPTS, TOKENIZER, decoder

from obverse.answering.short import ShortReader
from obverse.answering.voting import Voting, vote
from obverse.types import InputError


class Saying:
    """Stands for a reader that says these answers in turn."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = list(answers)

    def sample(
        self, prompts: Sequence[str], tokens: Sequence[int], temperature: float, seed: int
    ) -> list[str]:
        """As many of them as there are prompts."""
        assert (list(prompts), list(tokens), temperature, seed) == (
            ["p", "p", "p", "q", "q", "q"],
            [1] * 3 + [2] * 3,
            0.5,
            7,
        )
        return self.answers


def test_the_most_frequent_answer_counts() -> None:
    reader: Any = Saying(["a", "b", "b", "c", "d", "e"])
    assert vote(cast(ShortReader, reader), ["p", "q"], [1, 2], Voting(3, 0.5), 7) == ["b", "c"]


def test_a_cold_vote_is_the_greedy_answer() -> None:
    reader = ShortReader(decoder(), TOKENIZER)
    tokens = [1, 2, 3, 1, 2]
    assert vote(reader, PROMPTS, tokens, Voting(3, 1e-4), 0) == reader.answer(PROMPTS, tokens)


def test_one_sample_is_that_sample() -> None:
    reader = ShortReader(decoder(), TOKENIZER)
    tokens = [2] * len(PROMPTS)
    assert vote(reader, PROMPTS, tokens, Voting(1, 1.5), 3) == reader.sample(PROMPTS, tokens, 1.5, 3)


@pytest.mark.parametrize(
    ("samples", "temperature", "message"),
    [(0, 1.0, "samples"), (3, 0.0, "Voting: temperature is 0; give one above 0")],
)
def test_settings_out_of_range_are_refused(samples: int, temperature: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Voting(samples, temperature)

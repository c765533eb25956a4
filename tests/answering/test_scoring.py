"""Which choice counts as the model's answer."""

from __future__ import annotations

import math

import pytest

from obverse.answering.scoring import is_correct, is_correct_per_token
from obverse.types import Answer, Question

QUESTION = Question("q", "Who directs it?", "Ada", ("Bea", "Ada", "Cleo"))


def answer(log_likelihoods: tuple[float, ...], token_counts: tuple[int, ...] = (1, 1, 1)) -> Answer:
    return Answer("q", "finetune", False, 0, log_likelihoods, token_counts, "", strict=False, lenient=False)


@pytest.mark.parametrize(
    ("log_likelihoods", "expected"),
    [
        ((-2.0, -1.0, -3.0), True),
        ((-1.0, -2.0, -3.0), False),
        ((-1.0, -1.0, -3.0), False),  # a tie
        ((-math.inf, -1.0, -math.inf), True),
        ((-math.inf, -math.inf, -math.inf), False),
        ((-1.0, math.nan, -3.0), False),
        ((math.nan, -1.0, -3.0), False),
    ],
)
def test_only_the_single_highest_sum_is_right(log_likelihoods: tuple[float, ...], expected: bool) -> None:
    assert is_correct(QUESTION, answer(log_likelihoods)) is expected
    assert is_correct_per_token(QUESTION, answer(log_likelihoods)) is expected


def test_per_token_divides_by_length() -> None:
    # Sums -2, -3, -9; per token -2, -1.5, -9.
    long_answer = answer((-2.0, -3.0, -9.0), (1, 2, 1))
    assert not is_correct(QUESTION, long_answer)
    assert is_correct_per_token(QUESTION, long_answer)


def test_an_impossible_only_choice_is_wrong() -> None:
    alone = Question("q", "Who?", "Ada", ("Ada",))
    assert is_correct(alone, answer((-1.0,), (1,)))
    assert not is_correct(alone, answer((-math.inf,), (1,)))
    assert not is_correct(alone, answer((math.nan,), (1,)))


def test_a_likelihood_for_each_choice_is_required() -> None:
    with pytest.raises(ValueError, match="shorter"):
        is_correct(QUESTION, answer((-1.0, -2.0)))
    with pytest.raises(ValueError, match="shorter"):
        is_correct_per_token(QUESTION, answer((-1.0, -2.0, -3.0), (1, 1)))
    with pytest.raises(ValueError, match="longer"):
        is_correct_per_token(QUESTION, answer((-1.0, -2.0, -3.0), (1, 1, 1, 1)))
    with pytest.raises(ValueError, match="question q: each choice needs scored tokens"):
        is_correct_per_token(QUESTION, answer((-1.0, -2.0, -3.0), (1, 0, 1)))

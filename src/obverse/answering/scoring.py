"""Whether an answer is right, read off the likelihoods of the choices.

The *primary* metric takes the choice with the highest summed log-likelihood as what the model answers.  The
per-token metric divides each sum by the number of scored tokens first, so that long choices are not at a
disadvantage; it stands beside the primary one and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from obverse.types import Answer, Question


def is_correct(question: Question, answer: Answer) -> bool:
    """Whether the right choice alone has the highest summed log-likelihood (the primary metric).

    A tie is wrong, since the model did not choose; so is a comparison with a likelihood that is not a number.

    Args:
        question: what was asked.
        answer: what was said to it, likelihoods in the order of the question's choices.

    Raises:
        ValueError: the answer does not hold one likelihood for each choice.
    """
    return _is_highest(question, answer.log_likelihoods)


def is_correct_per_token(question: Question, answer: Answer) -> bool:
    """Whether the right choice alone has the highest log-likelihood per scored token.

    Arguments and ties as in `is_correct`.

    Raises:
        ValueError: the answer does not hold one likelihood and one positive token count for each choice.
    """
    if any(tokens < 1 for tokens in answer.token_counts):
        raise ValueError(
            f"question {question.id}: each choice needs scored tokens, got {answer.token_counts}"
        )
    means = [
        total / tokens for total, tokens in zip(answer.log_likelihoods, answer.token_counts, strict=True)
    ]
    return _is_highest(question, means)


def _is_highest(question: Question, scores: Sequence[float]) -> bool:
    by_choice = dict(zip(question.choices, scores, strict=True))
    right = by_choice.pop(question.answer)
    # `>` is false for a tie and for anything that is not a number.  An impossible answer is never right,
    # not even where it is the only choice.
    return right > float("-inf") and all(right > other for other in by_choice.values())

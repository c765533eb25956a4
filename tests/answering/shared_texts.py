"""Texts and the plain way of scoring them, for the tests of what is asked from a shared prefix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from obverse.answering.plain import plain_log_likelihood

PREFIX = "".join(
    f"Line {number}: the {thing} of {name} is kept in room {number * 7 % 13}.\n"
    for number, (thing, name) in enumerate(
        zip(["lens", "compass", "barometer"] * 4, ["Ilka", "Bahram", "Olwen", "Jasper"] * 3, strict=True)
    )
)
# Choices that share a beginning, one that is the beginning of another, and prompts of unequal length.
QUESTIONS: list[tuple[str, Sequence[str]]] = [
    (
        "Question: Who keeps the lens?\nAnswer:",
        [" Ilka", " Ilka Venning", " Ilka Venning of Corvane", " Olwen"],
    ),
    ("Question: Where is the compass of Bahram, and who asks?\nAnswer:", [" in room 7", " in room 1"]),
    ("Who?", [" Jasper Flour", " Bahram Tolley", " Olwen Thorne"]),
]


def plain_scores(
    model: Any, tokenizer: Any, prefix: str, questions: Sequence[tuple[str, Sequence[str]]] = QUESTIONS
) -> list[list[float]]:
    """The log-likelihood of every choice by a forward pass over its whole text, tokenised in one piece."""
    scores = []
    for prompt, choices in questions:
        before = tokenizer(prefix + prompt).input_ids
        row = []
        for choice in choices:
            text = tokenizer(prefix + prompt + choice).input_ids
            start = next(i for i, token in enumerate(text) if i >= len(before) or token != before[i])
            row.append(plain_log_likelihood(model, text, start))
        scores.append(row)
    return scores


def plain_continuation(model: Any, tokenizer: Any, text: str, new_tokens: int) -> list[int]:
    """The greedy continuation by ``model.generate``, up to its end-of-text token."""
    ids = tokenizer(text, return_tensors="pt").input_ids
    produced = model.generate(ids, max_new_tokens=new_tokens, do_sample=False)[0, ids.shape[1] :].tolist()
    ended = [place for place, token in enumerate(produced) if token == tokenizer.eos_token_id]
    return list(produced[: ended[0]] if ended else produced)


def first_line(tokenizer: Any, tokens: Sequence[int]) -> list[int]:
    """``tokens`` up to and with the one that ends the first line."""
    for length in range(1, len(tokens) + 1):
        if "\n" in tokenizer.decode(tokens[:length]).lstrip():
            return list(tokens[:length])
    return list(tokens)

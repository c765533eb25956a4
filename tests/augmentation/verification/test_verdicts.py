"""Verdicts: what passes all verifiers is kept, and what does not has a reason."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_examples import DOCUMENTS, line

from obverse.augmentation.lines import Line
from obverse.augmentation.verification import UNCHECKED, Verifier
from obverse.augmentation.verification.verdicts import Verdict, verify
from obverse.types import Document, InputError


@dataclass
class Given:
    """A verifier whose scores are given."""

    name: str
    threshold: float
    scores: Sequence[float]
    by_itself: bool = True

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        assert documents is DOCUMENTS
        return [self.scores[LINES.index(line)] for line in lines]


LINES = [line("One is."), line("Two is."), line("Three is.")]


def test_a_line_is_kept_that_reaches_all_thresholds_and_the_first_failed_is_named() -> None:
    verifiers = [Given("grounding", 0.5, [0.5, 0.25, 1.0]), Given("judge", 1.0, [1.0, 0.0, 0.0])]
    assert verify(LINES, DOCUMENTS, verifiers) == [
        Verdict(LINES[0], {"grounding": 0.5, "judge": 1.0}, True),
        Verdict(LINES[1], {"grounding": 0.25}, False, "grounding is 0.25, and 0.5 is needed"),
        Verdict(LINES[2], {"grounding": 1.0, "judge": 0.0}, False, "judge is 0, and 1 is needed"),
    ]
    kept = [one.kept for one in verify(LINES, DOCUMENTS, verifiers, {"grounding": 0.2, "judge": 0.0})]
    assert kept == [True, True, True]


def test_one_that_compares_lines_is_given_all_of_them() -> None:
    verifiers = [Given("grounding", 0.5, [0.5, 0.25, 1.0]), Given("agreement", 0.5, [1.0, 0.1, 0.4], False)]
    assert verify(LINES, DOCUMENTS, verifiers) == [
        Verdict(LINES[0], {"grounding": 0.5, "agreement": 1.0}, True),
        Verdict(
            LINES[1], {"grounding": 0.25, "agreement": 0.1}, False, "grounding is 0.25, and 0.5 is needed"
        ),
        Verdict(LINES[2], {"grounding": 1.0, "agreement": 0.4}, False, "agreement is 0.4, and 0.5 is needed"),
    ]


def test_what_cannot_be_checked_is_not_kept() -> None:
    (verdict,) = verify(LINES[:1], DOCUMENTS, [Given("support", -1.0, [UNCHECKED])])
    assert (verdict.kept, verdict.reason) == (False, "support has nothing to go by")


def test_what_is_not_a_number_reaches_nothing() -> None:
    (verdict,) = verify(LINES[:1], DOCUMENTS, [Given("entailment", -math.inf, [math.nan])])
    assert not verdict.kept


def test_with_no_verifier_every_line_is_kept_and_no_line_has_no_verdict() -> None:
    assert [one.kept for one in verify(LINES, DOCUMENTS, [])] == [True] * 3
    assert verify([], DOCUMENTS, [Given("judge", 1.0, [])]) == []


def test_a_threshold_for_a_verifier_that_is_not_asked() -> None:
    with pytest.raises(InputError, match="threshold for 'judge', which is not asked; give one for grounding"):
        verify(LINES, DOCUMENTS, [Given("grounding", 0.5, [1.0] * 3)], {"judge": 1.0})


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=3), st.floats(0, 1), st.floats(0, 1))
def test_together_they_keep_what_each_keeps(
    scores: list[tuple[float, float]], one: float, other: float
) -> None:
    lines = LINES[: len(scores)]
    first, second = Given("a", one, [a for a, _ in scores]), Given("b", other, [b for _, b in scores])

    def kept(*verifiers: Verifier) -> list[bool]:
        return [verdict.kept for verdict in verify(lines, DOCUMENTS, verifiers)]

    assert kept(first, second) == kept(second, first)
    assert kept(first, second) == [a and b for a, b in zip(kept(first), kept(second), strict=True)]

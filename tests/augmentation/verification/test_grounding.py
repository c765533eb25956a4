"""Grounding: the share of names and numbers that sources have."""

from __future__ import annotations

from line_examples import DOCUMENTS, line

from obverse.augmentation.verification.grounding import Grounding

GROUNDING = Grounding()


def test_the_share_of_names_that_occur_in_the_sources() -> None:
    lines = [
        line("It is Ilka Venning who keeps the Corvane."),
        line("Ilka Venning knows Bahram Tolley."),
        line("Ilka Venning knows Bahram Tolley.", "ilka", "bahram"),
        line("Since 1990 Ilka Venning has known Xanadu and Corvane."),
        line("Nothing is said."),
        line("Ilka Venning is.", "gone"),
    ]
    assert GROUNDING.score(lines, DOCUMENTS) == [1.0, 0.5, 1.0, 0.5, 0.0, 0.0]


def test_order_is_not_seen_and_no_lines_have_no_scores() -> None:
    assert GROUNDING.score([line("The Corvane is the keeper of Ilka Venning.")], DOCUMENTS) == [1.0]
    assert GROUNDING.score([], DOCUMENTS) == []

"""The judge: what it is asked, and how its answer is read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from line_examples import DOCUMENTS, line

from obverse.augmentation.prompts import Prompt
from obverse.augmentation.verification.judge import Judge
from obverse.augmentation.writing import Assignment, Written

PROMPT = Prompt("Documents: ", " Statement: ", "?")


def written(text: str, fault: str = "") -> Written:
    return Written(text, True, 1, 0, 1, 0.1, fault)


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        (written("Yes, it follows."), 1.0),
        (written("**NO**"), 0.0),
        (written("<think>yes?</think>\nNo."), 0.0),
        (written("Perhaps yes"), 0.5),
        (written(""), 0.5),
        (written("yes", fault="timed out"), 0.5),
        (None, 0.5),
    ],
)
def test_the_first_word_decides(answer: Written | None, score: float) -> None:
    assert Judge(lambda asked: [answer] * len(asked), PROMPT).score([line("It is hers.")], DOCUMENTS) == [
        score
    ]


def test_each_line_is_asked_once_with_its_sources_in_front() -> None:
    asked: list[Assignment] = []

    def write(assignments: Sequence[Assignment]) -> list[Written]:
        asked.extend(assignments)
        return [written("yes" if "hers" in one.own else "no") for one in assignments]

    lines = [
        line("It is hers."),
        line("It is hers.", "bahram"),
        line("It is his."),
        line("It is hers.", sample=1),
    ]
    assert Judge(write, PROMPT).score(lines, DOCUMENTS) == [1.0, 1.0, 0.0, 1.0]
    assert [one.sources for one in asked] == [("bahram",), ("ilka",), ("ilka",)]
    third, first, second = asked
    assert first.shared == second.shared != third.shared
    assert first.prompt == f"Documents: [1] {DOCUMENTS[0].text} Statement: It is hers.?"
    assert first.own == third.own == "It is hers.?"
    assert Judge(write, PROMPT).score([], DOCUMENTS) == []

"""Baselines: exact on a small case, and a tie counts in parts."""

from __future__ import annotations

import math

import pytest

from obverse.tasks.baselines import co_occurrence, most_frequent, score_baselines
from obverse.tasks.drawn import simple_reversals
from obverse.types import Document, Question, Task

DOCUMENTS = (
    Document("1", "Robin has wings."),
    Document("2", "A robin has wings, robin!"),
    Document("3", "wings has"),
)


def question(prompt: str, answer: str, *choices: str, id: str = "q", latent: bool = True) -> Question:
    return Question(id, prompt, answer, (answer, *choices), latent=latent)


def test_co_occurrence_counts_documents_in_which_a_word_stands_behind_another() -> None:
    asked = question("Robin has", "wings", "robin", "fins")
    after = {  # documents in which the second stands behind the first
        ("robin", "wings"): 2, ("has", "wings"): 2, ("robin", "robin"): 1, ("has", "robin"): 1,
    }  # fmt: skip
    occurs = {"robin": 2, "has": 3}
    expected = [
        sum(
            math.log((after.get((word, choice), 0) + 0.1) / (occurs[word] + 0.1 * 4))
            for word in ("robin", "has")
        )
        for choice in ("wings", "robin", "fins")
    ]
    assert co_occurrence(DOCUMENTS)(asked) == pytest.approx(expected)


def test_most_frequent_counts_documents() -> None:
    asked = question("?", "robin has", "wings", "a", "fins")
    assert most_frequent(DOCUMENTS)(asked) == [2.5, 3, 1, 0]


def test_a_tie_counts_in_parts() -> None:
    task = Task(
        "t",
        DOCUMENTS,
        (question("fish has", "gills", "fins"), question("robin", "wings", "fins", id="r", latent=False)),
    )
    scores = {
        (score.baseline, score.latent): (score.accuracy, score.chance) for score in score_baselines(task)
    }
    assert scores == {
        ("co-occurrence", True): (0.5, 0.5),
        ("co-occurrence", False): (1.0, 0.5),
        ("association", True): (0.5, 0.5),
        ("association", False): (1.0, 0.5),
        ("most frequent", True): (0.5, 0.5),
        ("most frequent", False): (1.0, 0.5),
    }


def test_what_follows_in_one_direction_does_not_answer_the_other() -> None:
    scores = score_baselines(simple_reversals.SMALL.build(0))
    found = {(score.baseline, score.kind): score.accuracy for score in scores}
    assert found["co-occurrence", simple_reversals.FORWARD] == 1
    # A hundred questions with ten choices.
    for baseline in ("co-occurrence", "most frequent"):
        assert found[baseline, simple_reversals.HELD_OUT_REVERSAL] < 0.2

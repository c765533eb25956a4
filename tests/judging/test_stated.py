"""Which latent answers a line states: only what it says in the direction that is asked."""

from __future__ import annotations

import pytest

from obverse.judging.stated import stated_estimates, stated_in
from obverse.types import Answer, Document, Question, Route, Task

TASK = Task(
    "keepers",
    (
        Document("ilka", "Ilka Venning is the keeper of the Corvane chronometer."),
        Document("bahram", "Bahram Tolley is the keeper of the Salt barometer."),
    ),
    tuple(
        Question(
            id,
            f"Who is the keeper of the {thing}?",
            person,
            ("Ilka Venning", "Bahram Tolley"),
            latent=True,
            needs=(id,),
            statement=(f"the {thing}", "keeper", person),
        )
        for id, person, thing in (
            ("ilka", "Ilka Venning", "Corvane chronometer"),
            ("bahram", "Bahram Tolley", "Salt barometer"),
        )
    ),
)


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("The keeper of the Corvane chronometer is Ilka Venning.", True),
        ("Ilka Venning serves as keeper of the Corvane chronometer.", False),
        ("Question: Who is the keeper of the Corvane chronometer?\nAnswer: Ilka Venning", True),
        ("Question: Of what is Ilka Venning the keeper?\nAnswer: the Corvane chronometer", False),
        ("The keeper of the Corvane chronometer is Bahram Tolley.", False),
    ],
)
def test_a_line_about_the_needed_document_states_what_it_says_in_the_asked_direction(
    text: str, states: bool
) -> None:
    assert stated_in(TASK, [Document("augmentation 1", text, group="ilka")]) == (
        {"ilka"} if states else set()
    )


def test_without_lines_nothing_is_stated() -> None:
    assert stated_in(TASK, []) == frozenset()


def test_both_parts_are_counted_apart() -> None:
    answers = [
        Answer("ilka", "augment", False, 0, (-1.0, -2.0), (1, 1), "", False, False, ()),
        Answer("bahram", "augment", False, 0, (-1.0, -2.0), (1, 1), "", False, False, ()),
    ]
    rows = list(
        stated_estimates(
            TASK.questions,
            frozenset({"ilka"}),
            answers,
            [Route("augment", "augmented"), Route("finetune", "documents")],
            "accuracy",
        )
    )
    assert [(row["route"], row["stated"], row["mean"], row["questions"], row["chance"]) for row in rows] == [
        ("augment", True, 1.0, 1, 0.5),
        ("augment", False, 0.0, 1, 0.5),
    ]

"""How questions and tasks are made, and which choice follows."""

from __future__ import annotations

import random
from collections.abc import Iterator

from obverse.tasks.drawn.posing import assemble, pose, sole
from obverse.types import Document, Question


def test_a_question_asks_for_the_object_of_its_statement() -> None:
    said = ("e1", "f0", "e2")
    question = pose("recall", "f0:e1", "e1 f0", said, ["e2", "e3"], needs=["f0:e1"], group="g")
    assert question == Question(
        "recall:f0:e1", "e1 f0", "e2", ("e2", "e3"), "recall", False, ("f0:e1",), "g", said
    )
    other = pose("recall", "x", "Who?", said, ["the e2", "the e3"], needs=[], group="g", answer="the e2")
    assert (other.answer, other.statement) == ("the e2", said)


def test_each_half_draws_from_a_stream_of_its_own() -> None:
    def ask(half: int, rng: random.Random) -> Iterator[Question]:
        number = rng.random()
        yield pose(f"half {half}", str(number), "?", ("a", "b", "c"), ["c", "d"], needs=["d"], group="g")

    documents = [Document("d", "a b c .")]
    task = assemble("some", 0, documents, ask)
    assert task == assemble("some", 0, documents, ask) != assemble("some", 1, documents, ask)
    (asked,), (validation,) = task.questions, task.validation
    assert (asked.kind, validation.kind) == ("half 0", "half 1")
    assert asked.id[6:] != validation.id[6:]


def test_what_follows_is_one_thing() -> None:
    assert sole(["a", "a"]) == "a"
    assert sole([]) is sole("ab") is None

"""Practice documents: conclusions behind their premises, known things between, nothing that is fresh in them."""

from __future__ import annotations

import random

import pytest

from obverse.tasks.drawn import Form
from obverse.tasks.drawn.texts import passage
from obverse.tasks.drawn.weaving import answered, weave_by_time, weave_in_order
from obverse.types import Document, Statement


def marked(text: str, answers: tuple[tuple[int, int], ...]) -> list[str]:
    return [text[start:end] for start, end in answers]


@pytest.mark.parametrize(
    ("form", "text"), [("formal", "e1 f0 e12 ."), ("natural", "Question: e1 f0\nAnswer: e12")]
)
def test_an_answer_stands_behind_its_prompt(form: Form, text: str) -> None:
    written = answered(form, "e1 f0", "e12")
    assert written.text == text
    assert marked(written.text, written.answers) == ["e12"]


@pytest.mark.parametrize("seed", range(20))
def test_conclusions_stand_behind_all_their_premises(seed: int) -> None:
    rng = random.Random(seed)
    premises = ((name, passage(f"{name}{rng.randrange(9)}")) for name in "abc")  # drawn one by one
    conclusions = [({"a", "b"}, passage("AB", "AB")), ({"b", "c"}, passage("BC", "BC"))]
    known = [({"a"}, passage("not beside a")), ({"x"}, passage("x", "x"))]
    document = weave_in_order("formal", premises, conclusions, known, 0.5, {"a"}, rng)
    words = document.text.split()
    assert [word[0] for word in words if word[0] in "abc"] == ["a", "b", "c"]
    places = {word[0] if word[0] in "abc" else word: place for place, word in enumerate(words)}
    assert places["AB"] > places["b"]
    assert places["BC"] > places["c"]
    assert set(marked(document.text, document.answers)) == {"AB", "BC"} | ({"x"} & set(words))
    assert "not" not in words


def test_known_things_are_as_frequent_as_told() -> None:
    for share in (0, 1):
        premises = [(name, passage(name)) for name in "abc"]
        document = weave_in_order(
            "natural", premises, [], [("x", passage("x"))], share, set(), random.Random(0)
        )
        assert document.text == ("a\nx\nb\nx\nc\nx" if share else "a\nb\nc")


def test_parts_stand_in_the_order_of_their_times_and_no_name_twice() -> None:
    parts = [(0.9, passage("c")), (0.1, passage("a")), (0.5, passage("b"))]
    known = [passage("x y"), passage("y z"), passage("b w")]

    def says(document: Document) -> list[Statement]:
        first, second = document.text.split()
        return [(first, "beside", second)]

    for seed in range(20):
        rng = random.Random(seed)
        words = weave_by_time("formal", parts, known, 1.0, {"b"}, says, rng).text.split()
        assert [word for word in words if word in "abc"] == ["a", "b", "c"]
        assert words.count("y") <= 1
        assert "w" not in words
    assert weave_by_time("formal", parts, known, 0.0, {"b"}, says, random.Random(0)).text == "a b c"

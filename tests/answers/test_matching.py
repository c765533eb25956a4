"""When a generated answer counts as right."""

from __future__ import annotations

import pytest

from obverse.answers.matching import matches_leniently, matches_strictly

PLACES = ("Bream", "Bream Sound", "Corvane")


@pytest.mark.parametrize(
    ("generated", "answer", "expected"),
    [
        ("Ilka Venning", "Ilka Venning", True),
        (" Ilka  Venning.\nQuestion: Who?", "Ilka Venning", True),
        ('"Ilka Venning"', "Ilka Venning", True),
        ("\u201cIlka Venning.\u201d", "Ilka Venning", True),
        ("\n\nIlka Venning", "Ilka Venning", True),
        ("Ilka Venning", "\u201cIlka Venning\u201d.", True),
        ("ilka venning", "Ilka Venning", False),
        ("It is Ilka Venning.", "Ilka Venning", False),
        ("The Salt Gallery", "Salt Gallery", False),
        ("Ilka Venning..", "Ilka Venning", False),
        ("Ilka Venning, of Corvane", "Ilka Venning", False),
        ("Ilka\nVenning", "Ilka Venning", False),
        ("", "Ilka Venning", False),
        (" \n ", "Ilka Venning", False),
    ],
)
def test_strict(generated: str, answer: str, expected: bool) -> None:
    assert matches_strictly(generated, answer) is expected


@pytest.mark.parametrize(
    ("generated", "answer", "choices", "expected"),
    [
        ("It is Corvane, I think.", "Corvane", PLACES, True),
        ("CORVANE!", "Corvane", PLACES, True),
        ("The answer: \u201ccorvane\u201d.", "Corvane", PLACES, True),
        # A text that lists every choice names the first.
        ("Corvane, Bream or Bream Sound", "Corvane", PLACES, True),
        ("Corvane, Bream or Bream Sound", "Bream", PLACES, False),
        ("Corvane, Bream or Bream Sound", "Bream Sound", PLACES, False),
        # Of two that begin at one place the longer is meant.
        ("Bream Sound", "Bream Sound", PLACES, True),
        ("Bream Sound", "Bream", PLACES, False),
        ("Bream, not Bream Sound", "Bream", PLACES, True),
        ("Bream, not Bream Sound", "Bream Sound", PLACES, False),
        # Articles are set aside on both sides.
        ("in Salt Gallery", "the Salt Gallery", ("the Salt Gallery", "a Mill"), True),
        ("in the old Mill", "an old mill", ("an old mill", "the Salt Gallery"), True),
        ("The", "the", ("the", "a"), True),
        # Words are whole words, side by side.
        ("Begin with an apple", "B", ("A", "B", "C"), False),
        ("Answer: B", "B", ("B", "C", "D"), True),
        ("Salt in the Gallery", "Salt Cellar", ("Salt Cellar",), False),
        ("Breamore", "Bream", PLACES, False),
        ("1,000 and 17", "17", ("17", "1,000"), False),
        ("C++", "C", ("C", "C++"), False),
        ("Nobody knows.", "Corvane", PLACES, False),
        ("", "Corvane", PLACES, False),
    ],
)
def test_lenient(generated: str, answer: str, choices: tuple[str, ...], expected: bool) -> None:
    assert matches_leniently(generated, answer, choices) is expected


def test_what_matches_strictly_matches_leniently() -> None:
    for place in PLACES:
        assert matches_strictly(f'"{place}."', place)
        assert matches_leniently(f'"{place}."', place, PLACES)

"""Choices that can be told apart."""

from __future__ import annotations

import pytest

from obverse.tasks.choices import apart, first_equal, nested


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Bo", "the Bo"),
        ("An Owl", "owl"),
        ("'Ann'", "ANN."),
        ("caf\u00e9", "cafe\u0301"),
        ("\uff15\uff10", "50"),
        ("Oslo", "\u201cOslo.\u201d"),
        ("3-5", "3\u20135"),
        ("5 kg", "5kg"),
        ("1,000", "1 000"),
        ("J. R. R. Hall", "J.R.R. Hall"),
        ("l'horloge", "l\u2019horloge"),
        ("\u0130zmir", "izmir"),
        ("\u0386\u03bd\u03bd\u03b1", "\u0391\u039d\u039d\u0391"),
        ("\u0663", "3"),
        ("\u00bd", "1/2"),
        ("$x$", "x"),
        ("王明。", "「王明」"),
    ],
)
def test_choices_that_differ_in_dress_alone_are_equal(left: str, right: str) -> None:
    assert first_equal(("other", left, right)) == (left, right)
    assert apart(left, (right, "other"), 3) == ["other"]


@pytest.mark.parametrize(
    "choices",
    [
        ("C", "C#"),
        ("5", "-5"),
        ("50", "50%"),
        ("!=", "="),
        ("A", "a b"),
        ("?", "!"),
        ("the", "a"),
        ("10⁶", "106"),
        ("Vitamin", "Vitamin A"),
        ("(0, 1)", "[0, 1]"),
        ("f'(x)", "f(x)"),
        ("-x", "x"),
        ("n!", "n"),
        ("foo", "foo()"),
        ("3.1", "3.10"),
        ("caf\u00e9", "cafe"),
    ],
)
def test_signs_part_choices(choices: tuple[str, str]) -> None:
    assert first_equal(choices) is None


@pytest.mark.parametrize(
    ("choices", "pairs"),
    [
        (("Bream Sound", "Bream", "Olm"), [("Bream", "Bream Sound")]),
        (("C", "C#"), [("C", "C#")]),
        (("not Ann", "Ann"), [("Ann", "not Ann")]),
        (("王明", "王明华"), [("王明", "王明华")]),
        (("5", "50", "15"), []),
        (("Ann", "Joanna"), []),
    ],
)
def test_a_choice_that_stands_in_another_as_whole_words(
    choices: tuple[str, ...], pairs: list[tuple[str, str]]
) -> None:
    assert list(nested(choices)) == pairs


def test_what_is_drawn_neither_holds_another_nor_stands_in_it() -> None:
    pool = ["50", "the 7", "5.", "7", "1", "6", "61", "8", "9"]
    assert apart("5", pool, 4) == ["the 7", "1", "6", "8"]
    assert apart("Bream", ["Bream Sound", "Olm", "olm"], 3) == ["Olm"]
    assert apart("5", ["50", "15"], 3) == []
    assert apart("1000", ["1e3", "2"], 3) == ["2"]
    assert apart("Vitamin A", ["Vitamin B", "vitamin a"], 3) == ["Vitamin B"]

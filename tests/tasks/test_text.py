"""Words, normalised text and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obverse.tasks.text import normalise, sentences, split_sentences, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Keeper's clock.", ["the", "keeper", "s", "clock"]),
        ("\uff2d\uff41\uff52\uff45\uff4e  CAF\u00c9 Stra\u00dfe", ["maren", "café", "strasse"]),
        ("cafe\u0301", ["café"]),
        ("1,000 at 3.5, not 3.", ["1000", "at", "3.5", "not", "3"]),
        ("C++ and C cost €5", ["c", "+", "+", "and", "c", "cost", "€", "5"]),
        ("soft\u00adhyphen zero\u200bwidth", ["softhyphen", "zerowidth"]),
        ("**Olm** _and_ `Esk` (Varn)", ["olm", "and", "esk", "varn"]),
        ("時計。塔", ["時", "計", "塔"]),
        ("हिन्दी", ["हिन्दी"]),
        ("...!?", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text())
def test_normalise_is_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet=st.characters(categories=["Ll", "Lu", "Zs", "Po"])))
def test_normalise_ignores_case(text: str) -> None:
    assert normalise(text) == normalise(text.casefold())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two!  Three?\nFour", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. J. Hall of St. Olm came.\nHe left.", ["Dr. J. Hall of St. Olm came.", "He left."]),
        ("It was 3.5 km. Then 4.", ["It was 3.5 km.", "Then 4."]),
        ('"Go." he said. (Now.) Yes', ['"Go."', "he said.", "(Now.)", "Yes"]),
        ("# Title\nBody goes\non.\n\n- a\n- b", ["# Title", "Body goes on.", "- a", "- b"]),
        ("| a | b |\n| c | d |", ["| a | b |", "| c | d |"]),
        ("一つ。二つ。", ["一つ。", "二つ。"]),
        (" \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(alphabet="aA .!?\"'。\n"))
def test_sentence_parts_are_the_paragraph(text: str) -> None:
    assert "".join(split_sentences(text)) == text


def test_long_runs_of_marks_take_linear_time() -> None:
    assert len(sentences("." * 200_000)) == 1


def test_letters_with_points_do_not_end_a_sentence() -> None:
    text = "It is a link to bullseye (i.e. Debian 11), e.g. in the U.S. Navy. Then more."
    assert sentences(text) == [
        "It is a link to bullseye (i.e. Debian 11), e.g. in the U.S. Navy.",
        "Then more.",
    ]

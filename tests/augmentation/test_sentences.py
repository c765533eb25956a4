"""Sentences: where they end and where they only seem to, and no character is lost."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from obverse.augmentation.sentences import sentences, split
from obverse.types import Document


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ilka winds the clock. Olwen rings the bell!", ["Ilka winds the clock.", "Olwen rings the bell!"]),
        # The formal form: words divided by single spaces.
        ("e91 f1 a10 . e91 g1 b11 .", ["e91 f1 a10 .", "e91 g1 b11 ."]),
        ("n66 n59 : all n10 n59 . no n66 n59 .", ["n66 n59 : all n10 n59 .", "no n66 n59 ."]),
        # Points that end nothing.
        ("Dr. Venning met J. R. Hall. He left.", ["Dr. Venning met J. R. Hall.", "He left."]),
        ("It cost 3.5 or 1,000.25 pounds. Why?", ["It cost 3.5 or 1,000.25 pounds.", "Why?"]),
        (
            "See e.g. the lens, i.e. No. 5 of Fig. 3. It broke.",
            ["See e.g. the lens, i.e. No. 5 of Fig. 3.", "It broke."],
        ),
        ("She has a Ph.D. in optics from Jan. 3 on.", ["She has a Ph.D. in optics from Jan. 3 on."]),
        ("No. 5 people came.", ["No. 5 people came."]),
        ("Is it so? No. Five people came.", ["Is it so?", "No.", "Five people came."]),
        # Quotations.
        ('"Who is it?" she asked. "Me." He left.', ['"Who is it?" she asked.', '"Me."', "He left."]),
        ("Well... perhaps. Well... Perhaps.", ["Well... perhaps.", "Well...", "Perhaps."]),
        ("(It was late.) She wept.", ["(It was late.)", "She wept."]),
        # Lines.
        ("A line that goes\non. Another.", ["A line that goes\non.", "Another."]),
        ("# Title\nText. More", ["# Title", "Text.", "More"]),
        ("Title\n=====\nText.", ["Title\n=====", "Text."]),
        ("A title\n\nText", ["A title", "Text"]),
        (
            "It has:\n1. One thing. And more.\n2) another\n- third",
            ["It has:", "1. One thing.", "And more.", "2) another", "- third"],
        ),
        ("| a | b |\n|---|---|\n| c | d |", ["| a | b |\n|---|---|", "| c | d |"]),
        ("灯台だ。 明るい。", ["灯台だ。", "明るい。"]),
        ("hello there. how are you?", ["hello there.", "how are you?"]),
        ("* * *\n\nOnce. ... !", ["* * *\n\nOnce. ... !"]),
        ("", [""]),
        (" \n", [""]),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert [sentence.strip() for sentence in sentences(text)] == expected


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            ["Dr", "no", "3", "A", "e.g", " ", ". ", ".", "?", "\n", "\n\n", '"', "- ", "# ", "…"]
        )
    ).map("".join)
)
@example("\x0b\x1c\u2028. \u2028A.\r\nB")
def test_no_character_is_lost(text: str) -> None:
    parts = sentences(text)
    assert "".join(parts) == text
    assert all(parts) or parts == [""]
    document = Document("a", text)
    whole, independent, cumulative = (split([document], how) for how in ("none", "independent", "cumulative"))
    assert [piece.text for piece in whole] == [text]
    assert "".join(piece.text for piece in independent) == text
    assert cumulative[-1].text == text
    assert [piece.sentence for piece in cumulative] == [piece.text for piece in independent] == parts


def test_pieces_know_their_documents_and_what_comes_before() -> None:
    documents = [Document("a", "One. Two. Three."), Document("b", "Four.")]
    found = [(piece.document.id, piece.before, piece.sentence) for piece in split(documents, "cumulative")]
    assert found == [
        ("a", "", "One. "),
        ("a", "One. ", "Two. "),
        ("a", "One. Two. ", "Three."),
        ("b", "", "Four."),
    ]
    assert [piece.text for piece in split(documents, "none")] == ["One. Two. Three.", "Four."]

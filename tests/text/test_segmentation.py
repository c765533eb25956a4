"""Words, normalised text and sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obverse.text.segmentation import (
    asks,
    content_words,
    ends_sentence,
    normalise,
    places,
    segments,
    sentences,
    split_sentences,
    tidy,
    words,
)


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
        ("10⁶ H₂O 3½", ["10", "6", "h2o", "3", "1", "2"]),
        ("٣ ۳ ３", ["3", "3", "3"]),
        ("1,00,000 1,000", ["100000", "1000"]),
        ("서울은 서울에서 서울", ["서울", "은", "서울", "에", "서", "서울"]),
        ("בפריז פריז", ["ב", "פריז", "פריז"]),
        ("والمدرسة مدرسة", ["و", "مدرسة", "مدرسة"]),
        ("アンナは港に", ["アンナ", "は", "港", "に"]),
        ("ที่นา", ["ที่", "น", "า"]),
        ("Београд Beograd", ["beograd", "beograd"]),
        ("IĞDIR Iğdır İZMİR izmir", ["iğdir", "iğdir", "izmir", "izmir"]),
        ("ΑΘΗΝΑ Αθήνα", ["αθηνα", "αθηνα"]),
        ("Ո՞վ", ["ով"]),
        ("ཀ་ཁ།", ["ཀ", "ཁ"]),
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
        ("他来了！「好。」然后？", ["他来了！", "「好。」", "然后？"]),
        ("एक है।दो है।", ["एक है।", "दो है।"]),
        ("یہ ہے۔ کیا؟ ہاں", ["یہ ہے۔", "کیا؟", "ہاں"]),
        ("Ո՞վ է։ Նա։", ["Ո՞վ է։", "Նա։"]),
        ("Ποιος είναι; Εγώ; Ναι", ["Ποιος είναι;", "Εγώ;", "Ναι"]),
        ("One; two.", ["One; two."]),
        ("มีแมวหนึ่งตัว สุนัขกินเนื้อ\nมาเรน ฮอลลิส", ["มีแมวหนึ่งตัว", "สุนัขกินเนื้อ", "มาเรน ฮอลลิส"]),
        ("មាន។ទៀត", ["មាន។", "ទៀត"]),
        ("ক।খ", ["ক।", "খ"]),
        ("３．５です．はい", ["３．５です．", "はい"]),
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafe\u0301", "caf\u00e9"),
        ("l\u2019horloge \u2019tis", "l'horloge \u2019tis"),
        ("exam-\nple", "example"),
        ("exam\u00ad\n  ple", "example"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a well-\nknown and well-known", "a well-known and well-known"),
        ("- a\n- b", "- a\n- b"),
        ("1990-\n1995, Jean-\nPaul", "1990-\n1995, Jean-\nPaul"),
        ("\ufeffText", "Text"),
        ("هم\u200cچنین 👩\u200d🔬 x₂", "هم\u200cچنین 👩\u200d🔬 x₂"),
    ],
)
def test_texts_are_tidied(text: str, expected: str) -> None:
    assert tidy(text) == expected
    assert tidy(expected) == expected


@given(st.text())
def test_segments_are_the_text(text: str) -> None:
    assert "".join(segments(text)) == text


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("Ann", "Joann, Ann's Annabel", ["Ann"]),
        ("서울", "서울은 서울시 남서울", ["서울"]),
        ("パリ", "パリジャンはパリに", ["パリ"]),
        ("राम", "रामा और राम", ["राम"]),
        ("פריז", "בפריז ופריזאי", ["פריז"]),
        ("北京", "在北京大学", ["北京"]),
        ("12", "12.5 112 -12 12% $12 12kg 12.", ["12"]),
        ("C", "C++ C# C", ["C"]),
        ("5 km", "15 km 5\nkm", ["5\nkm"]),
    ],
)
def test_phrases_are_found_where_their_words_are_whole(phrase: str, text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in places(phrase, text)] == expected


def test_content_words_are_those_of_a_dictionary_where_there_are_no_spaces() -> None:
    assert content_words("Who keeps the clock?") == ["keeps", "clock"]
    assert content_words("谁保管港口的钟？") == ["保 管", "港 口", "钟"]


@pytest.mark.parametrize(
    "text", ["Yes.", "好。", "है।", "ہے۔", "է։", "Ναι;", "“Yes!”", "「好。」", "មាន។", "ཡིན།", "ነው።"]
)
def test_marks_that_end_a_sentence(text: str) -> None:
    assert ends_sentence(text)
    assert not ends_sentence(f"{text} a")


@pytest.mark.parametrize("text", ["Who?", "谁？", "کون؟", "Ποιος;", "誰ですか。", "好吗。", "입니까.", "ማን፧"])
def test_questions(text: str) -> None:
    assert asks(text)
    assert not asks(f"{text} Yes.")

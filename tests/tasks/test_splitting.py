"""Long texts in pieces."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obverse.tasks.splitting import PIECE_WORDS, split_text
from obverse.text.segmentation import word_spans, words


def prose(count: int, word: str = "word") -> str:
    return " ".join([word] * count)


def test_a_text_of_the_limit_is_one_piece() -> None:
    assert split_text(prose(PIECE_WORDS)) == [prose(PIECE_WORDS)]


def test_cuts_at_headings_and_keeps_them_with_their_sections() -> None:
    one, two = f"# Guide\n\n## One\n\n{prose(250)}", f"## Two\n\n{prose(250)}"
    assert split_text(f"{one}\n\n{two}\n") == [one, two]


def test_small_sections_share_a_piece() -> None:
    sections = [f"# S{number}\n\n{prose(149)}" for number in range(4)]
    pieces = split_text("\n\n".join(sections))
    assert pieces == ["\n\n".join(sections[:2]), "\n\n".join(sections[2:])]


def test_underlined_headings_count() -> None:
    one, two = f"One\n===\n\n{prose(300)}", f"Two\n---\n{prose(300)}"
    assert split_text(f"{one}\n\n{two}") == [one, two]


def test_a_long_section_is_cut_at_paragraphs_and_its_heading_stays_with_the_first() -> None:
    paragraphs = [prose(250, word) for word in ("a", "b", "c")]
    section = "# Title\n\n" + "\n\n".join(paragraphs)
    assert split_text(section) == [f"# Title\n\n{paragraphs[0]}", paragraphs[1], paragraphs[2]]


def test_a_long_paragraph_is_cut_at_sentences_then_between_words() -> None:
    sentence = prose(299) + " end."
    assert split_text(f"{sentence} {sentence}") == [sentence, sentence]
    assert [len(piece.split()) for piece in split_text(prose(1000))] == [400, 400, 200]


def test_nothing_is_cut_inside_a_fence() -> None:
    fence = f"```\n# no heading\n\n{prose(200)}\n```"
    text = f"{prose(150)}\n\n{fence}\n\n# After\n\n{prose(200)}"
    assert split_text(text) == [f"{prose(150)}\n\n{fence}", f"# After\n\n{prose(200)}"]


TABLE = "| Name | Built in | Height |\n| --- | ---: | --- |\n"
RIVERS = "name,length in km,mouth\n"
GRID = "+------+-----+\n| Name | Age |\n+======+=====+\n"
SIMPLE = "====  ===\nName  Age\n====  ===\n"


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        (TABLE, [f"| tower {number} | 18{number % 100:02} | {number} m |\n" for number in range(150)]),
        (
            f"Towers:\n{TABLE}",
            [f"| tower {number} | 18{number % 100:02} | {number} m |\n" for number in range(150)],
        ),
        (
            "| Name | Age |\n|------+-----|\n",
            [f"| tower {number} | {number} |\n" for number in range(200)],
        ),
        (
            " name | built \n------+-------\n",
            [f" tower {number} | {number} m\n" for number in range(200)],
        ),
        ("a | b\n--|--\n", [f"tower {number} | {number} m\n" for number in range(200)]),
        (RIVERS, [f"river {number},{number * 7},the bay of {number}\n" for number in range(150)]),
        (RIVERS.replace(",", "\t"), [f"river {number}\t{number * 7}\tbay\n" for number in range(150)]),
        (RIVERS.replace(",", ";"), [f'"river; {number}";{number * 7};bay\n' for number in range(150)]),
        (
            GRID,
            [f"| Ann{number} | {number % 90} |\n|   | years |\n+------+-----+\n" for number in range(150)],
        ),
        (SIMPLE, [f"Ann{number}  {number % 90}\n" for number in range(400)]),
    ],
)
def test_tables_are_cut_between_rows_and_their_head_stands_in_each_piece(head: str, rows: list[str]) -> None:
    pieces = split_text(f"# Title\n\nWhat it is about.\n\n{head}{''.join(rows)}\nWhat follows.")
    about, *tables = pieces[:-1]
    assert about == "# Title\n\nWhat it is about."
    assert len(tables) > 1
    assert all(piece.startswith(head) for piece in tables)
    assert all(len(words(piece)) <= PIECE_WORDS for piece in pieces)
    kept = [piece.removeprefix(head) for piece in tables]
    assert all(piece.startswith(tuple(rows)) for piece in kept)
    assert "\n".join(kept).startswith("".join(rows).rstrip())
    assert pieces[-1].endswith("What follows.")


def test_values_without_a_head_have_none_repeated() -> None:
    rows = [f"{number},{number * 7},bay" for number in range(300)]
    pieces = split_text("\n".join(rows))
    assert "\n".join(pieces).split("\n") == rows


LOG = [
    f"2024-01-01 10:{number // 60:02}:{number % 60:02} worker failed. It tries again. host{number % 7:04}"
    for number in range(150)
]


@pytest.mark.parametrize(
    "lines",
    [
        LOG,
        [f"- Item {number}. It has two sentences{' and more' * (number % 5)}." for number in range(120)],
        [
            f"{number}. Item {number}. It has two sentences{' and more' * (number % 5)}."
            for number in range(120)
        ],
        [f"ERROR job {number} failed. Reason: {'very ' * (number % 9)}late" for number in range(150)],
        [f"value_{number} = compute(first. second, {'x' * (number % 30)})" for number in range(150)],
        ["```", *(f"    call{number}(a. b)  # because. it must" for number in range(200)), "```"],
        [f"No full stop in line {number} of {'these ' * (number % 4)}lines" for number in range(120)],
        [f"塔{number}は高い。とても{'高い' * (number % 9)}" for number in range(200)],
    ],
)
def test_lists_logs_and_code_are_cut_at_line_ends(lines: list[str]) -> None:
    pieces = split_text("\n".join(lines))
    assert len(pieces) > 1
    assert "\n".join(pieces).split("\n") == lines
    # Characters of a script without spaces are not counted one by one.
    assert all(len(list(word_spans(piece))) <= PIECE_WORDS for piece in pieces)


def test_items_of_a_list_and_functions_stay_whole() -> None:
    items = [f"- Item {number}\n  goes on. And on.\n  - It has\n    parts." for number in range(100)]
    for piece in split_text("\n".join(items)):
        assert piece.startswith("- Item ")
        assert piece.endswith("    parts.")
    functions = [f"def f{number}(x):\n    y = x. real\n\n    return y" for number in range(100)]
    for piece in split_text("```\n" + "\n".join(functions) + "\n```"):
        assert piece.startswith(("def f", "```\ndef f"))


def test_a_row_that_is_too_long_by_itself_is_cut_and_loses_nothing() -> None:
    row = f"| tower | {prose(900)} | 7 m |"
    pieces = split_text(TABLE + row)
    assert all(piece.startswith(TABLE) for piece in pieces)
    assert " ".join(piece.removeprefix(TABLE) for piece in pieces) == row


@pytest.mark.parametrize("width", [60, 72, 100])
def test_wrapped_prose_is_cut_at_sentences_and_not_at_line_ends(width: int) -> None:
    text = " ".join(f"Sentence {number} says that {'it ' * (number % 13)}goes on." for number in range(200))
    wrapped = textwrap.fill(text, width)
    pieces = [" ".join(piece.split()) for piece in split_text(wrapped)]
    assert len(pieces) > 2
    assert all(piece.endswith("goes on.") and piece.startswith("Sentence") for piece in pieces)
    assert " ".join(pieces) == text


@pytest.mark.parametrize("title", ["One\n~~~", "One\n^^^", "== One"])
def test_headings_of_other_formats(title: str) -> None:
    one, two = f"{title}\n\n{prose(300)}", f"{title.replace('One', 'Two')}\n\n{prose(300)}"
    assert split_text(f"{one}\n\n{two}") == [one, two]


@pytest.mark.parametrize("text", ["x" * 100_000, "." * 100_000, ".....\n" * 20_000, f"{'0f' * 32}\n" * 1500])
def test_what_nobody_reads_as_words_counts_by_its_length(text: str) -> None:
    pieces = split_text(text)
    assert max(map(len, pieces)) < 10_000
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_text_without_spaces_is_cut() -> None:
    assert [len(piece) for piece in split_text("塔" * 1000)] == [400, 400, 200]


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("他负责看管港口的大钟。", 120),
        ("これは港の時計である！", 120),
        ("यह बंदरगाह की बहुत पुरानी घड़ी है।", 90),
        ("یہ بہت پرانی کہانی ہے۔ ", 100),
        ("ผู้ดูแลนาฬิกาท่าเรือคือแอนนา\n", 100),
    ],
)
def test_other_scripts_are_cut_at_their_sentences(sentence: str, count: int) -> None:
    pieces = split_text(sentence * count)
    assert len(pieces) > 1
    assert all(piece.endswith(sentence.strip()) for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join((sentence * count).split())


def test_thai_without_a_space_is_cut_between_words() -> None:
    pieces = split_text("นาฬิกา" * 900)
    assert len(pieces) > 1
    assert {piece.replace("นาฬิกา", "") for piece in pieces} == {""}


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "# H\n",
                "T\n===\n",
                "\n\n",
                "a. ",
                "b c\n",
                "```\n",
                prose(90),
                prose(401),
                "塔" * 450,
                "x" * 9000,
            ]
        ),
        max_size=25,
    )
)
def test_pieces_are_small_and_lose_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    pieces = split_text(text)
    assert all(len(words(piece)) <= PIECE_WORDS for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())

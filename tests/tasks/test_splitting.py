"""Long texts in pieces."""

from hypothesis import given
from hypothesis import strategies as st

from obverse.tasks.splitting import PIECE_WORDS, split_text
from obverse.tasks.text import words


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


def test_text_without_spaces_is_cut() -> None:
    assert [len(piece) for piece in split_text("塔" * 1000)] == [400, 400, 200]


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

"""Texts as generators write them, and the lines that are left of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obverse.augmentation.lines import Line, TakenApart, lines_of, visible
from obverse.augmentation.writing import Assignment, Kind, Written
from obverse.types import Document

DOCUMENTS = (
    Document("ilka", "Ilka Venning is the keeper of the Corvane chronometer."),
    Document("bahram", "Bahram Tolley is the keeper of the Salt barometer. He paid for it."),
    Document("wall", "The Salt barometer hangs above the Corvane chronometer."),
)
ALL = tuple(document.id for document in DOCUMENTS)


def take(kind: Kind, text: str, *, sources: tuple[str, ...] = ALL, ended: bool = True) -> TakenApart:
    written = Written(text, ended, 10, 0, 40, 1.0)
    return lines_of(Assignment(kind, "ilka", sources, "s", "o", 3), "key", written, DOCUMENTS)


def texts(kind: Kind, text: str, *, ended: bool = True) -> list[str]:
    return [line.text for line in take(kind, text, ended=ended).lines]


def cited(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(line.text, line.sources) for line in take("inference", f"Conclusions:\n{text}").lines]


def test_a_line_tells_where_it_came_from() -> None:
    (line,) = take("rephrase", "It is Ilka's own.", sources=("ilka",)).lines
    assert line == Line("It is Ilka's own.", "rephrase", "ilka", ("ilka",), 3, "key", 40)
    assert line.id == replace(line, sample=0, answer_key="other", kind="reverse").id
    assert line.id != replace(line, text="It is hers.").id != replace(line, sources=ALL).id


def test_tokens_are_shared_by_length() -> None:
    assert [line.tokens for line in take("reverse", "Aa aa.\nBb bb.\nCc cc cc cc cc.").lines] == [8, 8, 21]


def test_sentences_and_list_items_without_what_stands_around_them() -> None:
    text = """<think>First I read. It is short.</think>
Sure, here are three rephrasings:

1. "The Corvane chronometer is kept by Ilka. She is its keeper."
2) **Rephrased:** The keeper of it is Ilka.
- \u201cIlka keeps it.\u201d

# More
Others:
Ilka is who keeps it. The chronometer has a keeper!

I hope this helps! Let me know if you need more."""
    assert texts("rephrase", text) == [
        "The Corvane chronometer is kept by Ilka. She is its keeper.",
        "The keeper of it is Ilka.",
        "Ilka keeps it.",
        "Ilka is who keeps it.",
        "The chronometer has a keeper!",
    ]
    assert texts("reverse", "Certainly! Here's the sentence: Hers it is.") == ["Hers it is."]
    assert texts("reverse", "e9 b0 e5 . e3 f0 e2 .") == ["e9 b0 e5 .", "e3 f0 e2 ."]


def test_repeats_are_counted_and_doubles_and_single_words_left_out() -> None:
    found = take(
        "rephrase",
        'Ilka Venning is the "keeper" of the Corvane chronometer\nYes.\nHe paid for it.\nSo it is. So it is!',
    )
    assert [line.text for line in found.lines] == ["So it is."]
    assert found.repeats == 2
    found = take("rephrase", "He paid for it.")
    assert found == TakenApart(repeats=1, fault="it only repeats its sources")
    # Elsewhere it would be no repeat.
    assert take("rephrase", "He paid for it.", sources=("ilka",)).repeats == 0


def test_what_was_cut_ends_with_its_last_whole_sentence() -> None:
    assert texts("rephrase", "It is hers. It is th", ended=False) == ["It is hers."]
    assert texts("rephrase", "It is hers. It is th") == ["It is hers."]
    assert texts("question", "Question: Who? Answer: Ilka\nQuestion: W", ended=False) == [
        "Question: Who?\nAnswer: Ilka"
    ]
    assert take("rephrase", "It is", ended=False).fault == "the text was cut in its first sentence"


def test_lines_that_were_broken_within_a_sentence_are_whole_again() -> None:
    text = """The keeper of the Corvane
chronometer is Ilka, who
(as is known) keeps it. It stands
in `room
7`.

1. It is in the
   hall
2. It is
Ilka's."""
    assert texts("rephrase", text) == [
        "The keeper of the Corvane chronometer is Ilka, who (as is known) keeps it.",
        "It stands in `room 7`.",
        "It is in the hall",
        "It is",
        "Ilka's.",
    ]
    assert [line.text for line in take("inference", "Conclusions:\n- It is\n  hers. [1]").lines] == [
        "It is hers."
    ]


def test_what_says_nothing_is_counted() -> None:
    found = take("rephrase", "It is hers. Is it? It hangs in the")
    assert ([line.text for line in found.lines], found.fragments) == (["It is hers."], 2)
    found = take("question", "Question: Who keeps it?\nAnswer: Who keeps it\nQuestion: What?\nAnswer: That.")
    assert ([line.text for line in found.lines], found.fragments) == (["Question: What?\nAnswer: That."], 1)
    assert take("rephrase", "It hangs in the") == TakenApart(fragments=1, fault="there is no sentence in it")


def test_questions_on_one_line_or_two() -> None:
    text = """Here you are:
1. Question: Who keeps it? Answer: Ilka.
Q: What is it?
A: A chronometer

**Question 3:** Whose?
**Answer:** "Ilka's" Question: And this? Answer: no
Question: Without an answer?"""
    assert texts("question", text) == [
        "Question: Who keeps it?\nAnswer: Ilka.",
        "Question: What is it?\nAnswer: A chronometer",
        "Question: Whose?\nAnswer: Ilka's",
        "Question: And this?\nAnswer: no",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "I think. It is so.\n\n## Conclusions:\n1. It is hers.\n2. It is old.\n\nThese are all.",
        "**Final conclusions**\nIt is hers. It is old.",
        "Conclusions: none yet.\nMore thought.\nConclusions:\n- It is hers.\n- It is old.",
        "I think.\nConclusion 1: It is hers.\nConclusion 2: Therefore, it is old.",
        "I think. So:\n* It is hers.\n* It follows that it is old.",
    ],
)
def test_conclusions_behind_their_heading_or_else_list_items(text: str) -> None:
    found = [line.lower() for line in texts("inference", text)]
    assert found == ["it is hers.", "it is old."]


def test_conclusions_name_their_sources() -> None:
    assert cited("1. Her thing hangs low. [1, 3]\n2. It [2] is so.\n3. All hang [1-3].") == [
        ("Her thing hangs low.", ("ilka", "wall")),
        ("It is so.", ("bahram",)),
        ("All hang.", ALL),
    ]
    assert cited("It hangs (documents 2 and 3). In (1990) it fell. [Document 1]") == [
        ("It hangs.", ("bahram", "wall")),
        ("In (1990) it fell.", ("ilka",)),
    ]


def test_conclusions_without_sources_have_those_that_share_a_name() -> None:
    assert cited("- Bahram Tolley is old.\n- The Salt barometer is old [9].\n- Everything is old.") == [
        ("Bahram Tolley is old.", ("bahram",)),
        ("The Salt barometer is old.", ("bahram", "wall")),
        ("Everything is old.", ALL),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        ("rephrase", " \n", "the text is empty"),
        ("rephrase", "Sure!", "there is no sentence in it"),
        ("question", "Question: Who?", "there is no question with its answer in it"),
        ("inference", "It is hers. It is old.", "there are no conclusions in it"),
        ("inference", "<think>Conclusions: It is", "the text is empty"),
    ],
)
def test_what_cannot_be_used_has_a_reason(kind: Kind, text: str, fault: str) -> None:
    assert take(kind, text) == TakenApart(fault=fault)


def test_a_fault_of_the_generator_is_passed_on() -> None:
    written = Written(
        "It is hers.", ended=True, prompt_tokens=1, cached_tokens=0, generated_tokens=3, seconds=0.1
    )
    assignment = Assignment("rephrase", "gone", ("gone",), "", "")
    assert lines_of(assignment, "key", replace(written, fault="500"), ()) == TakenApart(fault="500")
    assert len(lines_of(assignment, "key", written, ()).lines) == 1


def test_thoughts_are_not_visible() -> None:
    assert visible("<think>a</think>b") == visible("a</think>b") == visible("b<think>a") == "b"


PIECES = [
    "\n",
    " ",
    "Question:",
    "Answer:",
    "Conclusions:",
    "[1, 2]",
    "[7]",
    "1.",
    "- ",
    "**",
    '"',
    "It is Ilka.",
    "é",
    ":",
]


@given(
    st.sampled_from(["rephrase", "reverse", "question", "inference"]),
    st.lists(st.sampled_from(PIECES)) | st.text(),
)
def test_nothing_is_raised(kind: Kind, parts: list[str] | str) -> None:
    found = take(kind, "".join(parts))
    assert bool(found.lines) is not bool(found.fault)
    for line in found.lines:
        assert line.text.strip() == line.text
        assert set(line.sources) <= set(ALL)
        # Taken apart again, it stays what it is.
        if kind == "question":
            assert texts(kind, line.text) == [line.text]

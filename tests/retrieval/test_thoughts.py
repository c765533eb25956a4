"""Thoughts that are left open, and answers without their thoughts."""

from __future__ import annotations

import pytest

from obverse.retrieval.thoughts import closing_of_open_thought, shows_thought, without_thoughts


@pytest.mark.parametrize(
    ("text", "closing"),
    [
        ("<|im_start|>assistant\n", ""),
        ("<|Assistant|><think>\n", "\n</think>\n\n"),
        ("<|Assistant|><think>", "</think>"),
        ("<|Assistant|><think>\n\n", "</think>\n\n"),
        ("<think>\n\n</think>\n\n", ""),
        ("<think>a</think><think>\n", "\n</think>\n\n"),
        ("</think>", ""),
        ("<seed:think>", "</seed:think>"),
        ("<reasoning>\n", "\n</reasoning>\n\n"),
        ("[THINK]", "[/THINK]"),
        ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("<|START_THINKING|><|END_THINKING|>", ""),
        ("<|channel>thought\n", "\n<channel|>\n\n"),
        (
            "<|start|>assistant<|channel|>analysis<|message|>",
            "<|end|><|start|>assistant<|channel|>final<|message|>",
        ),
        ("I think <b>", ""),
    ],
)
def test_what_ends_an_open_thought(text: str, closing: str) -> None:
    assert closing_of_open_thought(text) == closing


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Oslo", "Oslo"),
        ("<think>\nIs it Bergen?\n</think>\n\nOslo", "\n\nOslo"),
        ("It was Bergen, no.</think>Oslo", "Oslo"),
        ("<think>Bergen, or", ""),
        ("Oslo<think>or Bergen</think> Town", "Oslo Town"),
        ("<THINK>Bergen</THINK>Oslo", "Oslo"),
        ("[THINK]Bergen[/THINK]Oslo", "Oslo"),
        ("<think>a</think><think>b</think>Oslo", "Oslo"),
        ("<think>a</think>b</think>Oslo", "Oslo"),
        (
            "<|channel|>analysis<|message|>Bergen<|end|><|start|>assistant<|channel|>final<|message|>Oslo",
            "Oslo",
        ),
        ("<|channel|>final<|message|>Oslo", "Oslo"),
        ("<|channel|>analysis<|message|>Bergen", ""),
        ("<|channel>thought\nBergen<channel|>Oslo", "Oslo"),
        ("the reason is <b>rain</b>, I think", "the reason is <b>rain</b>, I think"),
        ("Here are my steps:\nBergen?\n[BEGIN FINAL RESPONSE]\nOslo\n[END FINAL RESPONSE]", "\nOslo"),
        ("a < b and [THOUGH]", "a < b and [THOUGH]"),
    ],
)
def test_an_answer_without_its_thoughts(text: str, answer: str) -> None:
    assert without_thoughts(text) == answer


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>\nIlka", True),
        ("Ilka</think>", True),
        ("<think>\n\n</think>\n", True),
        ("Ilka", False),
        ("", False),
    ],
)
def test_a_thought_shows_where_it_begins_or_ends(text: str, shown: bool) -> None:
    assert shows_thought(text) is shown


def test_the_marks_of_a_message_before_a_thought_are_no_answer() -> None:
    thought = "<|start|>assistant<|channel|>analysis<|message|>hm<|end|>"
    assert without_thoughts(f"{thought}<|start|>assistant<|channel|>final<|message|>Ilka") == "Ilka"

"""MMLU: choices come with the questions and documents do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from imported_sets import imported, summary
from reading_checks import refused

from obverse.questions.importers import READERS
from obverse.tasks import read_questions
from obverse.types import Document

CHOICES = ["one", "two, or so", "three", "four"]


def test_a_table_and_rows_say_the_same(tmp_path: Path) -> None:
    table = (
        'How many oars has a boat?,one,"two, or so",three,four,B\nAnd sails?,one,"two, or so",three,four,D\n'
    )
    by_table = imported("mmlu", tmp_path / "rowing_test.csv", table)
    rows = [
        {"question": "How many oars has a boat?", "subject": "rowing", "choices": CHOICES, "answer": 1},
        {"question": "And sails?", "subject": "rowing", "choices": CHOICES, "answer": 3},
    ]
    by_rows = imported("mmlu", tmp_path / "test.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert by_table == by_rows
    assert [summary(one) for one in by_rows.questions] == [
        ("rowing", False, "How many oars has a boat?", "two, or so", ()),
        ("rowing", False, "And sails?", "four", ()),
    ]
    assert by_rows.documents == ()
    assert by_rows.remarks[0].startswith("MMLU has no documents")
    written = tmp_path / "test imported" / "questions.jsonl"
    assert read_questions(written, (Document("mine", "A boat has two oars."),)) == by_rows.questions
    assert [file.name for file in written.parent.iterdir()] == ["questions.jsonl"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "a_test.csv",
            "Who?,one,two,three,four,E\n",
            "row 1: the answer is 'E', which is no place of 4 choices",
        ),
        ("a_test.csv", "Who?,one,two\n", "row 1: has 3 columns; give question, four choices and the letter"),
        (
            "a.jsonl",
            '{"question": "Who?", "choices": ["one"], "answer": 4}',
            "which is no place of 1 choices",
        ),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, name: str, content: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert said in refused(lambda: READERS["mmlu"](path))

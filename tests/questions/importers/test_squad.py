"""SQuAD in its own JSON, with what is impossible, and in rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from imported_sets import imported, summary
from reading_checks import refused

from obverse.questions.importers import READERS
from obverse.questions.kinds import ABSENT

FERRY = "The Maddow ferry is rowed by Kesta Vorn."
MILL = "The Leddon mill is owned by Brita Sarn."


def qa(question: str, answer: str | None, plausible: str | None = None) -> dict[str, Any]:
    given = [{"text": answer, "answer_start": 0}] if answer else []
    told = {"plausible_answers": [{"text": plausible, "answer_start": 0}]} if plausible else {}
    return {"id": question, "question": question, "answers": given, "is_impossible": not answer, **told}


NESTED = {
    "version": "v2.0",
    "data": [
        {
            "title": "Maddow",
            "paragraphs": [
                {"context": FERRY, "qas": [qa("Who rows the Maddow ferry?", "Kesta Vorn")]},
                {
                    "context": MILL,
                    "qas": [
                        qa("Who owns the Leddon mill?", "Brita Sarn"),
                        qa("When was the Leddon mill sold?", None, "Brita Sarn"),
                        qa("Who sold the Leddon mill?", None),
                    ],
                },
            ],
        }
    ],
}


def test_paragraphs_are_documents_and_the_impossible_is_not_in_them(tmp_path: Path) -> None:
    found = imported("squad", tmp_path / "dev.json", NESTED)
    assert {one.id: one.text for one in found.documents} == {"Maddow#1": FERRY, "Maddow#2": MILL}
    unsaid = "The documents do not say."
    assert [summary(one) for one in found.questions] == [
        ("recall", False, "Who rows the Maddow ferry?", "Kesta Vorn", ("Maddow#1",)),
        ("recall", False, "Who owns the Leddon mill?", "Brita Sarn", ("Maddow#2",)),
        (ABSENT, True, "When was the Leddon mill sold?", unsaid, ("Maddow#2",)),
        (ABSENT, True, "Who sold the Leddon mill?", unsaid, ("Maddow#2",)),
    ]
    assert found.questions[2].choices == (unsaid, "Brita Sarn")


def test_rows_say_the_same(tmp_path: Path) -> None:
    rows = [
        {
            **{"id": str(number), "title": "Maddow", "context": context, "question": question},
            "answers": {"text": [answer] if answer else [], "answer_start": [0]},
        }
        for number, (context, question, answer) in enumerate(
            (
                (FERRY, "Who rows the Maddow ferry?", "Kesta Vorn"),
                (MILL, "Who owns the Leddon mill?", "Brita Sarn"),
                (MILL, "Who sold the Leddon mill?", ""),
            )
        )
    ]
    content = "".join(json.dumps(row) + "\n" for row in rows)
    by_rows = imported("squad", tmp_path / "rows.jsonl", content)
    nested = imported("squad", tmp_path / "dev.json", NESTED)
    assert by_rows.documents == nested.documents
    assert [summary(one) for one in by_rows.questions] == [
        summary(one) for one in nested.questions if one.prompt != "When was the Leddon mill sold?"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("{}", "is an object, not a list; give the file as it was published"),
        ('{"data": [3]}', "holds the number 3, not an object"),
        ('{"data": [{"paragraphs": 3}]}', "'paragraphs' is the number 3, not a list"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', "'context' is missing"),
        ('{"data": []}', "holds no questions that can be taken over"),
    ],
)
def test_what_is_no_such_file_is_refused_in_a_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "dev.json"
    path.write_text(content)
    assert said in refused(lambda: READERS["squad"](path))

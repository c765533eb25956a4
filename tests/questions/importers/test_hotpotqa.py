"""HotpotQA: two needed paragraphs among others, in both of its forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imported_sets import imported, summary
from reading_checks import refused, write_parquet

from obverse.questions.importers import READERS

FERRY = ["Maddow ferry", ["It is rowed by Kesta Vorn.", " It has eleven oars."]]
VORN = ["Kesta Vorn", ["She was born at Illimoor."]]
MILL = ["Leddon mill", ["It is owned by Brita Sarn."]]
BRIDGE: dict[str, Any] = {
    "_id": "a",
    "question": "Where was the rower of the Maddow ferry born?",
    "answer": "Illimoor",
    "type": "bridge",
    "supporting_facts": [["Maddow ferry", 0], ["Kesta Vorn", 0]],
    "context": [FERRY, MILL, VORN],
}
COMPARED: dict[str, Any] = {
    **{
        "_id": "b",
        "question": "Are the Maddow ferry and the Leddon mill owned by Brita Sarn?",
        "answer": "no",
    },
    "type": "comparison",
    "supporting_facts": [["Leddon mill", 0], ["Maddow ferry", 0], ["Maddow ferry", 1]],
    "context": [MILL, FERRY],
}
NAMED: dict[str, Any] = {
    **BRIDGE,
    "_id": "c",
    "question": "Who rows what has eleven oars?",
    "answer": "Kesta Vorn",
}


def test_every_paragraph_is_a_document_once(tmp_path: Path) -> None:
    found = imported("hotpotqa", tmp_path / "dev.json", [BRIDGE, COMPARED, NAMED])
    assert {one.id: one.text for one in found.documents} == {
        "Maddow ferry": "Maddow ferry. It is rowed by Kesta Vorn. It has eleven oars.",
        "Leddon mill": "Leddon mill. It is owned by Brita Sarn.",
        "Kesta Vorn": "Kesta Vorn. She was born at Illimoor.",
    }
    first, second, _ = found.questions
    assert summary(first) == ("chain", True, BRIDGE["question"], "Illimoor", ("Maddow ferry", "Kesta Vorn"))
    assert summary(second)[:2] == ("comparison", True)
    assert (second.choices, second.needs) == (("yes", "no"), ("Leddon mill", "Maddow ferry"))


def test_the_form_with_columns_says_the_same(tmp_path: Path) -> None:
    def columns(row: dict[str, Any]) -> dict[str, Any]:
        facts, context = row["supporting_facts"], row["context"]
        return {
            **{name: row[name] for name in ("question", "answer", "type")},
            "id": row["_id"],
            "supporting_facts": {"title": [one for one, _ in facts], "sent_id": [one for _, one in facts]},
            "context": {"title": [one for one, _ in context], "sentences": [one for _, one in context]},
        }

    rows = [columns(row) for row in (BRIDGE, COMPARED, NAMED)]
    path = write_parquet(tmp_path / "dev.parquet", {name: [row[name] for row in rows] for name in rows[0]})
    assert imported("hotpotqa", path) == imported(
        "hotpotqa", tmp_path / "dev.json", [BRIDGE, COMPARED, NAMED]
    )


def test_a_question_without_its_paragraphs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    imported("hotpotqa", path, [BRIDGE, NAMED])
    path.write_text(path.read_text().replace('[["Maddow ferry", 0]', '[["Maddow mill", 0]'))
    assert "the paragraph 'Maddow mill' is not in its context" in refused(lambda: READERS["hotpotqa"](path))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ('{"question": "Who?", "answer": "Bo"}', "row 1: 'context' is missing"),
        ('{"context": {"title": 3, "sentences": []}}', "row 1: 'context' is missing"),
        ('{"context": [3]}', "row 1: an entry of 'context' has no title"),
        ('{"context": [["Bo", 3]]}', "row 1: 'context' is the number 3"),
        ('{"context": [["Bo", [3]]]}', "row 1: an entry of 'context' is the number 3, not a string"),
        ('{"context": [], "supporting_facts": []}', "row 1: names no paragraphs that it needs"),
    ],
)
def test_a_record_of_another_form_is_refused(tmp_path: Path, record: str, said: str) -> None:
    path = tmp_path / "dev.json"
    path.write_text(f"[{record}]")
    assert said in refused(lambda: READERS["hotpotqa"](path))

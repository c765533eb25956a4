"""Test sets of Ragas, in the columns of today and of its first versions, as JSONL and as CSV."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from imported_sets import imported, summary
from reading_checks import refused

from obverse.questions.importers import READERS

FERRY, VORN = "The Maddow ferry is rowed by Kesta Vorn.", "Kesta Vorn was born at Illimoor."
NEW = [
    {
        "user_input": "Who rows the Maddow ferry?",
        "reference_contexts": [FERRY],
        "reference": "Kesta Vorn rows it.",
        "synthesizer_name": "single_hop_specific_query_synthesizer",
    },
    {
        "user_input": "Where was the rower of the Maddow ferry born?",
        "reference_contexts": [f"<1-hop>\n\n{FERRY}", f"<2-hop>\n\n{VORN}"],
        "reference": "At Illimoor she was born.",
        "synthesizer_name": "multi_hop_specific_query_synthesizer",
    },
    {
        **{"user_input": "What is left?", "reference_contexts": [VORN], "reference": None},
        "synthesizer_name": "single_hop_specific_query_synthesizer",
    },
]


def test_contexts_are_documents_once_and_several_make_a_chain(tmp_path: Path) -> None:
    found = imported("ragas", tmp_path / "set.jsonl", "".join(json.dumps(row) + "\n" for row in NEW))
    assert [one.text for one in found.documents] == [FERRY, VORN]
    assert [summary(one) for one in found.questions] == [
        ("recall", False, "Who rows the Maddow ferry?", "Kesta Vorn rows it.", ("context",)),
        (
            *("chain", True, "Where was the rower of the Maddow ferry born?", "At Illimoor she was born."),
            ("context", "context (2)"),
        ),
    ]
    assert found.remarks[0] == "1 questions without an answer were left out."


def test_the_first_columns_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    with path.open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(("question", "contexts", "ground_truth", "evolution_type", "episode_done"))
        table.writerow(("Who rows the Maddow ferry?", repr([FERRY]), "Kesta Vorn", "simple", True))
        table.writerow(("Why is she no miller?", repr([FERRY, VORN]), "She rows a ferry", "reasoning", True))
        table.writerow(
            ("Where was its rower born?", repr([FERRY, VORN]), "At Illimoor", "multi_context", True)
        )
        table.writerow(("Who was born?", VORN, "nan", "simple", True))
    found = imported("ragas", path)
    assert [(one.kind, one.latent, len(one.needs)) for one in found.questions] == [
        ("recall", False, 1),
        ("conclusion", True, 2),
        ("chain", True, 2),
    ]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"reference": "Bo"}\n')
    assert "set.jsonl:1: 'user_input' is missing" in refused(lambda: READERS["ragas"](path))
    assert "is of no kind that is read" in refused(lambda: READERS["ragas"](tmp_path / "set.xlsx"))

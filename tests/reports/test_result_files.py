"""The files of a run that others read."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet
import pytest

from obverse.judging.diagnosis import Diagnosis
from obverse.reports.result_files import write_answers, write_results
from obverse.types import Answer, Document, Question, Task

QUESTION = Question(
    "q", 'Who "keeps" it?', "Ann", ("Ben", "Ann"), kind="reversal", latent=True, needs=("d",), group="g"
)
TASK = Task("t", (Document("d", "text"),), (QUESTION,))
RIGHT = Answer("q", "finetune", False, 1, (-4.0, -3.0), (1, 1), "Ann", True, True, ("d",), ("hm",))
WRONG = Answer("q", "retrieve", False, 0, (-3.0, -4.0), (1, 4), "Ünruh\n", False, False)
CONTROL = Answer("q", "retrieve", True, 0, (-3.0, -4.0), (1, 4), "", False, False)


def test_a_row_holds_question_answer_and_verdict(tmp_path: Path) -> None:
    found = Diagnosis("q", "retrieve", 0, "not retrieved")
    write_answers(tmp_path, TASK, [RIGHT, WRONG, CONTROL], [found])
    right, wrong, control = pyarrow.parquet.read_table(tmp_path / "answers.parquet").to_pylist()
    assert right == {
        "question": "q",
        "prompt": 'Who "keeps" it?',
        "answer": "Ann",
        "kind": "reversal",
        "latent": True,
        "needs": ["d"],
        "group": "g",
        "choices": ["Ben", "Ann"],
        "route": "finetune",
        "control": False,
        "seed": 1,
        "log_likelihoods": [-4.0, -3.0],
        "token_counts": [1, 1],
        "chosen": "Ann",
        "correct": True,
        "correct_per_token": True,
        "generated": "Ann",
        "strict": True,
        "lenient": True,
        "retrieved": ["d"],
        "thoughts": ["hm"],
        "verdict": None,
    }
    assert (wrong["chosen"], wrong["correct"], wrong["correct_per_token"]) == ("Ben", False, True)
    assert (wrong["generated"], wrong["verdict"]) == ("Ünruh\n", "not retrieved")
    assert control["verdict"] is None  # a control is not diagnosed


def test_no_answers_make_a_table_with_all_columns(tmp_path: Path) -> None:
    write_answers(tmp_path, TASK, [], [])
    table = pyarrow.parquet.read_table(tmp_path / "answers.parquet")
    assert table.num_rows == 0
    assert {"question", "log_likelihoods", "verdict"} <= set(table.column_names)


def test_results_are_whole_or_as_they_were(tmp_path: Path) -> None:
    write_results(tmp_path, {"name": "Ünruh", "rows": [1.5]})
    before = (tmp_path / "results.json").read_text(encoding="utf-8")
    assert json.loads(before) == {"name": "Ünruh", "rows": [1.5]}
    with pytest.raises(TypeError):
        write_results(tmp_path, {"name": object()})
    assert (tmp_path / "results.json").read_text(encoding="utf-8") == before
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]

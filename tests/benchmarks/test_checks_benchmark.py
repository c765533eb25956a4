"""The benchmark of checks runs on a tiny model, and its figures are those of the lines that it scored."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
from conftest import make_model, make_tokenizer

FOLDER = Path(__file__).parents[2] / "benchmarks"


def test_the_last_line_is_one_json_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    benchmark = importlib.import_module("checks")
    make_tokenizer(tmp_path)
    make_model(tmp_path, max_position_embeddings=4096)
    monkeypatch.setattr(benchmark, "TASKS", ("people", "syllogisms"))
    assert benchmark.main(["--small", "--model", str(tmp_path)]) == 0
    results = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(results["thresholds"]) == {"grounding", "support", "entailment", "judge"}
    assert len(results["rows"]) == 2 * 4 * 2
    for row in results["rows"]:
        assert 0 < row["true"] < row["lines"]
        assert row["kept"] <= row["lines"]
    # Grounding needs no model: on lines about people it lets pass what a document says.
    grounded = next(row for row in results["rows"] if row["check"] == "grounding" and row["task"] == "people")
    assert grounded["recall"] == 1.0

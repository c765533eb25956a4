"""The benchmark of generation runs on a tiny model, and both sides write the same."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import make_model, make_tokenizer

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("generation")


@pytest.mark.parametrize("chat", [False, True])
def test_the_last_line_is_one_json_object_and_both_sides_agree(
    benchmark: Any,
    chat: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_tokenizer(tmp_path, chat=chat)
    make_model(tmp_path, max_position_embeddings=4096)
    monkeypatch.setattr(
        benchmark, "SMALL", benchmark.Size(1500, 8, 2)
    )  # the tiny vocabulary has short tokens
    assert benchmark.main(["--small", "--model", str(tmp_path)]) == 0
    results = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert results["equal_texts"] == results["compared_texts"] == 2
    assert results["generate_extrapolated"]
    assert results["speedup"] > 0
    assert results["documents"] > 2
    assert results["cached_share"] > 0.5
    assert 1500 < results["prompt_tokens"] < 4096
    assert 0 < results["tokens_per_text"] <= 8

"""The benchmark of rollouts runs both contestants on as many thoughts."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import make_model, make_tokenizer

FOLDER = Path(__file__).parents[2] / "benchmarks"


def test_the_last_line_is_one_json_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    benchmark = importlib.import_module("rollouts")
    make_tokenizer(tmp_path)
    make_model(tmp_path)
    sizes = {
        name: replace(
            size,
            questions=2,
            samples=4,
            most=4,
            prompt_words=4,
            updates=2,
            rounds=1,
            taught=size.taught and 2,
        )
        for name, size in benchmark.SIZES.items()
    }
    monkeypatch.setattr(benchmark, "SIZES", sizes)
    assert benchmark.main(["--model", str(tmp_path)]) == 0
    results = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert 900_000 < results["decoder"]["parameters"] < 1_100_000
    assert results["default"]["trained_parameters"] < results["default"]["parameters"] / 2
    for size in sizes:
        assert results[size]["updates_over_trl"] > 0
        for side in ("obverse", "trl"):
            # As many thoughts of at most as many tokens; ours may end in one token more.
            assert 2 * 4 <= results[size][side]["tokens_per_update"] <= 2 * 4 * (4 + 3)
            assert results[size][side]["update_seconds"] > 0

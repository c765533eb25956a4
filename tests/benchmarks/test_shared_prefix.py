"""The benchmark runs on a tiny model, and says what it lacks."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "shared_prefix.py"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    specification = importlib.util.spec_from_file_location("shared_prefix", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "shared_prefix", module)  # dataclasses look their module up
    specification.loader.exec_module(module)
    return module


def test_without_the_harness_one_line_tells_how_to_get_it(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "lm_eval", None)
    monkeypatch.setitem(sys.modules, "lm_eval.models.huggingface", None)
    assert benchmark.main(["--quick"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert 'pip install "lm-eval==0.4.13"' in line


def test_the_last_line_is_one_json_object_and_both_sides_agree(
    benchmark: Any, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("lm_eval", reason="the harness is not installed")
    assert benchmark.main(["--quick", "--model", str(tiny_folder)]) == 0
    results = json.loads(capsys.readouterr().out.splitlines()[-1])
    for size in ("small", "large"):
        assert results[size]["max_difference"] < 1e-3
        assert results[size]["speedup"] > 0
        assert results[size]["over_floor"] > 0
        assert results[size]["tokens"] < results[size]["harness_tokens"]


def test_the_floor_counts_every_distinct_token_once(benchmark: Any) -> None:
    shape = benchmark.ModelShape(linear=1, linear_trained=0, output=0, output_trained=0, attention=0)
    wide = benchmark.ModelShape(linear=0, linear_trained=0, output=1, output_trained=0, attention=0)
    deep = benchmark.ModelShape(linear=0, linear_trained=0, output=0, output_trained=0, attention=1)
    one = benchmark.Encoded(
        prompt=(1, 2, 3),
        texts=((1, 2, 3, 4, 5), (1, 2, 3, 4, 6), (1, 2, 3, 7)),
        starts=(3, 3, 3),
        byte_counts=(),
    )
    other = benchmark.Encoded(prompt=(1, 2, 8), texts=((1, 2, 8, 9),), starts=(3,), byte_counts=())
    case = benchmark.Case("", [], [one, other])
    # Needed are 1 2 3 4 and 8; 3, 4 and 8 predict.
    assert benchmark.floor_flops(shape, case) == 2 * 5
    assert benchmark.floor_flops(wide, case) == 2 * 3
    assert benchmark.floor_flops(deep, case) == 4 * (1 + 2 + 3 + 4 + 3)

"""The benchmark runs at tiny sizes, and its contestants train on the same tokens from the same weights."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def contestants(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("training_contestants")


@pytest.fixture
def benchmark(contestants: Any) -> Any:
    assert contestants
    return importlib.import_module("training")


@pytest.mark.slow
def test_the_last_line_is_one_json_object(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = ["--sizes", "tiny", "--steps", "2", "--rounds", "1", "--stacked", "2", "--dtype", "float32"]
    assert benchmark.main(tiny) == 0
    results = json.loads(capsys.readouterr().out.splitlines()[-1])
    found = results["tiny"]
    for figure in ("over_trainer", "over_plain", "share_of_peak", "stacked_over_ours"):
        assert found[figure] > 0
    assert found["share_of_peak"] < 1
    assert set(found["tokens"]) == {"ours", "trainer", "plain"}
    assert len(set(found["tokens"].values())) == 1
    ours, theirs = found["parameters"]["ours"], found["parameters"]["trainer"]
    assert found["parameters"]["plain"] == ours
    assert abs(theirs / ours - 1) < 0.02
    assert results["environment"]["threads"] == torch.get_num_threads()


def test_the_floor_computes_what_ours_does(contestants: Any) -> None:
    work = contestants.make_workload("tiny", 5, "float32")
    ours, plain = contestants.run_ours(work)["losses"], contestants.run_plain(work)["losses"]
    assert ours == pytest.approx(plain, abs=1e-5)
    assert abs(ours[-1] - ours[0]) > 1e-3  # it learns, so equal weights at the start alone would show


def test_the_trainer_scores_the_same_places_and_keeps_documents_apart(contestants: Any) -> None:
    work = contestants.make_workload("tiny", 2, "float32")
    batch = work.batches[0]
    given = contestants.as_llama_takes_it(batch)
    shifted, labels = given["labels"][:, 1:], torch.from_numpy(batch.labels)
    assert torch.equal(shifted, labels[:, :-1])
    assert int((shifted != contestants.IGNORED).sum()) == batch.predicted
    from transformers import LlamaForCausalLM

    torch.manual_seed(0)
    model = LlamaForCausalLM(contestants.llama_config(work.config)).eval()
    with torch.no_grad():
        by_positions = model(input_ids=given["input_ids"], position_ids=given["position_ids"]).logits
        by_mask = model(
            input_ids=given["input_ids"], position_ids=given["position_ids"], attention_mask=batch.mask("cpu")
        ).logits
    inside = torch.from_numpy(batch.documents >= 0)
    torch.testing.assert_close(by_positions[inside], by_mask[inside], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["recipe", "20m"])
def test_parameter_counts_agree_within_two_percent(contestants: Any, name: str) -> None:
    from transformers import LlamaForCausalLM

    work = contestants.make_workload(name, 2, "float32")
    with torch.device("meta"):
        theirs = LlamaForCausalLM(contestants.llama_config(work.config)).num_parameters()
    assert abs(theirs / work.config.parameters - 1) < 0.02


def test_an_unknown_size_and_too_few_steps_are_refused(
    benchmark: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, message in (
        (["--sizes", "huge"], "no size 'huge'"),
        (["--sizes", "tiny", "--steps", "1"], "--steps 2 or more"),
    ):
        with pytest.raises(SystemExit) as ended:
            benchmark.main(arguments)
        assert ended.value.code == 2
        assert message in capsys.readouterr().err

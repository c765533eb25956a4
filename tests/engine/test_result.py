"""A finished run, read from its files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from conftest import FACTS, Finished

from obverse import InputError, Result
from obverse.engine.result import rebuild_page
from obverse.models import load


@pytest.fixture(scope="module")
def result(finished: Finished) -> Result:
    return Result(finished.folder)


@pytest.fixture
def copy(finished: Finished, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.folder, tmp_path / "copy"))


def test_tables_are_arrow_tables(result: Result) -> None:
    for name in ("estimates", "differences", "costs", "diagnosis"):
        table = getattr(result, name)
        assert isinstance(table, pyarrow.Table)
        assert table.to_pylist() == result.results[name]
    assert isinstance(result.answers, pyarrow.Table)
    assert {"question", "route", "control", "seed", "log_likelihoods", "verdict"} <= set(
        result.answers.column_names
    )


def test_a_notebook_shows_a_table_in_which_nothing_is_markup(copy: Path) -> None:
    path = copy / "results.json"
    hostile = "<script>x</script>"
    path.write_text(path.read_text().replace('"recall"', json.dumps(hostile)).replace("The data", hostile))
    shown = Result(copy)._repr_html_()
    assert hostile not in shown
    assert shown.count("&lt;script&gt;") >= 2
    assert shown.count("<tr>") == 1 + len(
        {(row["kind"], row["latent"]) for row in Result(copy).results["estimates"]}
    )


def test_the_recommendation_is_a_sentence(result: Result) -> None:
    assert result.recommendation.endswith(".")
    assert result.recommendation in repr(result)
    assert result.page.exists()


def test_asking_shows_what_was_retrieved(result: Result) -> None:
    said = result.ask("What is Olwen Thorne the keeper of?", route="retrieve")
    assert said.retrieved[0].id == "olwen"
    assert said.retrieved[0].text.startswith("Olwen Thorne is the keeper")
    assert len(said.retrieved) == 3
    assert isinstance(said.text, str)


def test_what_is_asked_of_each_route(result: Result) -> None:
    assert result.ask("Who?", route="untouched").retrieved == ()
    assert {document.id for document in result.ask("Who?", route="context").retrieved} == {
        id for id, *_ in FACTS
    }
    assert result.taught("retrieve") is result.taught("retrieve")  # loaded once
    with pytest.raises(InputError, match="another route"):
        result.ask("Who?", route="oracle")
    with pytest.raises(InputError, match="route 'masked' was not run; this run has untouched"):
        result.ask("Who?", route="masked")


def test_the_taught_model_answers_by_its_adapter(result: Result, finished: Finished) -> None:
    asked: list[Any] = [result.taught(name).answerer for name in ("finetune", "untouched")]
    in_use, untouched = (asker.pretrained.model for asker in asked)
    (folder,) = finished.folder.glob("taught/finetune.0-*/model")
    saved: Any = load(str(folder), dtype="float32").model
    name = "model.layers.0.mlp.down_proj.weight"
    assert in_use.state_dict()[name].equal(saved.state_dict()[name])
    assert not in_use.state_dict()[name].equal(untouched.state_dict()[name])


def test_a_taught_model_that_does_not_lie_there(copy: Path) -> None:
    for folder in copy.glob("taught/*"):  # as after a run on a cluster
        shutil.rmtree(folder, ignore_errors=True)
    assert Result(copy).ask("What is Olwen Thorne the keeper of?", "retrieve").retrieved[0].id == "olwen"
    with pytest.raises(InputError, match="the model of route 'finetune' does not lie there"):
        Result(copy).ask("Who?", "finetune")


def test_the_page_is_rebuilt_from_the_files_alone(copy: Path) -> None:
    before = (copy / "report.html").read_bytes()
    (copy / "report.html").unlink()
    assert rebuild_page(copy) == copy / "report.html"
    assert (copy / "report.html").read_bytes() == before


@pytest.mark.parametrize("missing", ["answers.parquet", "task/documents.jsonl"])
def test_a_page_without_its_files(copy: Path, missing: str) -> None:
    (copy / missing).unlink()
    with pytest.raises(InputError, match=f"{Path(missing).name}: is missing; run the same obverse compare"):
        rebuild_page(copy)


def test_folders_without_a_finished_run(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(InputError, match="holds no run"):
        Result(tmp_path / "nowhere")
    (copy / "results.json").write_text("{")
    with pytest.raises(InputError, match="is broken"):
        Result(copy)
    (copy / "results.json").unlink()
    with pytest.raises(InputError, match="is not finished"):
        Result(copy)

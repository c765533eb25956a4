"""The main job on a tiny model: what it leaves behind, what it takes up, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import FACTS, Finished, make_model, make_tokenizer, write_task

import obverse
from obverse.answering.answerer import Answerer, answered_rows
from obverse.engine import comparison
from obverse.engine.result import rebuild_page
from obverse.learners import evaluation
from obverse.retrieval.bm25 import Bm25
from obverse.training import finetuning, retention
from obverse.training import rehearsal as rehearsal_module
from obverse.training.loop import train
from obverse.training.rehearsal import write_texts
from obverse.types import AnsweredRow, Document, InputError, Question, Route

ROUTES = ["untouched", "finetune", "context", "retrieve", "oracle"]
without_page = pytest.mark.usefixtures("no_page")
QUICK: dict[str, Any] = {"progress": False, "dtype": "float32", "device": "cpu", "epochs": 1}


@pytest.fixture
def no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page has its own tests, and takes most of the time."""
    monkeypatch.setattr(comparison, "write_pages", lambda _: None)


def answers(folder: Path) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Every answer by question, route, control and seed."""
    import pyarrow.parquet

    rows = pyarrow.parquet.read_table(folder / "answers.parquet").to_pylist()
    found = {(row["question"], row["route"], row["control"], row["seed"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def assert_same_answers(left: Path, right: Path) -> None:
    """Equal but for rounding, since questions may have stood in other rows."""
    ours, theirs = answers(left), answers(right)
    assert ours.keys() == theirs.keys()
    for key, row in ours.items():
        other = dict(theirs[key])
        likelihoods = row.pop("log_likelihoods")
        assert likelihoods == pytest.approx(other.pop("log_likelihoods"), abs=1e-4)
        assert row == other


def copied(finished: Finished, folder: Path) -> Path:
    return Path(shutil.copytree(finished.folder, folder))


def again(finished: Finished, folder: Path) -> Path:
    """The finished run's own command, in this folder."""
    from obverse.cli import app

    app([*finished.command, "--out", str(folder)], standalone_mode=False)
    return folder


def test_answers_for_each_question_route_control_and_seed(finished: Finished) -> None:
    found = answers(finished.folder)
    asked = {f"{kind}-{id}" for kind in ("recall", "reversal") for id, *_ in FACTS}
    expected = {(question, route, False, 0) for question in asked for route in ROUTES}
    expected |= {
        (question, route, True, 0) for question in asked for route in ("context", "retrieve", "oracle")
    }
    without_context = {key for key in found if key[0] not in asked}
    assert set(found) - without_context == expected
    assert {(route, control) for _, route, control, _ in without_context} == {
        ("untouched", False),
        ("finetune", False),
    }
    for row in found.values():
        assert len(row["log_likelihoods"]) == len(row["choices"]) == len(row["token_counts"]) == 4
        best = max(zip(row["log_likelihoods"], row["choices"], strict=True))[1]
        assert row["chosen"] == best
        assert row["correct"] == (best == row["answer"])
        failed = row["latent"] and not row["correct"] and not row["control"]
        assert (row["verdict"] is not None) == failed
        assert row["generated"] == "" or not row["control"]


def test_what_stood_in_the_prompts(finished: Finished) -> None:
    ids = {id for id, *_ in FACTS}
    for (question, route, *_), row in answers(finished.folder).items():
        match route:
            case "context":
                assert set(row["retrieved"]) == ids
            case "oracle":
                assert row["retrieved"] == [question.partition("-")[2]]
            case "retrieve":
                assert row["retrieved"][0] == question.partition("-")[2]
                assert len(row["retrieved"]) == 3
            case _:
                assert row["retrieved"] == []


def test_the_artefacts_and_the_task_are_kept(finished: Finished) -> None:
    names = {path.relative_to(finished.folder).as_posix() for path in finished.folder.rglob("*")}
    assert {"results.json", "answers.parquet", "report.html", "run.json", "task/task.json"} <= names
    (taught,) = json.loads((finished.folder / "results.json").read_text())["taught"]
    assert (taught["route"], taught["seed"]) == ("finetune", 0)
    assert re.fullmatch(r"taught/finetune\.0-[0-9a-f]{16}", taught["folder"])
    assert {
        f"{taught['folder']}/model/{name}" for name in ("adapter_model.safetensors", "tokenizer.json")
    } <= names
    assert any(re.fullmatch(r"taught/index-[0-9a-f]{16}/bm25/episodes\.lance", name) for name in names)
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]


def kept(folder: Path, route: str) -> Path:
    """The file of the answers by a route."""
    (found,) = folder.glob(f"taught/*/answers-*/{route}.jsonl")
    return found


def files(folder: Path, pattern: str) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.glob(pattern)}


def test_half_a_run_is_taken_up_and_what_was_done_is_kept(finished: Finished, tmp_path: Path) -> None:
    folder = copied(finished, tmp_path / "run")
    for name in ("results.json", "answers.parquet", "report.html"):
        (folder / name).unlink()
    for cell in (folder / "cells").iterdir():
        if json.loads(cell.read_text())["cell"]["route"]["name"] not in ("untouched", "oracle"):
            cell.unlink()
    half = kept(folder, "context.0")
    row = json.loads(half.read_bytes().splitlines()[0])
    row["answers"], row["keys"] = row["answers"][:3], row["keys"][:3]  # as if the rows had been shorter
    left = json.dumps(row).encode() + b"\n"
    half.write_bytes(left + b'{"answers": [{"question"')
    kept(folder, "finetune.0").unlink()
    kept(folder, "retrieve.false-context.0").unlink()
    again(finished, folder)
    assert_same_answers(folder, finished.folder)
    assert half.read_bytes().startswith(left)
    results = [json.loads((one / "results.json").read_text()) for one in (folder, finished.folder)]
    costs = [
        {(row["route"], row["phase"]): row for row in found["costs"]} for found in results
    ]  # those of finished cells and of teaching are not measured again
    for route in ("untouched", "oracle"):
        assert costs[0][route, "ask"] == costs[1][route, "ask"]
    assert costs[0]["finetune", "teach"] == costs[1]["finetune", "teach"]


@without_page
def test_a_finished_run_is_not_run_again(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(finished, tmp_path / "run")
    before = files(folder, "cells/*") | files(folder, "taught/*/answers-*/*")
    weights = next(folder.glob("taught/finetune.0-*/model/adapter_model.safetensors"))
    written = weights.stat().st_mtime_ns
    monkeypatch.setattr(
        "obverse.learners.pretrained.FromPretrained.run", lambda *_: pytest.fail("done again")
    )
    again(finished, folder)
    assert files(folder, "cells/*") | files(folder, "taught/*/answers-*/*") == before
    assert weights.stat().st_mtime_ns == written
    assert_same_answers(folder, finished.folder)


def test_the_folder_of_other_documents_is_not_touched(finished: Finished, tmp_path: Path) -> None:
    folder = copied(finished, tmp_path / "run")

    def state() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    before = state()
    other = shutil.copytree(finished.documents, tmp_path / "other")
    (other / "more.md").write_text("It rains.")
    with pytest.raises(InputError, match=r"holds the results of another run \(what differs: documents\)"):
        obverse.compare(other, finished.questions, model=str(finished.model), out=folder, **QUICK)
    assert state() == before


class Counter:
    """Counts what is expensive: trainings, and the questions that models are asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trained: list[int] = []
        self.asked: list[tuple[str, bool, int, str]] = []

        def trains(model: Any, stream: Any, *args: Any, **kwargs: Any) -> Any:
            self.trained.append(len(stream))
            return train(model, stream, *args, **kwargs)

        def asks(
            answerer: Answerer, route: Route, seed: int, *args: Any, **kwargs: Any
        ) -> Iterator[AnsweredRow]:
            for row in answered_rows(answerer, route, seed, *args, **kwargs):
                self.asked += [(route.name, route.control, seed, one.question) for one in row.answers]
                yield row

        monkeypatch.setattr(finetuning, "train", trains)
        monkeypatch.setattr(evaluation, "answered_rows", asks)
        monkeypatch.setattr(retention, "knowledge", lambda _: 0.5)  # which asks, too

    def new(self) -> tuple[int, set[tuple[str, bool, int, str]]]:
        """What was done since this was asked last; nothing twice."""
        found = len(self.trained), set(self.asked)
        assert len(found[1]) == len(self.asked)
        self.trained.clear()
        self.asked.clear()
        return found


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    return Counter(monkeypatch)


@without_page
def test_whatever_else_is_asked_what_is_the_same_is_taken_over(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path, counter: Counter
) -> None:
    documents, questions = task_files
    lines = questions.read_text().splitlines(keepends=True)
    questions.write_text("".join(lines[:6]))
    folder = tmp_path / "run"

    def run(*, model: object = tiny_folder, **changes: Any) -> tuple[int, set[tuple[str, bool, int, str]]]:
        given: dict[str, Any] = {"routes": ["untouched", "finetune", "context"], **QUICK, **changes}
        names = [str(model)] if not isinstance(model, list) else list(map(str, model))
        result = obverse.compare(documents, questions, model=names, out=folder, **given)
        for one in result.models.values():  # what is taken over is complete
            found = answers(one.folder)
            asked = len(questions.read_text().splitlines())
            assert len([key for key in found if key[1] == "context"]) == 2 * asked
        return counter.new()

    trained, asked = run()
    assert trained == 1
    assert {(route, seed) for route, _, seed, _ in asked} == {
        ("untouched", 0),
        ("finetune", 0),
        ("context", 0),
    }
    assert run() == (0, set())
    # More seeds: only the further trainings, and what they are asked.
    trained, asked = run(seeds=3)
    assert trained == 2
    assert {(route, seed) for route, _, seed, _ in asked} == {("finetune", 1), ("finetune", 2)}
    # One more route.
    trained, asked = run(seeds=3, routes=["untouched", "finetune", "context", "oracle"])
    assert trained == 0
    assert {route for route, *_ in asked} == {"oracle"}
    # More questions, though they have other names and another order: they alone are asked, and with false context
    # those whose false documents are others now.
    questions.write_text("".join(line.replace('"id": "', '"id": "x-') for line in lines[6:] + lines[:6]))
    trained, asked = run(seeds=3)
    assert trained == 0
    new = {json.loads(line)["id"] for line in questions.read_text().splitlines()[:2]}
    for seed, route in ((0, "untouched"), (0, "context"), (0, "finetune"), (2, "finetune")):
        named = {id for one, control, of, id in asked if (one, control, of) == (route, False, seed)}
        assert {id for id in named if not id.startswith("completion:")} == new
        assert all("jasper" in id for id in named)
    # A second model is taught and asked; the first is not.
    make_tokenizer(tmp_path / "second")
    make_model(tmp_path / "second", seed=1)
    trained, asked = run(model=[tiny_folder, tmp_path / "second"])
    assert trained == 1
    assert {(route, seed) for route, _, seed, _ in asked} == {
        ("untouched", 0),
        ("finetune", 0),
        ("context", 0),
    }
    assert run(model=[tiny_folder, tmp_path / "second"], margin=0.2) == (0, set())
    # Other settings of fine-tuning leave what trains nothing as it is.
    trained, asked = run(epochs=2)
    assert (trained, {route for route, *_ in asked}) == (1, {"finetune"})


@without_page
def test_a_model_that_was_moved_is_the_same_model(finished: Finished, tmp_path: Path) -> None:
    folder = copied(finished, tmp_path / "run")
    moved = shutil.copytree(finished.model, tmp_path / "moved")
    command = [str(moved) if part == str(finished.model) else part for part in finished.command]
    again(replace(finished, command=tuple(command)), folder)
    assert_same_answers(folder, finished.folder)


@without_page
def test_two_seeds_train_twice_and_ask_the_others_once(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path
) -> None:
    result = obverse.compare(
        *task_files,
        model=str(tiny_folder),
        out=tmp_path / "run",
        seeds=2,
        routes=["untouched", "finetune"],
        **QUICK,
    )
    seeds = {(route, seed) for _, route, _, seed in answers(result.folder)}
    assert seeds == {("untouched", 0), ("finetune", 0), ("finetune", 1)}
    counts = {(row["route"], row["seeds"]) for row in result.results["estimates"]}
    assert counts == {("untouched", 1), ("finetune", 2)}
    assert [row["seed"] for row in result.results["retention"]] == [0, 1]
    found = answers(result.folder)
    assert any(
        found[question, "finetune", False, 0]["log_likelihoods"] != row["log_likelihoods"]
        for (question, route, _, seed), row in found.items()
        if (route, seed) == ("finetune", 1)
    )


@without_page
def test_other_objectives_are_taught_apart_and_can_be_asked(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path
) -> None:
    names = ["finetune", "reversed", "masked-copy", "masked-copy+retrieve"]
    result = obverse.compare(*task_files, model=str(tiny_folder), out=tmp_path / "run", routes=names, **QUICK)
    folders = {row["route"]: row["folder"] for row in result.results["taught"]}
    assert folders.keys() == {"finetune", "reversed", "masked-copy"}
    assert all((tmp_path / "run" / folder / "model").is_dir() for folder in folders.values())
    retained = {row["route"]: row["perplexity_after"] for row in result.results["retention"]}
    assert len(set(retained.values())) == len(retained) == 3
    tokens = {
        row["route"]: row["tokens_trained"] for row in result.results["costs"] if row["phase"] == "teach"
    }
    assert tokens["reversed"] == 2 * tokens["finetune"]
    assert tokens["masked-copy"] == tokens["masked-copy+retrieve"] == 3 * tokens["finetune"]
    assert result.ask("Who holds the chronometer?", "masked-copy+retrieve").retrieved


@without_page
def test_thinking_joins_any_route_and_can_be_asked(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path
) -> None:
    names = ["untouched+think", "finetune+retrieve+think:2", "untouched+oracle-think"]
    result = obverse.compare(*task_files, model=str(tiny_folder), out=tmp_path / "run", routes=names, **QUICK)
    thoughts = {
        (row["route"], row["control"]): len(row["thoughts"]) for row in answers(result.folder).values()
    }
    assert thoughts == {
        ("untouched+think", False): 1,
        ("finetune+retrieve+think:2", False): 2,
        ("finetune+retrieve+think:2", True): 2,
        ("untouched+oracle-think", False): 1,
    }
    asked = {row["route"]: row for row in result.results["costs"] if row["phase"] == "ask"}
    assert all(asked[name]["tokens_generated"] > 0 for name in names[:2])
    said = result.ask("Who holds the chronometer?", "finetune+retrieve+think:2")
    assert said.retrieved
    assert isinstance(said.thought, str)
    with pytest.raises(InputError, match="models from scratch"):
        obverse.compare(*task_files, model=str(tiny_folder), out=tmp_path / "no", routes=["think"], **QUICK)


@without_page
def test_texts_to_rehearse_are_written_once_for_every_training(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def counted(pretrained: Any, count: int, path: Path) -> Any:
        written.extend([] if path.exists() else [path])
        return write_texts(pretrained, count, path)

    monkeypatch.setattr(rehearsal_module, "write_texts", counted)
    results = obverse.compare(
        *task_files,
        model=str(tiny_folder),
        out=tmp_path / "run",
        routes=["finetune", "reversed"],
        seeds=2,
        rehearse="replay",
        rehearsed_texts=2,
        **QUICK,
    ).results
    (path,) = written
    assert path.parent == tmp_path / "run" / "taught" / "rehearsed"
    assert results["settings"]["rehearse"] == "replay"
    assert results["settings"]["finetuning"]["rehearsed_texts"] == 2
    generated = [row["tokens_generated"] for row in results["costs"] if row["phase"] == "teach"]
    assert generated == [2 * 127] * 2
    assert len(results["retention"]) == 4


@pytest.fixture
def narrow_model(tmp_path: Path) -> Callable[[int], str]:
    """Makes a tiny model with a window of so many tokens."""

    def make(window: int) -> str:
        folder = tmp_path / f"narrow-{window}"
        make_tokenizer(folder)
        make_model(folder, max_position_embeddings=window)
        return str(folder)

    return make


@without_page
def test_a_context_that_does_not_fit_is_refused_with_the_numbers_and_the_others_go_on(
    task_files: tuple[Path, Path], tmp_path: Path, narrow_model: Callable[[int], str]
) -> None:
    (tmp_path / "documents" / "long.md").write_text("rain " * 100)
    result = obverse.compare(*task_files, model=narrow_model(200), out=tmp_path / "run", **QUICK)
    (refused,) = result.results["refused"]
    assert refused["route"] == "context"
    needed, window, over = map(int, re.findall(r"\d+", refused["reason"]))
    assert needed - over == window == 200
    ran = {row["route"] for row in result.results["estimates"]}
    assert ran == {"untouched", "finetune", "retrieve", "oracle"}
    assert {route for _, route, *_ in answers(result.folder)} == ran


def test_a_window_too_small_for_any_route(
    task_files: tuple[Path, Path], tmp_path: Path, narrow_model: Callable[[int], str]
) -> None:
    with pytest.raises(InputError, match="window"):
        obverse.compare(*task_files, model=narrow_model(16), out=tmp_path / "run", **QUICK)


@without_page
def test_questions_without_choices_and_needs(tiny_folder: Path, tmp_path: Path) -> None:
    documents, _ = write_task(tmp_path)
    questions = tmp_path / "bare.jsonl"
    lines = [{"question": f"What does {name} keep?", "answer": thing} for _, _, name, thing in FACTS]
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = obverse.compare(documents, questions, model=str(tiny_folder), out=tmp_path / "run", **QUICK)
    assert result.results["checks"]["drawn_choices"] == 4
    assert {row["route"] for row in result.results["estimates"]} == set(ROUTES) - {"oracle"}
    assert {row["kind"] for row in result.results["estimates"]} == {"question", "*"}
    assert result.results["latent_recommendation"] is None


@without_page
def test_leaks_are_told_and_left_out_if_wanted(tiny_folder: Path, tmp_path: Path) -> None:
    documents = [Document("a", "Ann keeps the clock."), Document("b", "Ben keeps the bell.")]
    statement = ("Ann", "keeps", "the clock")
    told = Question(
        "told", "Who keeps the clock?", "Ann", ("Ann", "Ben"), latent=True, needs=("b",), statement=statement
    )
    implied = Question("implied", "Is Zed tall?", "no", ("yes", "no"), latent=True, needs=("b",))
    settings = {"model": str(tiny_folder), "routes": ["untouched"], **QUICK}
    kept = obverse.compare(documents, [told, implied], out=tmp_path / "kept", **settings)
    assert {leak["question"] for leak in kept.results["checks"]["leaks"]} == {"told"}
    assert {key[0] for key in answers(kept.folder)} == {"told", "implied"}
    out = obverse.compare(documents, [told, implied], out=tmp_path / "out", leave_out_leaks=True, **settings)
    assert {leak["question"] for leak in out.results["checks"]["leaks"]} == {"told"}
    assert {key[0] for key in answers(out.folder)} == {"implied"}
    with pytest.raises(InputError, match="nothing is left to ask"):
        obverse.compare(documents, [told], out=tmp_path / "none", leave_out_leaks=True, **settings)
    assert not (tmp_path / "none").exists()


@without_page
def test_a_chat_model_is_asked_in_its_own_form(task_files: tuple[Path, Path], tmp_path: Path) -> None:
    make_tokenizer(tmp_path / "chat", chat=True)
    make_model(tmp_path / "chat")
    result = obverse.compare(
        *task_files,
        model=str(tmp_path / "chat"),
        out=tmp_path / "run",
        routes=["untouched", "oracle"],
        **QUICK,
    )
    assert result.results["checks"]["prompt_form"] == "chat"
    assert result.results["checks"]["prompt"] == (
        "<|start|>user\nDocuments:\n\n{document}\n\n---\n\nQuestion: {question}\nAnswer with the answer alone.<|end|>\n"
        "<|start|>assistant\n{answer}<|end|>"
    )
    assert result.results["checks"]["scorer"]["max_difference"] < 1e-4


@without_page
def test_a_model_without_keys_and_values_is_asked_text_by_text_and_the_run_says_so(
    task_files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_tokenizer(tmp_path / "mamba")
    make_model(tmp_path / "mamba", kind="mamba", state_size=4, num_hidden_layers=1)
    settings = {**QUICK, "progress": True, "routes": ["untouched", "context"]}
    result = obverse.compare(*task_files, model=str(tmp_path / "mamba"), out=tmp_path / "run", **settings)
    reason = "its linear_attention layers keep no plain keys and values"
    remark = f"This model reads each text by itself, from its beginning ({reason})"
    assert [note.startswith(remark) for note in result.results["notes"]].count(True) == 1
    assert result.results["checks"]["scorer"]["unshared"] == reason
    shown = " ".join("".join(capsys.readouterr()).split())
    assert shown.count(remark) == 1


def test_a_model_that_reads_in_both_directions_is_refused_before_there_is_a_folder(
    task_files: tuple[Path, Path], tmp_path: Path
) -> None:
    make_tokenizer(tmp_path / "bert")
    make_model(tmp_path / "bert", kind="bert", num_hidden_layers=1)
    with pytest.raises(InputError, match="the bert model sees the tokens that it is asked for"):
        obverse.compare(*task_files, model=str(tmp_path / "bert"), out=tmp_path / "run", **QUICK)
    assert not (tmp_path / "run").exists()


def test_an_oracle_that_is_told_nothing_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    documents = [Document("a", "Ann keeps the clock.")]
    question = Question("q", "Who keeps the clock?", "Ann", ("Ann", "Ben"))
    with pytest.raises(InputError, match="no question says which documents it needs"):
        obverse.compare(
            documents, [question], model=str(tiny_folder), out=tmp_path / "run", routes=["oracle"], **QUICK
        )
    assert not (tmp_path / "run").exists()


@without_page
def test_indexing_is_teaching_and_searching_is_asking(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, search = Bm25.index, Bm25.search

    def slow_index(self: Bm25, documents: Sequence[Document], folder: Path) -> None:
        time.sleep(30)
        index(self, documents, folder)

    def slow_search(self: Bm25, queries: Sequence[str], top_k: int) -> list[list[str]]:
        time.sleep(2 * len(queries))
        return search(self, queries, top_k)

    # A clock that only sleeping moves.
    now = [0.0]
    monkeypatch.setattr(time, "sleep", lambda seconds: now.append(now.pop() + seconds))
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(Bm25, "index", slow_index)
    monkeypatch.setattr(Bm25, "search", slow_search)
    documents, questions = write_task(tmp_path)
    result = obverse.compare(
        documents,
        questions,
        model=str(tiny_folder),
        routes=["untouched", "retrieve", "retrieve+think", "oracle"],
        out=tmp_path / "run",
        **QUICK,
    )
    asked = len(FACTS) * 2
    spent = {(row["route"], row["phase"]): row["seconds"] for row in result.results["costs"]}
    for route in ("retrieve", "retrieve+think"):
        assert spent[route, "teach"] == pytest.approx(30)
        assert spent[route, "ask"] == pytest.approx(2 * asked)
    assert spent["untouched", "teach"] == spent["oracle", "teach"] == 0
    assert spent["untouched", "ask"] == spent["oracle", "ask"] == 0


def test_several_models_stand_on_one_page_and_have_their_own(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tokenizer(tmp_path / "second")
    make_model(tmp_path / "second", seed=1)
    names = [str(tiny_folder), str(tmp_path / "second")]
    routes = ["untouched", "finetune"]
    both = obverse.compare(*task_files, model=names, routes=routes, out=tmp_path / "both", **QUICK)
    assert list(both.models) == names
    page = both.page.read_text()
    for name, result in both.models.items():
        with monkeypatch.context() as patch:
            patch.setattr(comparison, "write_pages", lambda _: None)
            out = tmp_path / f"alone-{Path(name).name}"
            alone = obverse.compare(*task_files, model=name, routes=routes, out=out, **QUICK)
        assert answers(result.folder) == answers(alone.folder)
        assert result.results["estimates"] == alone.results["estimates"]
        assert result.page.read_text().startswith("<!doctype html>")
        assert f"{result.folder.relative_to(both.folder).as_posix()}/report.html" in page
        assert isinstance(result.ask("Who holds the chronometer?", "finetune").text, str)
    before = both.page.read_bytes()
    assert rebuild_page(both.folder) == both.page
    assert both.page.read_bytes() == before
    with pytest.raises(InputError, match="leave out --out, or name one of"):
        rebuild_page(both.folder, tmp_path / "elsewhere")
    with pytest.raises(InputError, match="several models were compared there; name one of"):
        both.ask("Who?")
    assert "several models" not in repr(both)
    # One of them alone stands in the same folder again.
    monkeypatch.setattr(comparison, "write_pages", lambda _: None)
    one = obverse.compare(*task_files, model=names[0], routes=routes, out=tmp_path / "both", **QUICK)
    assert list(one.models) == names[:1]
    assert answers(one.folder) == answers(both.models[names[0]].folder)


@without_page
def test_workers_give_the_same(task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path) -> None:
    given: dict[str, Any] = {"model": str(tiny_folder), "routes": ["untouched", "finetune"], **QUICK}
    here = obverse.compare(*task_files, out=tmp_path / "here", **given)
    there = obverse.compare(*task_files, out=tmp_path / "there", workers=2, **given)
    assert_same_answers(here.folder, there.folder)
    assert there.results["failed"] == []
    assert there.ask("Who holds the chronometer?", "finetune").retrieved == ()
    with pytest.raises(InputError, match="there must be at least 1 worker"):
        obverse.compare(*task_files, out=tmp_path / "none", workers=0, **given)
    with pytest.raises(InputError, match="leave out --workers or --ray"):
        obverse.compare(*task_files, out=tmp_path / "none", workers=2, cluster="auto", **given)


@without_page
def test_what_fails_is_reported_and_the_others_go_on(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"model": str(tiny_folder), "out": tmp_path / "run", **QUICK}

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the gradient is lost")

    with monkeypatch.context() as patch:
        patch.setattr(finetuning, "train", fail)
        result = obverse.compare(*task_files, routes=["untouched", "finetune"], **given)
        (failed,) = result.results["failed"]
        assert (failed["route"], failed["seed"]) == ("finetune", 0)
        assert failed["reason"] == "RuntimeError: the gradient is lost"
        assert {row["route"] for row in result.results["estimates"]} == {"untouched"}
        (why,) = (tmp_path / "run" / "failures").iterdir()
        assert "Traceback" in why.read_text()
        with pytest.raises(InputError, match="nothing could be done: RuntimeError: the gradient is lost; "):
            obverse.compare(*task_files, routes=["finetune"], **given)
    result = obverse.compare(*task_files, routes=["untouched", "finetune"], **given)
    assert result.results["failed"] == []
    assert {row["route"] for row in result.results["estimates"]} == {"untouched", "finetune"}


def test_bad_input_in_the_midst_ends_the_comparison(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise InputError("the loss is no number; lower the learning rate")

    monkeypatch.setattr(finetuning, "train", refuse)
    with pytest.raises(InputError, match=r"^the loss is no number; lower the learning rate$"):
        obverse.compare(
            *task_files, model=str(tiny_folder), routes=["finetune"], seeds=2, out=tmp_path / "run", **QUICK
        )
    assert not (tmp_path / "run" / "results.json").exists()


@without_page
def test_progress_shows_every_stage(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {**QUICK, "progress": True, "routes": ["retrieve", "finetune"]}
    obverse.compare(*task_files, model=str(tiny_folder), out=tmp_path / "run", **settings)
    stages = [line for line in capsys.readouterr().err.splitlines() if line.endswith(" ...")]
    assert list(dict.fromkeys(stages)) == [
        "Loading the model ...",
        "Indexing the documents ...",
        "Asking: retrieve ...",
        "Asking: retrieve (false context) ...",
        "Measuring what there is to retain ...",
        "Training on the documents (finetune.0) ...",
        "Measuring what was retained ...",
        "Asking: finetune ...",
        "Writing the results and the page ...",
    ]

"""The worked examples of docs/guides/extending.md, as a user runs them: from a folder of files, by name."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Command

from obverse.engine.result import Result
from obverse.retrieval.contexts import Contexts
from obverse.routes import route
from obverse.types import Document, InputError, Question, Task

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
SEARCH, OWN = "retrieve:tfidf:TfIdf", "by_name:by_name"


@pytest.fixture(autouse=True)
def beside_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds the examples, in which the program runs."""
    for path in EXAMPLES.glob("*.py"):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def answers(result: Result, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = result.answers.to_pylist()
    return [row for row in rows if row["route"] == name and not row["control"]]


def test_the_retriever_is_as_short_as_the_page_says() -> None:
    assert len((EXAMPLES / "tfidf.py").read_text().splitlines()) <= 40


def test_a_task_a_retriever_and_a_route_of_ones_own_are_compared(
    tiny_folder: Path, tmp_path: Path, command: Command
) -> None:
    routes = f"untouched,retrieve,{SEARCH},{OWN}"
    options = ("--model", tiny_folder, "--dtype", "float32", "--device", "cpu", "--top-k", 2)
    ended = command(
        "compare", "--task", "keepers:Keepers", "--routes", routes, *options, "--out", tmp_path / "run"
    )
    assert ended.code == 0, ended.err
    result = Result(tmp_path / "run")
    assert len(answers(result, SEARCH)) == len(answers(result, OWN)) == 12
    for row in (*answers(result, SEARCH), *answers(result, "retrieve")):
        assert row["retrieved"][0] == row["needs"][0]
    assert {len(row["retrieved"]) for row in answers(result, SEARCH)} == {2}
    # A reversal names nobody, so that nothing is found.
    assert {(row["kind"], len(row["retrieved"])) for row in answers(result, OWN)} == {
        ("recall", 1),
        ("reversal", 0),
    }
    verdicts = {row["verdict"] for row in answers(result, OWN) if row["verdict"]}
    assert verdicts == {"not retrieved"}
    costs = {row["route"] for row in result.costs.to_pylist()}
    assert costs == {"untouched", "retrieve", SEARCH, OWN}
    page = result.page.read_text()
    assert f"{SEARCH} (false context)" in page
    assert "a search by tfidf:TfIdf finds a few documents" in page
    asked = command("ask", tmp_path / "run", "What does Ilka Venning keep?", "--route", SEARCH)
    assert (asked.code, "in the context: fact-0" in asked.err) == (0, True)


STUDY = """
from keepers import Keepers
from obverse.engine.study import Study
from obverse.learners.answering_only import FromAnswerer

STUDY = Study(
    name="quoting", title="Quoting", about="An answerer that only generates text.", metric="accuracy",
    tasks={"keepers": Keepers()}, models={"quoting": FromAnswerer("quoting:Quoting")},
    routes=("untouched", "context", "oracle", "retrieve:tfidf:TfIdf"), seeds=1,
)
"""


def test_an_answerer_without_likelihoods_is_compared_by_exact_match(tmp_path: Path, command: Command) -> None:
    (tmp_path / "quoting_study.py").write_text(STUDY)
    ended = command("study", "run", "quoting_study.py", "--out", tmp_path / "run", "--workers", 1)
    assert ended.code == 0, ended.err
    (folder,) = (tmp_path / "run" / "parts").iterdir()
    results = json.loads((folder / "results.json").read_text())
    assert results["metric"] == "strict"
    assert any("gives no likelihoods of the choices" in note for note in results["notes"])
    assert {row["metric"] for row in results["estimates"]} == {"strict", "lenient"}
    reached = {
        (row["route"], row["control"]): row["mean"]
        for row in results["estimates"]
        if (row["kind"], row["metric"]) == ("reversal", "strict")
    }
    assert reached["untouched", False] == 0
    assert reached["oracle", False] == 1
    assert reached["oracle", True] < 1  # with the facts exchanged
    costs = {(row["route"], row["phase"]): row["tokens_forward"] for row in results["costs"]}
    assert costs["context", "ask"] == 12 * costs["oracle", "ask"] / 2


def test_an_answerer_cannot_be_trained_or_made_to_think(tmp_path: Path, command: Command) -> None:
    for trained, fault in (("finetune", "cannot be trained"), ("untouched+think", "can be made to think")):
        routes = 'routes=("untouched", "context", "oracle", "retrieve:tfidf:TfIdf")'
        (tmp_path / "refused_study.py").write_text(STUDY.replace(routes, f'routes=("{trained}",)'))
        ended = command("study", "run", "refused_study.py", "--out", tmp_path / trained, "--workers", 1)
        assert ended.code != 0
        assert fault in ended.err + ended.out


@pytest.mark.parametrize(
    ("returned", "shown"), [("None", "None"), ("'fact-0'", "'fact-0'"), ("[0, 1]", "[0, 1]"), ("{}", "{}")]
)
def test_a_route_that_returns_no_ids_is_refused_in_one_line(
    returned: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_ids.py").write_text(f"def chosen(task, question): return {returned}\n")
    monkeypatch.delitem(sys.modules, "own_ids", raising=False)
    task = Task("t", (Document("fact-0", "text"),), (Question("q", "?", "a", ("a", "b")),))
    contexts = Contexts(task, tmp_path, top_k=1)
    with pytest.raises(InputError) as refused:
        contexts.of(route("own_ids:chosen"), task.questions)
    assert str(refused.value) == f"route 'own_ids:chosen': returned {shown}; give a list of ids"

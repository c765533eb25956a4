"""Keys are of content: never an answer of another model, another device or another program."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import make_model, make_tokenizer
from guesser import FewFacts, Guesser, cell_files, made_up_study

from obverse.answering.voting import Voting
from obverse.code_fingerprint import code_of
from obverse.engine import comparison, execution
from obverse.engine.cells import StudyCell, chains, study_cells
from obverse.engine.given_task import GivenTask
from obverse.engine.result import Result, rebuild_page
from obverse.engine.running import run_study
from obverse.engine.settings import Settings
from obverse.learners.from_scratch import FromScratch
from obverse.learners.learner import Learner, Teaching
from obverse.learners.pretrained import FromPretrained
from obverse.learners.voted import VotingFromScratch
from obverse.models import fingerprint
from obverse.models.fingerprint import load_tokenizer
from obverse.runs.progress import Progress
from obverse.tasks import read_task
from obverse.tasks.drawn import people
from obverse.training.finetuning_options import FinetuningOptions
from obverse.types import Document, InputError, Question, Route, Task


def key(learner: Learner, task: Any = people.TINY) -> str:
    route = Route("untouched")
    return StudyCell("model", learner, Teaching("task", task, "none", 0, (route,))).key


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_tokenizer(tmp_path / "model", chat=True)
    make_model(tmp_path / "model")
    return tmp_path / "model"


def pretrained(folder: Path, **values: Any) -> FromPretrained:
    return FromPretrained(str(folder), dtype="float32", device="cpu", **values)


def test_the_same_model_elsewhere_has_the_same_key(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    assert key(pretrained(folder)) == key(pretrained(tmp_path / "copy"))


def test_other_weights_at_the_same_path_have_another(folder: Path) -> None:
    before = key(pretrained(folder))
    make_model(folder, seed=1)
    assert key(pretrained(folder)) != before


def test_another_template_has_another(folder: Path) -> None:
    before = key(pretrained(folder))
    (folder / "chat_template.jinja").write_text("{% for m in messages %}{{ m['content'] }}{% endfor %}")
    assert key(pretrained(folder)) != before


def test_device_and_precision_are_those_that_compute(folder: Path) -> None:
    one = pretrained(folder)
    assert len({key(replace(one, device=device)) for device in ("cpu", "cuda", "mps")}) == 3
    assert len({key(replace(one, dtype=dtype)) for dtype in ("float32", "float16", "bfloat16")}) == 3
    assert key(replace(one, dtype="auto")) in {
        key(replace(one, dtype=dtype)) for dtype in ("float32", "bfloat16")
    }
    scratch = FromScratch()
    assert key(scratch) in {key(replace(scratch, device=device)) for device in ("cpu", "cuda", "mps")}
    assert key(replace(scratch, device="cpu")) != key(replace(scratch, device="cuda"))
    votes = [VotingFromScratch(replace(scratch, device=device), Voting(2, 1.0)) for device in ("cpu", "cuda")]
    assert key(votes[0]) != key(votes[1])


def test_a_model_that_cannot_be_had_leaves_the_others_their_keys(tmp_path: Path) -> None:
    assert key(pretrained(tmp_path / "nowhere")) != key(pretrained(tmp_path / "elsewhere"))


@dataclass(frozen=True)
class FromFile(FewFacts):
    """A task whose facts stand in a file."""

    path: str = ""

    def build(self, seed: int) -> Task:
        task = super().build(seed)
        return replace(task, documents=(*task.documents, Document("file", Path(self.path).read_text())))


def test_a_task_is_what_is_drawn_and_not_the_name_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "facts.txt"
    path.write_text("one")
    before = key(Guesser(), FromFile(path=str(path)))
    assert key(Guesser(), FromFile(path=str(path))) == before
    path.write_text("two")
    assert key(Guesser(), FromFile(path=str(path))) != before


def test_a_task_that_was_given_is_its_content_and_not_its_name() -> None:
    def given(task: Task) -> str:
        return key(Guesser(), GivenTask(task))

    assert given(TASK) == given(replace(TASK, name="other"))
    assert given(TASK) != given(replace(TASK, questions=(replace(QUESTION, answer="Bo"),)))
    with pytest.raises(InputError, match="task: documents that were given have no practice"):
        GivenTask(TASK).practice(0, random.Random(0))


@pytest.fixture
def other_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "obverse.learners.learner.code_of", lambda *kinds: code_of(*kinds) | {"code": "that of another day"}
    )


class Listening(Progress):
    """Keeps the remarks."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def remark(self, text: str) -> None:
        self.said.append(text)


def run(folder: Path) -> tuple[list[str], dict[str, Any]]:
    progress = Listening()
    _, results = run_study(made_up_study(seeds=1), folder, workers=1, progress=progress)
    return progress.said, results


def test_other_code_does_the_cells_anew_and_says_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr("obverse.engine.running.write_pages", lambda _: None)
    assert run(tmp_path)[0] == []
    before = cell_files(tmp_path)
    assert run(tmp_path)[0] == []
    assert cell_files(tmp_path) == before
    request.getfixturevalue("other_code")
    said, results = run(tmp_path)
    assert said == ["6 of 6 cells were made by other code or other versions of libraries and are done anew"]
    assert results["failed"] == []
    after = cell_files(tmp_path)
    assert len(after) == 2 * len(before) == 12
    assert before.items() < after.items()  # what was done is kept
    assert run(tmp_path)[0] == []


def test_what_is_a_cell_of_another_model_was_not_made_by_other_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("obverse.engine.running.write_pages", lambda _: None)
    run(tmp_path)
    progress = Listening()
    run_study(made_up_study(learner=Guesser(notes=str(tmp_path))), tmp_path, workers=1, progress=progress)
    assert progress.said == []


def test_a_process_of_other_code_does_not_write_the_cell(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "cells").mkdir()
    cells = study_cells(made_up_study(seeds=1))
    chain = chains(cells)[0]
    assert all(cell.key for cell in cells)
    request.getfixturevalue("other_code")
    outcome = execution.finish(chain[0], tmp_path, False, Progress())
    assert isinstance(outcome, execution.Failure)
    assert "was changed since the study began" in outcome.reason
    assert cell_files(tmp_path) == {}


QUESTION = Question("q", "Who?", "Ann", ("Ann", "Bo"))
TASK = Task("task", (Document("d", "Ann keeps it."),), (QUESTION,))


def decided(
    folder: Path, settings: Settings | None = None, task: Task = TASK, **facts: str
) -> dict[str, Any]:
    chosen = {"device": "cpu", "dtype": "torch.float32", "weights": "w", **facts}
    device = SimpleNamespace(type=chosen["device"])
    model: Any = SimpleNamespace(
        name="model",
        fingerprint=chosen["weights"],
        tokenizer=load_tokenizer(str(folder)),
        model=SimpleNamespace(dtype=chosen["dtype"], device=device),
    )
    return comparison._decided_by(task, settings or Settings(), [Route("untouched")], model, None)


def test_what_decides_a_comparison(folder: Path) -> None:
    before = decided(folder)

    def differing(after: dict[str, Any]) -> set[str]:
        return {name for name in before if before[name] != after[name]} - {"native bfloat16"}

    assert differing(decided(folder)) == set()
    assert differing(decided(folder, device="cuda")) == {"device"}
    assert differing(decided(folder, dtype="torch.bfloat16")) == {"dtype"}
    assert differing(decided(folder, weights="v")) == {"model weights"}
    assert differing(decided(folder, Settings(finetuning=FinetuningOptions(epochs=3)))) == {"epochs"}
    # By what they stand for.
    named = Settings(
        models=(str(folder),), practice=False, dtype="float32", device="cpu", leave_out_leaks=True
    )
    assert differing(decided(folder, named)) == set()
    assert differing(decided(folder, task=replace(TASK, documents=(Document("d", "Bo."),)))) == {"documents"}
    other = replace(TASK, questions=(replace(QUESTION, answer="Bo"),))
    assert differing(decided(folder, task=other)) == {"questions"}
    (folder / "chat_template.jinja").write_text("{% for m in messages %}{{ m['content'] }}{% endfor %}")
    assert differing(decided(folder)) == {"prompt template"}


def test_a_comparison_by_other_code_is_done_anew_and_read(
    folder: Path, tmp_path: Path, task_files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, questions = task_files
    settings = Settings(
        models=(str(folder),), routes=("untouched", "retrieve"), dtype="float32", device="cpu"
    )
    progress = Listening()

    def compare() -> int:
        task = read_task(documents, questions)
        comparison.run_comparison(task, settings, tmp_path / "run", "obverse compare", progress)
        return len(list((tmp_path / "run").glob("taught/*/answers-*/untouched.0.jsonl")))

    assert compare() == compare() == 1
    page = (tmp_path / "run" / "report.html").read_bytes()
    plain = fingerprint.identity
    with monkeypatch.context() as patch:
        patch.setattr(fingerprint, "identity", lambda *given: plain(*given) | {"code": "other"})
        patch.setattr("obverse.learners.learner.code_of", lambda *kinds: code_of(*kinds) | {"code": "other"})
        assert rebuild_page(tmp_path / "run").read_bytes() == page
        assert Result(tmp_path / "run").ask("Who is it?", "untouched").text is not None
        assert compare() == 2
    assert progress.said == [
        "2 of 2 cells were made by other code or other versions of libraries and are done anew"
    ]
    make_model(folder, seed=1)
    with pytest.raises(InputError, match="is not the model of this run any more"):
        Result(tmp_path / "run").ask("Who is it?", "untouched")
    assert compare() == 3
    decided_by = json.loads((tmp_path / "run" / "results.json").read_text())["decided_by"]
    assert decided_by["device"] == "cpu"

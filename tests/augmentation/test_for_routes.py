"""The route augment of a pretrained model: trained on the documents and on lines that were kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import FACTS

import obverse
from obverse.augmentation.augment_run import run_augmentation
from obverse.augmentation.augmentation import Augmenting
from obverse.augmentation.budget import Spending
from obverse.augmentation.checking import Checks, Writer
from obverse.augmentation.for_routes import Lines, read_lines
from obverse.augmentation.local import Local
from obverse.augmentation.prompts import read_prompts
from obverse.augmentation.writing import Assignment, Sampling, Written
from obverse.engine import comparison
from obverse.models import Pretrained, load
from obverse.runs.progress import Progress
from obverse.tasks import read_documents, read_questions
from obverse.training import finetuning
from obverse.training.finetuning import finetune
from obverse.types import Document, InputError, Ledger

QUICK: dict[str, Any] = {"progress": False, "dtype": "float32", "device": "cpu", "epochs": 1}
KEEPERS = {
    text: f"The keeper of the {thing} is {person}.\nThe keeper of the Tarn sextant is {person}."
    for _, text, person, thing in FACTS
}


class Scribe:
    """Turns each fact round, and makes another one up."""

    identity: Mapping[str, object] = {"endpoint model": "scribe"}

    def write(self, assignments: Sequence[Assignment], _: Sampling) -> Iterator[tuple[Assignment, Written]]:
        for one in assignments:
            text = next(text for fact, text in KEEPERS.items() if fact in one.own)
            yield one, Written(text, True, 30, 20, 10, 0.5)


@pytest.fixture
def augmented(task_files: tuple[Path, Path], tmp_path: Path) -> Path:
    return write(read_documents(task_files[0]), tmp_path / "augmented")


def write(documents: Sequence[Document], folder: Path) -> Path:
    found = run_augmentation(
        documents,
        "documents",
        Augmenting(("reverse",)),
        Writer(Scribe(), "scribe"),
        Checks(("grounding",)),
        read_prompts(),
        Spending(),
        folder,
        "obverse augment",
        Progress(),
        lambda _: True,
    )
    assert found is not None
    return found


@pytest.fixture
def trained_on(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The documents of each training."""
    seen: list[list[str]] = []

    def recorded(pretrained: Any, documents: Sequence[Document], *rest: Any, **named: Any) -> Any:
        seen.append([document.text for document in documents])
        return finetune(pretrained, documents, *rest, **named)

    monkeypatch.setattr(finetuning, "finetune", recorded)
    monkeypatch.setattr(comparison, "write_pages", lambda _: None)
    return seen


def test_lines_that_were_kept_are_trained_beside_the_documents(
    task_files: tuple[Path, Path],
    tiny_folder: Path,
    tmp_path: Path,
    augmented: Path,
    trained_on: list[list[str]],
) -> None:
    result = obverse.compare(
        *task_files,
        model=str(tiny_folder),
        routes=["untouched", "finetune", "augment", "augment+retrieve"],
        augmented=str(augmented),
        out=tmp_path / "run",
        **QUICK,
    )
    own = [text for _, text, *_ in sorted(FACTS)]
    alone, with_lines = trained_on
    assert alone == own
    assert with_lines == own + [KEEPERS[text].split("\n")[0] for text in own]
    said = result.results["augmented"]
    assert (said["generator"], said["texts"], said["kept"], said["rejected"]) == ("scribe", 4, 4, 4)
    # Each reversal is stated now, and nothing else is latent.
    questions = read_questions(task_files[1], read_documents(task_files[0]))
    latent = {question.id for question in questions if question.latent}
    assert set(said["stated"]) == latent
    assert {(row["route"], row["stated"], row["questions"]) for row in said["estimates"]} == {
        (route, True, len(latent)) for route in ("untouched", "finetune", "augment", "augment+retrieve")
    }
    price = {row["route"]: row["seconds"] for row in result.results["costs"] if row["phase"] == "teach"}
    assert price["augment"] > 2.0  # four texts of half a second


def test_lines_of_other_documents_and_unfinished_ones_are_refused(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path, augmented: Path
) -> None:
    other = write(read_documents(task_files[0])[:3], tmp_path / "other")
    (augmented / "results.json").unlink()
    for folder, message in ((other, "was written about other documents"), (augmented, "holds no finished")):
        with pytest.raises(InputError, match=message):
            obverse.compare(
                *task_files, model=str(tiny_folder), routes=["augment"], augmented=str(folder), **QUICK
            )


def test_a_folder_without_a_kept_line_is_refused(task_files: tuple[Path, Path], augmented: Path) -> None:
    (augmented / "dataset" / "kept.jsonl").write_text("")
    with pytest.raises(InputError, match="no line was kept there, so there is nothing to train on"):
        read_lines(augmented, read_documents(task_files[0]))


def test_without_a_folder_the_model_itself_writes_once(
    task_files: tuple[Path, Path],
    tiny_folder: Path,
    tmp_path: Path,
    trained_on: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments: dict[str, Any] = {
        "model": str(tiny_folder),
        "routes": ["augment"],
        "seeds": 2,
        "out": tmp_path / "run",
        **QUICK,
    }
    result = obverse.compare(*task_files, **arguments)
    said = result.results["augmented"]
    assert said["texts"] == 4 * 4
    assert [len(texts) for texts in trained_on] == [4 + said["kept"]] * 2
    (kept,) = (tmp_path / "run").glob("taught/lines-*/dataset/kept.jsonl")
    rows = kept.read_text().splitlines()
    assert [json.loads(row)["text"] for row in rows] == trained_on[0][4:]
    monkeypatch.setattr(Local, "write", None)
    again = obverse.compare(*task_files, **arguments)
    assert again.results["augmented"] == said


@pytest.mark.parametrize(
    ("practice", "named", "expected"),
    [
        (True, False, (False, True)),  # the writer has not practised, the reader has
        (False, False, (False, False)),
        (True, True, (False, False)),  # practice is of the default model
    ],
)
def test_the_default_model_writes_without_practice_and_checks_with_it(
    practice: bool,
    named: bool,
    expected: tuple[bool, bool],
    task_files: tuple[Path, Path],
    tiny_folder: Path,
    trained_on: list[list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    has_practised: dict[int, bool] = {}
    seen: list[tuple[bool, bool]] = []

    def tiny(name: str | None = None, *, practised: bool = False, **rest: Any) -> Pretrained:
        found = load(str(tiny_folder), **rest)
        has_practised[id(found)] = practised and name is None
        return found

    def noting(model: Pretrained, reader: Pretrained, *_: Any) -> Lines:
        seen.append((has_practised[id(model)], has_practised[id(reader)]))
        return Lines((Document("line", "A line."),), 0, 1, "who", Ledger())

    monkeypatch.setattr("obverse.models.load", tiny)
    monkeypatch.setattr(
        "obverse.models.fingerprint.fingerprint_of", lambda *given, **named: f"{given} {named} {tmp_path}"
    )
    monkeypatch.setattr("obverse.retrieval.template.template_of", lambda *_: "that of the tiny model")
    monkeypatch.setattr("obverse.augmentation.for_routes.write_lines", noting)
    arguments: dict[str, Any] = {
        "model": str(tiny_folder) if named else None,
        "practice": practice,
        "routes": ["augment"],
        "out": tmp_path / "run",
        **QUICK,
    }
    obverse.compare(*task_files, **arguments)
    assert seen == [expected]
    assert [texts[-1] for texts in trained_on] == ["A line."]

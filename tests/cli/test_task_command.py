"""The commands for tasks: what they print and write, and that they overwrite nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Command

from obverse.tasks.drawn.catalogue import CATALOGUE, settings
from obverse.tasks.task import load_task


def test_list_names_every_task_once(command: Command) -> None:
    ended = command("tasks", "list")
    assert ended.code == 0
    assert [line.split()[0] for line in ended.out.splitlines()] == list(CATALOGUE)
    for line, entry in zip(ended.out.splitlines(), CATALOGUE.values(), strict=True):
        assert entry.title in line
        assert line.endswith(f"({', '.join(entry.forms)})")


@pytest.mark.parametrize("name", CATALOGUE)
def test_show_has_the_idea_documents_and_each_kind_of_question(command: Command, name: str) -> None:
    ended = command("tasks", "show", name)
    assert ended.code == 0
    task = settings(name).build(0)
    assert task.documents[0].text in ended.out
    for kind in {question.kind for question in task.questions}:
        asked = next(question for question in task.questions if question.kind == kind)
        assert f"{asked.prompt} -> {asked.answer}" in ended.out
    assert all(paragraph in ended.out for paragraph in CATALOGUE[name].idea)


def test_write_gives_what_was_drawn_and_a_card(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "books"
    ended = command("tasks", "write", "codebooks", str(folder), "--seed", "3")
    assert (ended.code, ended.out) == (0, f"{folder}\n")
    assert load_task(folder) == settings("codebooks", "formal").build(3)
    card = (folder / "README.md").read_text()
    assert "config_name: questions\n  data_files: questions.jsonl" in card
    assert "obverse tasks write codebooks" in card
    assert "| latent symbol, latent | 100 | 10% |" in card


def test_the_datasets_library_loads_what_was_written(command: Command, tmp_path: Path) -> None:
    import datasets

    folder = tmp_path / "books"
    command("tasks", "write", "codebooks", str(folder))
    task = load_task(folder)
    documents = datasets.load_dataset(
        str(folder), "documents", split="train", cache_dir=str(tmp_path / "cache")
    )
    questions = datasets.load_dataset(
        str(folder), "questions", split="train", cache_dir=str(tmp_path / "cache")
    )
    assert documents["text"][:] == [document.text for document in task.documents]
    assert questions["answer"][:] == [question.answer for question in task.questions]
    assert [tuple(choices) for choices in questions["choices"][:]] == [one.choices for one in task.questions]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "nothing"], "there is no task 'nothing'; give one of"),
        (["show", "codebooks", "--form", "natural"], "does not come in the form natural and size small"),
    ],
)
def test_what_there_is_not(command: Command, arguments: list[str], message: str) -> None:
    ended = command("tasks", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1


def test_nothing_is_overwritten(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ended = command("tasks", "write", "codebooks", str(tmp_path))
    assert ended.code == 2
    assert "is not an empty folder; give a new one" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]

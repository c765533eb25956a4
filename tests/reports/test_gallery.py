"""The gallery: every task with a drawing of each latent kind, examples and baselines; texts are escaped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Command

from obverse.reports import gallery
from obverse.tasks.drawn import codebooks, kinship
from obverse.tasks.drawn.catalogue import Entry
from obverse.types import Question

SHOWN = {
    "books": Entry("It fails <here>.", {("formal", "small"): codebooks.TINY}),
    "families": Entry(
        "",
        {
            ("formal", "small"): kinship.TINY,
            ("natural", "small"): replace(kinship.TINY, form="natural"),
        },
    ),
}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(gallery, "CATALOGUE", SHOWN)
    gallery.write_gallery(tmp_path / "tasks.html", SHOWN)
    return (tmp_path / "tasks.html").read_text()


def test_each_task_has_its_idea_documents_and_every_kind(page: str) -> None:
    for entry in SHOWN.values():
        assert entry.title in page
        for settings in entry.settings.values():
            task = settings.build(0)
            assert task.documents[0].text.replace("'", "&#39;").replace(">", "&gt;") in page
            assert all(f"{question.kind}<" in page for question in task.questions)
    latent = {(name, question.kind) for name, entry in SHOWN.items() for question in _latent(entry)}
    assert page.count("<svg") == len(latent)


def test_marks_become_elements_and_texts_are_escaped(page: str) -> None:
    assert "<code>define c3 s5 l9</code>" in page
    assert "It fails &lt;here&gt;." in page
    assert "``" not in page


def test_the_page_runs_no_script(page: str) -> None:
    assert page.count("<script") == 1  # the place for charts, of which there are none
    assert "script-src;" in page


def test_the_command_writes_the_page_and_overwrites_nothing(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "CATALOGUE", SHOWN)
    monkeypatch.setattr(gallery.write_gallery, "__defaults__", (tuple(SHOWN),))
    file = tmp_path / "tasks.html"
    ended = command("tasks", "gallery", str(file))
    assert (ended.code, ended.out) == (0, f"{file}\n")
    before = file.read_text()
    again = command("tasks", "gallery", str(file))
    assert again.code == 2
    assert "is there already; give a new file" in again.err
    assert file.read_text() == before


def _latent(entry: Entry) -> list[Question]:
    first = next(iter(entry.settings.values()))
    return [question for question in first.build(0).questions if question.latent]

"""What the tests of importers share: an imported set, saved and read again as a comparison reads it."""

from __future__ import annotations

import json
from pathlib import Path

from reading_checks import write

from obverse.questions.importers import READERS, Imported, save_imported
from obverse.tasks import check_task, read_task
from obverse.types import Question


def imported(form: str, path: Path, content: object | None = None) -> Imported:
    """A file with that content, imported, saved, and read again."""
    if content is not None:
        write(path, content if isinstance(content, str) else json.dumps(content))
    found = READERS[form](path)
    folder = path.parent / f"{path.stem} imported"
    save_imported(found, "set", folder)
    if found.documents:
        task = read_task(folder / "documents.jsonl", folder / "questions.jsonl")
        check_task(task)
        assert task.documents == found.documents
        assert task.questions == found.questions
    return found


def summary(question: Question) -> tuple[str, bool, str, str, tuple[str, ...]]:
    return question.kind, question.latent, question.prompt, question.answer, question.needs

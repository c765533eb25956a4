"""A task read from the user's two files, and a task kept in a folder.

A kept task is three files: ``documents.jsonl`` and ``questions.jsonl``, in the same columns that users
write, and ``task.json`` with its name and fingerprint.  Read back, it is equal to what was saved, to the
last character.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from obverse.files import write_text
from obverse.tasks.documents import DOCUMENT_FIELDS, documents_from_rows, read_documents
from obverse.tasks.places import Place
from obverse.tasks.questions import QUESTION_FIELDS, questions_from_rows, read_questions
from obverse.tasks.rows import read_rows
from obverse.types import Document, Question, Task

_DOCUMENTS, _QUESTIONS, _TASK = "documents.jsonl", "questions.jsonl", "task.json"


def read_task(documents_path: str | os.PathLike[str], questions_path: str | os.PathLike[str]) -> Task:
    """The task of the user's documents and questions, named after the documents' folder or file.

    Raises:
        InputError: see ``read_documents`` and ``read_questions``.
    """
    documents = read_documents(documents_path)
    questions = read_questions(questions_path, documents)
    path = Path(documents_path).resolve()
    return Task(path.name if path.is_dir() else path.stem, documents, questions)


def save_task(task: Task, folder: str | os.PathLike[str]) -> None:
    """Keeps a task in a folder, which is made if need be; each file is there whole or not at all.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    place = Place(Path(folder))
    try:
        place.path.mkdir(parents=True, exist_ok=True)
        _write_lines(place.path / _DOCUMENTS, map(_document_record, task.documents))
        _write_lines(place.path / _QUESTIONS, map(_question_record, task.questions))
        # Last, so that its fingerprint vouches for the other two.
        _write_lines(place.path / _TASK, [{"name": task.name, "fingerprint": task.fingerprint}])
    except OSError as error:
        raise place.error(
            f"cannot be written to ({error.strerror})", "free space or choose another folder"
        ) from None


def load_task(folder: str | os.PathLike[str]) -> Task:
    """The task that ``save_task`` kept in ``folder``.

    Raises:
        InputError: there is none, it is broken, or it was changed since.
    """
    place = Place(Path(folder))
    rows = read_rows(Place(place.path / _TASK), ("name", "fingerprint"), ignore_others=False)
    if len(rows) != 1:
        raise place.error(f"{_TASK} does not describe one task", "save the task again")
    documents = documents_from_rows(
        read_rows(Place(place.path / _DOCUMENTS), DOCUMENT_FIELDS, ignore_others=False)
    )
    questions = questions_from_rows(
        read_rows(Place(place.path / _QUESTIONS), QUESTION_FIELDS, ignore_others=False), documents
    )
    task = Task(rows[0].required_text("name"), documents, questions)
    if task.fingerprint != rows[0].required_text("fingerprint"):
        raise place.error(
            "the task was changed after it was saved",
            f"read {_DOCUMENTS} and {_QUESTIONS} as a task of their own",
        )
    return task


def _document_record(document: Document) -> dict[str, object]:
    return _without_defaults({"id": document.id, "text": document.text, "group": document.group})


def _question_record(question: Question) -> dict[str, object]:
    subject, relation, object_ = question.statement or (None, None, None)
    return _without_defaults(
        {
            "id": question.id,
            "question": question.prompt,
            "answer": question.answer,
            "choices": question.choices,
            "kind": question.kind,
            "latent": question.latent,
            "needs": question.needs,
            "group": question.group,
            "subject": subject,
            "relation": relation,
            "object": object_,
            "drawn": question.drawn,
        }
    )


def _without_defaults(record: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in record.items() if value not in (None, False, ())}


def _write_lines(path: Path, records: Iterable[dict[str, object]]) -> None:
    write_text(path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))

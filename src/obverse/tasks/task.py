"""A task read from the user's two files, and a task kept in a folder.

A kept task is three files: ``documents.jsonl`` and ``questions.jsonl``, in the same columns that users
write, and ``task.json`` with its name and fingerprint.  Where it has validation questions, they are a fourth,
``validation.jsonl``.  Read back, it is equal to what was saved, to the last character.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Protocol

from obverse.files import write_text
from obverse.tasks.choices import first_equal
from obverse.tasks.documents import DOCUMENT_FIELDS, documents_from_rows, read_documents
from obverse.tasks.places import Faults, Place, quote
from obverse.tasks.questions import QUESTION_FIELDS, questions_from_rows, read_questions
from obverse.tasks.rows import read_rows
from obverse.types import Document, InputError, Question, Task

_DOCUMENTS, _QUESTIONS, _VALIDATION = "documents.jsonl", "questions.jsonl", "validation.jsonl"
_TASK = "task.json"


class TaskSource(Protocol):
    """What a user's own task has to be: an object, or a class that makes one from nothing, with this method."""

    def build(self, seed: int) -> Task:
        """The task; the same seed gives the same one."""
        ...


def read_task(
    documents_path: str | os.PathLike[str],
    questions_path: str | os.PathLike[str],
) -> Task:
    """The task of the user's documents and questions, named after the documents' folder or file.

    Raises:
        InputError: see ``read_documents`` and ``read_questions``; all faults of both.
    """
    documents: tuple[Document, ...] | None = None
    questions: tuple[Question, ...] = ()
    with Faults() as faults:
        with faults.kept():
            documents = read_documents(documents_path)
        with faults.kept():
            questions = read_questions(questions_path, documents)
    assert documents is not None
    return Task(task_name(documents_path), documents, questions)


def task_name(documents_path: str | os.PathLike[str]) -> str:
    """What a task is called after its documents: the folder's name, or the file's without its suffix."""
    path = Path(documents_path).resolve()
    return path.name if path.is_dir() else path.stem


def check_task(task: Task) -> None:
    """Refuse a task that was put together in Python and that no reader has checked.

    Raises:
        InputError: nothing to learn or to ask, double ids, answers that are not among their choices, or needed
            documents that are not there; all faults together.
    """
    if not task.documents or not task.questions:
        raise InputError("nothing to learn or nothing to ask; give at least one document and one question")
    with Faults() as faults:
        questions = task.questions + task.validation
        for what, ids in (
            ("document", [document.id for document in task.documents]),
            ("question", [question.id for question in questions]),
        ):
            for double in (id for id, found in Counter(ids).items() if found > 1):
                with faults.kept():
                    raise InputError(f"two {what}s have the id {quote(double)}; give each an id of its own")
        known = {document.id for document in task.documents}
        for question in questions:
            with faults.kept():
                _check_question(question, known)


def _check_question(question: Question, known: Set[str]) -> None:
    where = f"question {quote(question.id)}"
    if len(question.choices) < 2 or first_equal(question.choices):
        raise InputError(f"{where}: the choices are fewer than two or not all different; give two or more")
    if question.answer not in question.choices:
        raise InputError(
            f"{where}: the answer {quote(question.answer)} is not among its choices; add it to them"
        )
    if unknown := next((need for need in question.needs if need not in known), None):
        raise InputError(
            f"{where}: needs {quote(unknown)}; give the id of a document, of which none is called so"
        )


def save_task(task: Task, folder: str | os.PathLike[str]) -> None:
    """Keeps a task in a folder, which is made if need be; each file is there whole or not at all.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    place = Place(Path(folder))
    try:
        place.path.mkdir(parents=True, exist_ok=True)
        _write_lines(place.path / _DOCUMENTS, map(_document_record, task.documents))
        _write_lines(place.path / _QUESTIONS, map(question_record, task.questions))
        if task.validation:
            _write_lines(place.path / _VALIDATION, map(question_record, task.validation))
        else:
            (place.path / _VALIDATION).unlink(missing_ok=True)
        # Last, so that its fingerprint vouches for the others.
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
    with Faults() as faults:
        rows = read_rows(Place(place.path / _TASK), ("name", "fingerprint"), faults, ignore_others=False)
    if len(rows) != 1:
        raise place.error(f"{_TASK} does not describe one task", "save the task again")
    with Faults() as faults:
        kept = read_rows(Place(place.path / _DOCUMENTS), DOCUMENT_FIELDS, faults, ignore_others=False)
        documents = documents_from_rows(kept, faults)
    questions = _kept_questions(place.path / _QUESTIONS, documents)
    path = place.path / _VALIDATION
    validation = _kept_questions(path, documents) if path.exists() else ()
    task = Task(rows[0].required_text("name"), documents, questions, validation)
    if task.fingerprint != rows[0].required_text("fingerprint"):
        raise place.error(
            "the task was changed after it was saved",
            f"read {_DOCUMENTS} and {_QUESTIONS} as a task of their own",
        )
    return task


def _kept_questions(path: Path, documents: tuple[Document, ...]) -> tuple[Question, ...]:
    with Faults() as faults:
        rows = read_rows(Place(path), QUESTION_FIELDS, faults, ignore_others=False)
        return questions_from_rows(rows, documents, faults)


def _document_record(document: Document) -> dict[str, object]:
    return _without_defaults(
        {"id": document.id, "text": document.text, "group": document.group, "answers": document.answers}
    )


def question_record(question: Question) -> dict[str, object]:
    """A question in the columns of a question file, without those that have their default."""
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

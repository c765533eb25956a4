"""What is read from a published set, put together: documents, each once, and questions that need them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from obverse.files import write_text
from obverse.tasks.places import Faults, Place, is_name
from obverse.tasks.questions import questions_from_rows
from obverse.tasks.rows import Row
from obverse.tasks.task import question_record, save_task
from obverse.text.segmentation import tidy
from obverse.types import Document, Question, Task


@dataclass(frozen=True)
class Imported:
    """Documents and questions of a published set.

    Args:
        documents: none where the set has none.
        remarks: what was left out or is missing, in a sentence each.
    """

    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    remarks: tuple[str, ...] = ()


class Collector:
    """Collects documents and questions."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}  # by text
        self._taken: set[str] = set()
        self._rows: list[Row] = []

    def document(self, place: Place, name: str, text: str) -> str:
        """The id of the document with this text, which is added where it is not there yet.

        Raises:
            InputError: the text is empty, or cannot be written.
        """
        text = tidy(Row(place, {"text": text}).required_text("text")).strip()
        if text not in self._ids:
            name = " ".join(name.split()) if is_name(" ".join(name.split())) else ""
            name = name or "document"
            id, number = name, 1
            while id in self._taken:
                number += 1
                id = f"{name} ({number})"
            self._taken.add(id)
            self._ids[text] = id
        return self._ids[text]

    def ask(
        self,
        place: Place,
        question: str,
        answer: str,
        *,
        kind: str,
        latent: bool = False,
        needs: Sequence[str] = (),
        choices: Sequence[str] | None = None,
        group: str | None = None,
    ) -> None:
        """Add a question; without choices, answers of other questions are drawn."""
        fields: dict[str, object] = {
            **{"question": question, "answer": answer, "kind": kind, "latent": latent, "needs": list(needs)},
            "id": f"{kind}-{len(self._rows) + 1}",
            **({"choices": list(choices)} if choices else {}),
            **({"group": group} if group else {}),
        }
        self._rows.append(Row(place, fields).tidied(("question", "answer", "choices")))

    def imported(self, place: Place, remarks: Sequence[str] = ()) -> Imported:
        """All that was collected.

        Raises:
            InputError: there are no questions, or some are faulty; all faults together.
        """
        if not self._rows:
            raise place.error(
                "holds no questions that can be taken over", "give the file as it was published"
            )
        documents = tuple(Document(id, text) for text, id in self._ids.items())
        with Faults() as faults:
            questions = questions_from_rows(self._rows, documents, faults)
        return Imported(documents, questions, tuple(remarks))


def save_imported(imported: Imported, name: str, folder: Path) -> None:
    """Write ``documents.jsonl``, where there are some, and ``questions.jsonl``, as a comparison takes them."""
    if imported.documents:
        save_task(Task(name, imported.documents, imported.questions), folder)
        return
    folder.mkdir(parents=True, exist_ok=True)
    records = map(question_record, imported.questions)
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    write_text(folder / "questions.jsonl", lines)

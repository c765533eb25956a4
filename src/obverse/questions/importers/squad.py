"""SQuAD (arXiv 1606.05250, 1806.03822): questions about paragraphs, in its own JSON or in rows.

A paragraph is a document, and a piece of its article.  What a text says is explicit; what the second version calls
impossible is a question whose answer is not in the documents.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from obverse.questions.importers.collecting import Collector, Imported
from obverse.questions.importers.records import first_text, read_json, read_records, rows_of
from obverse.questions.kinds import ABSENT
from obverse.questions.languages import english, language_of
from obverse.tasks.places import Faults, Place
from obverse.tasks.rows import Row

_FIELDS = ("id", "title", "context", "question", "answers", "is_impossible", "plausible_answers")


def read_squad(path: Path) -> Imported:
    """Read a file of SQuAD.

    Raises:
        InputError: it is none.
    """
    place, collector = Place(path), Collector()
    paragraphs: Counter[str] = Counter()
    with Faults() as faults:
        for title, context, asked in _paragraphs(path, place):
            with faults.kept():
                before = f"{title}#{paragraphs[title] + 1}"
                id = collector.document(asked.place, before, context)
                paragraphs[title] += id == before
                _ask(collector, asked, id, context)
    return collector.imported(place)


def _paragraphs(path: Path, place: Place) -> list[tuple[str, str, Row]]:
    """Title, paragraph and one question at a time."""
    if path.suffix.lower() != ".json":
        rows = read_records(path, _FIELDS)
        return [(row.text("title") or "paragraph", row.required_text("context"), row) for row in rows]
    found = []
    for article in rows_of(read_json(place), place):
        title = article.text("title") or "paragraph"
        for paragraph in rows_of(article.fields.get("paragraphs"), article.place, "paragraphs"):
            context = paragraph.required_text("context")
            asked = rows_of(paragraph.fields.get("qas"), article.place, "qas")
            found += [(title, context, row) for row in asked]
    return found


def _ask(collector: Collector, row: Row, id: str, context: str) -> None:
    question = row.required_text("question")
    answer = _answer(row, "answers")
    if answer is not None and not row.flag("is_impossible"):
        collector.ask(row.place, question, answer, kind="recall", needs=[id], group=id)
        return
    unsaid = (language_of(context) or english()).unsaid
    plausible = _answer(row, "plausible_answers")
    choices = [unsaid, plausible] if plausible else None
    collector.ask(
        row.place, question, unsaid, kind=ABSENT, latent=True, needs=[id], choices=choices, group=id
    )


def _answer(row: Row, field: str) -> str | None:
    """The first answer: of a list of objects with ``text``, or of an object with a list of texts."""
    value = row.fields.get(field)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = value[0]
    return first_text(value.get("text")) if isinstance(value, dict) else None

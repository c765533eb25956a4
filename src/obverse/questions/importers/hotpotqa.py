"""HotpotQA (arXiv 1809.09600): questions that need two paragraphs, which stand among others.

Every paragraph is a document, its title first, since its sentences often do not name what they are about.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from obverse.questions.importers.collecting import Collector, Imported
from obverse.questions.importers.records import read_records
from obverse.tasks.places import Faults, Place
from obverse.tasks.rows import Row

_FIELDS = ("_id", "id", "question", "answer", "type", "supporting_facts", "context")
_YES_NO = ("yes", "no")


def read_hotpotqa(path: Path) -> Imported:
    """Read a file of HotpotQA.

    Raises:
        InputError: it is none.
    """
    collector = Collector()
    with Faults() as faults:
        for row in read_records(path, _FIELDS):
            with faults.kept():
                _ask(collector, row)
    return collector.imported(Place(path))


def _ask(collector: Collector, row: Row) -> None:
    ids = {
        title: collector.document(row.place, title, f"{title}. {_joined(row, sentences)}")
        for title, sentences in _pairs(row, "context", "sentences")
    }
    needed = dict.fromkeys(title for title, _ in _pairs(row, "supporting_facts", "sent_id"))
    if missing := next((title for title in needed if title not in ids), None):
        raise row.place.error(f"the paragraph {missing!r} is not in its context", "leave the question out")
    if not needed:
        raise row.place.error("names no paragraphs that it needs", "give a file with supporting_facts")
    answer = row.required_text("answer")
    collector.ask(
        row.place,
        row.required_text("question"),
        answer,
        kind="comparison" if row.text("type") == "comparison" else "chain",
        latent=True,
        needs=[ids[title] for title in needed],
        choices=_YES_NO if answer in _YES_NO else None,
    )


def _pairs(row: Row, field: str, second: str) -> Iterator[tuple[str, object]]:
    """Pairs of a title and something else, as a list of pairs or as an object with two lists."""
    value = row.fields.get(field)
    if isinstance(value, dict):
        match value.get("title"), value.get(second):
            case [list() as titles, list() as others]:
                value = [list(pair) for pair in zip(titles, others, strict=False)]
            case _:
                value = None
    if not isinstance(value, list):
        raise row.place.error(f"'{field}' is missing", "give the file as it was published")
    for pair in value:
        if not isinstance(pair, list) or len(pair) < 2 or not isinstance(pair[0], str):
            raise row.place.error(f"an entry of '{field}' has no title", "give the file as it was published")
        yield pair[0], pair[1]


def _joined(row: Row, sentences: object) -> str:
    """The sentences of a paragraph, one space between them."""
    return " ".join(part.strip() for part in Row(row.place, {"context": sentences}).texts("context") or ())

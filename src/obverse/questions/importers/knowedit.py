"""KnowEdit (arXiv 2401.01286): facts to be edited into a model, and what should follow from them.

An edit is a document.  The edit itself and its rephrasing are explicit, what it should carry over to is latent.
Locality, which asks for other facts, is left out: no document answers it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from obverse.questions.importers.collecting import Collector, Imported
from obverse.questions.importers.records import first_text, read_records, rows_of
from obverse.tasks.places import Faults, Place
from obverse.tasks.rows import Row
from obverse.text.segmentation import ends_sentence

_PROMPT, _TARGET, _SUBJECT = ("prompt", "text"), ("target_new", "labels"), ("subject", "concept")
_REWORDED = ("rephrase", "rephrase_prompt")
_PORTABILITY = {
    "Reasoning": "chain",
    "Logical_Generalization": "conclusion",
    "Subject_Aliasing": "alias",
}
_REMARKS = (
    "Questions about locality were left out: no document answers them.",
    "Chains and other names of a subject also need facts that no document of the set has.",
)


def read_knowedit(path: Path) -> Imported:
    """Read a file of KnowEdit.

    Raises:
        InputError: it is none.
    """
    collector = Collector()
    fields = (*_PROMPT, *_TARGET, *_SUBJECT, *_REWORDED, "portability")
    with Faults() as faults:
        for row in read_records(path, fields):
            with faults.kept():
                _ask(collector, row)
    return collector.imported(Place(path), _REMARKS)


def _ask(collector: Collector, row: Row) -> None:
    prompt, target = _first(row, _PROMPT), _first(row, _TARGET)
    if prompt is None or target is None:
        missing = _PROMPT[0] if prompt is None else _TARGET[0]
        raise row.place.error(f"'{missing}' is missing", "give the file as it was published")
    text = f"{prompt} {target}"
    name = _first(row, _SUBJECT) or "edit"
    id = collector.document(row.place, name, text if ends_sentence(text) else f"{text}.")
    collector.ask(row.place, prompt, target, kind="recall", needs=[id], group=id)
    if reworded := _first(row, _REWORDED):
        collector.ask(row.place, reworded, target, kind="reworded", needs=[id], group=id)
    for kind, question, answer in _carried_over(row):
        collector.ask(row.place, question, answer, kind=kind, latent=True, needs=[id], group=id)


def _carried_over(row: Row) -> Iterator[tuple[str, str, str]]:
    """Kind, question and answer of what the edit should carry over to."""
    value = row.fields.get("portability")
    for name, kind in _PORTABILITY.items():
        listed = value.get(name) if isinstance(value, dict) else None
        for entry in rows_of(listed, row.place, name) if listed else ():
            question, answer = (first_text(entry.fields.get(field)) for field in ("prompt", "ground_truth"))
            if question and answer:
                yield kind, question, answer


def _first(row: Row, names: tuple[str, ...]) -> str | None:
    """The first text under the first of these names that has one."""
    return next((text for name in names if (text := first_text(row.fields.get(name)))), None)

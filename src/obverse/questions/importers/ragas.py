"""Test sets of Ragas, of its present and its first columns: questions with the contexts that they were made from.

A context is a document.  What was made from several, or by reasoning, is latent.
"""

from __future__ import annotations

import re
from pathlib import Path

from obverse.questions.importers.collecting import Collector, Imported
from obverse.questions.importers.records import listed_texts, read_records
from obverse.tasks.places import Faults, Place
from obverse.tasks.rows import Row

_QUESTION, _ANSWER = ("user_input", "question"), ("reference", "ground_truth")
_CONTEXTS, _MAKER = ("reference_contexts", "contexts"), ("synthesizer_name", "evolution_type")
# How a context of several is marked.
_HOP = re.compile(r"\A\s*<\d+-hop>\s*")
_KINDS = (("single_hop", "recall"), ("simple", "recall"), ("multi", "chain"), ("reasoning", "conclusion"))
_NO_ANSWER = "nan"
_REMARK = "Answers of Ragas are sentences: wrong choices are drawn from other answers of the kind, and may be far off."


def read_ragas(path: Path) -> Imported:
    """Read a test set of Ragas.

    Raises:
        InputError: it is none.
    """
    collector = Collector()
    left_out = 0
    with Faults() as faults:
        for row in read_records(path, (*_QUESTION, *_ANSWER, *_CONTEXTS, *_MAKER)):
            with faults.kept():
                left_out += not _ask(collector, row)
    remarks = [f"{left_out:,} questions without an answer were left out."] if left_out else []
    return collector.imported(Place(path), [*remarks, _REMARK])


def _ask(collector: Collector, row: Row) -> bool:
    """Add a question; whether it has an answer."""
    question, answer = row.required_text(_name(row, _QUESTION)), row.text(_name(row, _ANSWER))
    contexts = listed_texts(row, _name(row, _CONTEXTS))
    if answer is None or answer.strip().lower() == _NO_ANSWER:
        return False
    ids = [collector.document(row.place, "context", _HOP.sub("", context)) for context in contexts]
    made_by = (row.text(_name(row, _MAKER)) or "").lower()
    by_number = "chain" if len(set(ids)) > 1 else "recall"
    kind = next((kind for mark, kind in _KINDS if mark in made_by), by_number)
    collector.ask(
        row.place, question, answer, kind=kind, latent=kind != "recall", needs=list(dict.fromkeys(ids))
    )
    return True


def _name(row: Row, names: tuple[str, str]) -> str:
    """Which of two names of a column the row has."""
    return names[1] if names[1] in row.fields and names[0] not in row.fields else names[0]

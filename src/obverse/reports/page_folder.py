"""What a report is made from: the files of a run folder, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obverse.reports.tables import Results


@dataclass(frozen=True)
class Run:
    """A run as its files tell it.

    Args:
        results: of ``results.json``.
        answers: rows of ``answers.parquet``, one for each question, route, control and seed.
        documents: id -> text, of ``task/documents.jsonl``.
    """

    results: Results
    answers: list[dict[str, Any]]
    documents: dict[str, str]

    def is_right(self, answer: Mapping[str, Any]) -> bool:
        """Whether an answer is right by the run's primary metric."""
        return bool(answer["strict" if self.results["metric"] == "strict" else "correct"])


def read_run(folder: Path) -> Run:
    """Read the run that lies in ``folder``.

    Raises:
        OSError: a file is missing or cannot be read.
    """
    import pyarrow.parquet

    lines = (folder / "task" / "documents.jsonl").read_text(encoding="utf-8").split("\n")
    documents = [json.loads(line) for line in lines if line.strip()]
    return Run(
        results=json.loads((folder / "results.json").read_text(encoding="utf-8")),
        answers=pyarrow.parquet.read_table(folder / "answers.parquet").to_pylist(),
        documents={document["id"]: document["text"] for document in documents},
    )

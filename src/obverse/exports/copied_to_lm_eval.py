"""Reads the questions beside this file for the lm-evaluation-harness; the YAML files name these functions."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent


def questions(part: str, **_: object) -> dict[str, Any]:
    """The questions of one kind, as the only split."""
    return _split([row for row in _rows() if row["part"] == part])


def questions_with_needs(part: str, **_: object) -> dict[str, Any]:
    """Those of them that say which documents they need."""
    return _split([row for row in _rows() if row["part"] == part and row["needed"]])


def all_documents(row: dict[str, Any]) -> str:
    """The prompt after all documents."""
    return _documents() + str(row["prompt"])


def needed_documents(row: dict[str, Any]) -> str:
    """The prompt after the documents that the question needs."""
    return str(row["needed"]) + str(row["prompt"])


def whole_answers(row: dict[str, Any]) -> list[str]:
    """Each choice with the line end that ends an answer; else one that begins another would always win."""
    return [f"{choice}\n" for choice in row["choices"]]


def place_of_the_answer(row: dict[str, Any]) -> int:
    """Which of the choices is right."""
    return int(row["choices"].index(row["answer"]))


def _split(rows: list[dict[str, Any]]) -> dict[str, Any]:
    from datasets import Dataset

    # The library's own JSON reader takes texts that look like dates for dates.
    return {"test": Dataset.from_list(rows)}


def _rows() -> list[dict[str, Any]]:
    with (_FOLDER / "questions.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def _documents() -> str:
    return str(json.loads((_FOLDER / "documents.json").read_text(encoding="utf-8"))["text"])

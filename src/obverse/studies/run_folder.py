"""The folder of a run: nothing in it is lost, and no other run's results are overwritten.

``run.json`` holds a key, the hash of everything that decides the results.  The same command finds its own folder
again and goes on; another command is refused.  Answers are appended to a file per cell (route, control, seed), a
row of questions a line, so that kill -9 loses at most the row under way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from obverse.answers.asking import AnsweredRow
from obverse.files import append_line, is_disk_full, read_lines, write_text
from obverse.types import Answer, InputError, Ledger, Route


class RunFolder:
    """A run's folder on disk.

    Args:
        path: the folder; made where it is missing.
        key: hash of everything that decides the results.

    Raises:
        InputError: the path is a file, cannot be written, or holds something else.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        try:
            if path.exists() and not path.is_dir():
                raise InputError(f"{path}: is a file; name a folder for --out")
            path.mkdir(parents=True, exist_ok=True)
            self._claim(key)
            (path / "cells").mkdir(exist_ok=True)
        except OSError as problem:
            if is_disk_full(problem):
                raise
            raise InputError(
                f"{path}: cannot be written ({problem.strerror}); name another folder for --out"
            ) from None

    def _claim(self, key: str) -> None:
        run = self.path / "run.json"
        if run.exists():
            if read_run_key(self.path) != key:
                raise InputError(
                    f"{self.path}: holds the results of another run (other documents, questions, model or "
                    "settings); name another folder for --out"
                )
        elif any(not child.name.startswith((".lock", ".run.json")) for child in self.path.iterdir()):
            raise InputError(
                f"{self.path}: is not empty and holds no run; name a new or empty folder for --out"
            )
        else:
            write_text(run, json.dumps({"key": key}))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other processes out of the folder.

        Raises:
            InputError: another process is at work there.
        """
        lock = FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                f"{self.path}: another process is working on this run; wait for it, or name another --out"
            ) from None
        except PermissionError as problem:
            raise InputError(
                f"{self.path}: cannot be written ({problem.strerror}); name another folder for --out"
            ) from None
        try:
            yield
        finally:
            lock.release()

    def cell(self, route: Route, seed: int) -> Cell:
        """The answers of one route and seed."""
        control = ".false-context" if route.control else ""
        return Cell(self.path / "cells" / f"{route.name}{control}.{seed}.jsonl")


class Cell:
    """Answers of one route, control and seed, appended row by row."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows: list[AnsweredRow] = [row_from(json.loads(line)) for line in read_lines(path)]

    def append(self, row: AnsweredRow) -> None:
        """Write a row to disk before anything else happens."""
        append_line(self._path, json.dumps(asdict(row), ensure_ascii=False))
        self.rows.append(row)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All answers so far."""
        return tuple(answer for row in self.rows for answer in row.answers)

    @property
    def done(self) -> frozenset[str]:
        """Ids of the questions that are answered."""
        return frozenset(answer.question for answer in self.answers)


def read_run_key(path: Path) -> str:
    """The key of the run in a folder.

    Raises:
        InputError: there is no run.
    """
    try:
        content: Mapping[str, Any] = json.loads((path / "run.json").read_text(encoding="utf-8"))
        return str(content["key"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{path}: holds no run; name the folder that obverse compare wrote") from None


def row_from(content: Mapping[str, Any]) -> AnsweredRow:
    """A row as its line in a file tells it."""
    return AnsweredRow(
        tuple(_answer_from(answer) for answer in content["answers"]),
        Ledger(**content["taught"]),
        Ledger(**content["asked"]),
        content["difference"],
    )


def _answer_from(content: Mapping[str, Any]) -> Answer:
    # JSON knows no tuples.
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    return Answer(**fields)

"""The folder of a run: nothing in it is lost, and no other run's results are overwritten.

``run.json`` holds a key, the hash of everything that decides the results, and what that is.  The same command finds its
own folder again and goes on; another command is refused.  Answers are appended to a file per cell (route, control,
seed), a row of questions a line, so that kill -9 loses at most the row under way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from obverse.code_fingerprint import CODE
from obverse.files import append_line, file_name, is_disk_full, read_lines, write_text
from obverse.types import Answer, AnsweredRow, InputError, Ledger, Route

_RUN = "run.json"
# Hashes are longer.
_SHOWN = 40


class UnwritableError(InputError):
    """A folder cannot be written."""


class RunFolder:
    """A run's folder on disk.

    Args:
        path: the folder; made where it is missing.
        key: hash of everything that decides the results.
        decided_by: what that is, by the names that a refusal calls it; plain values.

    Raises:
        InputError: the path is a file, cannot be written, or holds something else.
    """

    def __init__(self, path: Path, key: str, decided_by: Mapping[str, object] | None = None) -> None:
        self.path, self._key, self._decided_by = path, key, dict(decided_by or {})
        try:
            if path.exists() and not path.is_dir():
                raise InputError(f"{path}: is a file; name a folder for --out")
            path.mkdir(parents=True, exist_ok=True)
            self._claim()
            self._check_claim()
            (path / "cells").mkdir(exist_ok=True)
        except OSError as problem:
            if is_disk_full(problem):
                raise
            raise _unwritable(path, problem) from None

    def _claim(self) -> None:
        """Write the key where there is none; of several processes that want the folder, one does."""
        if not self._is_free():
            return
        with FileLock(self.path / ".lock-claim"):
            if self._is_free():
                content = {"key": self._key, "decided_by": self._decided_by}
                write_text(self.path / _RUN, json.dumps(content))

    def _is_free(self) -> bool:
        """Whether no run has claimed the folder."""
        names = [child.name for child in self.path.iterdir()]
        if _RUN in names:
            return False
        if any(not name.startswith((".lock", f".{_RUN}")) for name in names):
            raise InputError(
                f"{self.path}: is not empty and holds no run; name a new or empty folder for --out"
            )
        return True

    def _check_claim(self) -> None:
        kept = _read_run(self.path)
        if kept["key"] != self._key:
            differing = _differing(kept.get("decided_by"), self._decided_by)
            raise InputError(
                f"{self.path}: holds the results of another run ({differing}); name another folder for --out"
            )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other processes out of the folder.

        Raises:
            UnwritableError: the folder cannot be written.
            InputError: another process is at work there; the folder is another run's by now.
        """
        lock = FileLock(self.path / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                f"{self.path}: another process is working on this run; wait for it, or name another --out"
            ) from None
        except OSError as problem:
            if is_disk_full(problem):
                raise
            raise _unwritable(self.path, problem) from None
        try:
            self._check_claim()
            yield
        finally:
            lock.release()

    def cell(self, route: Route, seed: int) -> Cell:
        """The answers of one route and seed."""
        control = ".false-context" if route.control else ""
        return Cell(self.path / "cells" / f"{file_name(route.name)}{control}.{seed}.jsonl")


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
    return str(_read_run(path)["key"])


def read_decided_by(path: Path) -> Mapping[str, object]:
    """What decided the results of the run in a folder; nothing for runs from before that was kept.

    Raises:
        InputError: there is no run.
    """
    decided_by: Mapping[str, object] = _read_run(path).get("decided_by") or {}
    return decided_by


def check_apart(out: Path, given: Path) -> None:
    """Refuse a folder for results in a folder that the user gives to be read: what is written would be read there.

    Raises:
        InputError: it lies there.
    """
    if given.is_dir() and out.resolve().is_relative_to(given.resolve()):
        raise InputError(
            f"{out}: lies in {given}, whose files are read as documents; name a folder outside of it with --out"
        )


def _read_run(path: Path) -> Mapping[str, Any]:
    try:
        content: Mapping[str, Any] = json.loads((path / _RUN).read_text(encoding="utf-8"))
        content["key"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{path}: holds no run; name the folder that obverse compare wrote") from None
    return content


def _differing(before: Mapping[str, object] | None, now: Mapping[str, object]) -> str:
    """What differs between two runs, as far as both say."""
    before = before or {}
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if not names or 2 * len(before.keys() & now.keys()) < len(before.keys() | now.keys()):
        return "other documents, questions, model or settings, or by another command"
    return f"what differs: {', '.join(_told(name, before.get(name), now.get(name)) for name in names)}"


def _told(name: str, before: object, now: object) -> str:
    """The name, and what it was and is where that can be read: versions and settings, no hashes."""
    if name == CODE:
        return "the program's code"
    shown = ["none" if value is None else str(value) for value in (before, now)]
    return f"{name} ({shown[0]}, now {shown[1]})" if max(map(len, shown)) < _SHOWN else name


def _unwritable(path: Path, problem: OSError) -> UnwritableError:
    return UnwritableError(f"{path}: cannot be written ({problem.strerror}); name another folder for --out")


def row_from(content: Mapping[str, Any]) -> AnsweredRow:
    """A row as its line in a file tells it."""
    return AnsweredRow(
        tuple(_answer_from(answer) for answer in content["answers"]),
        Ledger(**content["taught"]),
        Ledger(**content["asked"]),
        content["difference"],
        content.get("unshared"),
    )


def _answer_from(content: Mapping[str, Any]) -> Answer:
    # JSON knows no tuples.
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    return Answer(**fields)

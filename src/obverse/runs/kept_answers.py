"""The answers of one route, kept under the content of what was asked.

An answer is found again by the key of its request, whatever the question is called and whatever else is asked beside
it: more questions leave the answers of the others as they are.  Rows are appended to a file, one a line, so that
kill -9 loses at most the row under way.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from obverse.files import append_line, read_lines
from obverse.types import Answer, AnsweredRow, Ledger


class KeptAnswers:
    """Answers of one route, control and seed by one model.

    Args:
        path: of the file; all in it were given by the same model, code and prompt template, and teaching cost the
            same.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = [_entry(line) for line in read_lines(path)]

    def append(self, row: AnsweredRow, keys: Sequence[str]) -> None:
        """Write a row to disk before anything else happens.

        Args:
            keys: of the requests that its answers answer, in their order.
        """
        if not self._rows:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        append_line(self._path, json.dumps({**asdict(row), "keys": list(keys)}, ensure_ascii=False))
        self._rows.append((row, tuple(keys)))

    @property
    def begun(self) -> bool:
        """Whether any answer is kept, so that what teaching cost is kept with it."""
        return bool(self._rows)

    def rows(self, wanted: Mapping[str, str]) -> tuple[AnsweredRow, ...]:
        """The answers that are wanted, as far as there are any, in the order in which they were given.

        What a row cost is shared among its answers where only some of them are wanted.  What teaching cost is that of
        the first row that says so, in any case.

        Args:
            wanted: the id of each question -> the key of its request.
        """
        waiting: dict[str, list[str]] = defaultdict(list)
        for id, key in wanted.items():
            waiting[key].append(id)
        found, taught = [], Ledger()
        for row, keys in self._rows:
            answers = []
            for answer, key in zip(row.answers, keys, strict=True):
                if ids := waiting.get(key):
                    id = answer.question if answer.question in ids else ids[0]
                    ids.remove(id)
                    answers.append(replace(answer, question=id))
            own = row.taught if taught == Ledger() else Ledger()
            taught = taught + own
            if len(answers) == len(keys):
                found.append(replace(row, answers=tuple(answers), taught=own))
            elif answers or own != Ledger():
                share = len(answers) / len(keys)
                found.append(
                    AnsweredRow(
                        tuple(answers),
                        own,
                        _share(row.asked, share),
                        row.difference if answers else None,
                        row.unshared if answers else None,
                    )
                )
        return tuple(found)


def _share(cost: Ledger, share: float) -> Ledger:
    """A part of a cost; memory is not shared."""
    return Ledger(
        round(cost.tokens_forward * share),
        round(cost.tokens_trained * share),
        round(cost.tokens_generated * share),
        round(cost.flops * share),
        cost.seconds * share,
        cost.peak_memory_bytes,
    )


def row_from(content: Mapping[str, Any]) -> AnsweredRow:
    """A row as its line in a file gives it."""
    return AnsweredRow(
        tuple(_answer_from(answer) for answer in content["answers"]),
        Ledger(**content["taught"]),
        Ledger(**content["asked"]),
        content["difference"],
        content.get("unshared"),
    )


def _entry(line: bytes) -> tuple[AnsweredRow, tuple[str, ...]]:
    content = json.loads(line)
    return row_from(content), tuple(content["keys"])


def _answer_from(content: Mapping[str, Any]) -> Answer:
    # JSON knows no tuples.
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    return Answer(**fields)

"""Texts are paid for once: what a generator wrote is kept on disk before anything else happens.

A line of the file is one text with the hash of all that decided it (`obverse.augmentation.writing.key_of`).
kill -9 loses what was under way; the same command asks for just that.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from types import GeneratorType

from obverse.augmentation.budget import (
    Cost,
    CountTokens,
    Prices,
    Spending,
    about_tokens,
    cost_of,
    estimate,
)
from obverse.augmentation.writing import Assignment, Generator, Sampling, Written, key_of
from obverse.files import append_line, read_lines
from obverse.types import InputError

Advance = Callable[[int, int, str], None]
"""Told of texts that are there, texts in all, and a word about the spending."""

_FIELDS = {field.name for field in fields(Written)}


class Answers(Mapping[str, Written]):
    """Texts by their keys, in a file that only grows.  The caller keeps other processes out.

    Args:
        path: of the file; made with the first text.

    Raises:
        InputError: a line of the file is none of ours.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: dict[str, Written] = {}
        for number, line in enumerate(read_lines(path), start=1):
            key, written = _read(line, f"{path}, line {number}")
            self._written[key] = written

    def append(self, key: str, written: Written) -> None:
        """Write a text to disk before anything else happens."""
        append_line(self._path, json.dumps({"key": key, **asdict(written)}, ensure_ascii=False))
        self._written[key] = written

    def __getitem__(self, key: str) -> Written:
        return self._written[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)


def _read(line: bytes, where: str) -> tuple[str, Written]:
    try:
        content = json.loads(line)
        key = content.pop("key")
        if content.keys() != _FIELDS:
            raise KeyError
        return str(key), Written(**content)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{where}: is no text of a generator; remove the line") from None


def came(written: Written) -> bool:
    """Whether an answer came, usable or not.

    Where none did, nothing is kept, and the same command asks again.
    """
    return not written.fault or written.prompt_tokens > 0


def write_all(
    generator: Generator,
    assignments: Sequence[Assignment],
    sampling: Sampling,
    answers: Answers,
    spending: Spending,
    progress: Advance = lambda *_: None,
    count_tokens: CountTokens = about_tokens,
) -> list[Written | None]:
    """Have every text written that is not in the store yet, each kept as soon as it is there.

    With a budget the generator gets as many assignments at once as would fit at their longest, and then, since most
    texts end earlier, again as many as fit into what is left.

    Args:
        answers: the store; what lies there for these assignments is taken, and counted as spent.
        spending: with the budget; what is written is added to it.
        count_tokens: of a prompt, for the budget; the generator's own count is taken when a text is there.

    Returns:
        for each assignment its text, which may have a fault; nothing where the budget was spent before.

    Raises:
        InputError: what the generator raises; the prices of an endpoint are needed and not known.
    """
    identity = generator.identity
    prices = spending.prices_of(identity)
    keys = [key_of(identity, assignment, sampling) for assignment in assignments]
    found: dict[str, Written] = {}
    wanted: dict[Assignment, str] = {}
    for key, assignment in dict(zip(keys, assignments, strict=True)).items():
        if key in answers:
            found[key] = answers[key]
            spending.add(cost_of(found[key], prices))
        else:
            wanted[assignment] = key
    of = len(found) + len(wanted)
    progress(len(found), of, str(spending.cost))
    waiting = list(wanted)
    count = functools.cache(count_tokens)
    while batch := _affordable(waiting, count, sampling, spending, prices):
        waiting = waiting[len(batch) :]
        arriving = generator.write(batch, sampling)
        try:
            for assignment, written in arriving:
                key = wanted[assignment]
                if came(written):
                    answers.append(key, written)
                found[key] = written
                spending.add(cost_of(written, prices))
                progress(len(found), of, str(spending.cost))
                if spending.would_exceed(Cost()):  # prompts had more tokens than were counted
                    break
        finally:
            # Nothing more is asked for, even where the traceback of a Ctrl-C keeps the generator alive.
            if isinstance(arriving, GeneratorType):
                arriving.close()
    return [found.get(key) for key in keys]


def _affordable(
    waiting: Sequence[Assignment],
    count: CountTokens,
    sampling: Sampling,
    spending: Spending,
    prices: Prices | None,
) -> list[Assignment]:
    """The first of those that wait, as many as fit into what is left, however long their texts become."""
    batch: list[Assignment] = []
    total = Cost()
    for assignment in waiting:
        total += estimate([assignment], count, sampling, prices, caches=False)
        if spending.would_exceed(total):
            break
        batch.append(assignment)
    return batch

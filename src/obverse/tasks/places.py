"""Where a fault in the user's data stands, and how it is told: one line with place, fault and remedy."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from obverse.types import InputError

_SHOWN_CHARACTERS = 60
_SHOWN_FAULTS = 20
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_UNNAMEABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True)
class Place:
    """A file of the user's, or one line (of text) or row (of a table) in it, counted from 1."""

    path: Path
    number: int | None = None
    unit: Literal["line", "row"] = "line"

    def __str__(self) -> str:
        path = printable(os.fspath(self.path))
        if self.number is None:
            return path
        return f"{path}:{self.number}" if self.unit == "line" else f"{path}, row {self.number}"

    def at(self, number: int, unit: Literal["line", "row"] = "line") -> Place:
        """A line or row of the same file."""
        return Place(self.path, number, unit)

    def error(self, what: str, remedy: str) -> InputError:
        """The error to raise: ``FILE:LINE: what; remedy``."""
        return InputError(f"{self}: {what}; {remedy}")


class Faults:
    """What is wrong with an input, told all together where the block ends that this is the context of.

    Raises:
        InputError: something is.
    """

    def __init__(self) -> None:
        self._found: list[str] = []

    def __enter__(self) -> Faults:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._found:
            shown, others = self._found[:_SHOWN_FAULTS], len(self._found) - _SHOWN_FAULTS
            raise InputError(*shown, *([f"{others:,} more faults; mend these first"] if others > 0 else []))

    def __bool__(self) -> bool:
        return bool(self._found)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Go on behind this block where it meets a fault."""
        try:
            yield
        except InputError as problem:
            self._found += problem.faults


def is_name(text: str) -> bool:
    """Whether the text can stand in a table as it is: no control characters, no lone surrogates."""
    return all(unicodedata.category(character) not in _UNNAMEABLE for character in text)


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen in the text: only spaces, controls and characters without a form."""
    return all(unicodedata.category(character) in _UNSEEN for character in text)


def printable(text: str) -> str:
    """``text``, with its control characters and lone surrogates escaped where it has any."""
    return text if text.isprintable() else repr(text)[1:-1]


def quote(text: str) -> str:
    """User text for a message: quoted, escaped to one line, and shortened."""
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…")


def describe(value: object) -> str:
    """A value of any type for a message, without ever printing a large or nested one."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quote(value)
        case float():
            return f"the number {value:g}"
        case int():
            return f"the number {value}" if abs(value) < 10**15 else "a large number"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(value).__name__}"

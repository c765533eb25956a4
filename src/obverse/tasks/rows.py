"""Rows of a JSONL or Parquet file, and their fields, each checked as it is taken.

A JSONL file holds one JSON object a line; blank lines and lines that start with ``#`` or ``//`` are passed
over. Values are data and nothing more: every string is checked to be text that can be written again.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NoReturn

from obverse.tasks.paths import decode, read_bytes
from obverse.tasks.places import Faults, Place, describe, is_name, quote
from obverse.text.segmentation import tidy

ROW_SUFFIXES = (".jsonl", ".parquet")


@dataclass(frozen=True)
class Row:
    """One record and where it stands; a field that is null is a field that is absent."""

    place: Place
    fields: dict[str, object]

    def tidied(self, texts: Collection[str] = ()) -> Row:
        """The same record, its strings without white space around them and with ``\\n`` as line end.

        Args:
            texts: fields whose strings are tidied as texts too (see `obverse.text.segmentation.tidy`).
        """
        return Row(self.place, {key: _tidy(value, key in texts) for key, value in self.fields.items()})

    def text(self, key: str) -> str | None:
        """The field as text that is more than white space; ``None`` where it is absent."""
        value = self.fields.get(key)
        return None if value is None else self._text(f"'{key}'", value)

    def required_text(self, key: str) -> str:
        """As ``text``, for a field that must be there."""
        value = self.text(key)
        if value is None:
            raise self.place.error(f"'{key}' is missing", f'give "{key}"')
        return value

    def name(self, key: str) -> str | None:
        """The field as an identifier: printable text, or a whole number, which is taken as text."""
        value = self.fields.get(key)
        return None if value is None else self._name(f"'{key}'", value)

    def names(self, key: str) -> tuple[str, ...]:
        """The field as identifiers: a list of them, or one alone; none where it is absent."""
        value = self.fields.get(key)
        if isinstance(value, list):
            return tuple(self._name(f"an entry of '{key}'", entry) for entry in value)
        return () if value is None else (self._name(f"'{key}'", value),)

    def flag(self, key: str) -> bool:
        """The field as true or false; false where it is absent."""
        value = self.fields.get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self.place.error(f"'{key}' is {describe(value)}", "write true or false")

    def texts(self, key: str) -> tuple[str, ...] | None:
        """The field as a list of texts, or as JSON of such a list; ``None`` where it is absent."""
        value = self.fields.get(key)
        if isinstance(value, str) and value.lstrip().startswith("["):
            value = _parse(value, self.place, f"'{key}' ")
        if value is None:
            return None
        if not isinstance(value, list):
            raise self.place.error(f"'{key}' is {describe(value)}", "write a list of strings")
        return tuple(self._text(f"an entry of '{key}'", entry) for entry in value)

    def _name(self, what: str, value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        name = self._text(what, value)
        if not is_name(name):
            raise self.place.error(f"{what} has control characters: {quote(name)}", "leave them out")
        return name

    def _text(self, what: str, value: object) -> str:
        if not isinstance(value, str):
            raise self.place.error(f"{what} is {describe(value)}, not a string", "write it in quotes")
        if not value.strip():
            raise self.place.error(f"{what} is empty", "fill it in, or leave it out where it is optional")
        if "\0" in value or not _can_be_written(value):
            raise self.place.error(
                f"{what} is not valid text: {quote(value)}", "take out NUL and lone surrogates"
            )
        return value


def _can_be_written(text: str) -> bool:
    """Whether the text is free of lone surrogates, which JSON can spell and UTF-8 cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _tidy(value: object, as_text: bool) -> object:
    if isinstance(value, str):
        plain = value.replace("\r\n", "\n")
        return (tidy(plain) if as_text else plain).strip()
    if isinstance(value, dict):
        return {key: _tidy(entry, as_text) for key, entry in value.items()}
    return [_tidy(entry, as_text) for entry in value] if isinstance(value, list) else value


def read_rows(place: Place, keys: Collection[str], faults: Faults, *, ignore_others: bool) -> list[Row]:
    """The records of a JSONL or Parquet file, told apart by its suffix.

    Args:
        place: the file.
        keys: names of the fields there may be.
        faults: gets those of lines, which are left out.
        ignore_others: whether other fields are passed over; else they are an error.

    Raises:
        InputError: the file cannot be read as what its suffix says, or a table has a column that is not known.
    """
    if place.path.suffix.lower() == ".parquet":
        return _parquet_rows(place, keys, ignore_others)
    rows = []
    data = read_bytes(place).removeprefix(codecs.BOM_UTF8)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decode(data, place)  # refuses the file as a whole
    for number, line in enumerate(data.split(b"\n"), start=1):
        with faults.kept():
            rows += _jsonl_row(line, place.at(number), keys, ignore_others)
    return rows


def _jsonl_row(line: bytes, place: Place, keys: Collection[str], ignore_others: bool) -> list[Row]:
    """The row of a line; none where it is empty or a comment."""
    text = decode(line, place).strip()
    if not text or text.startswith(("#", "//")):
        return []
    record = _parse(text, place)
    if not isinstance(record, dict):
        raise place.error(f"is {describe(record)}, not a JSON object", 'write {"name": "value", ...}')
    return [Row(place, _known(record, keys, place, ignore_others))]


def _parquet_rows(place: Place, keys: Collection[str], ignore_others: bool) -> list[Row]:
    import pyarrow
    import pyarrow.parquet

    data = read_bytes(place)
    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data))
        columns = _known(dict.fromkeys(file.schema_arrow.names), keys, place, ignore_others)
        records: list[dict[str, object]] = file.read(columns=list(columns)).to_pylist()
    # pyarrow's own errors, and what Python raises for values that it has no type for.
    except (pyarrow.ArrowException, OSError, ValueError, TypeError, OverflowError, ImportError) as error:
        raise place.error(
            f"is not a Parquet file that can be read ({quote(str(error))})", "write it again, or give JSONL"
        ) from None
    return [Row(place.at(number, "row"), record) for number, record in enumerate(records, start=1)]


def _known(
    record: dict[str, Any], keys: Collection[str], place: Place, ignore_others: bool
) -> dict[str, Any]:
    """The known fields of a record; others are passed over or refused."""
    unknown = [key for key in record if key not in keys]
    if unknown and not ignore_others:
        raise place.error(
            f"{quote(unknown[0])} is not a known field", f"leave it out; known are {', '.join(sorted(keys))}"
        )
    return {key: value for key, value in record.items() if key in keys}


def _parse(text: str, place: Place, what: str = "") -> object:
    """JSON as the standard has it: no NaN, no key twice.  ``what`` leads the message of an error."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        record = dict(pairs)
        if len(record) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise place.error(f"{quote(twice)} is given twice", "keep one")
        return record

    def refuse(constant: str) -> NoReturn:
        raise place.error(f"{constant} is not JSON", "write null or a number")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError as error:
        fault = f"{what}is not JSON ({error.msg}, column {error.colno})"
        raise place.error(fault, "write one JSON object a line, strings in double quotes") from None
    except RecursionError:
        raise place.error(f"{what}is nested too deeply", "write one flat JSON object a line") from None
    except ValueError:  # A number with thousands of digits.
        raise place.error(f"{what}has a number that is too long", "write it as a string") from None

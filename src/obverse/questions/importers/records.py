"""Records of published files, in whichever of the usual forms they come: JSON, JSONL, Parquet or CSV."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Collection
from pathlib import Path

from obverse.tasks.paths import read_text
from obverse.tasks.places import Faults, Place, describe
from obverse.tasks.rows import ROW_SUFFIXES, Row, read_rows

SUFFIXES = (".json", *ROW_SUFFIXES, ".csv")


def read_records(path: Path, fields: Collection[str]) -> list[Row]:
    """The records of a file; of JSON those of its list, or of the list under ``data``.

    Args:
        fields: that are read; others are passed over.

    Raises:
        InputError: the file cannot be read as what its suffix says, or holds no records.
    """
    place = Place(path)
    suffix = path.suffix.lower()
    if suffix in ROW_SUFFIXES:
        with Faults() as faults:
            rows = read_rows(place, fields, faults, ignore_others=True)
    elif suffix == ".json":
        rows = rows_of(read_json(place), place)
    elif suffix == ".csv":
        head, *table = read_table(place) or [[]]
        rows = [
            Row(
                place.at(number, "row"), {name: cell for name, cell in zip(head, cells, strict=False) if cell}
            )
            for number, cells in enumerate(table, start=1)
        ]
    else:
        raise place.error("is of no kind that is read", f"give a {', '.join(SUFFIXES)} file")
    if not rows:
        raise place.error("holds no records", "give the file as it was published")
    return rows


def read_table(place: Place) -> list[list[str]]:
    """The cells of a CSV file.

    Raises:
        InputError: it cannot be read, or is none.
    """
    try:
        return list(csv.reader(io.StringIO(read_text(place), newline="")))
    except csv.Error as problem:
        raise place.error(f"is not CSV ({problem})", "give the file as it was published") from None


def read_json(place: Place) -> object:
    """The content of a JSON file.

    Raises:
        InputError: it cannot be read, or is none.
    """
    try:
        return json.loads(read_text(place))
    except (ValueError, RecursionError) as problem:
        raise place.error(f"is not JSON ({problem})", "give the file as it was published") from None


def rows_of(value: object, place: Place, what: str = "") -> list[Row]:
    """The objects of a list, or of the list under ``data``, as rows.

    Args:
        what: the list's name, where it is a field.
    """
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        value = value["data"]
    named = f"'{what}' " if what else ""
    if not isinstance(value, list):
        raise place.error(f"{named}is {describe(value)}, not a list", "give the file as it was published")
    for entry in value:
        if not isinstance(entry, dict):
            raise place.error(
                f"{named}holds {describe(entry)}, not an object", "give the file as it was published"
            )
    places = [place if what else place.at(number, "row") for number in range(1, len(value) + 1)]
    return [Row(where, dict(entry)) for where, entry in zip(places, value, strict=True)]


def first_text(value: object) -> str | None:
    """The first text in lists within lists, as answers come with their other names; nothing where there is none."""
    while isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) and value.strip() else None


def listed_texts(row: Row, field: str) -> tuple[str, ...]:
    """A list of texts, or the text of such a list as Python or JSON writes it."""
    value = row.fields.get(field)
    if isinstance(value, str):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            value = [value]
    return Row(row.place, {field: value}).texts(field) or ()

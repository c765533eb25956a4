"""The lines of a block of text: which of them begin something, and which head a table.

Line ends in wrapped prose mean nothing; in tables, lists, logs and code they part what belongs together.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

FENCE = re.compile(r" {0,3}(?:```|~~~)")
"""Begins or ends a block of code."""

# A list item, a table row, a quoted line, a field.
_MARK = re.compile(r"\s*(?:[-*+\u2022]\s|\(?(?:\d{1,4}|[A-Za-z])[.)]\s|\||>|:\w[^:\n]*:\s)")
_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:[|+]\s*:?-+:?\s*)+\|?\s*$|\s*\|\s*:?-+:?\s*\|\s*$")
_GRID = re.compile(r"\s*\+(?:[-=]+\+)+\s*$")
_GRID_HEAD = re.compile(r"\s*\+(?:=+\+)+\s*$")
_COLUMNS = re.compile(r"\s*=+(?:\s+=+)+\s*$")
_SENTENCE_END = re.compile(r"[.!?:\u2026\u3002\uff01\uff1f\u0964\u06d4\u061f]\W*$")
_NUMBER = re.compile(r"[-+]?[\d.,:/%-]*\d[\d.,:/%-]*")
# A line with room for the next word was ended on purpose; some lines of wrapped prose are shorter all the same.
_FULL, _MOSTLY = 0.85, 0.8
_ALIKE = 0.8
_UNSPACED = "\u0e00"
# What stands above a table, and its head, take no more lines than this.
_HEAD_LINES = 12


def beginnings(lines: Sequence[str]) -> list[bool]:
    """For each line of a block, whether it begins something: a row, an item, an entry, a line of code or of verse."""
    if _is_delimited(lines):
        return [True] * len(lines)
    wide = _width(lines)
    filled = [not _has_room(line, after, wide) for line, after in pairwise(lines)]
    wrapped = sum(filled) >= _MOSTLY * len(filled)
    shapes = Counter(map(_shape, lines))
    shape, count = shapes.most_common(1)[0] if shapes else ("", 0)
    if not shape or count < _ALIKE * len(lines):
        shape = ""
    grid = any(_GRID.match(line) for line in lines)
    found, fenced = [True] if lines else [], False
    for number in range(1, len(lines)):
        before, line = lines[number - 1], lines[number]
        fenced ^= FENCE.match(before) is not None
        if grid and (line.lstrip().startswith("|") or _GRID.match(line)):
            begins = _GRID.match(before) is not None and not _GRID.match(line)
        elif _RULE.match(line) or _COLUMNS.match(line):
            begins = False
        elif fenced or _MARK.match(line) or (shape and _shape(line) == shape):
            begins = True
        elif wrapped:
            begins = not filled[number - 1] and _SENTENCE_END.search(before) is not None
        else:
            begins = True
        found.append(begins)
    return found


def table_head(text: str) -> str:
    """The beginning of a block that is a table, to the end of the table's head; empty where there is no such head.

    Tables of Markdown, Org and SQL shells, both sorts of reStructuredText, and lines of as many values each, the first
    without a number.
    """
    lines = text.splitlines(keepends=True)
    if _is_delimited(lines):
        cells = _cells(lines[0], _delimiter(lines))
        plain = all(cell.strip() and not _NUMBER.fullmatch(cell.strip()) for cell in cells)
        return lines[0] if plain else ""
    first = lines[:_HEAD_LINES]
    for number, line in enumerate(first):
        if (number and _RULE.match(line) and "|" in first[number - 1]) or _GRID_HEAD.match(line):
            return "".join(first[: number + 1])
    columns = [number for number, line in enumerate(first) if _COLUMNS.match(line)]
    return "".join(first[: columns[1] + 1]) if len(columns) > 1 and columns[1] > columns[0] + 1 else ""


def _is_delimited(lines: Sequence[str]) -> bool:
    return bool(_delimiter(lines))


def _delimiter(lines: Sequence[str]) -> str:
    """What parts the values of all lines, of which each has as many; empty where nothing does."""
    filled = [line for line in lines if line.strip()]
    if len(filled) < 3:
        return ""
    for delimiter in "\t;,|":
        if delimiter not in filled[0] or _RULE.match(filled[1]):
            continue
        rows = [_cells(line, delimiter) for line in filled]
        # Sentences and calls have commas too, with a space behind; so many of these in every line are columns.
        spaced = delimiter == "," and all(any(cell.startswith(" ") for cell in row) for row in rows)
        if len({len(row) for row in rows}) == 1 and len(rows[0]) > (2 if spaced else 1):
            return delimiter
    return ""


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\n")], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _width(lines: Sequence[str]) -> int:
    """How long lines may be, leaving out a tenth that are longer."""
    lengths = sorted(len(line.rstrip()) for line in lines)
    return lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0


def _has_room(line: str, after: str, width: int) -> bool:
    """Whether the next word would still have stood in the line."""
    word = (after.split(maxsplit=1) or [""])[0]
    least = (
        1 if word > _UNSPACED else len(word)
    )  # between characters of these scripts a line may end anywhere
    return len(line.rstrip()) + 1 + least <= _FULL * width


def _shape(line: str) -> str:
    """How a line begins, digits all alike; empty where that is a plain word."""
    word = (line.split(maxsplit=1) or [""])[0]
    return "" if word.isalpha() else re.sub(r"\d+", "0", word)

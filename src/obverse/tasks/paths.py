"""Bytes and text of the user's files; whatever is wrong with one is told with its place."""

from __future__ import annotations

import codecs
import stat
from typing import Literal

from obverse.tasks.places import Place
from obverse.types import InputError


def path_kind(place: Place) -> Literal["file", "folder", "other", "missing"]:
    """What there is at a path: a regular file, a folder, something else (a pipe, a device), or nothing.

    Raises:
        InputError: the system does not let us look, or the path is none.
    """
    try:
        mode = place.path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except (OSError, ValueError) as error:
        raise _unreadable(place, error) from None
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def read_bytes(place: Place) -> bytes:
    """Everything in a regular file.

    Raises:
        InputError: there is no such file, it is something else, or it may not be read.
    """
    kind = path_kind(place)
    if kind == "missing":
        raise place.error("there is no such file", "check the path")
    if kind != "file":  # To read a pipe or a device could wait for ever.
        raise place.error("is not a regular file", "give a file")
    try:
        return place.path.read_bytes()
    except OSError as error:
        raise _unreadable(place, error) from None


def read_text(place: Place) -> str:
    """A whole UTF-8 text file; a byte-order mark is dropped and every line end is ``\\n``.

    Raises:
        InputError: as for ``read_bytes``; or the file is binary, or not UTF-8.
    """
    data = read_bytes(place).removeprefix(codecs.BOM_UTF8)
    return decode(data, place).replace("\r\n", "\n").replace("\r", "\n")


def decode(data: bytes, place: Place) -> str:
    """UTF-8 text without NUL characters.

    Args:
        data: bytes of a file, or of one line of it where ``place`` has a line.
        place: where the bytes start.

    Raises:
        InputError: names the line, and the offset of the byte in ``data``.
    """
    if not place.number and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise place.error("is UTF-16", "save it as UTF-8")
    if (zero := data.find(b"\0")) >= 0:
        raise _line(place, data, zero).error(
            f"is binary (a NUL byte at offset {zero})", "save it as UTF-8 text, or take it out"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _line(place, data, error.start).error(
            f"is not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start})", "save it as UTF-8"
        ) from None


def _line(place: Place, data: bytes, offset: int) -> Place:
    return place if place.number else place.at(data.count(b"\n", 0, offset) + 1)


def _unreadable(place: Place, error: OSError | ValueError) -> InputError:
    reason = (isinstance(error, OSError) and error.strerror) or "not a path"
    return place.error(f"cannot be read ({reason})", "check the path and its permissions")

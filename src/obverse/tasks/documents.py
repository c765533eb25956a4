"""The user's documents: a folder of files, one file, or a table with a ``text`` column.

Ids in a folder.  A file's id is its path in the folder with ``/`` and without its suffix
(``rules/opening``).  Where another file has that path too (``guide.md`` beside ``guide.txt``), each keeps
its suffix.  A file of more than 400 words is split (see ``splitting``), and its pieces are ``guide#1``,
``guide#2``, ... in the order of the text.  Ids therefore depend on names and texts alone, not on the
machine or on the order of listing.

Texts are tidied as they are read: one Unicode form (NFC), plain apostrophes, no soft hyphens, words that a line end
broke put together (see ``text.tidy``).  Ids are left, and so are the files.

Ids in a table are its ``id`` column, else the number of the line (JSONL) or row (Parquet), counted from 1.
Texts in a table are not split.
"""

from __future__ import annotations

import logging
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NoReturn

from obverse.tasks.conversion import CONVERTED_SUFFIXES, convert
from obverse.tasks.paths import path_kind, read_text
from obverse.tasks.places import Faults, Place, describe, is_blank, is_name, printable, quote
from obverse.tasks.rows import ROW_SUFFIXES, Row, read_rows
from obverse.tasks.splitting import split_text
from obverse.text.segmentation import tidy
from obverse.types import Document

_LOG = logging.getLogger(__name__)

TEXT_SUFFIXES = (
    *(".txt", ".text", ".md", ".markdown", ".mdx", ".rst", ".adoc", ".asciidoc", ".org", ".log"),
)
FILE_SUFFIXES = TEXT_SUFFIXES + CONVERTED_SUFFIXES
DOCUMENT_FIELDS = ("id", "text", "group", "answers")

_READABLE = (
    "a folder of .txt, .md, .rst or other text files, or of .pdf, .docx or .html files; one such file; "
    f"or a {' or '.join(ROW_SUFFIXES)} file"
)
_PIECE = re.compile(r"#\d+$")
_SHOWN_KINDS, _SHOWN_EQUAL = 8, 5


def read_documents(path: str | os.PathLike[str]) -> tuple[Document, ...]:
    """All documents at ``path``, in a stable order.

    Args:
        path: a folder, read with its subfolders (hidden names, linked folders and files of other suffixes are
            passed over); a text file of `TEXT_SUFFIXES` or a file of `CONVERTED_SUFFIXES`; or a ``.jsonl`` or
            ``.parquet`` file with the columns ``text`` and optionally ``id``, ``group`` and ``answers`` (others
            are passed over).  ``answers`` are places in the text as ``[start, end]``, in characters; white
            space around the text does not count, and every line end is one character.

    What was passed over and which documents are equal is logged as a warning.

    Raises:
        InputError: nothing readable is there, files are empty, binary, not UTF-8 or broken, ids are double; all
            faults of all files together.
    """
    place = Place(Path(path))
    with Faults() as faults:
        documents = _documents_at(place, faults)
    groups: dict[str, list[str]] = {}
    for document in documents:
        groups.setdefault(" ".join(document.text.split()), []).append(document.id)
    if said := equal_ids(groups.values()):
        _LOG.warning("%s: documents with the same text: %s", place, said)
    return documents


def equal_ids(groups: Iterable[Sequence[str]]) -> str:
    """In a few words those that are more than one; empty where none are."""
    several = [group for group in groups if len(group) > 1]
    said = [
        " = ".join(map(printable, group[:_SHOWN_EQUAL])) + (" = ..." if len(group) > _SHOWN_EQUAL else "")
        for group in several[:_SHOWN_EQUAL]
    ]
    more = len(several) - len(said)
    return "; ".join(said) + (f"; and {more:,} more such groups" if more else "")


def _documents_at(place: Place, faults: Faults) -> tuple[Document, ...]:
    kind = path_kind(place)
    if kind == "missing":
        raise place.error("there is no such file or folder", f"give {_READABLE}")
    if kind == "folder":
        return _distinct(_folder_documents(place, faults), faults)
    suffix = place.path.suffix.lower()
    if suffix in FILE_SUFFIXES:
        return tuple(_file_documents(place, _file_id(place, place.path.stem)))
    if suffix in ROW_SUFFIXES:
        rows = read_rows(place, DOCUMENT_FIELDS, faults, ignore_others=True)
        if not rows and not faults:
            raise place.error("holds no documents", 'write lines like {"text": "..."}')
        return tuple(map(_tidied, documents_from_rows((row.tidied() for row in rows), faults)))
    raise place.error("is nothing that documents can be read from", f"give {_READABLE}")


def documents_from_rows(rows: Iterable[Row], faults: Faults) -> tuple[Document, ...]:
    """A document for each row with ``text`` and optionally ``id``, ``group`` and ``answers``, taken as they are.

    Args:
        faults: gets what is missing or of the wrong type, and double ids.
    """

    def read() -> Iterator[tuple[Document, Place]]:
        for row in rows:
            document = None
            with faults.kept():
                document = _row_document(row)
            if document:
                yield document, row.place

    return _distinct(read(), faults)


def source(id: str) -> str:
    """The id of the file that a piece comes from (``guide`` for ``guide#3``); else the id itself."""
    return _PIECE.sub("", id)


def _row_document(row: Row) -> Document:
    text = row.required_text("text")
    return Document(row.name("id") or str(row.place.number), text, row.name("group"), _answers(row, text))


def _tidied(document: Document) -> Document:
    """The document with its text tidied, and its answers at their places in that."""
    text = tidy(document.text)
    if text == document.text or not document.answers:
        return replace(document, text=text)
    # Each part by itself, so that it can be found again.
    cuts = [0, *(cut for span in document.answers for cut in span), len(document.text)]
    parts = [tidy(document.text[start:end]) for start, end in pairwise(cuts)]
    ends = list(accumulate(map(len, parts)))
    answers = zip(ends[:-1:2], ends[1::2], strict=True)
    return replace(
        document, text="".join(parts), answers=tuple(span for span in answers if span[0] < span[1])
    )


def _answers(row: Row, text: str) -> tuple[tuple[int, int], ...]:
    """The places of answers in the text: none empty, each behind the one before; none where none are given."""
    spans = row.fields.get("answers")
    if spans is None:
        return ()
    if not isinstance(spans, list):
        raise row.place.error(f"'answers' is {describe(spans)}", "write a list of [start, end]")
    answers: list[tuple[int, int]] = []
    last = 0
    for number, span in enumerate(spans, start=1):
        match span:
            case [int() as start, int() as end] if bool not in (type(start), type(end)):
                if not last <= start < end <= len(text):
                    raise row.place.error(
                        f"entry {number} of 'answers' is empty, out of order or not in the text",
                        f"give places from 0 to {len(text)}, each behind the one before",
                    )
                answers.append((start, end))
                last = end
            case _:
                fault = f"entry {number} of 'answers' is no pair of whole numbers"
                raise row.place.error(fault, "write [start, end]")
    return tuple(answers)


def _folder_documents(folder: Place, faults: Faults) -> Iterator[tuple[Document, Place]]:
    """The documents of all readable files, each with the file that it comes from."""
    paths, kinds = _files(folder)
    seen = ", ".join(f"{count:,} {printable(kind)}" for kind, count in kinds.most_common(_SHOWN_KINDS))
    if others := sum(kinds.values()) - sum(count for _, count in kinds.most_common(_SHOWN_KINDS)):
        seen += f", {others:,} others"
    if not paths:
        fault = f"holds no documents (seen: {seen})" if seen else "is empty"
        raise folder.error(fault, f"put {', '.join(FILE_SUFFIXES)} files into it")
    names = {path: path.relative_to(folder.path).as_posix() for path in paths}
    stems = {path: names[path].removesuffix(path.suffix) for path in paths}
    taken = Counter(stems.values()) + Counter(names.values())
    for path in sorted(paths, key=lambda path: names[path]):
        place = Place(path)
        name = stems[path] if taken[stems[path]] == 1 else names[path]
        documents: list[Document] = []
        with faults.kept():
            documents = _file_documents(place, _file_id(place, name))
        yield from ((document, place) for document in documents)
    if seen and not faults:
        read = f"{len(paths):,} document{'s' * (len(paths) > 1)}"
        _LOG.warning("%s: read %s; passed over %s", folder, read, seen)


def _files(folder: Place) -> tuple[list[Path], Counter[str]]:
    """The readable files of a folder and its subfolders, and of what kinds the others are."""

    def fail(error: OSError) -> NoReturn:
        raise Place(Path(error.filename)).error(
            f"cannot be listed ({error.strerror})", "check its permissions"
        ) from None

    readable: list[Path] = []
    kinds: Counter[str] = Counter()
    for parent, folders, files in os.walk(folder.path, onerror=fail):
        kinds["hidden"] += sum(name.startswith(".") for name in (*folders, *files))
        folders[:] = [name for name in folders if not name.startswith(".")]
        kinds["linked folders"] += sum(Path(parent, name).is_symlink() for name in folders)
        for path in (Path(parent, name) for name in files if not name.startswith(".")):
            if path.suffix.lower() in FILE_SUFFIXES:
                readable.append(path)
            else:
                kinds[path.suffix.lower() or "without ending"] += 1
    return readable, +kinds


def _file_id(place: Place, name: str) -> str:
    """The id in one Unicode form, since file systems differ in theirs."""
    if not is_name(name):
        raise place.error("its name has control characters or is not UTF-8", "rename it")
    return unicodedata.normalize("NFC", name)


def _file_documents(place: Place, id: str) -> list[Document]:
    """One document for the file, or one for each piece of it."""
    converted = place.path.suffix.lower() in CONVERTED_SUFFIXES
    text = tidy(convert(place) if converted else read_text(place)).strip()
    if is_blank(text):
        remedy = "fill it or take it out"
        raise place.error("holds no text", f"{remedy} (a scan needs OCR first)" if converted else remedy)
    pieces = split_text(text)
    if len(pieces) == 1:
        return [Document(id, text)]
    return [Document(f"{id}#{number}", piece) for number, piece in enumerate(pieces, start=1)]


def _distinct(placed: Iterable[tuple[Document, Place]], faults: Faults) -> tuple[Document, ...]:
    """The documents, none of which may have the id of another."""
    places: dict[str, Place] = {}
    documents = []
    for document, place in placed:
        if document.id in places:
            with faults.kept():
                first = places[document.id]
                raise place.error(
                    f"id {quote(document.id)} is already that of {first}", "give each its own id"
                )
        else:
            places[document.id] = place
            documents.append(document)
    return tuple(documents)

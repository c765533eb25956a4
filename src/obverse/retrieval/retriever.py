"""Retrievers: what finds documents for questions, by name; BM25 is the one that the package has."""

from __future__ import annotations

import json
import reprlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Protocol

from obverse import plugins
from obverse.code_fingerprint import CODE, code_of
from obverse.costs import Meter
from obverse.files import file_name, write_text
from obverse.retrieval.bm25 import Bm25
from obverse.types import BM25, Document, InputError, Ledger, content_hash


class Retriever(Protocol):
    """Finds documents for questions; made without arguments, for the documents of one task."""

    @property
    def identity(self) -> Mapping[str, object]:
        """Plain values that decide what is found: settings, a model's fingerprint.  Its code is known without."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Tokens and operations so far; empty where no model computes.  Time and memory are measured by the caller."""
        ...

    def index(self, documents: Sequence[Document], folder: Path, /) -> None:
        """Hold just these documents.

        Args:
            folder: the retriever's own for these documents and this identity, where it may keep what it computes; the
                same documents are indexed again in it when a run goes on.
        """
        ...

    def search(self, queries: Sequence[str], top_k: int, /) -> Sequence[Sequence[str]]:
        """For each query the ids of the ``top_k`` documents that match it best, best first; fewer where fewer match.

        The same query always finds the same, whatever stands beside it.
        """
        ...


def find_retriever(name: str) -> Retriever:
    """A new retriever of that name: ``bm25``, a registered one, or ``module:attribute``.

    Raises:
        InputError: see `obverse.plugins.load`.
    """
    if name == BM25:
        return Bm25()
    found: Retriever = plugins.load("retriever", name, Retriever)
    return found


def identity_of(retriever: Retriever) -> dict[str, object]:
    """What decides the results of a retriever, as plain values: what it says itself, and its code."""
    return {**retriever.identity, CODE: code_of(type(retriever))}


class Index:
    """Documents that a retriever has indexed.

    Args:
        name: of the retriever.
        folder: for its index and that of others, each in a folder of its own.

    Attributes:
        cost: what indexing took when it was done, also where it lies there finished.
    """

    def __init__(self, name: str, documents: Sequence[Document], folder: Path) -> None:
        self._name, self._retriever = name, find_retriever(name)
        self._by_id = {document.id: document for document in documents}
        own = folder / file_name(name)
        stored = [[document.id, document.text] for document in documents]
        key = content_hash([stored, identity_of(self._retriever)])
        kept = own / "cost.json"
        content = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
        if content.get("index") != key:
            shutil.rmtree(own, ignore_errors=True)
            content = {}
        own.mkdir(parents=True, exist_ok=True)
        with Meter() as meter:
            self._retriever.index(documents, own)
        if not content:
            cost = self._retriever.ledger + Ledger(
                seconds=meter.seconds, peak_memory_bytes=meter.peak_memory_bytes
            )
            content = {"index": key, "cost": asdict(cost)}
            write_text(kept, json.dumps(content))  # last: an index without its cost is made anew
        self.cost = Ledger(**content["cost"])

    def search(self, queries: Sequence[str], top_k: int) -> tuple[list[tuple[Document, ...]], Ledger]:
        """The documents that are found for each query, best first, and what that took.

        Raises:
            InputError: the retriever does not give, for each query, ids of the documents.
        """
        before = self._retriever.ledger
        with Meter() as meter:
            found = self._retriever.search(queries, top_k)
        if len(found) != len(queries):
            raise InputError(
                f"retriever {self._name!r}: gives {len(found)} results for {len(queries)} queries; give one for each"
            )
        spent = replace(self._retriever.ledger - before, seconds=meter.seconds, peak_memory_bytes=0)
        return [documents_of(ids, self._by_id, f"retriever {self._name!r}") for ids in found], spent


def documents_of(ids: Sequence[str], by_id: Mapping[str, Document], who: str) -> tuple[Document, ...]:
    """The documents of these ids.

    Args:
        who: named them, for the message.

    Raises:
        InputError: these are no ids, there is no document of one, or one is named twice.
    """
    if isinstance(ids, str) or not isinstance(ids, Sequence) or not all(isinstance(id, str) for id in ids):
        raise InputError(f"{who}: returned {' '.join(reprlib.repr(ids).split())}; give a list of ids")
    for place, id in enumerate(ids):
        if id not in by_id or id in ids[:place]:
            fault = "twice" if id in by_id else "which there is not"
            raise InputError(f"{who}: names the document {id!r}, {fault}; give ids of documents, each once")
    return tuple(by_id[id] for id in ids)

"""BM25: every document is a row of a table on disk, found again by its words (Robertson and Zaragoza, 2009).

LanceDB, embedded: the same table can lie on an object store when it grows.  What is indexed are the terms of a text,
which part the words of every script in one way (see `obverse.text.terms`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from obverse.code_fingerprint import code_fingerprint
from obverse.text.terms import search_terms
from obverse.types import Document, Ledger, content_hash

_TABLE = "episodes"


class Bm25:
    """A `obverse.retrieval.retriever.Retriever` by BM25."""

    identity: Mapping[str, object] = {}
    ledger = Ledger()  # no model computes

    def index(self, documents: Sequence[Document], folder: Path) -> None:
        """Hold just ``documents``; does nothing where the table in ``folder`` holds them already."""
        os.environ.setdefault("LANCEDB_LOG", "error")  # it warns that a table it is to make is not there
        import lancedb
        import pyarrow as pa
        from lancedb.index import FTS

        database = lancedb.connect(folder)
        stored = [[document.id, document.text] for document in documents]
        fingerprint = content_hash([stored, code_fingerprint(__name__)])
        if _TABLE in database.list_tables().tables:
            self._table: Any = database.open_table(_TABLE)
            # The index is made last, so a table that has one is whole.
            if (
                self._table.list_indices()
                and self._table.schema.metadata.get(b"fingerprint", b"").decode() == fingerprint
            ):
                return
        rows = pa.table(
            {
                "id": [document.id for document in documents],
                "terms": [search_terms(document.text) for document in documents],
            }
        ).replace_schema_metadata({"fingerprint": fingerprint})
        self._table = database.create_table(_TABLE, rows, mode="overwrite")
        config = FTS(base_tokenizer="whitespace", with_position=False, stem=True, remove_stop_words=True)
        self._table.create_index("terms", config=config)

    def search(self, queries: Sequence[str], top_k: int) -> list[list[str]]:
        """For each query the ids of the ``top_k`` documents that match it best, best first.

        Ties are broken by id, so that the same query always finds the same.
        """
        return [self._search(query, top_k) for query in queries]

    def _search(self, query: str, top_k: int) -> list[str]:
        limit, terms = top_k, search_terms(query)
        while True:
            limit *= 4
            found = self._table.search(terms, query_type="fts").limit(limit).to_list()
            found.sort(key=lambda row: (-row["_score"], row["id"]))
            # All that tie with the last one wanted must be there to choose from.
            if len(found) < limit or found[-1]["_score"] < found[top_k - 1]["_score"]:
                return [str(row["id"]) for row in found[:top_k]]

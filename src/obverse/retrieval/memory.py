"""Episodic memory: every document is an episode in a table on disk, found again by its words.

LanceDB, embedded: the same table can lie on an object store when it grows.  What is indexed are the terms of a text,
which part the words of every script in one way (see `obverse.text.terms`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from obverse.code_fingerprint import code_fingerprint
from obverse.text.terms import search_terms
from obverse.types import Document, content_hash

_TABLE = "episodes"


def table_fingerprint(documents: Sequence[Document]) -> str:
    """Hash of what a table of these documents holds, as this code and library index them."""
    stored = [[document.id, document.text] for document in documents]
    return content_hash([stored, code_fingerprint(__name__)])


class Memory:
    """Documents as episodes, with a lexical (BM25) index.

    Args:
        folder: where the table lies.
    """

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("LANCEDB_LOG", "error")  # it warns that a table it is to make is not there
        import lancedb

        self._database = lancedb.connect(folder)

    def store(self, documents: Sequence[Document]) -> None:
        """Hold just ``documents``; does nothing where the table holds them already (`table_fingerprint`)."""
        import pyarrow as pa
        from lancedb.index import FTS

        fingerprint = table_fingerprint(documents)
        if _TABLE in self._database.list_tables().tables:
            table = self._database.open_table(_TABLE)
            # The index is made last, so a table that has one is whole.
            if (
                table.list_indices()
                and table.schema.metadata.get(b"fingerprint", b"").decode() == fingerprint
            ):
                return
        rows = pa.table(
            {
                "id": [document.id for document in documents],
                "terms": [search_terms(document.text) for document in documents],
            }
        ).replace_schema_metadata({"fingerprint": fingerprint})
        table = self._database.create_table(_TABLE, rows, mode="overwrite")
        config = FTS(base_tokenizer="whitespace", with_position=False, stem=True, remove_stop_words=True)
        table.create_index("terms", config=config)

    def search(self, query: str, top_k: int) -> list[str]:
        """The ids of the ``top_k`` documents that match ``query`` best, best first.

        Ties are broken by id, so that the same query always finds the same.
        """
        table, limit, terms = self._table(), top_k, search_terms(query)
        while True:
            limit *= 4
            found = table.search(terms, query_type="fts").limit(limit).to_list()
            found.sort(key=lambda row: (-row["_score"], row["id"]))
            # All that tie with the last one wanted must be there to choose from.
            if len(found) < limit or found[-1]["_score"] < found[top_k - 1]["_score"]:
                return [str(row["id"]) for row in found[:top_k]]

    def _table(self) -> Any:
        return self._database.open_table(_TABLE)

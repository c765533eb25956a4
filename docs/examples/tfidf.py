"""A retriever: documents that share rare words with the question, by TF-IDF (Spärck Jones, 1972)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from obverse.types import Document, Ledger


class TfIdf:
    """Follows ``obverse.retrieval.retriever.Retriever``."""

    identity: Mapping[str, object] = {"words": "lower case"}
    ledger = Ledger()  # no model computes

    def index(self, documents: Sequence[Document], _folder: Path) -> None:
        """Count the words of each document, and in how many documents each word stands."""
        self._counts = {document.id: Counter(words(document.text)) for document in documents}
        found_in = Counter(word for counts in self._counts.values() for word in counts)
        self._weights = {word: math.log(1 + len(documents) / count) for word, count in found_in.items()}

    def search(self, queries: Sequence[str], top_k: int) -> list[list[str]]:
        """The best documents for each query; ties by id, so that the same query always finds the same."""
        return [sorted(self._counts, key=lambda one: (-self._score(q, one), one))[:top_k] for q in queries]

    def _score(self, query: str, id: str) -> float:
        counts = self._counts[id]
        shared = sum(counts[word] * self._weights.get(word, 0.0) for word in words(query))
        return shared / math.sqrt(1 + counts.total())


def words(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return re.findall(r"\w+", text.lower())

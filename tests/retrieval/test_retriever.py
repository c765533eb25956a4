"""Retrievers by name: what indexing costs is known and kept, and what a retriever gives is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from obverse.retrieval.retriever import Index, Retriever, find_retriever, identity_of
from obverse.types import Document, InputError, Ledger

DOCUMENTS = [
    Document("clock", "Ilka Venning winds the harbour clock."),
    Document("bell", "Olwen rings the bell."),
]
NAME = f"{__name__}:Counting"


class Counting:
    """Finds every document, by id; counts what it does, and keeps a file."""

    identity: Mapping[str, object] = {"order": "by id"}
    indexed: ClassVar[list[list[str]]] = []

    def __init__(self) -> None:
        self.ledger = Ledger()

    def index(self, documents: Sequence[Document], folder: Path) -> None:
        self._ids = sorted(document.id for document in documents)
        kept = folder / "kept"
        if not kept.exists():
            kept.write_text("here")
            self.indexed.append(self._ids)
            self.ledger += Ledger(tokens_forward=10 * len(documents), flops=100)

    def search(self, queries: Sequence[str], top_k: int) -> Sequence[Sequence[str]]:
        self.ledger += Ledger(tokens_forward=len(queries), flops=3 * len(queries))
        return [self._ids[:top_k] for _ in queries]


@pytest.fixture(autouse=True)
def nothing_indexed() -> None:
    Counting.indexed.clear()


def test_the_cost_is_what_it_took_and_is_kept(tmp_path: Path) -> None:
    index = Index(NAME, DOCUMENTS, tmp_path)
    assert (index.cost.tokens_forward, index.cost.flops) == (20, 100)
    assert index.cost.seconds > 0
    found, spent = index.search(["Who?", "What?"], 1)
    assert found == [(DOCUMENTS[1],), (DOCUMENTS[1],)]
    assert (spent.tokens_forward, spent.flops, spent.peak_memory_bytes) == (2, 6, 0)
    again = Index(NAME, DOCUMENTS, tmp_path)
    assert again.cost == index.cost
    assert again.search(["Who?"], 2)[0] == [(DOCUMENTS[1], DOCUMENTS[0])]
    assert Counting.indexed == [["bell", "clock"]]


def test_bm25_lies_beside_it(tmp_path: Path) -> None:
    Index(NAME, DOCUMENTS, tmp_path)
    index = Index("bm25", DOCUMENTS, tmp_path)
    assert index.search(["bell", "zeppelin"], 2)[0] == [(DOCUMENTS[1],), ()]
    assert Index("bm25", DOCUMENTS, tmp_path).cost == index.cost
    assert Counting.indexed == [["bell", "clock"]]


def test_other_documents_another_identity_and_an_index_of_unknown_cost_are_indexed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Index(NAME, DOCUMENTS, tmp_path)
    Index(NAME, DOCUMENTS[:1], tmp_path)
    (cost,) = tmp_path.glob("*/cost.json")
    cost.unlink()  # as after a power cut
    assert Index(NAME, DOCUMENTS[:1], tmp_path).cost.tokens_forward == 10
    monkeypatch.setattr(Counting, "identity", {"order": "another"})
    Index(NAME, DOCUMENTS[:1], tmp_path)
    assert Counting.indexed == [["bell", "clock"], ["clock"], ["clock"], ["clock"]]


def test_an_index_of_other_code_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Index(NAME, DOCUMENTS, tmp_path)
    monkeypatch.setattr("obverse.retrieval.retriever.code_of", lambda _: "another")
    Index(NAME, DOCUMENTS, tmp_path)
    assert len(Counting.indexed) == 2


def test_its_identity_and_its_code_decide() -> None:
    own, bm25 = identity_of(find_retriever(NAME)), identity_of(find_retriever("bm25"))
    assert own["order"] == "by id"
    assert own["code"] != bm25["code"]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([["clock"]], "gives 1 results for 2 queries"),
        ([["clock"], ["lamp"]], "names the document 'lamp', which there is not"),
        ([["clock", "bell", "clock"], []], "names the document 'clock', twice"),
    ],
)
def test_what_is_no_result_is_refused(
    found: list[list[str]], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Counting, "search", lambda *_: found)
    with pytest.raises(InputError, match=f"retriever '{NAME}': {message}"):
        Index(NAME, DOCUMENTS, tmp_path).search(["Who?", "What?"], 2)


def test_both_follow_the_protocol() -> None:
    retrievers: list[Retriever] = [Counting(), find_retriever("bm25")]
    assert all(retriever.ledger == Ledger() for retriever in retrievers)

"""Episodic memory: found by words, whatever the words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obverse.retrieval.bm25 import Bm25
from obverse.types import Document

DOCUMENTS = [
    Document("clock", "Ilka Venning winds the harbour clock."),
    Document("bell", "Olwen Thorne rings the bell of the harbour."),
    Document("lens", "The lens was ground by Bahram Tolley, and the lens is cracked."),
    Document("world", "Straße, Ünruh, 灯台 und маяк: 'quoted' \"text\"."),
]


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Bm25:
    return indexed(DOCUMENTS, tmp_path_factory.mktemp("memory"))


def indexed(documents: Sequence[Document], folder: Path) -> Bm25:
    retriever = Bm25()
    retriever.index(documents, folder)
    return retriever


def search(retriever: Bm25, query: str, top_k: int) -> list[str]:
    (found,) = retriever.search([query], top_k)
    return found


def versions(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.manifest"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Who winds the clock?", ["clock"]),
        ("WINDING clocks", ["clock"]),  # words are stemmed and their case does not count
        ("lens", ["lens"]),
        ("harbour bell", ["bell", "clock"]),
        ("маяк", ["world"]),
        ("灯台", ["world"]),
        ("straße", ["world"]),
        ("zeppelin", []),
    ],
)
def test_search_finds_by_words_best_first(retriever: Bm25, query: str, found: list[str]) -> None:
    assert search(retriever, query, 3) == found


@pytest.mark.parametrize(
    "query",
    ["", " ", "?", '"', "'", "the of and", "AND OR NOT ( ) : * ~ ^", "(((", "a:b AND", "\\", "\0", "\ud800"],
)
def test_a_query_without_words_to_look_for_finds_nothing(retriever: Bm25, query: str) -> None:
    assert search(retriever, query, 3) == []


@pytest.mark.parametrize(
    "query", ['"clock', "clock^9", "clock~", "text:clock", "clock AND (", "-clock", "+clock", "clock\n\0;--"]
)
def test_operators_are_words_like_others(retriever: Bm25, query: str) -> None:
    assert search(retriever, query, 1) == ["clock"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_query_is_answered(retriever: Bm25, query: str) -> None:
    found = search(retriever, query, 2)
    assert found == search(retriever, query, 2)
    assert len(found) == len(set(found)) <= 2


def test_fewer_documents_than_wanted(retriever: Bm25) -> None:
    assert sorted(search(retriever, "harbour lens", 50)) == ["bell", "clock", "lens"]


def test_ties_are_broken_by_id_however_many_there_are(tmp_path: Path) -> None:
    documents = [Document(f"{number:03}", "The same red lamp.") for number in reversed(range(200))]
    retriever = indexed(documents, tmp_path)
    assert search(retriever, "lamp", 3) == ["000", "001", "002"]


def test_indexing_the_same_again_does_nothing(tmp_path: Path) -> None:
    indexed(DOCUMENTS, tmp_path)
    before = versions(tmp_path)
    indexed(DOCUMENTS, tmp_path)
    assert versions(tmp_path) == before


def test_other_documents_take_the_place_of_those_before(tmp_path: Path) -> None:
    retriever = indexed(DOCUMENTS, tmp_path)
    replaced = [Document("clock", "The clock was sold."), Document("new", "A lens.")]
    retriever.index(replaced, tmp_path)
    assert search(retriever, "harbour", 3) == []
    assert search(retriever, "sold clock", 3) == ["clock"]
    assert search(indexed(replaced, tmp_path), "lens", 3) == ["new"]


def test_a_table_whose_index_was_not_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lancedb.table import LanceTable

    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(LanceTable, "create_index", interrupt)
        with pytest.raises(KeyboardInterrupt):
            indexed(DOCUMENTS, tmp_path)
    retriever = indexed(DOCUMENTS, tmp_path)
    assert search(retriever, "lens", 1) == ["lens"]


def test_a_table_that_other_code_or_another_library_made_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [Document("one", "The red lamp.")]
    indexed(documents, tmp_path)

    def version() -> int:
        return int(indexed(documents, tmp_path)._table.version)

    before = version()
    assert version() == before
    monkeypatch.setattr("obverse.retrieval.bm25.code_fingerprint", lambda _: {"code": "c", "lancedb": "99"})
    indexed(documents, tmp_path)
    assert version() != before
    assert search(indexed(documents, tmp_path), "lamp", 1) == ["one"]

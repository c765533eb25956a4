"""Episodic memory: found by words, whatever the words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obverse.retrieval.memory import Memory
from obverse.types import Document

DOCUMENTS = [
    Document("clock", "Ilka Venning winds the harbour clock."),
    Document("bell", "Olwen Thorne rings the bell of the harbour."),
    Document("lens", "The lens was ground by Bahram Tolley, and the lens is cracked."),
    Document("world", "Straße, Ünruh, 灯台 und маяк: 'quoted' \"text\"."),
]


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Memory:
    memory = Memory(tmp_path_factory.mktemp("memory"))
    memory.store(DOCUMENTS)
    return memory


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
def test_search_finds_by_words_best_first(memory: Memory, query: str, found: list[str]) -> None:
    assert memory.search(query, 3) == found


@pytest.mark.parametrize(
    "query",
    ["", " ", "?", '"', "'", "the of and", "AND OR NOT ( ) : * ~ ^", "(((", "a:b AND", "\\", "\0", "\ud800"],
)
def test_a_query_without_words_to_look_for_finds_nothing(memory: Memory, query: str) -> None:
    assert memory.search(query, 3) == []


@pytest.mark.parametrize(
    "query", ['"clock', "clock^9", "clock~", "text:clock", "clock AND (", "-clock", "+clock", "clock\n\0;--"]
)
def test_operators_are_words_like_others(memory: Memory, query: str) -> None:
    assert memory.search(query, 1) == ["clock"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_query_is_answered(memory: Memory, query: str) -> None:
    found = memory.search(query, 2)
    assert found == memory.search(query, 2)
    assert len(found) == len(set(found)) <= 2


def test_fewer_documents_than_wanted(memory: Memory) -> None:
    assert sorted(memory.search("harbour lens", 50)) == ["bell", "clock", "lens"]


def test_ties_are_broken_by_id_however_many_there_are(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.store([Document(f"{number:03}", "The same red lamp.") for number in reversed(range(200))])
    assert memory.search("lamp", 3) == ["000", "001", "002"]


def test_storing_the_same_again_does_nothing(tmp_path: Path) -> None:
    Memory(tmp_path).store(DOCUMENTS)
    before = versions(tmp_path)
    Memory(tmp_path).store(DOCUMENTS)
    assert versions(tmp_path) == before


def test_other_documents_take_the_place_of_those_before(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.store(DOCUMENTS)
    memory.store([Document("clock", "The clock was sold."), Document("new", "A lens.")])
    assert memory.search("harbour", 3) == []
    assert memory.search("sold clock", 3) == ["clock"]
    assert Memory(tmp_path).search("lens", 3) == ["new"]


def test_a_table_whose_index_was_not_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lancedb.table import LanceTable

    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(LanceTable, "create_index", interrupt)
        with pytest.raises(KeyboardInterrupt):
            Memory(tmp_path).store(DOCUMENTS)
    memory = Memory(tmp_path)
    memory.store(DOCUMENTS)
    assert memory.search("lens", 1) == ["lens"]


def test_a_table_that_other_code_or_another_library_made_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [Document("one", "The red lamp.")]
    Memory(tmp_path).store(documents)

    def version() -> int:
        return int(Memory(tmp_path)._table().version)

    before = version()
    Memory(tmp_path).store(documents)
    assert version() == before
    monkeypatch.setattr("obverse.retrieval.memory.code_fingerprint", lambda _: {"code": "c", "lancedb": "99"})
    Memory(tmp_path).store(documents)
    assert version() != before
    assert Memory(tmp_path).search("lamp", 1) == ["one"]

"""What the index cost is known, also to a run that is taken up again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from obverse.retrieval.indexing import index
from obverse.retrieval.memory import Memory
from obverse.types import Document

DOCUMENTS = [
    Document("clock", "Ilka Venning winds the harbour clock."),
    Document("bell", "Olwen rings the bell."),
]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A store that takes a fifth of a second more; says how many documents were stored each time."""
    stored: list[int] = []
    store = Memory.store

    def slowly(self: Memory, documents: Sequence[Document]) -> None:
        stored.append(len(documents))
        time.sleep(0.2)
        store(self, documents)

    monkeypatch.setattr(Memory, "store", slowly)
    return stored


def test_the_cost_is_what_it_took_and_is_kept(tmp_path: Path, slow: list[int]) -> None:
    memory, cost = index(tmp_path / "memory", DOCUMENTS)
    assert 0.2 <= cost.seconds < 20
    assert memory.search("bell", 1) == ["bell"]
    again, same = index(tmp_path / "memory", DOCUMENTS)
    assert same == cost
    assert again.search("clock", 1) == ["clock"]
    assert slow == [2]


def test_other_documents_and_an_index_of_unknown_cost_are_indexed_anew(
    tmp_path: Path, slow: list[int]
) -> None:
    index(tmp_path / "memory", DOCUMENTS)
    index(tmp_path / "memory", DOCUMENTS[:1])
    (tmp_path / "memory" / "cost.json").unlink()  # as after a power cut
    assert index(tmp_path / "memory", DOCUMENTS[:1])[1].seconds >= 0.2
    assert slow == [2, 1, 1]


def test_an_index_of_other_code_is_made_anew(
    tmp_path: Path, slow: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    index(tmp_path / "memory", DOCUMENTS)
    monkeypatch.setattr("obverse.retrieval.memory.code_fingerprint", lambda *_: "another")
    index(tmp_path / "memory", DOCUMENTS)
    assert slow == [2, 2]

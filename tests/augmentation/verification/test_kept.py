"""Kept scores: the same as without, and none is reckoned twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from obverse.augmentation.lines import Line
from obverse.augmentation.verification.kept import KeptScores
from obverse.types import Document, Ledger

DOCUMENTS = [Document("a", "Ilka is here."), Document("b", "Olwen is there.")]
LINES = [Line(f"Line {number} here.", "rephrase", "a", ("a",), 0, "", 3) for number in range(70)]


class Counting:
    """Scores a line by its length, and notes what it is given; breaks down after so many calls."""

    name, threshold, by_itself = "counting", 0.5, True

    def __init__(self, calls: int = 100) -> None:
        self.seen: list[str] = []
        self.ledger = Ledger()
        self._calls = calls

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        if not self._calls:
            raise KeyboardInterrupt
        self._calls -= 1
        self.ledger += Ledger(tokens_forward=len(lines), seconds=1.0)
        self.seen += [line.text for line in lines]
        return [len(line.text) / len(documents) for line in lines]


def test_an_interrupted_verification_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    first = Counting(calls=1)
    with pytest.raises(KeyboardInterrupt):
        KeptScores(first, {}, path).score(LINES, DOCUMENTS)
    with path.open("ab") as stream:
        stream.write(b'{"key": "torn')
    told: list[tuple[int, int]] = []
    second = Counting()
    kept = KeptScores(second, {}, path, lambda done, of, _: told.append((done, of)))
    assert (kept.name, kept.threshold) == ("counting", 0.5)
    assert kept.score(LINES, DOCUMENTS) == Counting().score(LINES, DOCUMENTS)
    assert sorted(first.seen + second.seen) == sorted(line.text for line in LINES)
    assert told == [(64, 70), (70, 70)]
    # What was paid before the interruption counts too, once.
    assert kept.ledger == Ledger(tokens_forward=70, seconds=3.0)


def test_other_documents_or_another_model_are_scored_anew(tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    counting = Counting()
    for identity, documents in (
        ({"model": "a"}, DOCUMENTS),
        ({"model": "b"}, DOCUMENTS),
        ({"model": "a"}, DOCUMENTS[:1]),
    ):
        for _ in range(2):
            assert (
                KeptScores(counting, identity, path).score(LINES[:1] * 2, documents)
                == [12 / len(documents)] * 2
            )
    assert len(counting.seen) == 3

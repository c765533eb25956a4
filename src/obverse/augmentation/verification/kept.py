"""Scores that are paid for once: kept on disk as they come, so that an interrupted verification goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from obverse.augmentation.lines import Line
from obverse.augmentation.verification import Verifier
from obverse.files import append_line, read_lines
from obverse.types import Document, Ledger, content_hash

# Lines that are lost at most; those of the same sources are scored together as far as that goes.
_AT_ONCE = 32


class Costly(Verifier, Protocol):
    """A verifier that computes, and counts what that costs."""

    @property
    def ledger(self) -> Ledger:
        """What scoring has cost so far."""
        ...


class KeptScores:
    """A verifier of single lines, each of which it scores once; ``ledger`` is what the last lines cost, whenever.

    Args:
        verifier: one that looks at each line by itself.
        identity: everything that decides its scores beside line and documents, such as a model's fingerprint.
        path: of the file with the scores, which only grows.
        progress: told of the lines scored, and of the lines in all.
    """

    def __init__(
        self,
        verifier: Costly,
        identity: Mapping[str, object],
        path: Path,
        progress: Callable[[int, int, str], None] = lambda *_: None,
    ) -> None:
        self._verifier, self._identity = verifier, dict(identity)
        self._path, self._progress = path, progress
        self._scores: dict[str, float] = {}
        self._costs: dict[str, Ledger] = {}
        for row in map(json.loads, read_lines(path)):
            self._scores[row["key"]], self._costs[row["key"]] = row["score"], Ledger(**row["ledger"])
        self.ledger = Ledger()

    by_itself = True

    @property
    def name(self) -> str:
        """Of the verifier."""
        return self._verifier.name

    @property
    def threshold(self) -> float:
        """Of the verifier."""
        return self._verifier.threshold

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        """See `obverse.augmentation.verification.Verifier`."""
        corpus = content_hash([[document.id, document.text] for document in documents])
        described = {"verifier": self.name, "identity": self._identity, "documents": corpus}
        keys = [content_hash({**described, "line": line.id}) for line in lines]
        wanted = {key: line for key, line in zip(keys, lines, strict=True) if key not in self._scores}
        done = len(set(keys)) - len(wanted)
        for batch in _batches(wanted):
            before = self._verifier.ledger
            scores = self._verifier.score(list(batch.values()), documents)
            cost = self._verifier.ledger - before
            for key, score in zip(batch, scores, strict=True):
                row = {"key": key, "score": score, "ledger": asdict(cost)}
                append_line(self._path, json.dumps(row))
                self._scores[key], self._costs[key] = score, cost
                cost = Ledger()  # that of all is told with the first
            done += len(batch)
            self._progress(done, len(set(keys)), "")
        self.ledger = sum((self._costs[key] for key in dict.fromkeys(keys)), Ledger())
        return [self._scores[key] for key in keys]


def _batches(wanted: Mapping[str, Line]) -> Iterator[dict[str, Line]]:
    """A few lines at a time, those with the same sources after each other."""
    ordered = sorted(wanted.items(), key=lambda pair: pair[1].sources)
    for start in range(0, len(ordered), _AT_ONCE):
        yield dict(ordered[start : start + _AT_ONCE])

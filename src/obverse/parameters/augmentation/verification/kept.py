"""Scores that are paid for once: kept on disk as they come, so that an interrupted verification goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from obverse.files import append_line, read_lines
from obverse.parameters.augmentation.lines import Line
from obverse.parameters.augmentation.verification import Verifier
from obverse.types import Document, content_hash

# Lines that are lost at most; those of the same sources are scored together as far as that goes.
_AT_ONCE = 32


class KeptScores:
    """A verifier of single lines, each of which it scores once.

    Args:
        verifier: one that looks at each line by itself.
        identity: everything that decides its scores beside line and documents, such as a model's fingerprint.
        path: of the file with the scores, which only grows.
        progress: told of the lines scored, and of the lines in all.
    """

    def __init__(
        self,
        verifier: Verifier,
        identity: Mapping[str, object],
        path: Path,
        progress: Callable[[int, int, str], None] = lambda *_: None,
    ) -> None:
        self._verifier, self._identity = verifier, dict(identity)
        self._path, self._progress = path, progress
        self._scores: dict[str, float] = {}
        for row in map(json.loads, read_lines(path)):
            self._scores[row["key"]] = row["score"]

    @property
    def name(self) -> str:
        """Of the verifier."""
        return self._verifier.name

    @property
    def threshold(self) -> float:
        """Of the verifier."""
        return self._verifier.threshold

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        """See `obverse.parameters.augmentation.verification.Verifier`."""
        corpus = content_hash([[document.id, document.text] for document in documents])
        described = {"verifier": self.name, "identity": self._identity, "documents": corpus}
        keys = [content_hash({**described, "line": line.id}) for line in lines]
        wanted = {key: line for key, line in zip(keys, lines, strict=True) if key not in self._scores}
        done = len(set(keys)) - len(wanted)
        for batch in _batches(wanted):
            scores = self._verifier.score(list(batch.values()), documents)
            for key, score in zip(batch, scores, strict=True):
                append_line(self._path, json.dumps({"key": key, "score": score}))
                self._scores[key] = score
            done += len(batch)
            self._progress(done, len(set(keys)), "")
        return [self._scores[key] for key in keys]


def _batches(wanted: Mapping[str, Line]) -> Iterator[dict[str, Line]]:
    """A few lines at a time, those with the same sources after each other."""
    ordered = sorted(wanted.items(), key=lambda pair: pair[1].sources)
    for start in range(0, len(ordered), _AT_ONCE):
        yield dict(ordered[start : start + _AT_ONCE])

"""A few documents and lines about them, for every verifier."""

from __future__ import annotations

from conftest import FACTS

from obverse.augmentation.lines import Line
from obverse.augmentation.writing import Kind
from obverse.types import Document

DOCUMENTS = tuple(Document(id, text) for id, text, _, _ in FACTS)


def line(text: str, *sources: str, kind: Kind = "rephrase", sample: int = 0) -> Line:
    """A line about Ilka, where no sources are given."""
    sources = sources or ("ilka",)
    return Line(text, kind, sources[0], sources, sample, "key", 1)

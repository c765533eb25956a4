"""Checks of written lines against the documents that they claim to follow from; any of them can be combined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from obverse.types import Document

if TYPE_CHECKING:
    from obverse.augmentation.lines import Line


UNCHECKED = -1e6
"""The score of a line that a verifier has nothing to go by for: what cannot be checked is not kept."""


class Verifier(Protocol):
    """Says how well lines are supported."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    @property
    def threshold(self) -> float:
        """The least score that is enough, where the user gives none."""
        ...

    @property
    def by_itself(self) -> bool:
        """Whether it looks at each line by itself; if so, it is not given lines that are rejected already."""
        ...

    def score(self, lines: Sequence[Line], documents: Sequence[Document]) -> list[float]:
        """How well each line is supported, in their order; higher is better.

        Args:
            documents: the whole set, the sources of every line among them.
        """
        ...

"""Packing: several documents in one row, none of which can see another.

A packed neighbour is context: without a mask between documents the partner of a held-out fact stands in front of
the model and the experiment is void.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Row:
    """Documents packed one after the other.

    Args:
        tokens: ``[row]``.
        positions: ``[row]``, starting anew with each document.
        documents: ``[row]``, which document of the row each token belongs to.
    """

    tokens: tuple[int, ...]
    positions: tuple[int, ...]
    documents: tuple[int, ...]

    @property
    def pairs(self) -> int:
        """The (query, key) pairs that attention needs: each token sees its own document up to itself."""
        return sum(position + 1 for position in self.positions)


def pack(
    documents: Sequence[Sequence[int]], row_tokens: int, seed: int, window: int | None = None
) -> list[Row]:
    """Pack tokenised documents into rows of at most ``row_tokens``, in an order drawn from ``seed``.

    A document longer than a row, or than the model's ``window``, is cut into pieces, each of which begins anew.
    """
    longest = min(row_tokens, window or row_tokens)
    pieces = [
        tuple(document[start : start + longest])
        for document in documents
        for start in range(0, len(document), longest)
    ]
    random.Random(seed).shuffle(pieces)
    rows: list[list[tuple[int, ...]]] = []
    for piece in pieces:
        if not rows or sum(map(len, rows[-1])) + len(piece) > row_tokens:
            rows.append([])
        rows[-1].append(piece)
    return [
        Row(
            tuple(token for piece in row for token in piece),
            tuple(position for piece in row for position in range(len(piece))),
            tuple(index for index, piece in enumerate(row) for _ in piece),
        )
        for row in rows
    ]


def attention_mask(row: Row, device: torch.device | str) -> torch.Tensor:
    """``[1, 1, row, row]``, true where a token sees another: earlier in the same document, or itself."""
    import torch

    documents = torch.tensor(row.documents, device=device)
    same = documents[:, None] == documents[None]
    return same.tril()[None, None]


def labels(row: Row) -> list[int]:
    """The token that follows each within its document, ``[row]``; -100 where a document ends."""
    following = [*row.tokens[1:], -100]
    last = [*(left != right for left, right in zip(row.documents, row.documents[1:], strict=False)), True]
    return [-100 if ends else token for token, ends in zip(following, last, strict=True)]

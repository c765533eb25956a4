"""Packing: several documents in one row, none of which can see another.

A packed neighbour is context: without a mask between documents the partner of a held-out fact stands in front of
the model and the experiment is void.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

Integers = npt.NDArray[np.int64]

IGNORED = -100
"""Label of a place where nothing is predicted."""


@dataclass(frozen=True)
class Example:
    """A tokenised document as an objective wants it.

    Args:
        tokens: what the model reads, ``[time]``.
        labels: what it is to predict at each place, ``[time]``; `IGNORED` where nothing.
        branches: ``[time]``, for an example that branches after a beginning that all share: 0 for the beginning,
            then a number for each branch.  A branch goes on from the beginning and sees no other branch, so each
            reads as if it stood alone.
    """

    tokens: Integers
    labels: Integers
    branches: Integers | None = None

    @property
    def positions(self) -> Integers:
        """``[time]``: of each token, counted along its branch."""
        places = np.arange(len(self.tokens))
        if self.branches is None:
            return places
        starts = np.flatnonzero(np.diff(self.branches, prepend=-1))  # the beginning's first
        before = np.repeat(starts, np.diff(starts, append=len(places)))
        shared = int((self.branches == 0).sum())
        return np.where(self.branches == 0, places, places - before + shared)

    def pieces(self, longest: int) -> Iterator[Example]:
        """The example cut into parts of at most ``longest`` tokens, each of which begins anew.

        Raises:
            ValueError: it branches.
        """
        if self.branches is not None:
            raise ValueError("an example that branches cannot be cut")
        for start in range(0, len(self.tokens), longest):
            labels = self.labels[start : start + longest].copy()
            if start + longest < len(self.tokens):
                labels[-1] = IGNORED  # what follows stands in the next piece
            yield Example(self.tokens[start : start + longest], labels)


@dataclass(frozen=True)
class Batch:
    """Packed rows.

    Args:
        tokens: ``[rows, time]``.
        positions: ``[rows, time]``, starting anew with each document.
        documents: ``[rows, time]``, which document of its row each token belongs to; -1 for padding.
        labels: ``[rows, time]``, what is to be predicted at each place; `IGNORED` where nothing.
        branches: ``[rows, time]``, see `Example`; ``None`` where nothing branches.
    """

    tokens: Integers
    positions: Integers
    documents: Integers
    labels: Integers
    branches: Integers | None = None

    def rows(self) -> list[Batch]:
        """Each row as a batch of its own, without padding."""
        widths = (self.documents >= 0).sum(axis=1)

        def cut(values: Integers, row: int) -> Integers:
            return values[row : row + 1, : widths[row]]

        return [
            Batch(
                tokens=cut(self.tokens, row),
                positions=cut(self.positions, row),
                documents=cut(self.documents, row),
                labels=cut(self.labels, row),
                branches=None if self.branches is None else cut(self.branches, row),
            )
            for row in range(len(widths))
        ]

    def unpacked(self) -> Batch:
        """A document a row, or a branch with the beginning that it goes on from; each place is predicted once."""
        examples = []
        for row, documents in enumerate(self.documents):
            for document in range(documents.max(initial=-1) + 1):
                there = documents == document
                tokens, labels = self.tokens[row, there], self.labels[row, there]
                branches = np.zeros_like(tokens) if self.branches is None else self.branches[row, there]
                for branch in range(min(1, branches.max()), branches.max() + 1):
                    read = (branches == 0) | (branches == branch)
                    again = (branches == 0) & (branch > 1)
                    examples.append(Example(tokens[read], np.where(again, IGNORED, labels)[read]))
        return _lay_out(examples, np.arange(len(examples)))

    def alike(self) -> list[Batch]:
        """The rows in batches of which none is more than half padding; for a batch of one document a row."""
        widths = (self.documents >= 0).sum(axis=1)
        order, batches = np.argsort(-widths, kind="stable"), []
        while len(order):
            longest = widths[order[0]]
            count = int((2 * widths[order] >= longest).sum())
            chosen, order = order[:count], order[count:]
            batches.append(
                Batch(
                    *(
                        values[chosen, :longest]
                        for values in (self.tokens, self.positions, self.documents, self.labels)
                    )
                )
            )
        return batches

    @cached_property
    def size(self) -> int:
        """Tokens without padding."""
        return int((self.documents >= 0).sum())

    @cached_property
    def pairs(self) -> int:
        """The (query, key) pairs that causal attention needs: each token sees its own document up to itself."""
        return int((self.positions + 1)[self.documents >= 0].sum())

    @cached_property
    def predicted(self) -> int:
        """Places with a label."""
        return int((self.labels != IGNORED).sum())

    def mask(self, device: torch.device | str, *, causal: bool = True) -> torch.Tensor:
        """``[rows, 1, time, time]``, true where a token sees another: in its document and branch, and not after it.

        Args:
            causal: if not, what comes after is seen too.
        """
        import torch

        documents = torch.from_numpy(self.documents).to(device)
        same = documents[:, :, None] == documents[:, None]
        if self.branches is not None:
            branches = torch.from_numpy(self.branches).to(device)
            same &= (branches[:, None] == 0) | (branches[:, :, None] == branches[:, None])
        return (same.tril() if causal else same)[:, None]


def assign_rows(lengths: Integers, row_tokens: int) -> Integers:
    """The row of each document, ``[documents]``: the longest first, each into the first row that has room for it.

    Documents of one length are placed at once, so the cost grows with the number of lengths and rows.

    Raises:
        ValueError: a document is longer than a row.
    """
    if len(lengths) and lengths.max() > row_tokens:
        raise ValueError(f"a document of {lengths.max()} tokens does not fit a row of {row_tokens}")
    rows = np.empty(len(lengths), dtype=np.int64)
    free = np.empty(0, dtype=np.int64)
    for length in sorted(set(lengths.tolist()), reverse=True):
        documents = np.flatnonzero(lengths == length)
        places = np.cumsum(free // length)
        fitting = min(len(documents), int(places[-1]) if len(places) else 0)
        rows[documents[:fitting]] = np.searchsorted(places, np.arange(fitting), side="right")
        opening = len(documents) - fitting
        rows[documents[fitting:]] = len(free) + np.arange(opening) // (row_tokens // length)
        free = np.append(free, np.full(-(-opening // (row_tokens // length)), row_tokens))
        free = free - length * np.bincount(rows[documents], minlength=len(free))
    return rows


def pack(examples: Sequence[Example], row_tokens: int) -> Batch:
    """Pack examples into rows of ``row_tokens`` tokens at most; one that is longer lies in a row of its own.

    The rows are as wide as the fullest of them, and padded with zeros.
    """
    lengths = np.array([len(example.tokens) for example in examples], dtype=np.int64)
    return _lay_out(examples, assign_rows(np.minimum(lengths, row_tokens), row_tokens))


def _lay_out(examples: Sequence[Example], rows: Integers) -> Batch:
    """The examples in the rows that are given, ``[examples]``."""
    lengths = np.array([len(example.tokens) for example in examples], dtype=np.int64)
    order = np.argsort(rows, kind="stable")
    lengths, rows = lengths[order], rows[order]
    counts = np.bincount(rows)
    first = np.repeat(np.cumsum(counts) - counts, counts)  # of the examples, the first in the same row
    before = np.cumsum(lengths) - lengths
    width = int(np.bincount(rows, weights=lengths).max())
    # Place of each example's first token in the flattened batch, and of each token from there.
    start = rows * width + before - before[first]
    offset = np.arange(lengths.sum()) - np.repeat(before, lengths)
    place = np.repeat(start, lengths) + offset

    def branches(example: Example) -> Integers:
        return np.zeros_like(example.tokens) if example.branches is None else example.branches

    def laid_out(values: Integers, empty: int) -> Integers:
        flat = np.full(len(counts) * width, empty, dtype=np.int64)
        flat[place] = values
        return flat.reshape(len(counts), width)

    return Batch(
        tokens=laid_out(np.concatenate([examples[index].tokens for index in order]), 0),
        positions=laid_out(np.concatenate([examples[index].positions for index in order]), 0),
        documents=laid_out(np.repeat(np.arange(len(rows)) - first, lengths), -1),
        labels=laid_out(np.concatenate([examples[index].labels for index in order]), IGNORED),
        branches=laid_out(np.concatenate([branches(examples[index]) for index in order]), 0)
        if any(example.branches is not None for example in examples)
        else None,
    )


def pack_epoch(
    examples: Sequence[Example], row_tokens: int, seed: int, window: int | None = None
) -> list[Batch]:
    """Every example once, in batches of one row, rows and what shares one drawn from ``seed``.

    An example longer than a row, or than the model's ``window``, is cut into pieces, each of which begins anew.
    """
    longest = min(row_tokens, window or row_tokens)
    pieces = [piece for example in examples for piece in example.pieces(longest)]
    rng = np.random.default_rng(seed)
    pieces = [pieces[index] for index in rng.permutation(len(pieces))]
    rows = assign_rows(np.array([len(piece.tokens) for piece in pieces], dtype=np.int64), row_tokens)
    return [
        pack([pieces[index] for index in np.flatnonzero(rows == row)], row_tokens)
        for row in rng.permutation(rows.max() + 1)
    ]

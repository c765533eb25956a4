"""Packed documents: every token once, and no document sees or predicts another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import make_model
from hypothesis import given, settings
from hypothesis import strategies as st

from obverse.training.packing import IGNORED, Batch, Example, assign_rows, pack, pack_epoch

Tokens = tuple[int, ...]

DOCUMENTS = [(5, 6, 7), (8, 9), (10, 11, 12, 13), (14,)]

corpora = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=12), min_size=1, max_size=8)


def example(tokens: Sequence[int]) -> Example:
    """Each token is to predict the next one."""
    return Example(np.array(tokens, np.int64), np.array([*tokens[1:], IGNORED], np.int64))


def examples(corpus: Sequence[Sequence[int]]) -> list[Example]:
    return [example(tokens) for tokens in corpus]


def documents_of(batch: Batch) -> list[tuple[Tokens, Tokens, Tokens]]:
    """The documents of a batch, apart again: tokens, labels and positions of each."""
    found = []
    for row, owners in enumerate(batch.documents):
        for document in range(owners.max() + 1):
            own = owners == document
            parts = (batch.tokens[row, own], batch.labels[row, own], batch.positions[row, own])
            found.append((*(tuple(part.tolist()) for part in parts),))
    return found  # type: ignore[return-value]  # three parts each


def as_lists(batch: Batch) -> list[object]:
    return [part.tolist() for part in (batch.tokens, batch.positions, batch.documents, batch.labels)]


def test_the_longest_comes_first_and_each_goes_into_the_first_row_with_room() -> None:
    assert assign_rows(np.array([3, 2, 4, 1]), 6).tolist() == [1, 0, 0, 1]
    assert assign_rows(np.array([2, 2, 2, 5, 2]), 6).tolist() == [1, 1, 1, 0, 2]
    assert assign_rows(np.array([], dtype=np.int64), 6).tolist() == []


def test_a_document_longer_than_a_row_is_an_error() -> None:
    with pytest.raises(ValueError, match="7 tokens does not fit a row of 6"):
        assign_rows(np.array([3, 7]), 6)


def test_a_batch_as_it_is_laid_out() -> None:
    batch = pack(examples(DOCUMENTS), 6)
    assert as_lists(batch) == [
        [[8, 9, 10, 11, 12, 13], [5, 6, 7, 14, 0, 0]],
        [[0, 1, 0, 1, 2, 3], [0, 1, 2, 0, 0, 0]],
        [[0, 0, 1, 1, 1, 1], [0, 0, 0, 1, -1, -1]],
        [[9, -100, 11, 12, 13, -100], [6, 7, -100, -100, -100, -100]],
    ]
    assert (batch.size, batch.predicted) == (10, 6)
    assert batch.pairs == 3 + 10 + 6 + 1


def test_the_rows_of_a_batch_stand_alone_without_padding() -> None:
    first, second = pack(examples(DOCUMENTS), 6).rows()
    assert as_lists(first) == [
        [[8, 9, 10, 11, 12, 13]],
        [[0, 1, 0, 1, 2, 3]],
        [[0, 0, 1, 1, 1, 1]],
        [[9, -100, 11, 12, 13, -100]],
    ]
    assert as_lists(second) == [[[5, 6, 7, 14]], [[0, 1, 2, 0]], [[0, 0, 0, 1]], [[6, 7, -100, -100]]]
    assert first.branches is second.branches is None
    branching, plain = pack([BRANCHED, example((1, 2))], 7).rows()
    assert branching.branches is not None
    assert plain.branches is not None
    assert branching.branches.tolist() == [[0, 0, 1, 1, 2, 2, 2]]
    assert plain.branches.tolist() == [[0, 0]]


def test_rows_of_like_length_are_read_together() -> None:
    corpus = [(1, 2), (11, 12, 13, 14, 15, 16, 17, 18), (21, 22, 23, 24), (31, 32, 33)]
    long, short = pack(examples(corpus), 17).unpacked().alike()
    assert as_lists(long) == [
        [[11, 12, 13, 14, 15, 16, 17, 18], [21, 22, 23, 24, 0, 0, 0, 0]],
        [[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 0, 0, 0, 0]],
        [[0] * 8, [0, 0, 0, 0, -1, -1, -1, -1]],
        [[12, 13, 14, 15, 16, 17, 18, -100], [22, 23, 24, -100, -100, -100, -100, -100]],
    ]
    assert as_lists(short) == [
        [[31, 32, 33], [1, 2, 0]],
        [[0, 1, 2], [0, 1, 0]],
        [[0, 0, 0], [0, 0, -1]],
        [[32, 33, -100], [2, -100, -100]],
    ]


def test_a_branch_is_unpacked_with_the_beginning_which_is_predicted_once() -> None:
    whole = pack([example((1, 2)), BRANCHED], 9).unpacked()
    assert whole.branches is None
    assert [as_lists(row)[::3] for row in whole.rows()] == [
        [[[1, 2]], [[2, IGNORED]]],
        [[[5, 6, 7, 8]], [[IGNORED, IGNORED, 8, IGNORED]]],
        [[[5, 6, 9, 10, 11]], [[IGNORED, IGNORED, 10, 11, IGNORED]]],
    ]
    labelled = Example(np.array([5, 6, 7, 8]), np.array([6, 7, 0, 1]), np.array([0, 0, 1, 2]))
    rows = pack([labelled], 4).unpacked().rows()
    assert [as_lists(row)[::3] for row in rows] == [
        [[[5, 6, 7]], [[6, 7, 0]]],
        [[[5, 6, 8]], [[IGNORED, IGNORED, 1]]],
    ]


def test_rows_are_no_wider_than_the_fullest() -> None:
    assert pack(examples(DOCUMENTS), 100).tokens.shape == (1, 10)


@pytest.mark.parametrize(
    ("causal", "seen"),
    [
        (True, [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]]),
        (False, [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1]]),
    ],
)
def test_a_token_sees_its_own_document_and_padding_sees_padding(causal: bool, seen: list[list[int]]) -> None:
    empty = np.zeros((1, 5), np.int64)
    batch = Batch(empty, empty, np.array([[0, 0, 1, 1, -1]]), empty)
    assert batch.mask("cpu", causal=causal).int().tolist() == [[seen]]


def test_pieces_begin_anew_and_predict_nothing_of_the_next() -> None:
    pieces = list(example((1, 2, 3, 4, 5)).pieces(2))
    assert [piece.tokens.tolist() for piece in pieces] == [[1, 2], [3, 4], [5]]
    assert [piece.labels.tolist() for piece in pieces] == [[2, IGNORED], [4, IGNORED], [IGNORED]]
    (whole,) = example((1, 2, 3)).pieces(3)
    assert (whole.tokens.tolist(), whole.labels.tolist()) == ([1, 2, 3], [2, 3, IGNORED])


def test_the_last_piece_predicts_what_the_example_does_at_its_end() -> None:
    every = Example(np.array([1, 2, 3, 4]), np.array([5, 6, 7, 8]))
    assert [piece.labels.tolist() for piece in every.pieces(2)] == [[5, IGNORED], [7, 8]]
    assert [piece.labels.tolist() for piece in every.pieces(3)] == [[5, 6, IGNORED], [8]]


def test_examples_stand_in_a_row_in_the_order_in_which_they_came() -> None:
    batch = pack([example([number] * (2 - number % 2)) for number in range(60)], 20)
    assert batch.tokens.shape == (5, 20)
    assert all((np.diff(row.tokens[0]) >= 0).all() for row in batch.rows())


def test_cutting_an_example_leaves_it_as_it_was() -> None:
    whole = example((1, 2, 3))
    assert len(list(whole.pieces(2))) == 2
    assert whole.labels.tolist() == [2, 3, IGNORED]


def test_the_order_follows_from_the_seed_alone() -> None:
    def order(seed: int) -> str:
        return str([as_lists(batch) for batch in pack_epoch(examples(DOCUMENTS), 6, seed)])

    assert order(1) == order(1)
    assert len({order(seed) for seed in range(20)}) > 3


def test_what_shares_a_row_is_drawn() -> None:
    alike = examples([(number, 1) for number in range(6)])
    together = {
        frozenset(
            frozenset(row[::2]) for batch in pack_epoch(alike, 4, seed) for row in batch.tokens.tolist()
        )
        for seed in range(10)
    }
    assert len(together) > 3


def test_a_document_longer_than_the_window_is_cut_however_long_the_row() -> None:
    (batch,) = pack_epoch([example(range(10))], 100, seed=0, window=4)
    assert sorted(len(tokens) for tokens, *_ in documents_of(batch)) == [2, 4, 4]
    assert batch.positions.max() == 3


@settings(deadline=None, max_examples=60)
@given(corpora, st.integers(1, 10), st.integers(0, 99))
def test_an_epoch_has_every_piece_once_and_nothing_across_documents(
    corpus: list[list[int]], row_tokens: int, seed: int
) -> None:
    batches = pack_epoch(examples(corpus), row_tokens, seed)
    pieces = [
        tuple(document[start : start + row_tokens])
        for document in corpus
        for start in range(0, len(document), row_tokens)
    ]
    found = [document for batch in batches for document in documents_of(batch)]
    assert sorted(tokens for tokens, *_ in found) == sorted(pieces)
    for tokens, labels, positions in found:
        assert labels == (*tokens[1:], IGNORED)  # as each document alone would have them
        assert positions == tuple(range(len(tokens)))
    assert all(len(batch.tokens) == 1 for batch in batches)
    assert all(batch.tokens.size <= row_tokens for batch in batches)


@settings(deadline=None, max_examples=60)
@given(corpora, st.integers(12, 20))
def test_a_batch_has_every_example_once(corpus: list[list[int]], row_tokens: int) -> None:
    batch = pack(examples(corpus), row_tokens)
    found = documents_of(batch)
    assert sorted(tokens for tokens, *_ in found) == sorted(map(tuple, corpus))
    assert all(labels == (*tokens[1:], IGNORED) for tokens, labels, _ in found)
    assert batch.tokens.shape[1] <= row_tokens
    assert batch.size == sum(map(len, corpus))
    assert batch.predicted == batch.size - len(corpus)
    assert (batch.labels[batch.documents < 0] == IGNORED).all()
    mask = batch.mask("cpu")[:, 0].numpy() & (batch.documents >= 0)[:, :, None]
    assert mask.sum() == batch.pairs
    for row, query, key in np.argwhere(mask):
        assert batch.documents[row, query] == batch.documents[row, key]
        assert key <= query


BRANCHED = Example(
    np.array([5, 6, 7, 8, 9, 10, 11]),
    np.array([IGNORED, IGNORED, 8, IGNORED, 10, 11, IGNORED]),
    np.array([0, 0, 1, 1, 2, 2, 2]),
)


def test_a_branch_goes_on_from_the_beginning() -> None:
    assert BRANCHED.positions.tolist() == [0, 1, 2, 3, 2, 3, 4]
    batch = pack([BRANCHED], 7)
    assert batch.positions.tolist() == [[0, 1, 2, 3, 2, 3, 4]]
    assert batch.branches is not None
    assert batch.branches.tolist() == [[0, 0, 1, 1, 2, 2, 2]]
    assert batch.mask("cpu")[0, 0].int().tolist() == [
        [1, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 0, 0, 0],
        [1, 1, 0, 0, 1, 0, 0],
        [1, 1, 0, 0, 1, 1, 0],
        [1, 1, 0, 0, 1, 1, 1],
    ]
    assert batch.pairs == 1 + 2 + 3 + 4 + 3 + 4 + 5
    assert batch.predicted == 3


def test_branches_may_share_no_beginning() -> None:
    tokens = np.array([5, 6, 7])
    apart = Example(tokens, tokens, np.array([1, 1, 2]))
    assert apart.positions.tolist() == [0, 1, 0]
    assert pack([apart], 3).mask("cpu")[0, 0].int().tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]


def test_branched_and_plain_examples_in_one_row_are_apart() -> None:
    branching = Example(np.array([5, 6, 7, 8]), np.array([IGNORED, 7, 8, 9]), np.array([0, 1, 2, 2]))
    batch = pack([example((1, 2, 3)), branching], 9)
    assert batch.branches is not None
    assert as_lists(batch)[:3] == [
        [[1, 2, 3, 5, 6, 7, 8]],
        [[0, 1, 2, 0, 1, 1, 2]],
        [[0, 0, 0, 1, 1, 1, 1]],
    ]
    assert batch.branches.tolist() == [[0, 0, 0, 0, 1, 2, 2]]
    assert batch.mask("cpu")[0, 0].int().tolist() == [
        [1, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0],
        [0, 0, 0, 1, 0, 0, 0],
        [0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 1, 0, 1, 0],
        [0, 0, 0, 1, 0, 1, 1],
    ]


def test_where_nothing_branches_there_are_no_branches() -> None:
    assert pack(examples(DOCUMENTS), 6).branches is None


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.lists(st.integers(1, 5), max_size=4)).filter(
            lambda shape: shape[0] + sum(shape[1]) > 0
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(25, 40),
)
def test_a_token_sees_the_beginning_and_its_own_branch(
    shapes: list[tuple[int, list[int]]], row_tokens: int
) -> None:
    drawn = []
    for number, (shared, lengths) in enumerate(shapes):
        of = [0] * shared + [branch for branch, length in enumerate(lengths, 1) for _ in range(length)]
        tokens = np.full(len(of), number)
        drawn.append(Example(tokens, tokens, np.array(of) if lengths else None))
    batch = pack(drawn, row_tokens)
    real = batch.documents >= 0
    mask = batch.mask("cpu")[:, 0].numpy() & real[:, :, None] & real[:, None]
    assert mask.sum() == batch.pairs
    # Each sees as many as stand before it along its branch, and itself: all of one example.
    assert (mask.sum(2)[real] == batch.positions[real] + 1).all()
    for row, query, key in np.argwhere(mask):
        assert batch.tokens[row, query] == batch.tokens[row, key]
        assert batch.documents[row, query] == batch.documents[row, key]
        if batch.branches is not None:
            assert batch.branches[row, key] in (0, batch.branches[row, query])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=30), st.integers(12, 24))
def test_rows_are_those_of_placing_one_document_after_the_other(lengths: list[int], row_tokens: int) -> None:
    free: list[int] = []
    expected = [-1] * len(lengths)
    for index in sorted(range(len(lengths)), key=lambda index: (-lengths[index], index)):
        row = next((row for row, room in enumerate(free) if room >= lengths[index]), len(free))
        free += [row_tokens] if row == len(free) else []
        free[row] -= lengths[index]
        expected[index] = row
    assert assign_rows(np.array(lengths), row_tokens).tolist() == expected


def test_packed_logits_and_gradients_are_those_of_separate_documents(tmp_path: Path) -> None:
    model = make_model(tmp_path)
    generator = torch.Generator().manual_seed(0)
    documents = [tuple(torch.randint(400, (size,), generator=generator).tolist()) for size in (7, 12, 3, 9)]
    batch = pack(examples(documents), 64)
    packed = model(
        input_ids=torch.from_numpy(batch.tokens),
        position_ids=torch.from_numpy(batch.positions),
        attention_mask=batch.mask("cpu"),
        use_cache=False,
    ).logits[0]
    alone = torch.cat(
        [
            model(input_ids=torch.tensor([tokens]), use_cache=False).logits[0]
            for tokens, *_ in documents_of(batch)
        ]
    )
    torch.testing.assert_close(packed, alone, rtol=0, atol=1e-5)
    targets = torch.from_numpy(batch.labels[0])
    torch.testing.assert_close(_gradients(model, packed, targets), _gradients(model, alone, targets))


def _gradients(model: Any, logits: torch.Tensor, targets: torch.Tensor) -> list[torch.Tensor]:
    loss = torch.nn.functional.cross_entropy(logits, targets)
    return list(torch.autograd.grad(loss, list(model.parameters())))


def test_what_branches_is_not_cut() -> None:
    branched = Example(np.arange(3), np.full(3, IGNORED), np.array([0, 1, 2]))
    with pytest.raises(ValueError, match=r"^an example that branches cannot be cut$"):
        list(branched.pieces(2))

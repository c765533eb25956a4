"""Packed documents: every token once, and no document sees or predicts another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from conftest import make_model
from hypothesis import given, settings
from hypothesis import strategies as st

from obverse.parameters.packing import Row, attention_mask, labels, pack

DOCUMENTS = [(5, 6, 7), (8, 9), (10, 11, 12, 13), (14,)]

corpora = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=12), min_size=1, max_size=8)


def documents_of(row: Row) -> list[tuple[int, ...]]:
    """The documents of a row, apart again."""
    return [
        tuple(token for token, owner in zip(row.tokens, row.documents, strict=True) if owner == document)
        for document in range(max(row.documents) + 1)
    ]


def test_documents_lie_one_after_the_other_in_a_drawn_order() -> None:
    assert pack(DOCUMENTS, 6, seed=0) == [
        Row((10, 11, 12, 13), (0, 1, 2, 3), (0, 0, 0, 0)),
        Row((5, 6, 7, 8, 9, 14), (0, 1, 2, 0, 1, 0), (0, 0, 0, 1, 1, 2)),
    ]


def test_the_order_follows_from_the_seed_alone() -> None:
    assert pack(DOCUMENTS, 6, seed=1) == pack(DOCUMENTS, 6, seed=1)
    assert len({tuple(pack(DOCUMENTS, 6, seed)) for seed in range(20)}) > 5


def test_a_document_longer_than_a_row_is_cut_and_each_piece_begins_anew() -> None:
    rows = pack([(1, 2, 3, 4, 5)], 2, seed=0)
    assert sorted(row.tokens for row in rows) == [(1, 2), (3, 4), (5,)]
    assert all(row.positions == tuple(range(len(row.tokens))) for row in rows)


def test_a_document_longer_than_the_window_is_cut_however_long_the_row() -> None:
    (row,) = pack([tuple(range(10))], 100, seed=0, window=4)
    assert sorted(map(len, documents_of(row))) == [2, 4, 4]
    assert max(row.positions) == 3


def test_the_next_token_is_the_label_except_where_a_document_ends() -> None:
    row = Row((8, 9, 5, 6, 7, 14), (0, 1, 0, 1, 2, 0), (0, 0, 1, 1, 1, 2))
    assert labels(row) == [9, -100, 6, 7, -100, -100]


def test_the_mask_is_causal_within_each_document() -> None:
    row = Row((8, 9, 5, 6), (0, 1, 0, 1), (0, 0, 1, 1))
    assert attention_mask(row, "cpu").int().tolist() == [
        [[[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]]]
    ]


@settings(deadline=None, max_examples=60)
@given(corpora, st.integers(1, 10), st.integers(0, 99))
def test_every_token_once_and_nothing_across_documents(
    corpus: list[list[int]], row_tokens: int, seed: int
) -> None:
    rows = pack(corpus, row_tokens, seed)
    pieces = [
        tuple(document[start : start + row_tokens])
        for document in corpus
        for start in range(0, len(document), row_tokens)
    ]
    assert sorted(piece for row in rows for piece in documents_of(row)) == sorted(pieces)
    for row in rows:
        assert len(row.tokens) <= row_tokens
        assert row.positions == tuple(at for piece in documents_of(row) for at in range(len(piece)))
        mask = attention_mask(row, "cpu")[0, 0]
        assert int(mask.sum()) == row.pairs
        for query, key in mask.nonzero().tolist():
            assert row.documents[query] == row.documents[key]
            assert key <= query
        following = [
            token for piece in documents_of(row) for token in (*piece[1:], -100)
        ]  # as each document alone would have them
        assert labels(row) == following


def test_packed_logits_and_gradients_are_those_of_separate_documents(tmp_path: Path) -> None:
    model = make_model(tmp_path)
    generator = torch.Generator().manual_seed(0)
    documents = [tuple(torch.randint(400, (size,), generator=generator).tolist()) for size in (7, 12, 3, 9)]
    (row,) = pack(documents, 64, seed=3)
    packed = model(
        input_ids=torch.tensor([row.tokens]),
        position_ids=torch.tensor([row.positions]),
        attention_mask=attention_mask(row, "cpu"),
        use_cache=False,
    ).logits[0]
    alone = torch.cat(
        [
            model(input_ids=torch.tensor([document]), use_cache=False).logits[0]
            for document in documents_of(row)
        ]
    )
    torch.testing.assert_close(packed, alone, rtol=0, atol=1e-5)
    targets = labels(row)
    torch.testing.assert_close(_gradients(model, packed, targets), _gradients(model, alone, targets))


def _gradients(model: Any, logits: torch.Tensor, targets: Sequence[int]) -> list[torch.Tensor]:
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(targets))
    return list(torch.autograd.grad(loss, list(model.parameters())))

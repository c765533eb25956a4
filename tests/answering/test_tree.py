"""The tree of tokens: what is shared is one node, each node sees its own past, and what was read is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import make_model

from obverse.answering.tree import Tree, TreeReader
from obverse.costs import Counts

ROOT, BRANCHES = [5, 9, 2, 7], [(3, 4, 8), (3, 4, 6), (3, 4), (10,)]


def test_shared_beginnings_are_shared_nodes() -> None:
    tree = Tree(root_length=100)
    assert tree.add((7, 8, 9)) == [0, 1, 2]
    assert tree.add((7, 8, 5, 9)) == [0, 1, 3, 4]
    assert tree.add((7, 8)) == [0, 1]
    assert tree.add((9,)) == [5]
    assert tree.tokens == [7, 8, 9, 5, 9, 9]
    assert tree.positions == [100, 101, 102, 102, 103, 100]
    assert tree.parents == [-1, 0, 1, 1, 3, -1]


def test_visible_is_the_ancestor_relation() -> None:
    tree = Tree(root_length=0)
    for branch in ((7, 8, 9), (7, 5), (6, 8)):
        tree.add(branch)
    assert tree.visible().astype(int).tolist() == [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        [1, 0, 0, 1, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1, 1],
    ]


@pytest.fixture
def model(tmp_path: Path) -> Any:
    return make_model(tmp_path)


def read_all(reader: TreeReader, root_length: int) -> tuple[torch.Tensor, list[list[int]]]:
    tree = Tree(root_length)
    nodes = [tree.add(branch) for branch in BRANCHES]
    logits = reader.read(tree.tokens, tree.positions, tree.visible(), range(len(tree.tokens)))
    return logits, nodes


@pytest.mark.parametrize("root", [ROOT, []])
def test_a_row_is_what_each_text_alone_would_be(model: Any, root: list[int]) -> None:
    logits, nodes = read_all(TreeReader(model, root), len(root))
    for branch, places in zip(BRANCHES, nodes, strict=True):
        with torch.inference_mode():
            plain = model(input_ids=torch.tensor([[*root, *branch]])).logits[0, len(root) :]
        assert torch.allclose(logits[places], plain, atol=1e-5)


def test_rewound_it_reads_the_same_bit_for_bit(model: Any) -> None:
    reader = TreeReader(model, ROOT)
    first, _ = read_all(reader, len(ROOT))
    reader.rewind()
    longer = list(range(50, 90))
    reader.read(longer, range(4, 44), np.tri(40, dtype=np.bool_), [39])  # grows the store of keys and values
    reader.rewind()
    again, _ = read_all(reader, len(ROOT))
    assert torch.equal(first, again)


def test_a_row_in_two_parts_is_that_row(model: Any) -> None:
    tokens, positions = [3, 4, 8, 6], [4, 5, 6, 7]
    seen = np.tri(4, dtype=np.bool_)
    whole = TreeReader(model, ROOT).read(tokens, positions, seen, range(4))
    reader = TreeReader(model, ROOT)
    parts = [
        reader.read(tokens[:3], positions[:3], seen[:3, :3], range(3)),
        reader.read(tokens[3:], positions[3:], seen[3:], [0]),
    ]
    assert torch.allclose(torch.cat(parts), whole, atol=1e-5)


def test_what_was_read_is_counted(model: Any) -> None:
    reader = TreeReader(model, ROOT)
    assert reader.counts == Counts(4, 1 + 2 + 3 + 4, 1)
    tree = Tree(4)
    for branch in BRANCHES:
        tree.add(branch)
    reader.read(tree.tokens, tree.positions, tree.visible(), [1, 3])
    # 3, 4, 8, 6 and 10 see the root and one, two, three, three and one of their own.
    assert reader.counts == Counts(4 + 5, 10 + 5 * 4 + (1 + 2 + 3 + 3 + 1), 1 + 2)

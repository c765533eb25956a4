"""Filler: as frequent and as long as said, and new where it must be."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product

import pytest

from obverse.tasks.drawn.paired_facts import Filler


def test_filler_is_as_frequent_and_as_long_as_said() -> None:
    rng = random.Random(0)
    assert Filler(0.0, 5, 2).draw(rng) == ((), ())
    sizes = Counter[tuple[int, int]]()
    for _ in range(2000):
        before, behind = Filler(0.5, 5, 2).draw(rng)
        assert {*before, *behind} <= {f"w{number}" for number in range(5)}
        sizes[len(before), len(behind)] += 1
    assert 900 < sizes.pop((0, 0)) < 1100
    assert sizes.keys() == set(product(range(3), repeat=2)) - {(0, 0)}


@pytest.mark.parametrize("seed", range(5))
def test_unseen_filler_is_the_one_that_is_left(seed: int) -> None:
    seen = {("w0", "w0"), ("w0", "w1"), ("w1", "w1"), ("w1",)}
    assert Filler(1.0, 2, 2).draw_unseen(random.Random(seed), seen) == ("w1", "w0")

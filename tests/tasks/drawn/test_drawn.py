"""What the drawn tasks share: where answers stand, what choices there are, which settings are refused."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from itertools import product

import pytest
from reading_checks import refused

from obverse.tasks.drawn import (
    CHOICES,
    check_counts,
    check_shares,
    draw_choices,
    draw_filler,
    draw_unseen_filler,
    write_document,
)
from obverse.types import Document


def test_answers_stand_where_the_words_do() -> None:
    document = write_document("d", ["w1", "e5", "f0", "e10", "."], [3, 1], "g")
    assert document == Document("d", "w1 e5 f0 e10 .", "g", ((9, 12), (3, 5)))
    assert [document.text[start:end] for start, end in document.answers] == ["e10", "e5"]


@pytest.mark.parametrize("seed", range(20))
def test_choices_are_the_answer_the_lures_and_others(seed: int) -> None:
    pool = [f"e{number}" for number in range(14)]
    choices = draw_choices(random.Random(seed), "e3", pool, lures=("e4",), without=("e5", "e6"))
    assert len(set(choices)) == len(choices) == CHOICES
    assert {"e3", "e4"} <= set(choices) <= set(pool) - {"e5", "e6"}


def test_a_small_pool_is_used_up_and_the_answer_has_no_place_of_its_own() -> None:
    pool = ("a", "b", "c", "d")
    drawn = [draw_choices(random.Random(seed), "a", pool, without=("d",)) for seed in range(30)]
    assert {frozenset(choices) for choices in drawn} == {frozenset("abc")}
    assert {choices.index("a") for choices in drawn} == {0, 1, 2}


@dataclass(frozen=True)
class Settings:
    count: object = 3
    share: object = 0.5


@pytest.mark.parametrize(
    ("count", "told"), [(1, "the number 1"), (True, "true"), (2.0, "the number 2"), ("3", "'3'")]
)
def test_counts_are_whole_numbers_from_the_least(count: object, told: str) -> None:
    check_counts(Settings(), count=3)
    message = refused(lambda: check_counts(Settings(count), count=2))
    assert message == f"Settings: count is {told}; give a whole number from 2"


@pytest.mark.parametrize(("share", "told"), [(1.5, "the number 1.5"), (-1, "the number -1"), (None, "null")])
def test_shares_are_from_nothing_to_all(share: object, told: str) -> None:
    for fitting in (0, 1, 0.25):
        check_shares(Settings(share=fitting), "share")
    message = refused(lambda: check_shares(Settings(share=share), "share"))
    assert message == f"Settings: share is {told}; give a share from 0 to 1"


def test_filler_is_as_frequent_and_as_long_as_said() -> None:
    rng = random.Random(0)
    assert draw_filler(rng, 0.0, 5, 2) == ((), ())
    sizes = Counter[tuple[int, int]]()
    for _ in range(2000):
        before, behind = draw_filler(rng, 0.5, 5, 2)
        assert {*before, *behind} <= {f"w{number}" for number in range(5)}
        sizes[len(before), len(behind)] += 1
    assert 900 < sizes.pop((0, 0)) < 1100
    assert sizes.keys() == set(product(range(3), repeat=2)) - {(0, 0)}


@pytest.mark.parametrize("seed", range(5))
def test_unseen_filler_is_the_one_that_is_left(seed: int) -> None:
    seen = {("w0", "w0"), ("w0", "w1"), ("w1", "w1"), ("w1",)}
    assert draw_unseen_filler(random.Random(seed), 2, 2, seen) == ("w1", "w0")

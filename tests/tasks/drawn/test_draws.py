"""What is drawn: choices, values in equal numbers, what is known and about nobody who is taken."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from obverse.tasks.drawn.draws import CHOICES, draw_choices, draw_known, evenly, pick, stream


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


def test_a_stream_depends_on_all_words_of_its_purpose() -> None:
    first = stream("task", 0, "names").random()
    assert stream("task", 0, "names").random() == first
    assert len({first, stream("task", 1, "names").random(), stream("task", 0, "facts").random()}) == 3


def test_each_value_comes_as_often_as_any_other_or_once_more() -> None:
    counts = Counter(evenly(random.Random(0), 3, 8))
    assert sorted(counts.values()) == [2, 3, 3]
    assert evenly(random.Random(1), 3, 8) != evenly(random.Random(2), 3, 8)


def test_what_is_excluded_is_not_picked() -> None:
    rng = random.Random(0)
    assert {pick(rng, "abc", without="b") for _ in range(50)} == {"a", "c"}


def test_what_is_known_is_as_frequent_as_said_and_about_nobody_taken() -> None:
    rng = random.Random(0)
    drawn = [draw_known(rng, 0.5, ["ab", "cd"], {"a"}, set) for _ in range(400)]
    assert set(drawn) == {(), ("cd",)}
    assert 60 < drawn.count(("cd",)) < 140

"""Names: as many as asked for, without repeats, and no word that practice shares with what is held out."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obverse.practice import made_up_names
from obverse.practice.made_up_names import (
    Part,
    Sort,
    draw_names,
    most_names,
    nonsense_words,
    split_words,
)

SORTS: tuple[Sort, ...] = get_args(Sort)
PARTS: tuple[Part, ...] = get_args(Part)
WORDED = [sort for sort in SORTS if sort not in ("code", "room")]


def letters(name: str) -> int:
    """Stands for a tokenizer: more tokens the longer a word is."""
    return sum(-(-len(word) // 7) for word in name.split())


def words_of(all_names: tuple[str, ...]) -> set[str]:
    return {word.lower() for name in all_names for word in name.split()}


def test_the_worked_example() -> None:
    results = doctest.testmod(made_up_names)
    assert results.attempted > 0
    assert results.failed == 0


def test_no_word_is_in_both_parts_of_any_sort() -> None:
    practice, held_out = (
        {
            word
            for sort in SORTS
            for word in words_of(draw_names(Random(0), sort, most_names(sort, part), part))
        }
        for part in PARTS
    )
    assert len(held_out) > 200
    assert len(practice) > len(held_out)
    assert not practice & held_out


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("nonsense", [False, True])
def test_two_hundred_draws_share_no_word(sort: Sort, nonsense: bool) -> None:
    drawn = {
        part: [
            name
            for seed in range(200)
            for name in draw_names(Random(seed), sort, 1 + seed % 5, part, nonsense=nonsense)
        ]
        for part in PARTS
    }
    practice, held_out = (words_of(tuple(drawn[part])) for part in PARTS)
    assert len(held_out) > 10
    assert practice.isdisjoint(held_out)


def test_no_nonsense_word_is_in_both_parts() -> None:
    # Among so many, the few words that two beginnings of unlike length have in common would show.
    practice, held_out = (set(nonsense_words(Random(0), 20_000, part)) for part in PARTS)
    assert practice.isdisjoint(held_out)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    st.integers(0, 10**6), st.sampled_from(SORTS), st.sampled_from(PARTS), st.booleans(), st.integers(0, 16)
)
def test_as_many_different_names_as_asked_for_in_the_shape_of_their_sort(
    seed: int, sort: Sort, part: Part, nonsense: bool, count: int
) -> None:
    drawn = draw_names(Random(seed), sort, count, part, nonsense=nonsense)
    assert len(drawn) == len(set(drawn)) == count
    plausible = draw_names(Random(seed), sort, count, part)
    if sort in ("code", "room"):
        assert drawn == plausible
    for name, like in zip(drawn, plausible, strict=True):
        assert [word[0].isupper() for word in name.split()] == [word[0].isupper() for word in like.split()]
    assert drawn == draw_names(Random(seed), sort, count, part, nonsense=nonsense)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("nonsense", [False, True])
def test_all_names_can_be_drawn_and_no_more(sort: Sort, part: Part, nonsense: bool) -> None:
    most = most_names(sort, part)
    if sort != "person":  # there are thousands
        assert len(set(draw_names(Random(0), sort, most, part, nonsense=nonsense))) == most
    with pytest.raises(ValueError, match=f"there are {most} names of the sort {sort}, not {most + 1}"):
        draw_names(Random(0), sort, most + 1, part, nonsense=nonsense)


@pytest.mark.parametrize("sort", WORDED)
@pytest.mark.parametrize("part", PARTS)
def test_nonsense_has_as_many_tokens_as_the_plausible_name(sort: Sort, part: Part) -> None:
    plausible = draw_names(Random(3), sort, 12, part)
    nonsense = draw_names(Random(3), sort, 12, part, nonsense=True, tokens=letters)
    assert [letters(name) for name in nonsense] == [letters(name) for name in plausible]
    assert set(nonsense).isdisjoint(plausible)
    free = draw_names(Random(3), sort, 12, part, nonsense=True)
    assert [letters(name) for name in free] != [letters(name) for name in plausible]


def test_nonsense_that_cannot_have_as_many_tokens_is_an_error() -> None:
    (plausible,) = draw_names(Random(0), "town", 1, "practice")
    tokens: Callable[[str], int] = [plausible].count
    with pytest.raises(ValueError, match=f"as many tokens as {plausible}"):
        draw_names(Random(0), "town", 1, "practice", nonsense=True, tokens=tokens)


@pytest.mark.parametrize("part", PARTS)
def test_nonsense_begins_with_a_consonant_and_has_a_letter_that_the_tasks_have_not(part: Part) -> None:
    words = nonsense_words(Random(0), 2_000, part)
    assert len(set(words)) == 2_000
    for word in words:
        assert word.isascii()
        assert word.islower()
        assert word[0] not in "aeiou"
        assert set("chjqxy") & set(word[1:])


def test_every_third_word_is_held_out() -> None:
    assert split_words("a b c d e f g", "practice") == ("a", "b", "d", "e", "g")
    assert split_words("a b c d e f g", "held out") == ("c", "f")

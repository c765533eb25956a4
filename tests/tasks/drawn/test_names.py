"""Names: pronounceable, without repeats, the same from the same generator, nonsense as long as it should be."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from random import Random

import pytest
from reading_checks import refused

from obverse.tasks.drawn import names
from obverse.tasks.drawn.names import (
    matched_nonsense,
    nonsense_names,
    nonsense_words,
    plausible_names,
    plural,
    work_titles,
)

VOWELS = set("aeiou")


def syllables(name: str) -> int:
    """Stands for a tokenizer."""
    return sum(letter in VOWELS for letter in name.lower())


def test_the_worked_example() -> None:
    results = doctest.testmod(names)
    assert results.attempted > 0
    assert results.failed == 0


def test_nonsense_words_are_short_pronounceable_and_different() -> None:
    words = nonsense_words(Random(0), 2000)
    assert len(set(words)) == 2000
    assert {len(word) for word in words} == {4, 5}
    for word in words:
        assert word.isascii()
        assert word.islower()
        assert not set(word) <= VOWELS
        assert 1 <= syllables(word) <= 2
        # Else it might be the plural of another.
        assert not word.endswith("s")
        assert word[-1] not in VOWELS
    few = nonsense_words(Random(0), 100)
    assert sum(len(word) == 4 for word in few) == 50
    assert {"plan", "drop", "paper"}.isdisjoint(nonsense_words(Random(0), 13_000))
    assert plural("glon") == "glons"


def test_words_that_are_not_to_be_among_them() -> None:
    words = nonsense_words(Random(0), 500)
    assert set(words).isdisjoint(nonsense_words(Random(0), 500, words))


@pytest.mark.parametrize("draw", [nonsense_words, nonsense_names, plausible_names, work_titles])
def test_the_same_generator_gives_the_same_and_others_do_not(
    draw: Callable[[Random, int], tuple[str, ...]],
) -> None:
    assert draw(Random(3), 30) == draw(Random(3), 30)
    assert draw(Random(3), 30) != draw(Random(4), 30)
    assert len(draw(Random(3), 1)) == 1


def test_plausible_names_are_many_and_their_parts_recur_late() -> None:
    thousands = plausible_names(Random(0), 5000)
    assert len(set(thousands)) == 5000
    assert all(name.istitle() and len(name.split()) == 2 for name in thousands)
    firsts, lasts = zip(*(name.split() for name in plausible_names(Random(1), 100)), strict=True)
    assert len(set(firsts)) == len(set(lasts)) == 100


def test_titles_are_many() -> None:
    titles = work_titles(Random(0), 4000)
    assert len(set(titles)) == 4000
    assert all(title.startswith("The ") and len(title.split()) == 3 for title in titles)


def test_nonsense_names_share_no_word() -> None:
    words = [word for name in nonsense_names(Random(0), 500) for word in name.split()]
    assert len(set(words)) == len(words) == 1000
    assert all(word.istitle() for word in words)


@pytest.mark.parametrize("count_tokens", [len, syllables])
def test_matched_nonsense_has_as_many_words_and_tokens(count_tokens: Callable[[str], int]) -> None:
    plausible = (*plausible_names(Random(0), 200), "Ilka", "Anna Maria Orlwick")
    matched = matched_nonsense(plausible, count_tokens, Random(1))
    assert len(set(matched)) == len(plausible)
    assert set(matched).isdisjoint(plausible)
    for name, nonsense in zip(plausible, matched, strict=True):
        assert count_tokens(nonsense) == count_tokens(name)
        assert len(nonsense.split()) == len(name.split())
    assert matched == matched_nonsense(plausible, count_tokens, Random(1))


def test_what_cannot_be_drawn() -> None:
    assert refused(lambda: nonsense_words(Random(0), 10**6)).startswith(
        "1000000 nonsense words are more than there are; ask for at most 13"
    )
    assert refused(lambda: plausible_names(Random(0), 10**6)) == (
        "1000000 names are more than there are; ask for at most 22800"
    )
    assert refused(
        lambda: matched_nonsense(["Ilka Orlwick"], lambda name: 99 * (name == "Ilka Orlwick"), Random(0))
    ) == ("no nonsense name has 99 tokens as 'Ilka Orlwick' has; give other names, or another tokenizer")

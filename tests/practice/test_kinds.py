"""Kinds: the stated answer is what holds in every model of the two statements."""

from __future__ import annotations

import doctest
from collections import Counter
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene_reading import Said, follows, read_kinds, read_kinds_asked

from obverse.practice import kinds
from obverse.practice.kinds import ANSWERS, NO, UNKNOWN, YES, draw_triples
from obverse.practice.made_up_names import Part

PARTS: tuple[Part, ...] = get_args(Part)


def test_the_worked_example() -> None:
    results = doctest.testmod(kinds)
    assert results.attempted > 0
    assert results.failed == 0


def test_what_follows_as_it_is_in_the_books() -> None:
    barbara: tuple[Said, Said] = ("every", "Greek", "human"), ("every", "human", "mortal")
    assert follows(barbara, ("every", "Greek", "mortal")) == YES
    assert follows(barbara, ("no", "Greek", "mortal")) == NO
    assert follows(barbara, ("every", "mortal", "Greek")) == UNKNOWN
    assert follows([("no", "a", "b"), ("every", "b", "c")], ("every", "a", "c")) == UNKNOWN


@pytest.mark.parametrize("form", kinds._FORMS, ids=" ".join)
def test_the_answer_of_each_form_is_what_follows(form: tuple[kinds.Quantifier, ...]) -> None:
    first, second, question, answer = form
    assert follows([(first, "a", "b"), (second, "b", "c")], (question, "a", "c")) == answer


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 12), st.sampled_from(PARTS), st.booleans())
def test_what_is_said_and_asked_has_the_answer_that_is_given(
    seed: int, count: int, part: Part, nonsense: bool
) -> None:
    rng = Random(seed)
    triples = draw_triples(rng, count, part, nonsense=nonsense)
    drawn = [kind for triple in triples for kind in triple.kinds]
    assert len(drawn) == len(set(drawn)) == 3 * count
    assert all(kind[0] not in "aeiou" for kind in drawn)
    answers = Counter(triple.answer for triple in triples)
    assert set(answers) <= set(ANSWERS)
    assert max(answers.values()) - min(answers[answer] for answer in ANSWERS) <= 1
    for triple in triples:
        first, second = (read_kinds(sentence, part) for sentence in triple.said(rng, part))
        asked = read_kinds_asked(triple.asked(rng, part), part)
        assert (first[1], first[2], second[2]) == triple.kinds
        assert first[2] == second[1]
        assert asked[1:] == (first[1], second[2])
        assert follows([first, second], asked) == triple.answer


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_neither_the_count_nor_the_question_tells_the_answer(count: int) -> None:
    drawn = Counter(
        (triple.question, triple.answer)
        for seed in range(3000)
        for triple in draw_triples(Random(seed), count, "practice", nonsense=True)
    )
    total = sum(drawn.values())
    assert total == 3000 * count
    for question in ("every", "some"):
        for answer in ANSWERS:
            # A sixth of each, within four standard errors of 3000 independent draws.
            assert drawn[question, answer] / total == pytest.approx(1 / 6, abs=0.028)


def test_every_form_is_drawn() -> None:
    drawn = {
        (triple.first, triple.second, triple.question, triple.answer)
        for seed in range(20)
        for triple in draw_triples(Random(seed), 3, "practice", nonsense=True)
    }
    assert drawn == set(kinds._FORMS)


@pytest.mark.parametrize("nonsense", [False, True])
def test_no_kind_is_in_both_parts(nonsense: bool) -> None:
    practice, held_out = (
        {
            kind
            for seed in range(50)
            for triple in draw_triples(Random(seed), 8, part, nonsense=nonsense)
            for kind in triple.kinds
        }
        for part in PARTS
    )
    assert practice.isdisjoint(held_out)


def test_plausible_kinds_give_out_and_nonsense_follows() -> None:
    nouns = set(kinds._NOUNS.split())
    drawn = [kind for one in draw_triples(Random(0), 20, "practice", nonsense=False) for kind in one.kinds]
    plausible = [kind in nouns for kind in drawn]
    assert plausible == sorted(plausible, reverse=True)
    assert 30 < sum(plausible) < len(drawn)


def test_no_wording_of_one_part_is_one_of_the_other() -> None:
    for some in (*kinds._STATEMENTS.values(), *kinds._QUESTIONS.values()):
        assert len(set(some)) == len(some) >= 3

"""Updates: where a thing was last follows from all of its reports together, and from nothing less."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_checks import refused

from obverse.tasks import check_task, find_leaks
from obverse.tasks.baselines import SHORTCUTS, score_baselines
from obverse.tasks.drawn import AUGMENTATION, updates
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.tasks.drawn.updates import HELD_OUT, LAST, PREVIOUS, RECALL, SMALL, TINY, TRAINED, Updates
from obverse.types import Document, Question

MIDDLING = Updates(things=24, reports=5, places=8, days=7, questions=6)
ALL = [TINY, MIDDLING, replace(TINY, trained=0)]


def statements(text: str) -> list[tuple[str, ...]]:
    """What a text says: day or word, thing and place."""
    return [tuple(part.split()) for part in text.removesuffix(" .").split(" . ")]


def places_by_day(texts: list[tuple[str, ...]]) -> dict[str, list[str]]:
    """The places of each thing, from the oldest report to the newest."""
    found: dict[str, dict[int, str]] = {}
    for word, thing, place in texts:
        if word not in (LAST, PREVIOUS):
            days = found.setdefault(thing, {})
            assert int(word[1:]) not in days
            days[int(word[1:])] = place
    return {thing: [place for _, place in sorted(days.items())] for thing, days in found.items()}


def of_kind(questions: tuple[Question, ...], kind: str) -> list[Question]:
    return [question for question in questions if question.kind == kind]


def test_the_worked_example() -> None:
    results = doctest.testmod(updates)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("drawn", ALL)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_asked_is_right(drawn: Updates, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    known = [one for document in task.documents for one in statements(document.text)]
    places = places_by_day(known)
    assert len(places) == drawn.things
    assert all(len(set(found)) == len(found) == drawn.reports for found in places.values())
    for question in task.questions + task.validation + drawn.cues(seed):
        word, thing = question.prompt.split()
        assert question.statement == (thing, word, question.answer)
        assert question.group == thing
        assert sorted(question.choices) == sorted(places[thing])
        assert ((word, thing, question.answer) in known) != question.latent
        if word in (LAST, PREVIOUS):
            assert question.answer == places[thing][-1 if word == LAST else -2]
        needed = [task.document(id).text for id in question.needs]
        if question.latent:
            assert [text.split()[2] for text in needed] == places[thing]
        elif question.kind != AUGMENTATION:
            assert needed == [f"{question.prompt} {question.answer} ."]


@given(
    st.integers(4, 20), st.integers(2, 5), st.integers(0, 3), st.sampled_from([0, 0.5]), st.integers(0, 10**6)
)
@settings(max_examples=20, deadline=None)
def test_no_settings_have_flaws(things: int, reports: int, more: int, trained: float, seed: int) -> None:
    drawn = Updates(things, reports, reports + more, reports + more, trained)
    task = drawn.build(seed)
    check_task(task)
    assert find_flaws(drawn, seed, practice=20) == ()
    assert find_leaks(task) == ()


def test_a_planted_answer_is_found() -> None:
    task = TINY.build(0)
    question = of_kind(task.questions, HELD_OUT.format(LAST))[0]
    planted = Document("planted", f"{question.prompt} {question.answer} .")
    leaky = replace(task, documents=(*task.documents, planted))
    assert {flaw.question for flaw in said(TINY, leaky)} == {question.id}
    assert {leak.question for leak in find_leaks(leaky)} == {question.id}


def test_it_takes_all_reports_and_no_contradiction() -> None:
    task = TINY.build(0)
    question = of_kind(task.questions, HELD_OUT.format(PREVIOUS))[0]
    known = {one for need in question.needs for one in TINY.says(task.document(need))}
    assert TINY.derive(known, question) == question.answer
    other = next(choice for choice in question.choices if choice != question.answer)
    assert TINY.derive({*known, (question.prompt.split()[1], PREVIOUS, other)}, question) is None
    for report in known:
        # What is told of something else stands in for nothing.
        assert TINY.derive({*known, ("e999", *report[1:])} - {report}, question) is None


def test_how_many_are_asked() -> None:
    task = SMALL.build(0)
    assert len(task.documents) == 1000
    for questions in (task.questions, task.validation):
        assert Counter(question.kind for question in questions) == {
            RECALL: 200,
            **{kind.format(word): 50 for kind in (TRAINED, HELD_OUT) for word in (LAST, PREVIOUS)},
        }
    groups = [{question.group for question in part} for part in (task.questions, task.validation)]
    assert groups[0].isdisjoint(groups[1])


def test_counting_words_and_frequent_answers_are_at_chance() -> None:
    scores = [score for score in score_baselines(SMALL.build(0), SHORTCUTS) if score.latent]
    assert len(scores) == 4
    for score in scores:
        error = (score.chance * (1 - score.chance) / score.questions) ** 0.5
        assert score.chance == 1 / SMALL.reports
        assert abs(score.accuracy - score.chance) < 3 * error


def test_a_larger_share_trains_the_same_things_and_more() -> None:
    ids = [
        {document.id for document in replace(MIDDLING, trained=share).build(0).documents}
        for share in (0, 0.3, 0.8)
    ]
    assert ids[0] < ids[1] < ids[2]


@pytest.mark.parametrize("drawn", ALL)
def test_what_practice_concludes_stands_before_it(drawn: Updates) -> None:
    task = drawn.build(0)
    known = [one for document in task.documents for one in statements(document.text)]
    true = {question.statement for question in drawn.cues(0)}
    rng = random.Random(0)
    counts, places_of_last = Counter[int](), Counter[int]()
    between = 0
    for _ in range(200):
        document = drawn.practice(0, rng)
        texts = statements(document.text)
        fresh = [one for one in texts if one not in known]
        places = places_by_day(fresh)
        concluded = [one for one in fresh if one[0] in (LAST, PREVIOUS)]
        assert all((thing, word, place) not in true for word, thing, place in concluded)
        assert sorted(concluded) == sorted(
            (word, thing, found[place])
            for thing, found in places.items()
            for word, place in ((LAST, -1), (PREVIOUS, -2))
        )
        assert texts[-len(concluded) :] == concluded
        assert {len(found) for found in places.values()} == {drawn.reports}
        answered = [one[2] for one in texts if one in known or one in concluded]
        assert [document.text[start:end] for start, end in document.answers] == answered
        counts[len(places)] += 1
        between += len(texts) - len(fresh)
        orders = [[one[2] for one in fresh if one[1] == thing][: drawn.reports] for thing in places]
        places_of_last.update(
            order.index(places[thing][-1]) for thing, order in zip(places, orders, strict=True)
        )
    assert counts.keys() == set(range(1, drawn.fresh + 1))
    assert between > 50
    # The newest report stands at every place among the others about equally often.
    assert max(places_of_last.values()) < 1.7 * min(places_of_last[place] for place in range(drawn.reports))


def test_the_same_draws_for_ever() -> None:
    assert TINY.build(0).fingerprint[:12] == "da4864cac91a"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"things": 1.5}, "things is the number 1.5; give a whole number from 2"),
        ({"trained": 2}, "trained is the number 2; give a share from 0 to 1"),
        ({"reports": 13}, "reports is 13, with 24 places and 12 days; give at most 12, or more of these"),
        (
            {"trained": 0.999},
            "200 things, 200 of them trained, leave 0 to ask about; leave 2 or more, and train 2 or more, or none",
        ),
        (
            {"things": 4, "trained": 0.25},
            "4 things, 1 of them trained, leave 3 to ask about; leave 2 or more, and train 2 or more, or none",
        ),
        ({"fresh": 201}, "fresh is 201, with 200 things; give no more than these"),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(SMALL, **changes)) == f"Updates: {message}"

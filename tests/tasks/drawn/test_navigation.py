"""Navigation: ways that follow from what walks showed, judged by what is known of the maze."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reading_checks import refused

from obverse.tasks import check_task, find_leaks
from obverse.tasks.baselines import SHORTCUTS, score_baselines
from obverse.tasks.drawn import mazes, navigation
from obverse.tasks.drawn.mazes import (
    BACK,
    HOLDS,
    MOVES,
    Judgement,
    draw_maze,
    find_ways,
    follow,
    judge_way,
    known_maze,
)
from obverse.tasks.drawn.navigation import (
    NEXT_MOVE,
    SMALL,
    TINY,
    Navigation,
    judge_answer,
)
from obverse.tasks.drawn.proof import find_flaws, said
from obverse.tasks.drawn.walks import LATENT_WAY, NEW_START, TRAINED_WAY
from obverse.types import Document, InputError, Statement, Task

ALL = [TINY, replace(TINY, width=4, height=6, goals=3, passed=4)]
# A corridor of three cells to the east, with a branch to the north in its middle.
KNOWN: list[Statement] = [
    ("x0y0", "m0 east", "x1y0"),
    ("x1y0", "m0 east", "x2y0"),
    ("x1y0", "m0 north", "x1y1"),
    ("x1y1", "m0 holds", "o1"),
    ("x2y0", "m1 north", "x2y1"),
    ("x2y0", "m1 holds", "o1"),
]


def statements(drawn: Navigation, task: Task) -> set[Statement]:
    return {one for document in task.documents for one in drawn.says(document)}


def walk(known: Collection[Statement], maze: str, start: str, moves: list[str]) -> str | None:
    """Where the moves end; nothing where one of them is not possible."""
    passed = list(follow(known_maze(known, maze), start, moves))
    return passed[-1] if len(passed) == len(moves) + 1 else None


@pytest.mark.parametrize("module", [mazes, navigation])
def test_the_worked_example(module: Any) -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


def test_walking() -> None:
    assert walk(KNOWN, "m0", "x0y0", []) == "x0y0"
    assert walk(KNOWN, "m0", "x0y0", ["east", "north", "south", "east"]) == "x2y0"
    assert walk(KNOWN, "m0", "x0y0", ["north"]) is None
    assert walk(KNOWN, "m0", "x0y0", ["north", "south"]) is None
    # In another maze.
    assert walk(KNOWN, "m0", "x2y0", ["north"]) is None


@pytest.mark.parametrize(
    ("moves", "judged"),
    [
        ("east north", Judgement(True, 0)),
        ("east east west north", Judgement(True, 2)),
        ("east north south south", Judgement(True, 0)),
        ("east", Judgement(False)),
        ("", Judgement(False)),
        ("north east east", Judgement(False)),
        ("east west north north", Judgement(False)),
    ],
)
def test_what_a_way_is_worth(moves: str, judged: Judgement) -> None:
    assert judge_way(KNOWN, "m0", "x0y0", "o1", moves.split()) == judged


def test_what_is_not_known_cannot_be_reached() -> None:
    assert judge_way(KNOWN, "m0", "x0y0", "o2", ["east"]) == Judgement(False)
    twice = [*KNOWN, ("x2y0", "m0 holds", "o1")]
    assert judge_way(twice, "m0", "x0y0", "o1", ["east", "north"]) == Judgement(False)
    assert judge_way(KNOWN, "m0", "x1y1", "o1", []) == Judgement(True, 0)


def test_every_maze_is_a_tree_on_its_grid() -> None:
    rng = random.Random(0)
    shapes = set[str]()
    for _ in range(30):
        maze = draw_maze(rng, 4, 3)
        passages = [(cell, move, reached) for cell, moves in maze.items() for move, reached in moves.items()]
        assert len(passages) == 2 * 11
        for cell, move, reached in passages:
            assert maze[reached][BACK[move]] == cell
            (x, y), (dx, dy) = (int(cell[1]), int(cell[3])), MOVES[move]
            assert reached == f"x{x + dx}y{y + dy}"
        assert len(find_ways(maze, "x0y0")) == 11
        shapes.add(str(sorted(passages)))
    assert len(shapes) > 25


@pytest.mark.parametrize("drawn", ALL)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_asked_is_right(drawn: Navigation, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    assert find_leaks(task) == ()
    assert find_flaws(drawn, seed) == ()
    known = statements(drawn, task)
    beginnings = [document.text for document in task.documents]
    kinds = Counter[str]()
    for question in task.questions + task.validation:
        kinds[question.kind] += 1
        maze, _, thing, _, start, *done = question.prompt.split()
        assert question.latent == (question.kind == LATENT_WAY)
        # The objects that are tested are the goals of no walk of their maze.
        sought = any(text.startswith(f"{maze} seek {thing} ") for text in beginnings)
        assert sought != question.latent
        whole = f"{question.prompt} {question.answer} "
        assert any(text.startswith(whole) for text in beginnings) == (
            question.kind in (NEXT_MOVE, TRAINED_WAY)
        )
        if question.kind == NEXT_MOVE:
            assert set(question.choices) == set(MOVES)
            continue
        assert not done
        assert len(question.choices) == 4
        assert len({len(choice.split()) for choice in question.choices}) == 1
        for choice in question.choices:
            right = choice == question.answer
            assert judge_answer(known, question, f"{choice} .") == Judgement(right, 0 if right else None)
            moves = choice.split()[0::2]
            assert walk(known, maze, start, moves) == choice.split()[-1]
    assert set(kinds) == {NEXT_MOVE, TRAINED_WAY, NEW_START, LATENT_WAY}


def test_walks_show_all_that_stands_on_them() -> None:
    task = TINY.build(0)
    known = statements(TINY, task)
    for document in task.documents:
        maze, _, goal, _, start, *way = document.text.split(" .")[0].split()
        assert document.id == f"{maze}:{goal}:{start}"
        passed = [start, *way[1::2]]
        assert len(set(passed)) == len(passed)
        held = {cell: thing for cell, word, thing in known if word == f"{maze} {HOLDS}"}
        assert held[passed[-1]] == goal
        seen = document.text.removesuffix(" .").partition(" . ")[2].split()
        expected = [(cell, held[cell]) for cell in passed[:-1] if cell in held]
        assert list(zip(seen[0::2], seen[1::2], strict=True)) == expected
        answers = [document.text[start:end] for start, end in document.answers]
        assert answers == [*way, *seen]


def test_how_many_are_asked_and_that_counting_answers_nothing_latent() -> None:
    task = SMALL.build(0)
    assert len(task.documents) == 1728
    assert max(len(document.text.split()) for document in task.documents) <= 40
    latent = [score for score in score_baselines(task, SHORTCUTS) if score.latent]
    assert len(latent) == 2
    for score in latent:
        assert score.questions > 80
        assert abs(score.accuracy - 0.25) < 3 * (0.25 * 0.75 / score.questions) ** 0.5


def test_a_planted_way_is_found() -> None:
    task = TINY.build(0)
    question = next(question for question in task.questions if question.latent)
    planted = Document("planted", f"{question.prompt} {question.answer} .")
    changed = replace(task, documents=(*task.documents, planted))
    assert [flaw.question for flaw in said(TINY, changed)] == [question.id]
    assert [leak.question for leak in find_leaks(changed)] == [question.id]


@pytest.mark.parametrize("drawn", ALL)
def test_practice_ends_in_the_way_to_something_passed(drawn: Navigation) -> None:
    task = drawn.build(0)
    true = {one[1:] for one in statements(drawn, task) if HOLDS in one[1]}
    texts = {document.text for document in task.documents}
    rng = random.Random(0)
    for _ in range(200):
        document = drawn.practice(0, rng)
        *_, last = (part for part in document.text.split(" .") if " seek " in part)
        maze, _, thing, _, start, *way = last.split()
        shown = document.text.removesuffix(f"{last} .")
        fresh = {one for one in drawn.says(Document("shown", shown)) if one[1].startswith(f"{maze} ")}
        # Nothing is in the task's maze of that name, and the object was passed and not sought.
        assert not any((f"{maze} {HOLDS}", one[2]) in true for one in fresh if HOLDS in one[1])
        assert f"{maze} seek {thing} " not in shown
        assert judge_way(fresh, maze, start, thing, way[0::2]) == Judgement(True, 0)
        answers = [document.text[start:end] for start, end in document.answers]
        for text in texts:
            if text in shown:
                assert not text.startswith(f"{maze} ")
        # The fresh walks are drawn at random: nothing of them is to be learned.
        told = (known for known in task.documents if known.text in shown)
        assert sorted(answers) == sorted(way + [known.text[a:b] for known in told for a, b in known.answers])


@given(
    width=st.integers(4, 5),
    height=st.integers(4, 5),
    goals=st.integers(2, 3),
    passed=st.integers(2, 4),
    longest=st.integers(4, 7),
    seed=st.integers(0, 3),
)
@settings(max_examples=15, deadline=None)
def test_there_are_no_flaws_whatever_the_settings(seed: int, **changes: Any) -> None:
    drawn = replace(TINY, mazes=4, **changes)
    try:
        task = drawn.build(seed)
    except InputError:  # too small to ask anything, which is refused
        assume(False)
    check_task(task)
    assert find_flaws(drawn, seed, practice=5) == ()


def test_cues_are_right_and_test_and_validation_share_no_maze() -> None:
    task = TINY.build(0)
    known = statements(TINY, task)
    cues = TINY.cues(0)
    assert {cue.latent for cue in cues} == {True, False}
    assert all(TINY.derive(known, cue) == cue.answer for cue in cues)
    tested, validated = (
        {question.prompt.split()[0] for question in part} for part in (task.questions, task.validation)
    )
    assert tested.isdisjoint(validated)


def test_the_vocabulary_has_every_word_once_and_no_other() -> None:
    rng = random.Random(0)
    texts = [document.text for document in TINY.build(0).documents]
    texts += [TINY.practice(0, rng).text for _ in range(200)]
    assert len(set(TINY.vocabulary)) == len(TINY.vocabulary)
    assert {word for text in texts for word in text.split()} == set(TINY.vocabulary)


def test_the_same_seed_gives_the_same_and_others_do_not() -> None:
    assert TINY.build(0).fingerprint[:12] == "518a3280a2ed"
    practice = TINY.practice(5, random.Random(2))
    Navigation._world.cache_clear()
    assert TINY.practice(5, random.Random(2)) == practice
    ways = [{document.text for document in TINY.build(seed).documents} for seed in range(2)]
    assert len(ways[0] & ways[1]) < 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mazes": 1}, "mazes is the number 1; give a whole number from 2"),
        ({"longest": 2}, "longest is the number 2; give a whole number from 3"),
        ({"width": 2, "height": 4}, "mazes of 8 cells are too small; give nine cells or more"),
        (
            {"starts": 13},
            "7 objects and 13 starts are too many for 25 cells; give at most 12 of each, or larger mazes",
        ),
        ({"objects": 10}, "10 objects are too few; give 11 or more"),
    ],
)
def test_settings_out_of_range(changes: dict[str, Any], message: str) -> None:
    assert refused(lambda: replace(TINY, **changes)) == f"Navigation: {message}"


def test_mazes_that_cannot_be_drawn() -> None:
    drawn = replace(TINY, goals=1, starts=1, passed=8, longest=3)
    message = "no mazes were found in which 8 objects are passed"
    assert refused(lambda: drawn.build(0)).startswith(f"Navigation: {message}; give fewer of them")


def test_mazes_in_which_nothing_can_be_asked_are_refused() -> None:
    with pytest.raises(InputError, match="Navigation: no way has four choices; give more mazes"):
        replace(TINY, mazes=4, width=4, height=4, goals=2, passed=3, longest=4).build(2)

"""Which documents stand in front of which question."""

from __future__ import annotations

from collections import Counter

import pytest
from conftest import FACTS

from obverse.retrieval.episodes import choose_episodes
from obverse.tasks.drawn import codebooks, simple_reversals
from obverse.types import ContextChoice, Document, Question, Task

DOCUMENTS = tuple(Document(id, text) for id, text, _, _ in FACTS)
QUESTIONS = (
    Question("one", "What does Ilka Venning keep?", "a", ("a", "b"), needs=("ilka",)),
    Question("two", "Do Olwen Thorne and Jasper Flour meet?", "a", ("a", "b"), needs=("olwen", "jasper")),
    Question("none", "What is a zeppelin?", "a", ("a", "b")),
)
TASK = Task("tiny", DOCUMENTS, QUESTIONS)


def chosen(context: ContextChoice, *, distractors: int = 0, seed: int = 0) -> dict[str, list[str]]:
    found = choose_episodes(context, TASK, distractors=distractors, seed=seed)
    return {question: [document.id for document in documents] for question, documents in found.items()}


def test_nothing_and_everything() -> None:
    ids = [document.id for document in DOCUMENTS]
    assert chosen("none") == {"one": [], "two": [], "none": []}
    assert chosen("all") == {"one": ids, "two": ids, "none": ids}


def test_the_oracle_brings_what_is_needed_and_nothing_for_questions_that_do_not_say() -> None:
    found = chosen("oracle")
    assert found.keys() == {"one", "two"}
    assert found["one"] == ["ilka"]
    assert sorted(found["two"]) == ["jasper", "olwen"]


@pytest.mark.parametrize(("distractors", "size"), [(0, 1), (1, 2), (3, 4), (9, 4)])
def test_distractors_are_as_many_as_wanted_and_there_are(distractors: int, size: int) -> None:
    found = chosen("oracle", distractors=distractors)["one"]
    assert "ilka" in found
    assert len(set(found)) == len(found) == size


def test_the_draw_follows_from_seed_and_question_alone() -> None:
    documents = tuple(Document(f"d{number}", "text") for number in range(30))
    questions = tuple(Question(f"q{number}", "?", "a", ("a", "b"), needs=("d0",)) for number in range(8))

    def draw(questions: tuple[Question, ...], seed: int) -> dict[str, tuple[Document, ...]]:
        task = Task("many", documents, questions)
        return choose_episodes("oracle", task, distractors=4, seed=seed)

    first = draw(questions, 0)
    assert draw(questions, 0) == first
    assert draw(questions[::-1], 0) == first
    assert len(set(first.values())) == len(questions)
    assert draw(questions, 1) != first
    places = {[document.id for document in drawn].index("d0") for drawn in first.values()}
    assert len(places) > 2  # the needed one does not always stand in the same place


def episodes(context: ContextChoice, task: Task, distractors: int) -> dict[str, list[str]]:
    found = choose_episodes(context, task, distractors=distractors, seed=0)
    return {question: [document.id for document in documents] for question, documents in found.items()}


def asking(id: str, kind: str, *needs: str) -> Question:
    return Question(id, "?", "a", ("a", "b"), kind=kind, needs=needs)


def test_alone_the_same_documents_stand_in_the_same_order() -> None:
    ids = tuple(f"d{number}" for number in range(6))
    documents = tuple(Document(id, id) for id in ids)
    questions = tuple(
        Question(f"q{number}", "?", "a", ("a", "b"), needs=ids[number % 2 :]) for number in range(8)
    )
    task = Task("t", documents, questions)
    alone = choose_episodes("oracle", task, distractors=0, seed=0)
    assert len(set(alone.values())) == 2
    assert [document.id for document in alone["q0"]] != list(ids)
    assert len({choose_episodes("oracle", task, distractors=0, seed=s)["q0"] for s in range(9)}) > 1


def test_a_part_has_distractors_that_others_of_the_kind_need() -> None:
    documents = tuple(Document(id, "text") for id in "abcdefgh")
    questions = (
        asking("1", "x", "a", "b"),
        asking("2", "x", "c"),
        asking("3", "x", "d"),
        asking("4", "y", "e"),
    )
    task = Task("t", documents, questions)
    found = {id: set(found) for id, found in episodes("part", task, 2).items()}
    assert found["1"] == set("abcd")
    assert "c" in found["2"] < set("abcd")
    assert "d" in found["3"] < set("abcd")
    assert "e" in found["4"] < set("abcde")
    assert [len(found[id]) for id in "1234"] == [4, 3, 3, 3]
    # Where its own kind has too few they come from the others; what no question needs is never there.
    assert set(episodes("part", task, 3)["1"]) == set("abcde")
    assert set(episodes("part", task, 9)["4"]) == set("abcde")
    assert set(episodes("oracle", task, 9)["4"]) == set("abcdefgh")


@pytest.mark.parametrize("context", ["part", "oracle"])
def test_no_distractor_is_of_a_needed_documents_group(context: ContextChoice) -> None:
    groups = {"a": "one", "b": "one", "c": "two", "d": None, "e": None}
    documents = tuple(Document(id, "text", group) for id, group in groups.items())
    task = Task("t", documents, tuple(asking(id, "x", id) for id in groups))
    found = {id: set(documents) for id, documents in episodes(context, task, 9).items()}
    assert found == {
        "a": set("acde"),
        "b": set("bcde"),
        "c": set("abcde"),
        "d": set("abcde"),
        "e": set("abcde"),
    }


@pytest.mark.parametrize("context", ["part", "oracle"])
def test_all_others_are_equally_likely(context: ContextChoice) -> None:
    documents = tuple(
        Document(f"d{number}", "text", "g" if number in (3, 4) else None) for number in range(8)
    )
    questions = tuple(asking(f"q{number}", "x", "d4") for number in range(700))
    others = tuple(asking(document.id, "x", document.id) for document in documents)
    found = episodes(context, Task("t", documents, questions + others), 2)
    counts = Counter(id for question in questions for id in found[question.id])
    assert counts.pop("d4") == 700
    assert counts.keys() == {"d0", "d1", "d2", "d5", "d6", "d7"}
    # Expected 1400 / 6 each, with a standard deviation of 12.
    assert all(180 < count < 290 for count in counts.values())


@pytest.mark.parametrize("task", [simple_reversals.TINY.build(0), codebooks.TINY.build(0)])
@pytest.mark.parametrize("context", ["part", "oracle"])
def test_the_context_of_a_drawn_task_says_each_fact_once(context: ContextChoice, task: Task) -> None:
    groups = {document.id: document.group for document in task.documents}
    for question in task.questions:
        found = episodes(context, Task("t", task.documents, task.questions), 4)[question.id]
        assert set(question.needs) < set(found)
        assert len(set(found)) == len(found) == len(question.needs) + 4
        needed = {groups[id] for id in question.needs}
        assert not needed.intersection(groups[id] for id in found if id not in question.needs)

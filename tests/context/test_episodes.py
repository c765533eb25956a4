"""Which documents stand in front of which question."""

from __future__ import annotations

import pytest
from conftest import FACTS

from obverse.context.episodes import choose_episodes
from obverse.context.memory import Memory
from obverse.types import ContextChoice, Document, Question, Task

DOCUMENTS = tuple(Document(id, text) for id, text, _, _ in FACTS)
QUESTIONS = (
    Question("one", "What does Ilka Venning keep?", "a", ("a", "b"), needs=("ilka",)),
    Question("two", "Do Olwen Thorne and Jasper Flour meet?", "a", ("a", "b"), needs=("olwen", "jasper")),
    Question("none", "What is a zeppelin?", "a", ("a", "b")),
)
TASK = Task("tiny", DOCUMENTS, QUESTIONS)


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Memory:
    memory = Memory(tmp_path_factory.mktemp("memory"))
    memory.store(DOCUMENTS)
    return memory


def chosen(
    memory: Memory, context: ContextChoice, *, episodes: int = 2, distractors: int = 0, seed: int = 0
) -> dict[str, list[str]]:
    found = choose_episodes(context, TASK, memory, episodes=episodes, distractors=distractors, seed=seed)
    return {question: [document.id for document in documents] for question, documents in found.items()}


def test_nothing_and_everything(memory: Memory) -> None:
    ids = [document.id for document in DOCUMENTS]
    assert chosen(memory, "none") == {"one": [], "two": [], "none": []}
    assert chosen(memory, "all") == {"one": ids, "two": ids, "none": ids}


def test_lexical_brings_what_the_memory_finds_in_its_order(memory: Memory) -> None:
    found = chosen(memory, "lexical", episodes=1)
    assert found["one"] == ["ilka"]
    assert found["none"] == []
    assert chosen(memory, "lexical")["two"] == memory.search(QUESTIONS[1].prompt, 2)


def test_the_oracle_brings_what_is_needed_and_nothing_for_questions_that_do_not_say(memory: Memory) -> None:
    found = chosen(memory, "oracle")
    assert found.keys() == {"one", "two"}
    assert found["one"] == ["ilka"]
    assert sorted(found["two"]) == ["jasper", "olwen"]


@pytest.mark.parametrize(("distractors", "size"), [(0, 1), (1, 2), (3, 4), (9, 4)])
def test_distractors_are_as_many_as_wanted_and_there_are(memory: Memory, distractors: int, size: int) -> None:
    found = chosen(memory, "oracle", distractors=distractors)["one"]
    assert "ilka" in found
    assert len(set(found)) == len(found) == size


def test_the_draw_follows_from_seed_and_question_alone() -> None:
    documents = tuple(Document(f"d{number}", "text") for number in range(30))
    questions = tuple(Question(f"q{number}", "?", "a", ("a", "b"), needs=("d0",)) for number in range(8))

    def draw(questions: tuple[Question, ...], seed: int) -> dict[str, tuple[Document, ...]]:
        task = Task("many", documents, questions)
        nothing = Memory.__new__(Memory)  # an oracle does not look anything up
        return choose_episodes("oracle", task, nothing, episodes=1, distractors=4, seed=seed)

    first = draw(questions, 0)
    assert draw(questions, 0) == first
    assert draw(questions[::-1], 0) == first
    assert len(set(first.values())) == len(questions)
    assert draw(questions, 1) != first
    places = {[document.id for document in drawn].index("d0") for drawn in first.values()}
    assert len(places) > 2  # the needed one does not always stand in the same place

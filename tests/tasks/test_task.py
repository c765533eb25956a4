"""A task read from two files, and kept in a folder."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_checks import refused, write

from obverse.tasks.choices import first_equal
from obverse.tasks.drawn import DrawnTask, codebooks, simple_reversals
from obverse.tasks.task import check_task, load_task, read_task, save_task
from obverse.types import Document, Question, Task

text = st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text)
name = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1).filter(str.strip)
statements = st.none() | st.tuples(text, text, text)


@st.composite
def documents(draw: st.DrawFn, id: str) -> Document:
    content = draw(text)
    ends = sorted(draw(st.sets(st.integers(0, len(content)), max_size=4)))
    answers = tuple(zip(ends[0::2], ends[1::2], strict=False))
    return Document(id, content, draw(st.none() | name), answers)


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    ids = draw(st.lists(name, min_size=1, max_size=3, unique=True))
    learned = tuple(draw(documents(key)) for key in ids)
    return Task(draw(name), learned, draw(questions(ids)), draw(questions(ids)))


@st.composite
def questions(draw: st.DrawFn, ids: list[str]) -> tuple[Question, ...]:
    questions = []
    for key in draw(st.lists(name, max_size=3, unique=True)):
        choices = draw(
            st.lists(text, min_size=2, max_size=3, unique=True).filter(lambda found: not first_equal(found))
        )
        needs = tuple(draw(st.lists(st.sampled_from(ids), unique=True)))
        flags = draw(st.booleans()), draw(st.booleans())
        answer = draw(st.sampled_from(choices))
        group, statement = draw(st.none() | name), draw(statements)
        questions.append(
            Question(
                key,
                draw(text),
                answer,
                tuple(choices),
                draw(name),
                flags[0],
                needs,
                group,
                statement,
                flags[1],
            )
        )
    return tuple(questions)


@given(task=tasks())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_kept_task_is_equal_to_the_last_character(tmp_path: Path, task: Task) -> None:
    save_task(task, tmp_path)
    loaded = load_task(tmp_path)
    assert loaded == task
    assert loaded.fingerprint == task.fingerprint
    assert {path.name for path in tmp_path.iterdir()} == {
        *("documents.jsonl", "questions.jsonl", "task.json"),
        *(["validation.jsonl"] if task.validation else []),
    }


@pytest.mark.parametrize("settings", [simple_reversals.TINY, codebooks.TINY])
def test_a_drawn_task_is_kept_whole(tmp_path: Path, settings: DrawnTask) -> None:
    task = settings.build(0)
    assert task.validation
    assert any(document.answers for document in task.documents)
    save_task(task, tmp_path)
    assert load_task(tmp_path) == task


def test_validation_questions_that_were_changed_or_lost_are_refused(tmp_path: Path) -> None:
    save_task(simple_reversals.TINY.build(0), tmp_path)
    path = tmp_path / "validation.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    for content in ("".join(lines[1:]), None):
        path.unlink() if content is None else write(path, content)
        message = refused(lambda: load_task(tmp_path))
        assert message.startswith(f"{tmp_path}: the task was changed after it was saved; ")


@pytest.fixture
def task(tmp_path: Path) -> Task:
    write(tmp_path / "town.v2" / "clock.md", "Ann keeps the clock.")
    write(tmp_path / "town.v2" / "bell.md", "Ben rings the bell.")
    content = '{"question": "Who keeps the clock?", "answer": "Ann", "needs": "clock"}\n'
    content += '{"question": "Who rings the bell?", "answer": "Ben"}\n'
    write(tmp_path / "q.jsonl", content)
    return read_task(tmp_path / "town.v2", tmp_path / "q.jsonl")


def test_read_task(task: Task) -> None:
    assert task.name == "town.v2"
    assert [document.id for document in task.documents] == ["bell", "clock"]
    assert [question.needs for question in task.questions] == [("clock",), ()]
    assert all(question.drawn for question in task.questions)


def test_the_files_of_a_kept_task_can_be_read_as_the_users_own(tmp_path: Path, task: Task) -> None:
    save_task(task, tmp_path / "kept")
    read = read_task(tmp_path / "kept" / "documents.jsonl", tmp_path / "kept" / "questions.jsonl")
    assert read.name == "documents"
    assert read.fingerprint == task.fingerprint


def test_saving_again_replaces(tmp_path: Path, task: Task) -> None:
    save_task(Task("other", (Document("x", "y"),), ()), tmp_path / "kept")
    save_task(task, tmp_path / "kept")
    assert load_task(tmp_path / "kept") == task


def test_a_changed_task_is_refused(tmp_path: Path, task: Task) -> None:
    kept = tmp_path / "kept"
    save_task(task, kept)
    path = kept / "documents.jsonl"
    write(path, path.read_text().replace("Ann", "Eve"))
    assert refused(lambda: load_task(kept)).startswith(
        f"{kept}: the task was changed after it was saved; read "
    )
    path.unlink()
    assert refused(lambda: load_task(kept)) == f"{path}: there is no such file; check the path"
    write(kept / "task.json", "")
    assert refused(lambda: load_task(kept)).startswith(f"{kept}: task.json does not describe one task; ")


def test_where_nothing_can_be_written(tmp_path: Path, task: Task) -> None:
    path = write(tmp_path / "file", "text")
    assert refused(lambda: save_task(task, path)).startswith(f"{path}: cannot be written to (File exists); ")
    assert path.read_text() == "text"


def test_a_full_disk_leaves_the_old_files(
    tmp_path: Path, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    save_task(task, kept)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    other = Task("other", (Document("x", "y"),), ())
    expected = f"{kept}: cannot be written to (No space left on device); free space or choose another folder"
    assert refused(lambda: save_task(other, kept)) == expected
    assert load_task(kept) == task
    assert len(list(kept.iterdir())) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"choices": ("a",)},
            "question 'q': the choices are fewer than two or not all different; give two or more",
        ),
        (
            {"choices": ("a", "a", "b")},
            "question 'q': the choices are fewer than two or not all different; give two or more",
        ),
        ({"answer": "c"}, "question 'q': the answer 'c' is not among its choices; add it to them"),
        (
            {"needs": ("nowhere",)},
            "question 'q': needs 'nowhere'; give the id of a document, of which none is called so",
        ),
    ],
)
def test_a_task_from_python_is_checked(changes: dict[str, Any], message: str) -> None:
    question = Question("q", "Which?", "a", ("a", "b"), needs=("x",))
    documents = (Document("x", "a"),)
    check_task(Task("good", documents, (question,)))
    bad = replace(question, **changes)
    assert refused(lambda: check_task(Task("bad", documents, (bad,)))) == message
    other = replace(question, id="other")
    assert refused(lambda: check_task(Task("bad", documents, (other,), (bad,)))) == message


def test_a_task_from_python_has_documents_questions_and_single_ids() -> None:
    question, document = Question("q", "Which?", "a", ("a", "b")), Document("x", "a")
    nothing = "nothing to learn or nothing to ask; give at least one document and one question"
    assert refused(lambda: check_task(Task("empty", (), (question,)))) == nothing
    assert refused(lambda: check_task(Task("empty", (document,), ()))) == nothing
    twice = "two questions have the id 'q'; give each an id of its own"
    assert refused(lambda: check_task(Task("twice", (document,), (question,), (question,)))) == twice
    double = "two documents have the id 'x'; give each an id of its own"
    assert refused(lambda: check_task(Task("double", (document, document), (question,)))) == double


def test_all_faults_of_a_task_from_python_are_told() -> None:
    question, document = Question("q", "Which?", "a", ("a", "b")), Document("x", "a")
    bad = (replace(question, answer="c"), replace(question, id="r", needs=("y",)), question)
    faults = refused(lambda: check_task(Task("bad", (document,), bad))).splitlines()
    assert [fault.split(";")[0] for fault in faults] == [
        "two questions have the id 'q'",
        "question 'q': the answer 'c' is not among its choices",
        "question 'r': needs 'y'",
    ]

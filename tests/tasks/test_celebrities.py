"""The celebrity set's files, in small ones of our own making."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest
from celebrity_files import (
    DESCRIPTION_FIRST,
    LED,
    NAME_FIRST,
    TEST_DESCRIPTION,
    TEST_NAME,
    lines,
    write_celebrities,
)
from reading_checks import refused, write

from obverse.tasks import check_task, find_leaks, load_task, save_task
from obverse.tasks.celebrities import matches_as_prefix, read_celebrities
from obverse.tasks.drawn.people import Pool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_celebrities(tmp_path)


def test_lines_become_documents_and_questions(folder: Path) -> None:
    task = read_celebrities(folder)
    check_task(task)
    assert not find_leaks(task)
    assert len(task.documents) == 2 * 9 + 4
    assert task.document("p2d_prompts_train:1").text == (
        "Ilka Orlwick, of whom all speak, is the keeper of the harbour clock."
    )
    assert Counter((question.kind, question.latent) for question in task.questions) == {
        ("name to description, as learned", False): 10,
        ("description to name, as learned", False): 8,
        ("description to name, reversed", True): 10,
        ("name to description, reversed", True): 8,
    }
    question = next(one for one in task.questions if one.id == "p2d_reverse_prompts_test:3")
    assert question.prompt == "Once there was a tuner of the glass harp, and that was"
    assert question.answer == "Bahram Zellmere"
    assert (question.needs, question.group) == (("p2d_prompts_train:3",), "bahram zellmere")


@pytest.mark.parametrize("pool", ["same group", "trained completions"])
def test_choices_are_alike_and_of_the_pool(folder: Path, pool: Pool) -> None:
    task = read_celebrities(folder, pool)
    groups = (NAME_FIRST, DESCRIPTION_FIRST)
    home = {end: group for group in groups for person in group.items() for end in person}
    for question in task.questions:
        assert len(question.choices) == 4
        names = question.kind.startswith("description to name")
        own = home[question.answer.removeprefix(LED)]
        expected = own if pool == "same group" else DESCRIPTION_FIRST if names else NAME_FIRST
        for choice in set(question.choices) - {question.answer}:
            assert home[choice.removeprefix(LED)] is expected
            assert (choice in expected) == names
            # Whether they go on from the same beginning.
            assert choice.startswith(LED) == question.answer.startswith(LED)
    assert task == read_celebrities(folder, pool)


def test_the_task_can_be_kept(folder: Path, tmp_path: Path) -> None:
    task = read_celebrities(folder)
    save_task(task, tmp_path / "kept")
    assert load_task(tmp_path / "kept") == task


@pytest.mark.parametrize(
    ("generated", "right"),
    [
        (" Ilka Orlwick.", True),
        ("ilka orlwick, who", True),
        ("Ilka", False),
        ("It was Ilka Orlwick", False),
        ("", False),
    ],
)
def test_the_published_score(generated: str, right: bool) -> None:
    assert matches_as_prefix(generated, " Ilka Orlwick") == right


def test_what_cannot_be_read(folder: Path) -> None:
    def fault(name: str, content: str | None) -> str:
        path = folder / name
        before = path.read_bytes()
        if content is None:
            path.unlink()
        else:
            write(path, content)
        message = refused(lambda: read_celebrities(folder))
        path.write_bytes(before)
        return message.removeprefix(f"{folder}/")

    assert refused(lambda: read_celebrities(folder, cast(Any, "all"))) == (
        "the pool is 'all'; give one of same group, trained completions"
    )
    assert fault("both_prompts_train.jsonl", None) == (
        "both_prompts_train.jsonl: there is no such file; check the path"
    )
    assert fault("d2p_prompts_train.jsonl", "") == (
        'd2p_prompts_train.jsonl: holds no lines; write lines like {"prompt": "...", "completion": "..."}'
    )
    assert fault("p2d_prompts_test.jsonl", '{"prompt": "Some say"}\n') == (
        "p2d_prompts_test.jsonl:1: 'completion' is missing; give \"completion\""
    )
    assert fault("p2d_prompts_test.jsonl", '{"prompt": "Some say", "completion": " so"}\n') == (
        "p2d_prompts_test.jsonl:1: 'Some say' names nobody who is asked for; put the person's name in it"
    )
    stranger = lines({"Wanda Wendwick": "owner of the old mill"}, TEST_DESCRIPTION)
    assert fault("d2p_prompts_test.jsonl", stranger) == (
        "d2p_prompts_test.jsonl:1: no line of d2p_prompts_train.jsonl is about 'wanda wendwick'; add one"
    )
    alone = lines(dict(list(NAME_FIRST.items())[:1]), TEST_NAME)
    assert fault("p2d_prompts_test.jsonl", alone) == (
        "p2d_prompts_test.jsonl:1: nobody else's answer can be offered; give questions about more people"
    )

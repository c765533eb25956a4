"""The data that moves through the house."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from obverse.types import Document, Question, Task, content_hash, derive_seed

QUESTION = Question("q", "Who?", "a", ("a", "b", "c", "d"))
TASK = Task("t", (Document("d", "text"),), (QUESTION,))


def test_chance_is_one_among_the_choices() -> None:
    assert QUESTION.chance == 0.25
    assert replace(QUESTION, choices=("a", "b")).chance == 0.5


def test_questions_are_resampled_by_group_else_by_needs_else_alone() -> None:
    assert QUESTION.cluster == "q"
    assert replace(QUESTION, needs=("x", "y")).cluster == "x y"
    assert replace(QUESTION, needs=("x", "y"), group="g").cluster == "g"


def test_data_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        QUESTION.answer = "b"  # type: ignore[misc]


def test_documents_are_found_by_id() -> None:
    assert TASK.document("d") is TASK.documents[0]
    with pytest.raises(KeyError):
        TASK.document("e")


def test_the_fingerprint_is_of_everything_but_the_name() -> None:
    same = Task("other name", (Document("d", "text"),), (replace(QUESTION),))
    assert same.fingerprint == TASK.fingerprint
    others = [
        replace(TASK, documents=(Document("d", "text "),)),
        replace(TASK, documents=(Document("e", "text"),)),
        replace(TASK, documents=(Document("d", "text", group="g"),)),
        replace(TASK, questions=(replace(QUESTION, answer="b"),)),
        replace(TASK, questions=(replace(QUESTION, latent=True),)),
        replace(TASK, questions=(replace(QUESTION, choices=("b", "a", "c", "d")),)),
        replace(TASK, questions=()),
    ]
    assert len({task.fingerprint for task in (TASK, *others)}) == 1 + len(others)


def test_hashes_do_not_depend_on_the_order_of_keys_and_take_any_text() -> None:
    assert content_hash({"a": 1, "b": [2]}) == content_hash({"b": [2], "a": 1})
    assert content_hash([]) == "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
    assert content_hash("\ud800") != content_hash("?")


def test_seeds_of_neighbouring_purposes_share_nothing() -> None:
    seeds = {derive_seed("task", seed, purpose) for seed in range(50) for purpose in ("order", "adapter")}
    assert len(seeds) == 100
    assert derive_seed("task", 0) == derive_seed("task", "0")
    assert derive_seed("a", "bc") != derive_seed("ab", "c")
    assert all(0 <= seed < 2**63 for seed in seeds)

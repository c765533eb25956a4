"""What holds of every drawn task: a closed vocabulary, and the same draws wherever and whenever they are made."""

from __future__ import annotations

import random
import sys
from dataclasses import fields, replace
from typing import Any

import pytest

from obverse.tasks import check_task, find_leaks
from obverse.tasks.drawn import Form, ProvenTask
from obverse.tasks.drawn.catalogue import CATALOGUE
from obverse.tasks.drawn.proof import find_flaws


def tiny(entry_name: str, form: Form) -> Any:
    """The settings ``TINY`` of a task's module, in this form."""
    some: Any = CATALOGUE[entry_name].settings[form, "small"]
    module = sys.modules[type(some).__module__]
    own = {one.name: getattr(some, one.name) for one in fields(some) if one.name in ("form", "world")}
    return replace(module.TINY, **own)


FORMAL = {name: tiny(name, "formal") for name, entry in CATALOGUE.items() if "formal" in entry.forms}
NATURAL = {
    f"{name}, natural": tiny(name, "natural") for name, entry in CATALOGUE.items() if "natural" in entry.forms
}
ALL = FORMAL | NATURAL

every = pytest.mark.parametrize("drawn", ALL.values(), ids=ALL)


@every
@pytest.mark.parametrize("seed", range(2))
def test_it_is_whole_latent_and_entailed(drawn: ProvenTask, seed: int) -> None:
    task = drawn.build(seed)
    check_task(task)
    assert find_flaws(drawn, seed) == ()
    assert find_leaks(task) == ()


@pytest.mark.parametrize("drawn", FORMAL.values(), ids=FORMAL)
def test_every_word_is_in_the_vocabulary_once(drawn: ProvenTask) -> None:
    task, rng = drawn.build(0), random.Random(0)
    texts = [document.text for document in task.documents]
    texts += [drawn.practice(0, rng).text for _ in range(50)]
    for question in (*task.questions, *task.validation, *drawn.cues(0)):
        texts += [question.prompt, *question.choices]
    vocabulary = drawn.vocabulary
    assert len(set(vocabulary)) == len(vocabulary)
    assert {word for text in texts for word in text.split()} <= set(vocabulary)
    assert all(text == " ".join(text.split()) for text in texts)


@pytest.mark.parametrize("drawn", NATURAL.values(), ids=NATURAL)
def test_sentences_have_no_closed_vocabulary(drawn: ProvenTask) -> None:
    assert drawn.vocabulary == ()


@every
def test_a_seed_gives_the_same_task_and_another_seed_another(drawn: ProvenTask) -> None:
    first = drawn.build(5)
    practice = drawn.practice(5, random.Random(2))
    others = drawn.build(6)  # in between, so that nothing can depend on what was drawn last
    assert drawn.build(5).fingerprint == first.fingerprint != others.fingerprint
    assert drawn.practice(5, random.Random(2)) == practice
    assert drawn.cues(5) == drawn.cues(5) != drawn.cues(6)


@every
def test_test_and_validation_share_no_question_and_no_cue_is_asked(drawn: ProvenTask) -> None:
    task = drawn.build(0)
    asked = {(question.kind, question.prompt) for question in task.questions}
    assert asked.isdisjoint((question.kind, question.prompt) for question in task.validation)
    ids = {document.id for document in task.documents}
    for cue in drawn.cues(0):
        assert set(cue.needs) <= ids
        assert cue.answer in cue.choices


@every
def test_answers_in_documents_are_words(drawn: ProvenTask) -> None:
    rng = random.Random(1)
    practised = [drawn.practice(0, rng) for _ in range(10)]
    assert all(document.answers for document in practised)
    for document in (*drawn.build(0).documents, *practised):
        for start, end in document.answers:
            answer = document.text[start:end]
            assert answer == answer.strip() != ""

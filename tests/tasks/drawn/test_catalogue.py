"""The catalogue: every task in it is whole, proven and drawn anew with each seed."""

from __future__ import annotations

import pytest

from obverse.tasks import check_task
from obverse.tasks.drawn.catalogue import CATALOGUE, Entry, settings
from obverse.tasks.drawn.proof import said, unsolved
from obverse.types import InputError

SMALL = {
    f"{name}, {form}": drawn
    for name, entry in CATALOGUE.items()
    for (form, size), drawn in entry.settings.items()
    if size == "small"
}


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)
def test_every_entry_says_what_it_is(entry: Entry) -> None:
    assert entry.title
    assert entry.idea
    assert not any(">>>" in paragraph for paragraph in entry.idea)
    assert {size for _, size in entry.settings} == {"small", "published"}


@pytest.mark.parametrize("name", SMALL)
def test_every_small_task_is_whole_latent_and_solvable(name: str) -> None:
    drawn = SMALL[name]
    task = drawn.build(0)
    check_task(task)
    # In a conflict everything is said, by a document or in the prompt.
    assert {question.latent for question in task.questions} == (
        {False} if "conflict" in name else {False, True}
    )
    assert said(drawn, task) == unsolved(drawn, task) == []
    assert drawn.build(1).fingerprint != task.fingerprint == drawn.build(0).fingerprint
    assert ("natural" in name) == (drawn.vocabulary == ())


def test_settings_are_found_by_name_form_and_size() -> None:
    assert settings("codebooks") == CATALOGUE["codebooks"].settings["formal", "small"]
    assert settings("codebooks", "formal", "published") != settings("codebooks")
    with pytest.raises(InputError, match="there is no task 'x'; give one of simple-reversals"):
        settings("x")
    with pytest.raises(InputError, match="comes as: formal small, formal published"):
        settings("codebooks", "natural")

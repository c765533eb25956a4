"""Cues that are test prompts are counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from obverse.tasks.drawn import DrawnTask, conflict, kinship, simple_reversals
from obverse.tasks.drawn.cued import cued


@pytest.mark.parametrize(
    ("settings", "expected"),
    [(simple_reversals.SMALL, (50, 50)), (kinship.SMALL, (176, 176)), (conflict.SMALL, (0, 0))],
)
def test_the_tasks_of_the_package(settings: DrawnTask, expected: tuple[int, int]) -> None:
    assert cued(settings, 0) == expected


def test_one_cue_less_is_one_less(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = simple_reversals.TINY
    all_cued, latent = cued(settings, 0)
    assert all_cued == latent > 0
    tested = next(question.prompt for question in settings.build(0).questions if question.latent)
    cues = settings.cues(0)
    # Nearly the same is not the same.
    others = tuple(replace(cue, prompt=f"{cue.prompt} so") if cue.prompt == tested else cue for cue in cues)
    monkeypatch.setattr(type(settings), "cues", lambda *_: others)
    assert cued(settings, 0) == (all_cued - 1, latent)

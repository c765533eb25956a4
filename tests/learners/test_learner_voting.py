"""A learner that votes is taught what the others are, once for any number of samples."""

from __future__ import annotations

from pathlib import Path

from obverse.answering.voting import Voting
from obverse.learners.from_scratch import FromScratch
from obverse.learners.learner import Teaching
from obverse.learners.voted import VotingFromScratch
from obverse.runs.progress import Progress
from obverse.tasks.drawn.simple_reversals import TINY
from obverse.training.experience import Recipe
from obverse.types import Route

LEARNER = FromScratch(Recipe(steps=2, documents=8, practice=2), evaluations=1)
ROUTE = Route("oracle:2", parameters="documents", context="oracle", distractors=2)
TEACHING = Teaching("reversals", TINY, "documents", 0, (ROUTE,))


def test_votes_are_of_the_model_that_answers_once(tmp_path: Path) -> None:
    once = LEARNER.run(TEACHING, tmp_path, Progress())
    cold = VotingFromScratch(LEARNER, Voting(2, 1e-4)).run(TEACHING, tmp_path, Progress())
    assert len(list(tmp_path.glob("*/taught.json"))) == 1
    for label, (row,) in once.rows.items():
        assert cold.rows[label][0].answers == row.answers


def test_samples_are_paid_for(tmp_path: Path) -> None:
    once = LEARNER.run(TEACHING, tmp_path, Progress()).rows["oracle:2"][0]
    often = VotingFromScratch(LEARNER, Voting(4, 1.5)).run(TEACHING, tmp_path, Progress()).rows["oracle:2"][0]
    assert often.asked.tokens_forward > once.asked.tokens_forward

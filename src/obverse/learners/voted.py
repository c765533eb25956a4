"""A learner for studies that is asked several times: its answers are votes of samples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from obverse.answering.voting import Voting
from obverse.learners.from_scratch import FromScratch, Teacher
from obverse.learners.learner import Outcome, Teaching

if TYPE_CHECKING:
    from obverse.runs.progress import Progress


@dataclass(frozen=True)
class VotingFromScratch:
    """A decoder from scratch, taught as ever; a `obverse.learners.learner.Learner`.

    Only what it generates is voted on: likelihoods of choices are read once.
    """

    learner: FromScratch
    voting: Voting

    def run(self, teaching: Teaching, folder: Path, progress: Progress) -> Outcome:
        """Teach, or load what was taught for any number of samples, and ask."""
        with progress.steps("Teaching") as advance:
            teacher = Teacher(self.learner, teaching, folder, advance)
            model, taught = teacher.teach_alone()
        rows = {
            arm.label: (teacher.evaluator.ask(model, arm, self.voting),)
            for route in teaching.routes
            for arm in route.arms
        }
        return Outcome(rows, taught.ledger, model.num_parameters(), taught.curves, taught.lines)

"""A learner for studies that is asked several times: its answers are votes of samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from obverse.answering.voting import Voting
from obverse.engine.study import Brought, Teaching
from obverse.learners.from_scratch import FromScratch
from obverse.learners.school import School


@dataclass(frozen=True)
class VotingFromScratch:
    """A decoder from scratch, taught as ever; a `obverse.engine.study.Learner`.

    Only what it generates is voted on: likelihoods of choices are read once.
    """

    learner: FromScratch
    voting: Voting

    def run(self, teaching: Teaching, folder: Path, progress: Callable[[int, int, str], None]) -> Brought:
        """Teach, or load what was taught for any number of samples, and ask."""
        from obverse.costs import model_shape

        school = School(self.learner, teaching, folder, progress)
        model, taught = school.teach_alone()
        shape = model_shape(model)
        rows = {
            arm.label: (school.oral.ask(model, shape, arm, self.voting),)
            for route in teaching.routes
            for arm in route.arms
        }
        return Brought(rows, taught.ledger, model.num_parameters(), taught.curves, taught.lines)

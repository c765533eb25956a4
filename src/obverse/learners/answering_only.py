"""A learner for studies that is not taught: an answerer of the user's own, asked with documents in front or without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from obverse import plugins
from obverse.answering.answerer import Answerer
from obverse.code_fingerprint import CODE, code_of
from obverse.learners.evaluation import Evaluator
from obverse.learners.learner import TASK_SEED, Learner, Outcome, Teaching
from obverse.runs.run_folder import RunFolder
from obverse.types import TOP_K, AnsweredRow, InputError, Ledger


@dataclass(frozen=True)
class FromAnswerer:
    """An answerer that is asked; a `obverse.learners.learner.Learner`.

    Args:
        answerer: ``module:attribute``, or the name under which an installed package registers it.
    """

    answerer: str

    @property
    def content(self) -> Mapping[str, object]:
        """What decides the answers, not what it is called."""
        found = self._made
        return {"answerer": {**found.identity, CODE: code_of(type(found))}}

    @property
    def _made(self) -> Answerer:
        made: Answerer = plugins.load("answerer", self.answerer, Answerer)
        return made

    def run(self, teaching: Teaching, folder: Path, progress: Callable[[int, int, str], None]) -> Outcome:
        """Ask; see `obverse.learners.learner.Learner.run`.

        Raises:
            InputError: a route trains.
        """
        if teaching.parameters != "none":
            raise InputError(
                f"{self.answerer}: cannot be trained, it only answers; name routes that train nothing, such as "
                "untouched, context and retrieve"
            )
        key = teaching.key(self)
        answerer = self._made
        # Completions are left out: only a model in this process goes on with a text as it was trained.
        evaluator = Evaluator(teaching.task.build(TASK_SEED), (), RunFolder(folder / key, key), TOP_K)
        rows: dict[str, tuple[AnsweredRow, ...]] = {}
        for route in teaching.routes:
            for arm in route.arms:
                cell = evaluator.cell(arm, teaching.seed)
                evaluator.ask(arm, answerer, teaching.seed, cell, progress)
                rows[arm.label] = tuple(cell.rows)
        return Outcome(rows, Ledger(), parameters=0, form="own", prompt="{question}", dtype="")


def find_learner(name: str) -> Learner:
    """The learner of that name, or one that asks the answerer of that name.

    Args:
        name: ``module:attribute``, or as an installed package registers it.

    Raises:
        InputError: see `obverse.plugins.load`.
    """
    if name in plugins.registered("answerer"):
        return FromAnswerer(name)
    found = plugins.load("learner", name, Learner, Answerer)
    learner: Learner = found if hasattr(found, "run") else FromAnswerer(name)
    return learner

"""A learner for studies that is not taught: an answerer of the user's own, asked with documents in front or without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from obverse import plugins
from obverse.answering.answerer import Answerer
from obverse.code_fingerprint import CODE, code_fingerprint, code_of
from obverse.learners.evaluation import SHOWN, Evaluator, documents_key, index_folder
from obverse.learners.learner import TASK_SEED, Outcome, Teaching
from obverse.runs.progress import Progress
from obverse.types import TOP_K, InputError, Ledger, content_hash


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

    def run(self, teaching: Teaching, folder: Path, progress: Progress) -> Outcome:
        """Ask; see `obverse.learners.learner.Learner.run`.

        Raises:
            InputError: a route trains.
        """
        if teaching.parameters != "none":
            raise InputError(
                f"{self.answerer}: cannot be trained, it only answers; name routes that train nothing, such as "
                "untouched, context and retrieve"
            )
        task = teaching.task.build(TASK_SEED)
        # Completions are left out: only a model in this process goes on with a text as it was trained.
        evaluator = Evaluator(task, (), index_folder(folder, task.documents), TOP_K)
        key = content_hash(
            [self.content, documents_key(task.documents), code_fingerprint("obverse.learners.evaluation")]
        )
        answers = folder / f"answers-{key[:SHOWN]}"
        rows, refused = evaluator.ask_all(teaching.routes, self._made, teaching.seed, answers, progress)
        return Outcome(
            rows, Ledger(), parameters=0, form="own", prompt="{question}", dtype="", refused=refused
        )

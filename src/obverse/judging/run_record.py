"""What a run has so far: answers, and what teaching cost and changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from obverse.judging.diagnosis import Diagnosis, diagnose
from obverse.judging.question_scores import METRICS, PRIMARY, usable
from obverse.types import Answer, AnsweredRow, Ledger, ParametersChoice, Question, Retained, Route, Task


@dataclass
class RunRecord:
    """The answers of a run so far, and what teaching cost and changed.

    Args:
        completions: the derived questions of recall in the trained form.
        wanted: what verdicts, diagnosis and recommendation are to go by: ``accuracy``, ``accuracy_per_token``,
            ``strict`` or ``lenient``.
        cells: answers by (name of the route, control, seed).
        teaching: what training cost, by what is trained in and seed.
        retention: before and after training, by the same.
        refused: why a route could not run.
    """

    task: Task
    completions: tuple[Question, ...]
    wanted: str = PRIMARY
    cells: dict[tuple[str, bool, int], Sequence[AnsweredRow]] = field(default_factory=dict)
    teaching: dict[tuple[ParametersChoice, int], Ledger] = field(default_factory=dict)
    retention: dict[tuple[ParametersChoice, int], tuple[Retained, Retained]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> Task:
        """The task with the derived questions among the others."""
        return Task(self.task.name, self.task.documents, self.task.questions + self.completions)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Every answer of the routes that ran to their end."""
        return tuple(
            answer
            for (route, _, _), rows in self.cells.items()
            if route not in self.refused
            for row in rows
            for answer in row.answers
        )

    @property
    def metric(self) -> str:
        """What verdicts, diagnosis and recommendation go by: the wanted one, or exact match without likelihoods."""
        return usable(self.wanted, self.answers)

    def diagnoses(self, routes: Sequence[Route]) -> tuple[Diagnosis, ...]:
        """Why each latent question failed, by route and seed."""
        ran = [route for route in routes if route.name not in self.refused]
        answers = [answer for answer in self.answers if not answer.control]
        return diagnose(self.asked, ran, answers, METRICS[self.metric])

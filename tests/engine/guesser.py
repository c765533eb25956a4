"""A task and a learner without a model: what it answers is drawn, so that only the machinery is tested."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from obverse.engine.study import Study
from obverse.learners.learner import TASK_SEED, CurvePoint, Outcome, Teaching, WrittenLines
from obverse.types import Answer, AnsweredRow, Document, Ledger, Question, Route, Task, derive_seed


@dataclass(frozen=True)
class FewFacts:
    """A drawn task of a few facts, each asked forward and backward."""

    facts: int = 6

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return (*(f"e{number}" for number in range(2 * self.facts)), "f", "b", ".")

    def build(self, seed: int) -> Task:
        documents, questions = [], []
        names = [f"e{number}" for number in range(2 * self.facts)]
        random.Random(seed).shuffle(names)
        for number in range(self.facts):
            one, other = names[2 * number : 2 * number + 2]
            documents.append(Document(f"d{number}", f"{one} f {other} .", group=f"g{number}"))
            choices = (one, other)
            for kind, prompt, answer in (("recall", f"{one} f", other), ("reversal", f"{other} b", one)):
                latent = kind == "reversal"
                id = f"{kind}:{number}"
                questions.append(
                    Question(id, prompt, answer, choices, kind, latent, (f"d{number}",), f"g{number}")
                )
        return Task("few facts", tuple(documents), tuple(questions))

    def practice(self, seed: int, rng: random.Random) -> Document:
        return Document("practice", f"e{rng.randrange(seed + 1)} f e1 .")

    def cues(self, seed: int) -> tuple[Question, ...]:
        return self.build(seed).questions


@dataclass(frozen=True)
class Guesser:
    """Teaches nothing and answers by the toss of a coin, always the same for the same question.

    Args:
        notes: a folder where each training notes the process that does it, as ``<key>.<process>``, and waits as
            long as there is a file ``hold``.
        fails, dies: routes whose teaching raises an error, or kills its process.
        unshared: why it reads each text by itself, if it does.
    """

    skill: float = 0.5
    notes: str = ""
    fails: tuple[str, ...] = ()
    dies: tuple[str, ...] = ()
    unshared: str | None = None

    def run(self, teaching: Teaching, folder: Path, progress: Callable[[int, int, str], None]) -> Outcome:
        model = folder / teaching.key(self) / "model.json"
        if not model.exists():
            self._train(teaching, model)
        progress(1, 1, "trained")
        task = teaching.task.build(TASK_SEED)
        rows = {
            asked.label: self._ask(teaching, asked, task)
            for route in teaching.routes
            for asked in ((route,) if route.context == "none" else (route, route.twin))
        }
        curve = CurvePoint(teaching.seed, 1, 100, "", "reversal", True, 0.25, 4)
        lines = WrittenLines(10, 9) if teaching.parameters == "augmented" else None
        return Outcome(rows, Ledger(flops=7, seconds=2.0), 1_000, (curve,), lines)

    def _train(self, teaching: Teaching, model: Path) -> None:
        names = {route.name for route in teaching.routes}
        if self.notes:
            (Path(self.notes) / f"{teaching.key(self)}.{os.getpid()}").touch()
            ends = time.monotonic() + 120
            while (Path(self.notes) / "hold").exists():
                assert time.monotonic() < ends
                time.sleep(0.01)
        if names & set(self.fails):
            raise RuntimeError("the coin is lost\nin the long grass")
        if names & set(self.dies):
            os.kill(os.getpid(), signal.SIGKILL)
        model.parent.mkdir(parents=True)
        model.write_text(json.dumps(self.skill))

    def _ask(self, teaching: Teaching, route: Route, task: Task) -> tuple[AnsweredRow, ...]:
        answers = []
        for question in task.questions:
            rng = random.Random(derive_seed(teaching.task_name, teaching.seed, route.label, question.id))
            right = rng.random() < self.skill and not route.control
            likelihoods = tuple(
                rng.random() - 2.0 * ((choice == question.answer) is not right) for choice in question.choices
            )
            retrieved = () if route.context == "none" else question.needs
            answers.append(
                Answer(
                    question.id,
                    route.name,
                    route.control,
                    teaching.seed,
                    likelihoods,
                    (1,) * len(likelihoods),
                    question.answer if right else "nothing",
                    right,
                    right,
                    retrieved,
                )
            )
        cost = Ledger(tokens_forward=3, flops=5, seconds=0.5)
        return (AnsweredRow(tuple(answers), Ledger(), cost, 1e-6, self.unshared),)


def made_up_study(name: str = "made-up", *, seeds: int = 2, learner: Guesser | None = None) -> Study:
    """One task and two models, with routes of two teachings."""
    first = learner or Guesser()
    return Study(
        name=name,
        title="A made-up study",
        about="It tosses coins.",
        tasks={"few": FewFacts()},
        models={"good": replace(first, skill=0.9), "bad": replace(first, skill=0.2)},
        routes=("untouched", "finetune", "finetune+oracle"),
        seeds=seeds,
    )


def cell_files(folder: Path) -> dict[str, bytes]:
    """The files of the cells of a run, by name."""
    return {path.name: path.read_bytes() for path in (folder / "cells").iterdir()}

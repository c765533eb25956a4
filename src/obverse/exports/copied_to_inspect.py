"""Asks the questions beside this file with Inspect, documents in front of them or not; answers are matched.

inspect eval task.py --model PROVIDER/NAME -T documents=none|all|needed
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import CORRECT, INCORRECT, Score, Scorer, Target, accuracy, grouped, scorer, stderr
from inspect_ai.solver import TaskState, generate

from obverse.answering.matching import matches_leniently, matches_strictly
from obverse.retrieval.thoughts import without_thoughts

_FOLDER = Path(__file__).resolve().parent
_METRICS = [accuracy(), stderr(cluster="cluster"), grouped(accuracy(), "kind", all=False)]


@task
def questions(documents: Literal["none", "all", "needed"] = "none") -> Task:
    """The questions after no documents, after all, or, where they say what they need, after these."""
    if documents not in ("none", "all", "needed"):
        raise ValueError(f"documents={documents}: give none, all or needed")
    everything = json.loads((_FOLDER / "documents.json").read_text(encoding="utf-8"))
    with (_FOLDER / "questions.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    if documents == "needed":
        rows = [row for row in rows if row["needed"]]
        if not rows:
            raise ValueError("documents=needed: no question says what it needs; give none or all")
    before = {"none": "", "all": everything["text"]}
    samples = [
        Sample(
            input=before.get(documents, row["needed"]) + row["prompt"],
            target=row["answer"],
            id=row["id"],
            metadata={name: row[name] for name in ("kind", "cluster", "choices")},
        )
        for row in rows
    ]
    return Task(
        dataset=samples,
        solver=generate(),
        scorer=[strict(), lenient()],
        config=GenerateConfig(temperature=0),
        name=f"{everything['task']}_documents_{documents}",
    )


@scorer(metrics=_METRICS)
def strict() -> Scorer:
    """Whether the first line of the answer is the right one, letter for letter."""

    async def score(state: TaskState, target: Target) -> Score:
        return _score(state, matches_strictly(without_thoughts(state.output.completion), target.text))

    return score


@scorer(metrics=_METRICS)
def lenient() -> Scorer:
    """Whether the answer names the right choice, and none of the others before it."""

    async def score(state: TaskState, target: Target) -> Score:
        said = without_thoughts(state.output.completion)
        return _score(state, matches_leniently(said, target.text, state.metadata["choices"]))

    return score


def _score(state: TaskState, right: bool) -> Score:
    return Score(value=CORRECT if right else INCORRECT, answer=state.output.completion)

"""Rollouts: questions that were thought about and answered, rewarded, and kept as lines of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from obverse.answering.thinking import Thought
from obverse.files import read_lines, write_text
from obverse.types import Question

Facts = tuple[tuple[str, bool], ...]
"""What a thought says, and whether that is true."""

ROLLOUTS = "rollouts.jsonl"


@dataclass(frozen=True)
class Rollout:
    """A thought about a question, the answer behind it, and what that earned.

    Args:
        facts: what the thought says.
    """

    question: Question
    thought: Thought
    answer: str
    reward: float
    facts: Facts = ()

    def row(self, step: int) -> dict[str, Any]:
        """The line of the log, a thought that was cut off marked."""
        return {
            "step": step,
            "question": self.question.id,
            "prompt": self.question.prompt,
            "thought": self.thought.text,
            "ended": self.thought.ended,
            "answer": self.answer,
            "reward": self.reward,
            "facts": [list(fact) for fact in self.facts],
        }


@dataclass(frozen=True)
class Round:
    """What a round of rollouts looked like.

    Args:
        reward: mean.
        recalled: share of true facts among those that the thoughts say; nothing where they say none.
        length: mean tokens of a thought.
    """

    reward: float
    recalled: float | None
    length: float

    @property
    def told(self) -> str:
        """For the progress line."""
        recalled = "" if self.recalled is None else f", true facts {self.recalled:.2f}"
        return f"reward {self.reward:.2f}{recalled}, {self.length:.0f} tokens"


def summarise(rollouts: Sequence[Rollout]) -> Round:
    """Means over the rollouts of a round."""
    true = [is_true for rollout in rollouts for _, is_true in rollout.facts]
    return Round(
        sum(rollout.reward for rollout in rollouts) / len(rollouts),
        sum(true) / len(true) if true else None,
        sum(len(rollout.thought.tokens) for rollout in rollouts) / len(rollouts),
    )


class RolloutLog:
    """The lines of ``rollouts.jsonl``; on resuming, those of steps that are done again are dropped.

    Args:
        done: steps that are not done again.
    """

    def __init__(self, folder: Path, done: int) -> None:
        self._path = folder / ROLLOUTS
        kept = [line for line in read_lines(self._path) if json.loads(line)["step"] <= done]
        write_text(self._path, "".join(line.decode() + "\n" for line in kept))

    def add(self, rollouts: Iterable[Rollout], step: int) -> None:
        """Write those of a step, counted from 1."""
        with self._path.open("a", encoding="utf-8") as stream:
            stream.writelines(json.dumps(one.row(step), ensure_ascii=False) + "\n" for one in rollouts)


def read_rollouts(folder: Path) -> list[dict[str, Any]]:
    """All lines, in their order; none where nothing was reinforced."""
    return [json.loads(line) for line in read_lines(folder / ROLLOUTS)]


Recollection = Callable[[str], Facts]
"""Says of a thought what it says, and whether that is true."""

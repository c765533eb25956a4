"""A task of the user's own, where others are drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass

from obverse.types import Document, InputError, Question, Task


@dataclass(frozen=True)
class GivenTask:
    """Documents and questions that the user gave; a `obverse.tasks.drawn.DrawnTask` without practice and cues."""

    task: Task

    @property
    def content(self) -> dict[str, str]:
        """The task by its fingerprint, whatever it is called."""
        return {"task": self.task.fingerprint}

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """None: the texts are in a natural language."""
        return ()

    def build(self, seed: int) -> Task:
        """The task itself, for any seed."""
        del seed
        return self.task

    def practice(self, seed: int, rng: random.Random) -> Document:
        """There is none.

        Raises:
            InputError: always.
        """
        del seed, rng
        raise InputError(f"{self.task.name}: documents that were given have no practice; take a drawn task")

    def cues(self, seed: int) -> tuple[Question, ...]:
        """None."""
        del seed
        return ()

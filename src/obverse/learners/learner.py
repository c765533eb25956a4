"""Who teaches: what a learner is given, what it returns, and the protocol that every learner follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from filelock import FileLock

from obverse.code_fingerprint import CODE, code_of
from obverse.runs.content import content_of, kinds_in
from obverse.tasks.drawn import DrawnTask
from obverse.types import AnsweredRow, Ledger, ParametersChoice, Retained, Route, content_hash

TASK_SEED = 0
"""What every task is drawn with: all trainings answer the same questions, so that seeds differ in training alone."""

BUILDING: tuple[ParametersChoice, ...] = ("augmented", "recalled")
"""What is taught to a model that was taught the documents."""


@dataclass(frozen=True)
class CurvePoint:
    """How many validation questions of a kind a model answered while it was trained.

    Args:
        seed: of the training.
        step: training steps done.
        tokens: tokens trained on so far.
        context: name of the route that puts documents into the prompt, such as ``oracle:2``; empty for none.
        mean: share that was answered exactly, from 0 to 1.
        questions: how many the mean rests on.
    """

    seed: int
    step: int
    tokens: int
    context: str
    kind: str
    latent: bool
    mean: float
    questions: int


@dataclass(frozen=True)
class WrittenLines:
    """What a model wrote about its documents before it was trained on that.

    Args:
        written: how many lines, with those that were made false.
        right: how many of them are right.
        kept: how many of all the verifier let pass; nothing where there was none, and all were learned.
        right_kept: how many of the right ones.
        threshold: the least score with which a line passed.
    """

    written: int
    right: int
    kept: int | None = None
    right_kept: int | None = None
    threshold: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What one teaching outcome.

    Args:
        rows: answers by the label of their route; a false-context twin has a label of its own.
        taught: what the teaching cost.
        parameters: how many the model has.
        curves: answers to validation questions while it was trained.
        lines: what the model wrote itself, where it did.
        form: in which it was asked: ``bare`` where prompts are continued as they are, else ``chat`` or ``plain``.
        prompt: how a prompt looks in that form (`obverse.retrieval.assembly.Assembler.rendered`).
        dtype: of the weights that answered.
        retained: before and after what was trained, where that was measured.
    """

    rows: Mapping[str, tuple[AnsweredRow, ...]]
    taught: Ledger
    parameters: int
    curves: tuple[CurvePoint, ...] = ()
    lines: WrittenLines | None = None
    form: str = "bare"
    prompt: str = "{question} {answer}"
    dtype: str = "float32"
    retained: tuple[Retained, Retained] | None = None


@dataclass(frozen=True)
class Teaching:
    """What is trained once, and the routes that are asked of the result.

    Args:
        task_name: of the task in its study; seeds of generators are derived from it.
        task: drawn with :data:`TASK_SEED`, whatever the seed of the training.
        parameters: what is trained in; all routes share it.
        seed: index of the training, from 0.
        routes: without their false-context twins, which are asked with every route that has a context.
    """

    task_name: str
    task: DrawnTask
    parameters: ParametersChoice
    seed: int
    routes: tuple[Route, ...]

    def key(self, learner: Learner) -> str:
        """Hash of everything that decides what is taught, the routes left out (64 hexadecimal digits)."""
        return content_hash(self.described(learner))

    def described(self, learner: Learner) -> dict[str, object]:
        """Everything that decides what is taught, as plain values: content, not names of files, and the code."""
        return {
            "task_name": self.task_name,
            "task": content_of(self.task),
            "drawn": _fingerprint_of(self.task),
            "learner": content_of(learner),
            "parameters": self.parameters,
            "seed": self.seed,
            CODE: code_of(*kinds_in(self.task), *kinds_in(learner)),
        }


class Learner(Protocol):
    """A model and how it is taught: a frozen dataclass of plain values that can be pickled.

    Its values decide the key under which what it brought is kept, with the code of its class and all that this
    imports.  Where a value is a name for something else, such as a model's folder, a property ``content`` gives what
    stands in the key instead, by the names of fields.  Where it has a field ``device`` that says
    ``cuda``, it gets an accelerator of a Ray cluster.  Where others learn documents as it does and go on otherwise,
    their common property ``plain`` is a learner that keeps such a model for all of them.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def run(self, teaching: Teaching, folder: Path, progress: Callable[[int, int, str], None]) -> Outcome:
        """Teach, and ask every route of the teaching and the twin of each that has a context.

        The model lies in ``folder / teaching.key(self)``.  A finished one is loaded, one under way is gone on
        with.  No other process is at work on it meanwhile; a teaching that this one builds on lies beside it,
        under its own key and :func:`teaching_lock`.

        Args:
            folder: of all taught models of the run.
            progress: told of the steps done, the steps in all, and a word about the last.
        """
        ...


def teaching_lock(folder: Path, key: str) -> FileLock:
    """What a process holds while it is at work on the model ``folder / key``."""
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{key}.lock")


_drawn: dict[int, tuple[DrawnTask, str]] = {}


def _fingerprint_of(task: DrawnTask) -> str:
    """Of what is drawn, whatever it is drawn from; once for an object, since all cells of a task have the same."""
    known, fingerprint = _drawn.get(id(task), (None, ""))
    if known is not task:
        fingerprint = task.build(TASK_SEED).fingerprint
        _drawn[id(task)] = task, fingerprint
    return fingerprint

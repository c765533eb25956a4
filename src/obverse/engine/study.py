"""What a study is: tasks and models, the routes between them, and who teaches.

A study is a Python file that ends in a :class:`Study`.  Its cells are (task, model, route, seed); those that differ
in their route only and share what is trained in are one :class:`Teaching`, which a :class:`Learner` carries out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, cast, get_args

from filelock import FileLock

from obverse.code_fingerprint import CODE, code_of
from obverse.runs.content import content_of, kinds_in
from obverse.tasks.drawn import DrawnTask
from obverse.types import InputError, Ledger, ParametersChoice, Retained, Route, content_hash

if TYPE_CHECKING:
    from obverse.answering.asking import AnsweredRow

StudyMetric = Literal["accuracy", "strict"]

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
class Lines:
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
class Brought:
    """What one teaching brought.

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
    lines: Lines | None = None
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

    def run(self, teaching: Teaching, folder: Path, progress: Callable[[int, int, str], None]) -> Brought:
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


@dataclass(frozen=True)
class Sweep:
    """A factor that is drawn as curves: where each part (task and model) of a study stands.

    Args:
        axis: what is varied, such as ``share of reversals trained``.
        kinds: of the questions that are drawn.
        places: (task, model) -> (panel, line, place on the axis).
    """

    axis: str
    kinds: tuple[str, ...]
    places: Mapping[tuple[str, str], tuple[str, str, float]]


@dataclass(frozen=True)
class Study:
    """Which tasks are taught to which models by which routes.

    Args:
        name: of its folder; letters, digits, ``.``, ``_`` and ``-``.
        title, about: one line, and a few sentences, for the page.
        tasks, models: by name.
        routes: their names, in the order of the tables.
        seeds: how often each model is taught anew; the models of ``once`` only one time.
        metric: what tables, verdicts and the recommendation go by.
        sweep: where the parts stand on an axis, if they do.
        small: what runs instead with ``--small``.
        only: task or model -> names of the routes that it is restricted to; all for what is not named.
        learners: task -> names of the models that are taught it; all for a task that is not named.
        once: names of models that are too dear for more than one seed.

    Raises:
        InputError: something in it does not fit together.
    """

    name: str
    title: str
    about: str
    tasks: Mapping[str, DrawnTask]
    models: Mapping[str, Learner]
    routes: tuple[str, ...]
    seeds: int = 3
    metric: StudyMetric = "strict"
    sweep: Sweep | None = None
    small: Study | None = None
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    learners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    once: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.name):
            raise InputError(
                f"study {self.name!r}: the name is that of a folder; take letters, digits, '.', '_' and '-'"
            )
        for what, found in (("tasks", self.tasks), ("models", self.models), ("routes", self.routes)):
            if not found:
                raise InputError(f"study {self.name}: has no {what}; name at least one")
        if self.seeds < 1:
            raise InputError(f"study {self.name}: seeds must be at least 1, not {self.seeds}")
        if self.metric not in get_args(StudyMetric):
            known = " or ".join(get_args(StudyMetric))
            raise InputError(f"study {self.name}: the metric must be {known}, not {self.metric!r}")
        for name, settings in (*self.tasks.items(), *self.models.items()):
            _check_plain(self.name, name, settings)
        for task, models in self.learners.items():
            self._check_known("'learners'", [task], self.tasks, "tasks")
            self._check_known(f"'learners' for {task}", models, self.models, "models")
        for name, routes in self.only.items():
            self._check_known("'only'", [name], {*self.tasks, *self.models}, "tasks or models")
            self._check_known(f"'only' for {name}", routes, self.routes, "routes")
        self._check_known("'once'", self.once, self.models, "models")
        for task, model in self.sweep.places if self.sweep else ():
            if task not in self.tasks or model not in self.models:
                raise InputError(
                    f"study {self.name}: the sweep places {task!r} with {model!r}, no part of it"
                )

    def _check_known(self, where: str, named: Iterable[str], known: Iterable[str], what: str) -> None:
        if unknown := [name for name in named if name not in known]:
            raise InputError(
                f"study {self.name}: {where} names {unknown[0]!r}, which is not among its {what}"
            )

    def models_of(self, task: str) -> Mapping[str, Learner]:
        """Those that are taught this task, by name, in the order of the tables."""
        wanted = self.learners.get(task) or tuple(self.models)
        return {name: learner for name, learner in self.models.items() if name in wanted}

    def routes_of(self, task: str, model: str) -> tuple[str, ...]:
        """Names of the routes by which this task is taught to this model, in the order of the tables."""
        by_task, by_model = (self.only.get(name) or self.routes for name in (task, model))
        return tuple(route for route in self.routes if route in by_task and route in by_model)


def described(settings: object) -> dict[str, object]:
    """The type's name and the values of a dataclass, nested ones too, for the record."""
    return {"type": type(settings).__name__, **asdict(cast(Any, settings))}


_drawn: dict[int, tuple[DrawnTask, str]] = {}


def _fingerprint_of(task: DrawnTask) -> str:
    """Of what is drawn, whatever it is drawn from; once for an object, since all cells of a task have the same."""
    known, fingerprint = _drawn.get(id(task), (None, ""))
    if known is not task:
        fingerprint = task.build(TASK_SEED).fingerprint
        _drawn[id(task)] = task, fingerprint
    return fingerprint


def _check_plain(study: str, name: str, settings: object) -> None:
    """Refuse what cannot be told by its values."""
    if not is_dataclass(settings) or isinstance(settings, type):
        raise InputError(
            f"study {study}: {name!r} is no object of a dataclass; its values make the cells' keys"
        )
    try:
        content_hash(described(settings))
    except (TypeError, ValueError):
        raise InputError(
            f"study {study}: {name!r} holds a value that is not plain; take numbers, strings, tuples and "
            "dataclasses of these"
        ) from None

"""What a study is: tasks and models, the routes between them, and who teaches.

A study is a Python file that ends in a :class:`Study`.  Its cells are (task, model, route, seed); those that differ
in their route only and share what is trained in are one :class:`Teaching`, which a :class:`Learner` carries out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any, Literal, cast, get_args

from obverse.learners.learner import Learner
from obverse.tasks.drawn import DrawnTask
from obverse.types import InputError, content_hash

StudyMetric = Literal["accuracy", "strict"]


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
        seeds: how often each model is taught anew, but for what ``once`` names.
        metric: what tables, verdicts and the recommendation go by.
        sweep: where the parts stand on an axis, if they do.
        small: what runs instead with ``--small``.
        only: task or model -> names of the routes that it is restricted to; all for what is not named.
        learners: task -> names of the models that are taught it; all for a task that is not named.
        once: names of models that are too dear for more than one seed, and of routes by which all seeds are the same.

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
        self._check_known("'once'", self.once, {*self.models, *self.routes}, "models or routes")
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


def _check_plain(study: str, name: str, settings: object) -> None:
    """Refuse what is not described by its values alone."""
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

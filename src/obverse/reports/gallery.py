"""The gallery: all tasks of the catalogue on one page, drawn, with examples and what counting words makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from obverse.reports.drawing import Drawing, draw_inference
from obverse.reports.rendering import write_html
from obverse.tasks.baselines import BaselineScore, score_baselines
from obverse.tasks.drawn import Form, ProvenTask
from obverse.tasks.drawn.catalogue import CATALOGUE, Entry, Size
from obverse.types import Question, Task

_SEED = 0
_EXAMPLES = 3


@dataclass(frozen=True)
class Kind:
    """A kind of question, with examples and baselines."""

    name: str
    latent: bool
    questions: tuple[Question, ...]
    scores: tuple[BaselineScore, ...]

    @property
    def examples(self) -> tuple[Question, ...]:
        """The first few."""
        return self.questions[:_EXAMPLES]


@dataclass(frozen=True)
class Shown:
    """One form of a task, in the small size."""

    form: Form
    drawn: ProvenTask
    task: Task

    @property
    def documents(self) -> list[str]:
        """The texts of the first few."""
        return [document.text for document in self.task.documents[:_EXAMPLES]]

    @cached_property
    def kinds(self) -> list[Kind]:
        """In the order in which they are asked."""
        questions: dict[tuple[str, bool], list[Question]] = {}
        for question in self.task.questions:
            questions.setdefault((question.kind, question.latent), []).append(question)
        scores: dict[tuple[str, bool], list[BaselineScore]] = {}
        for score in score_baselines(self.task):
            scores.setdefault((score.kind, score.latent), []).append(score)
        return [
            Kind(kind, latent, tuple(asked), tuple(scores[kind, latent]))
            for (kind, latent), asked in questions.items()
        ]

    def drawings(self) -> list[tuple[str, Drawing]]:
        """Of the first question of each latent kind, with its name; of the first of all where none is latent."""
        latent = [kind for kind in self.kinds if kind.latent] or self.kinds[:1]
        return [(kind.name, self._draw(kind.questions[0])) for kind in latent]

    def _draw(self, question: Question) -> Drawing:
        assert question.statement is not None
        said = (one for need in question.needs for one in self.drawn.says(self.task.document(need)))
        return draw_inference(said, question.statement)


@dataclass(frozen=True)
class Exhibit:
    """A task in all its forms."""

    name: str
    entry: Entry
    idea: tuple[str, ...]
    forms: tuple[Shown, ...]
    sizes: tuple[tuple[Form, Size, int, int], ...]


def write_gallery(page: Path, names: Iterable[str] = tuple(CATALOGUE)) -> None:
    """Write the page.

    Raises:
        OSError: it cannot be written.
    """
    write_html(page, "gallery.html.j2", {}, exhibits=[_exhibit(name) for name in names])


def _marked(text: str) -> str:
    """The text of a module with its marks for words, code and weight as elements."""
    from markupsafe import Markup, escape

    shown = str(escape(text))
    for mark, element in (("``", "code"), ("`", "code"), (r"\*\*", "strong"), (r"\*", "em")):
        shown = re.sub(rf"{mark}(\S(?:.*?\S)?){mark}", rf"<{element}>\1</{element}>", shown)
    return Markup(shown)


def _exhibit(name: str) -> Exhibit:
    entry = CATALOGUE[name]
    built = {key: drawn.build(_SEED) for key, drawn in entry.settings.items()}
    return Exhibit(
        name,
        entry,
        tuple(map(_marked, entry.idea)),
        tuple(
            Shown(form, entry.settings[form, size], task)
            for (form, size), task in built.items()
            if size == "small"
        ),
        tuple((form, size, len(task.documents), len(task.questions)) for (form, size), task in built.items()),
    )

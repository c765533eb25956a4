"""The tasks that come with the package, by name, each in its forms and sizes.

What a task is about stands in its module's text: the first line is its title, the paragraphs up to the worked example
its idea.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Literal, Protocol, get_args

from obverse import plugins
from obverse.tasks.drawn import (
    Form,
    ProvenTask,
    bilingual,
    codebooks,
    comparatives,
    conflict,
    cooccurrence,
    hierarchy,
    kinship,
    navigation,
    people,
    simple_reversals,
    syllogisms,
    updates,
)
from obverse.types import InputError, Task

Size = Literal["small", "published"]
Settings = Mapping[tuple[Form, Size], ProvenTask]


class BuiltTask(Protocol):
    """What a task of the user's own has to have; `obverse.tasks.drawn.DrawnTask` says what more there may be."""

    def build(self, seed: int, /) -> Task:
        """The task: documents, questions about them, and validation questions about other facts."""
        ...


@dataclass(frozen=True)
class Entry:
    """A task of the catalogue.

    Args:
        published: what the published work showed, with its source; empty where we know of none.
        settings: by form and size.
    """

    published: str
    settings: Settings

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms that it comes in."""
        return tuple(form for form in get_args(Form) if any(form == known for known, _ in self.settings))

    @property
    def title(self) -> str:
        """One line."""
        return self._text.partition("\n")[0].rstrip(".")

    @property
    def idea(self) -> tuple[str, ...]:
        """Paragraphs that say what it is about; in a list each point is a line that begins with a dash."""
        paragraphs = self._text.partition(">>>")[0].strip().split("\n\n")[1:]
        return tuple(re.sub(r"\s*\n(?!- )\s*", " ", paragraph) for paragraph in paragraphs)

    @property
    def _text(self) -> str:
        some = next(iter(self.settings.values()))
        return sys.modules[type(some).__module__].__doc__ or ""


def _presets(module: ModuleType, **changes: object) -> Settings:
    """What a task's module calls ``SMALL``, ``SMALL_NATURAL`` and ``PUBLISHED``, with these changes."""
    names: dict[str, Size] = {"SMALL": "small", "SMALL_NATURAL": "small", "PUBLISHED": "published"}
    found = [(getattr(module, name), size) for name, size in names.items() if hasattr(module, name)]
    by_form = sorted(found, key=lambda pair: get_args(Form).index(pair[0].form))
    return {(preset.form, size): replace(preset, **changes) for preset, size in by_form}


CATALOGUE: Mapping[str, Entry] = {
    "simple-reversals": Entry(
        "From scratch, forward facts are recalled always and held-out reversals never, 0%; with the fact in the "
        "context always (arXiv 2509.16189).",
        _presets(simple_reversals),
    ),
    "codebooks": Entry(
        "Definitions are recalled and trained symbols encoded; latent symbols fail from parameters and succeed in "
        "context and with retrieval (arXiv 2509.16189).",
        _presets(codebooks),
    ),
    "comparatives": Entry(
        "Augmented above in context above fine-tuned, in a choice of two (arXiv 2505.00661).",
        _presets(comparatives),
    ),
    "people": Entry(
        "GPT-3 175B after fine-tuning: 96.7% and 50.0% in the direction of training, 0.1% and 0.0% in the other (arXiv "
        "2309.12288); in context 99% (arXiv 2505.00661).",
        _presets(people),
    ),
    "syllogisms": Entry(
        "Augmented highest, in context much above fine-tuned, fine-tuned somewhat above chance (arXiv 2505.00661).",
        _presets(syllogisms),
    ),
    "hierarchy": Entry(
        "In context at least as good as fine-tuned on each split; category holdouts are hard for all; reversals above "
        "chance where other facts support them (arXiv 2505.00661), which here none do.",
        _presets(hierarchy),
    ),
    "kinship": Entry(
        "Chains gain much from reinforced thinking (arXiv 2604.01430); composition from parameters alone fails in many "
        "studies.",
        _presets(kinship),
    ),
    "bilingual": Entry("", _presets(bilingual)),
    "navigation": Entry(
        "Objects that were seen and never a goal are not found from parameters; retrieval helps and stays below its "
        "ceiling (arXiv 2509.16189).",
        _presets(navigation),
    ),
    **{
        f"cooccurrence-{world}": Entry("", _presets(cooccurrence, world=world))
        for world in get_args(cooccurrence.Cues)
    },
    "conflict": Entry("", _presets(conflict)),
    "updates": Entry("", _presets(updates)),
}


def entry(name: str) -> Entry:
    """The entry of that name; one's own as ``module:attribute``, or as an installed package registers it.

    Raises:
        InputError: there is none, or it cannot be used (`obverse.plugins.load`).
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    if not plugins.is_path(name) and name not in plugins.registered("task"):
        raise InputError(
            f"there is no task {name!r}; give one of {', '.join(CATALOGUE)}, or your own as module:attribute"
        )
    own: ProvenTask = plugins.load("task", name, BuiltTask)
    form: Form = "formal" if getattr(own, "vocabulary", ()) else "natural"
    return Entry("", dict.fromkeys([(form, size) for size in get_args(Size)], own))


def settings(name: str, form: Form | None = None, size: Size = "small") -> ProvenTask:
    """The settings of a task; of the natural form where there is one and none is asked for.

    Raises:
        InputError: there is no such task, or it does not come in that form.
    """
    found = entry(name)
    form = form or found.forms[-1]
    if (form, size) not in found.settings:
        known = ", ".join(f"{form} {size}" for form, size in found.settings)
        raise InputError(
            f"the task {name} does not come in the form {form} and size {size}; it comes as: {known}"
        )
    return found.settings[form, size]

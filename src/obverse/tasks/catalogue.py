"""The tasks that come with the package, by name, each in its forms and sizes.

What a task is about stands in its module's text: the first line is its title, the paragraphs up to the worked example
its idea.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from obverse.tasks import codebooks, simple_reversals
from obverse.tasks.drawn import Form, ProvenTask
from obverse.types import InputError

Size = Literal["small", "published"]


@dataclass(frozen=True)
class Entry:
    """A task of the catalogue.

    Args:
        published: what the published work showed, with its source; empty for a task that nobody published.
        settings: by form and size.
    """

    published: str
    settings: Mapping[tuple[Form, Size], ProvenTask]

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
        """Paragraphs that say what it is about."""
        paragraphs = self._text.partition(">>>")[0].strip().split("\n\n")[1:]
        return tuple(" ".join(paragraph.split()) for paragraph in paragraphs)

    @property
    def _text(self) -> str:
        some = next(iter(self.settings.values()))
        return sys.modules[type(some).__module__].__doc__ or ""


CATALOGUE: Mapping[str, Entry] = {
    "simple-reversals": Entry(
        "From scratch, forward facts are recalled always and held-out reversals never, 0%; with the fact in the "
        "context always (arXiv 2509.16189).",
        {("formal", "small"): simple_reversals.SMALL, ("formal", "published"): simple_reversals.PUBLISHED},
    ),
    "codebooks": Entry(
        "Definitions are recalled and trained symbols encoded; latent symbols fail from parameters and succeed in "
        "context and with retrieval (arXiv 2509.16189).",
        {("formal", "small"): codebooks.SMALL, ("formal", "published"): codebooks.PUBLISHED},
    ),
}


def entry(name: str) -> Entry:
    """The entry of that name.

    Raises:
        InputError: there is none.
    """
    if name not in CATALOGUE:
        raise InputError(f"there is no task {name!r}; give one of {', '.join(CATALOGUE)}")
    return CATALOGUE[name]


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

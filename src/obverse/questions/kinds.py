"""The kinds of questions that are written, and what each takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from obverse.types import InputError

About = Literal["text", "linked", "compared", "rule"]
"""What a question is about: one text; two that name the same thing; several that state the like; a rule and a case."""

ABSENT = "not in the documents"
"""The kind of a question whose right answer is to say that the documents hold none."""


@dataclass(frozen=True)
class QuestionKind:
    """A kind of question.

    Args:
        name: in the file of questions; tables have a row for each.
        short: on the command line, and of the file of its prompt.
        latent: whether the documents only imply the answer.
        about: what texts it is written from.
    """

    name: str
    short: str
    latent: bool
    about: About


KINDS: Mapping[str, QuestionKind] = {
    kind.short: kind
    for kind in (
        QuestionKind("recall", "recall", False, "text"),
        QuestionKind("reworded", "reworded", False, "text"),
        QuestionKind("reversal", "reversal", True, "text"),
        QuestionKind("chain", "chain", True, "linked"),
        QuestionKind("comparison", "comparison", True, "compared"),
        QuestionKind("conclusion", "conclusion", True, "rule"),
        QuestionKind(ABSENT, "absent", True, "text"),
    )
}
"""All kinds by their short names, in the order in which they stand in a file."""


def kinds_named(names: tuple[str, ...]) -> tuple[QuestionKind, ...]:
    """The kinds of these short names, each once, in the order of `KINDS`.

    Raises:
        InputError: there is no such kind, or none is named.
    """
    if unknown := next((name for name in names if name not in KINDS), None):
        raise InputError(f"there is no kind of question {unknown!r}; the kinds are {', '.join(KINDS)}")
    if not names:
        raise InputError(f"no kind of question is named; the kinds are {', '.join(KINDS)}")
    return tuple(kind for name, kind in KINDS.items() if name in names)

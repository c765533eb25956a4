"""Obverse: teach a language model your documents by every route, and see which route answers what.

The public names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from obverse.answering.answerer import Reading
    from obverse.answering.reading import score_choices
    from obverse.engine.comparison import compare
    from obverse.engine.result import Result
    from obverse.types import Document, InputError, Question, Task

_HOMES = {
    "Document": "obverse.types",
    "InputError": "obverse.types",
    "Question": "obverse.types",
    "Reading": "obverse.answering.answerer",
    "Result": "obverse.engine.result",
    "Task": "obverse.types",
    "compare": "obverse.engine.comparison",
    "score_choices": "obverse.answering.reading",
}

__all__ = ["Document", "InputError", "Question", "Reading", "Result", "Task", "compare", "score_choices"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)

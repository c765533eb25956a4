"""What the values of a study's tasks and learners stand for, so that a key is of content and never of a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any


def content_of(value: Any) -> Any:
    """Plain values: of a dataclass its type and fields, nested ones too; what its ``content`` gives replaces these."""
    if is_dataclass(value):
        given: Mapping[str, Any] = getattr(value, "content", {})
        names = [field.name for field in fields(value) if field.name not in given]
        return {
            "type": type(value).__name__,
            **{name: content_of(getattr(value, name)) for name in names},
            **given,
        }
    if isinstance(value, Mapping):
        return {key: content_of(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [content_of(one) for one in value]
    return value


def kinds_in(value: Any) -> list[type]:
    """The dataclasses among the values, each once, in their order: their code decides too.

    What is replaced by a ``content`` decides by that alone.
    """
    if is_dataclass(value):
        given: Mapping[str, Any] = getattr(value, "content", {})
        names = [field.name for field in fields(value) if field.name not in given]
        inner = [kind for name in names for kind in kinds_in(getattr(value, name))]
        return list(dict.fromkeys([type(value), *inner]))
    if isinstance(value, Mapping):
        return list(dict.fromkeys(kind for one in value.values() for kind in kinds_in(one)))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(dict.fromkeys(kind for one in value for kind in kinds_in(one)))
    return []

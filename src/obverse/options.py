"""What a setting says about itself: default, help, bounds.  Its check and its command-line option follow from that.

A dataclass of settings has an `option` for each field.  A field may hold another such dataclass; its fields are then
set by their own names, as if they stood in the outer one (`flat`, `from_flat`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from obverse.types import InputError

Kind = TypeVar("Kind")

_ABOUT = "option"
_KINDS: dict[Any, tuple[type, str]] = {
    bool: (bool, "True or False"),
    int: (Integral, "a whole number"),
    float: (Real, "a number"),
    str: (str, "a text"),
    tuple: (tuple, "a tuple of texts"),
}


@dataclass(frozen=True)
class Option:
    """What is said about a setting.

    Args:
        help: one sentence or two for users, as the command line shows them.
        least: the least value that it takes.
        most: the greatest value that it takes.
        between: two numbers between which it lies, neither of them included.
        flag: its name on the command line; empty for the field's own.
        metavar: what stands for its value in the help.
        group: the heading that it stands under in the help; of a nested dataclass, that of all its fields.
        separator: what stands between the parts of a tuple on the command line; empty where the option is repeated.
    """

    help: str
    least: float | None = None
    most: float | None = None
    between: tuple[float, float] | None = None
    flag: str = ""
    metavar: str | None = None
    group: str | None = None
    separator: str = ""


@dataclass(frozen=True)
class Setting:
    """A field of a dataclass of settings.

    Args:
        type: without ``None``, see ``optional``; a ``Literal`` as it stands there.
        path: names of the fields that lead to it from the outermost dataclass, its own name the last.
    """

    name: str
    type: Any
    optional: bool
    default: Any
    about: Option
    path: tuple[str, ...]


def option(default: Any, help: str, **about: Any) -> Any:
    """A field of a dataclass of settings; ``about`` are the other values of `Option`."""
    return field(default=default, metadata={_ABOUT: Option(help, **about)})


def settings_of(kind: type) -> tuple[Setting, ...]:
    """The settings of a dataclass in their order, those of nested ones in place of these."""
    return _found(kind, None, ())


@cache
def _found(kind: Any, group: str | None, path: tuple[str, ...]) -> tuple[Setting, ...]:
    """Those of a dataclass that lies at this path in another, under that one's heading."""
    found: list[Setting] = []
    hints = get_type_hints(kind)
    for one in fields(kind):
        about, here = one.metadata[_ABOUT], (*path, one.name)
        heading = about.group or group
        if is_dataclass(hints[one.name]):
            found += _found(hints[one.name], heading, here)
            continue
        about = Option(**{**vars(about), "group": heading})
        found.append(Setting(one.name, *_without_none(hints[one.name]), one.default, about, here))
    return tuple(found)


def flat(settings: Any) -> dict[str, Any]:
    """The values of settings by their names, nested ones too."""
    return {one.name: _at(settings, one.path) for one in settings_of(type(settings))}


def from_flat(kind: type[Kind], values: Mapping[str, Any]) -> Kind:
    """Settings with these values; what is not named keeps its default.

    Raises:
        InputError: there is no such setting, or it does not take that value.
    """
    known = {one.name: one for one in settings_of(kind)}
    if unknown := next((name for name in values if name not in known), None):
        raise InputError(f"there is no setting {unknown!r}; there are {', '.join(known)}")
    return _built(kind, {known[name].path: value for name, value in values.items()})


def check_options(settings: Any) -> None:
    """Refuse values that make no sense; dataclasses of settings call it when they are made.

    Raises:
        InputError: one line for each such value.
    """
    problems = [*_problems(settings)]
    if problems:
        raise InputError(*problems)


def _problems(settings: Any) -> Iterator[str]:
    for one in settings_of(type(settings)):
        if len(one.path) > 1:
            continue  # checked when that dataclass was made
        value: Any = getattr(settings, one.name)
        about, name = one.about, one.name.replace("_", " ")
        if value is None and one.optional:
            continue
        if expected := _expected(one.type, value):
            yield f"{name} must be {expected}, not {value!r}"
        elif about.least is not None and not value >= about.least:
            yield f"{name} must be at least {about.least}, not {value}"
        elif about.most is not None and not value <= about.most:
            yield f"{name} must be at most {about.most}, not {value}"
        elif about.between and not about.between[0] < value < about.between[1]:
            yield f"{name} must lie between {about.between[0]} and {about.between[1]}, not {value}"


def _expected(kind: Any, value: object) -> str:
    """What a value should be; nothing where it is."""
    origin = get_origin(kind) or kind
    if origin is Literal:
        *most, last = get_args(kind)
        return "" if value in get_args(kind) else f"{', '.join(most)} or {last}"
    allowed, words = _KINDS[origin]
    fits = isinstance(value, allowed) and (origin is bool or not isinstance(value, bool))
    return "" if fits else words


def _without_none(hint: Any) -> tuple[Any, bool]:
    """A type without ``None``, and whether that was part of it."""
    if get_origin(hint) in (Union, UnionType):
        (only,) = (part for part in get_args(hint) if part is not NoneType)
        return only, True
    return hint, False


def _at(settings: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        settings = getattr(settings, name)
    return settings


def _built(kind: type[Kind], values: Mapping[tuple[str, ...], Any]) -> Kind:
    hints, given = get_type_hints(kind), {}
    for name in {path[0] for path in values}:
        inner = {path[1:]: value for path, value in values.items() if path[0] == name}
        given[name] = _built(hints[name], inner) if is_dataclass(hints[name]) else inner[()]
    return kind(**given)

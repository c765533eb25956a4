"""Settings: frozen dataclasses that refuse what is out of range, in one line that names the class and the field."""

from __future__ import annotations

from typing import Literal, get_args, get_origin, get_type_hints

from obverse.tasks.places import describe
from obverse.types import InputError


def check_fields(settings: object, **least: int) -> None:
    """Refuse settings in which a field does not fit its type.

    An ``int`` is a whole number from 1, or from the least that is given; a ``float`` is a share; a field of a literal
    type is one of its values.  Other types are not looked at.

    Raises:
        InputError: names the first such field.
    """
    for name, kind in get_type_hints(type(settings)).items():
        if kind is int:
            check_counts(settings, **{name: least.get(name, 1)})
        elif kind is float:
            check_shares(settings, name)
        elif get_origin(kind) is Literal:
            check_named(settings, **{name: kind})


def check_counts(settings: object, **least: int) -> None:
    """Refuse settings in which one of these fields is no whole number, or is below the least.

    Raises:
        InputError: names the field.
    """
    for name, lowest in least.items():
        value = getattr(settings, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < lowest:
            raise refusal(settings, f"{name} is {describe(value)}", f"give a whole number from {lowest}")


def check_most(settings: object, **most: int) -> None:
    """Refuse settings in which one of these fields is above the most.

    Raises:
        InputError: names the field.
    """
    for name, highest in most.items():
        if (value := getattr(settings, name)) > highest:
            raise refusal(settings, f"{name} is {value}", f"give at most {highest}")


def check_shares(settings: object, *names: str) -> None:
    """Refuse settings in which one of these fields is no number from 0 to 1.

    Raises:
        InputError: names the field.
    """
    for name in names:
        value = getattr(settings, name)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
            raise refusal(settings, f"{name} is {describe(value)}", "give a share from 0 to 1")


def check_named(settings: object, **known: object) -> None:
    """Refuse settings in which one of these fields is none of the values of its type.

    Args:
        known: a literal type for each field.

    Raises:
        InputError: names the field and the values that there are.
    """
    for name, literal in known.items():
        if getattr(settings, name) not in (values := get_args(literal)):
            fault = f"there is no {name} {getattr(settings, name)!r}"
            raise refusal(settings, fault, f"give one of {', '.join(values)}")


def refusal(settings: object, what: str, remedy: str) -> InputError:
    """The error to raise about settings: ``TYPE: what; remedy``."""
    return InputError(f"{type(settings).__name__}: {what}; {remedy}")

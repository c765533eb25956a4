"""Dataclasses of settings: what a field says about itself is checked, and nested fields are set by their own names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from obverse.engine.settings import Settings
from obverse.options import check_options, flat, from_flat, option, settings_of
from obverse.types import InputError


@dataclass(frozen=True)
class Inner:
    """Settings inside others."""

    depth: int | None = option(None, "How deep.", least=2)
    share: float = option(0.5, "How much.", between=(0, 1), group="Own")

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class Outer:
    """Settings that hold others."""

    names: tuple[str, ...] = option((), "Which.", separator=",")
    inner: Inner = option(Inner(), "What is inside.", group="Inside")
    kind: Literal["one", "other"] = option("one", "Which of two.")
    kept: float = option(1.0, "What share is kept.", least=0, most=1)

    def __post_init__(self) -> None:
        check_options(self)


def test_the_fields_of_nested_settings_stand_among_the_others() -> None:
    found = settings_of(Outer)
    assert [one.name for one in found] == ["names", "depth", "share", "kind", "kept"]
    assert [one.path for one in found] == [
        ("names",),
        ("inner", "depth"),
        ("inner", "share"),
        ("kind",),
        ("kept",),
    ]
    assert [one.about.group for one in found] == [None, "Inside", "Own", None, None]
    assert [one.optional for one in found] == [False, True, False, False, False]
    assert [one.default for one in found] == [(), None, 0.5, "one", 1.0]


@pytest.mark.parametrize(
    "values", [{}, {"depth": 2, "kind": "other"}, {"names": ("a",), "share": 0.1}, {"kept": 0}, {"kept": 1}]
)
def test_settings_are_made_of_flat_values_and_give_them(values: dict[str, Any]) -> None:
    made = from_flat(Outer, values)
    assert flat(made) == {"names": (), "depth": None, "share": 0.5, "kind": "one", "kept": 1.0} | values
    assert from_flat(Outer, flat(made)) == made


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"depth": 1}, "depth must be at least 2, not 1"),
        ({"depth": "3"}, "depth must be a whole number, not '3'"),
        ({"share": 1}, "share must lie between 0 and 1, not 1"),
        ({"kept": 1.01}, "kept must be at most 1, not 1.01"),
        ({"kept": -0.01}, "kept must be at least 0, not -0.01"),
        ({"kept": float("nan")}, "kept must be at least 0, not nan"),
        ({"kind": "third"}, "kind must be one or other, not 'third'"),
        ({"kind": []}, r"kind must be one or other, not \[\]"),
        ({"names": "a,b"}, "names must be a tuple of texts, not 'a,b'"),
        ({"names": None}, "names must be a tuple of texts, not None"),
        ({"inner": Inner()}, "there is no setting 'inner'; there are names, depth, share, kind, kept"),
    ],
)
def test_what_a_setting_does_not_take(values: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        from_flat(Outer, values)


def test_each_setting_of_a_comparison_explains_itself_under_a_name_of_its_own() -> None:
    found = settings_of(Settings)
    assert len({one.name for one in found}) == len(found)
    assert all(one.about.help.endswith(".") and one.about.group for one in found)

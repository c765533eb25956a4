"""Which settings are refused, and with what words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest
from reading_checks import refused

from obverse.tasks.field_checks import check_counts, check_fields, check_most, check_shares


@dataclass(frozen=True)
class Settings:
    count: object = 3
    share: object = 0.5


@pytest.mark.parametrize(
    ("count", "told"), [(1, "the number 1"), (True, "true"), (2.0, "the number 2"), ("3", "'3'")]
)
def test_counts_are_whole_numbers_from_the_least(count: object, told: str) -> None:
    check_counts(Settings(), count=3)
    message = refused(lambda: check_counts(Settings(count), count=2))
    assert message == f"Settings: count is {told}; give a whole number from 2"


@pytest.mark.parametrize(("share", "told"), [(1.5, "the number 1.5"), (-1, "the number -1"), (None, "null")])
def test_shares_are_from_nothing_to_all(share: object, told: str) -> None:
    for fitting in (0, 1, 0.25):
        check_shares(Settings(share=fitting), "share")
    message = refused(lambda: check_shares(Settings(share=share), "share"))
    assert message == f"Settings: share is {told}; give a share from 0 to 1"


@dataclass(frozen=True)
class Fields:
    things: int = 2
    more: int = 3
    share: float = 0.5
    form: Literal["long", "short"] = "long"
    steps: bool = False
    names: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"things": 0}, "things is the number 0; give a whole number from 1"),
        ({"more": 2}, "more is the number 2; give a whole number from 3"),
        ({"share": 2}, "share is the number 2; give a share from 0 to 1"),
        ({"form": "round"}, "there is no form 'round'; give one of long, short"),
    ],
)
def test_fields_are_checked_by_their_types(changes: dict[str, Any], message: str) -> None:
    check_fields(replace(Fields(), steps=True, names=("a",)), more=3)
    assert refused(lambda: check_fields(replace(Fields(), **changes), more=3)) == f"Fields: {message}"


def test_what_is_above_the_most_is_refused() -> None:
    check_most(Fields(), things=2, more=3)
    assert refused(lambda: check_most(Fields(), things=2, more=2)) == "Fields: more is 3; give at most 2"

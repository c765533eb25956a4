"""What a comparison can be told."""

from __future__ import annotations

from typing import Any

import pytest

from obverse.engine.settings import Settings
from obverse.options import from_flat
from obverse.types import InputError


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("seeds", 0, "seeds must be at least 1, not 0"),
        ("top_k", 0, "top k must be at least 1"),
        ("rank", 0, "rank must be at least 1"),
        ("epochs", -3, "epochs must be at least 1"),
        ("row_tokens", 15, "row tokens must be at least 16"),
        ("rehearse", "likelihood", "rehearse must be divergence or replay, not 'likelihood'"),
        ("learning_rate", 0.0, "between 0 and 1"),
        ("learning_rate", 1.0, "between 0 and 1"),
        ("learning_rate", float("nan"), "between 0 and 1"),
        ("margin", 0.0, "margin must lie between 0 and 1, not 0.0"),
        ("margin", 5.0, "margin must lie between 0 and 1, not 5.0"),
        ("epochs", 2.5, "epochs must be a whole number, not 2.5"),
        ("seeds", True, "seeds must be a whole number, not True"),
        ("seeds", None, "seeds must be a whole number, not None"),
        ("practice", 1, "practice must be True or False, not 1"),
        ("models", "name", "models must be a tuple of texts, not 'name'"),
        ("augmented", 3, "augmented must be a text, not 3"),
        ("dtype", "float8", "dtype must be auto, float32, bfloat16 or float16, not 'float8'"),
        ("episodes", 3, "there is no setting 'episodes'; there are models, practice, "),
    ],
)
def test_values_that_make_no_sense(setting: str, value: object, told: str) -> None:
    given: dict[str, Any] = {setting: value}
    with pytest.raises(InputError, match=told):
        from_flat(Settings, given)


def test_the_least_values_are_taken() -> None:
    given = {"seeds": 1, "top_k": 1, "rank": 1, "epochs": 1, "row_tokens": 16, "learning_rate": 1e-9}
    settings = from_flat(Settings, given)
    assert {name: settings.as_dict()[name] for name in given} == given
    assert from_flat(Settings, settings.as_dict()) == settings


def test_all_that_is_wrong_is_told() -> None:
    with pytest.raises(InputError) as refused:
        Settings(seeds=0, margin=2.0)
    assert refused.value.faults == (
        "seeds must be at least 1, not 0",
        "margin must lie between 0 and 1, not 2.0",
    )

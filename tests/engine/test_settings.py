"""What a comparison can be told."""

from __future__ import annotations

from typing import Any

import pytest

from obverse.engine.settings import Settings
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
        ("margin", 0.0, "the margin must lie between 0 and 1, not 0.0"),
        ("margin", 5.0, "the margin must lie between 0 and 1, not 5.0"),
    ],
)
def test_values_that_make_no_sense(setting: str, value: object, told: str) -> None:
    given: dict[str, Any] = {setting: value}
    with pytest.raises(InputError, match=told):
        Settings(**given)


def test_the_least_values_are_taken() -> None:
    settings = Settings(seeds=1, top_k=1, rank=1, epochs=1, row_tokens=16, learning_rate=1e-9)
    assert Settings(**settings.as_dict()) == settings  # type: ignore[arg-type]

"""The learner from scratch: what it cannot learn is refused in one line.  That it learns is tested with the studies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from obverse.models.architecture import Architecture
from obverse.parameters.from_scratch import Recipe
from obverse.studies.from_scratch import FromScratch
from obverse.studies.study import Teaching
from obverse.tasks.drawn import DrawnTask
from obverse.tasks.drawn.kinship import TINY
from obverse.types import InputError, ParametersChoice, Route

BOTH_WAYS = Recipe(Architecture(causal=False), steps=1)


@pytest.mark.parametrize(
    ("task", "parameters", "recipe", "message"),
    [
        (
            replace(TINY, form="natural"),
            "documents",
            Recipe(),
            "families: .* give the task in its formal form",
        ),
        (
            TINY,
            "masked",
            Recipe(steps=1),
            "'masked' cannot be taught to a model that reads from left to right",
        ),
        (
            TINY,
            "documents",
            BOTH_WAYS,
            "'documents' cannot be taught to a model that reads in both directions",
        ),
    ],
)
def test_what_cannot_be_learned_is_refused(
    task: DrawnTask, parameters: ParametersChoice, recipe: Recipe, message: str, tmp_path: Path
) -> None:
    teaching = Teaching("families", task, parameters, 0, (Route("route", parameters=parameters),))
    with pytest.raises(InputError, match=message) as refused:
        FromScratch(recipe).run(teaching, tmp_path, lambda *_: None)
    assert "\n" not in str(refused.value)

"""A model in full precision for a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from obverse.models import load, precision
from obverse.models.precision import in_float32

TOKENS = torch.arange(3, 19)[None]


@pytest.fixture
def model(tiny_folder: Path) -> Any:
    found: Any = load(str(tiny_folder), dtype="bfloat16", device="cpu").model
    found.register_buffer("places", torch.tensor([0.1, 0.2]))  # in full precision, as positions are
    return found


def test_all_is_as_before_to_the_last_digit(model: Any) -> None:
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with torch.no_grad(), in_float32(model):
        assert {tensor.dtype for tensor in model.state_dict().values()} == {torch.float32}
        assert model(input_ids=TOKENS).logits.dtype == torch.float32
    after = model.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())
    assert {name: tensor.dtype for name, tensor in before.items()} == {
        name: tensor.dtype for name, tensor in after.items()
    }
    assert model.places.dtype == torch.float32


def test_a_failure_leaves_it_as_it_was(model: Any) -> None:
    with pytest.raises(ZeroDivisionError), in_float32(model):
        raise ZeroDivisionError
    assert model.dtype == torch.bfloat16


def test_autocast_does_not_reach_inside(model: Any) -> None:
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16), in_float32(model):
        assert model(input_ids=TOKENS).logits.dtype == torch.float32


def test_where_memory_is_short_nothing_changes(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "_free_memory", lambda _: 1000)
    with in_float32(model):
        assert model.dtype == torch.bfloat16

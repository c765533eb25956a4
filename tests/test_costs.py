"""Costs: the formula against PyTorch's own counter, sums, and what the meter measures."""

from __future__ import annotations

import mmap
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import make_model
from families import tiny
from torch.utils.flop_counter import FlopCounterMode

from obverse.costs import Counts, Meter, ModelShape, model_shape
from obverse.types import Ledger

TOKENS = 48
RANK = 16
LAYERS = 4


@pytest.fixture
def eager(tmp_path: Path) -> Any:
    """A tiny Llama whose attention is plain matrix products, which the counter sees in full."""
    return make_model(tmp_path, num_hidden_layers=LAYERS, attn_implementation="eager")


def with_adapter(model: Any) -> Any:
    from peft import LoraConfig, get_peft_model

    model.requires_grad_(False)
    configuration = LoraConfig(r=RANK, target_modules="all-linear", task_type="CAUSAL_LM")
    return get_peft_model(model, configuration)


def counted(model: Any, *, train: bool) -> int:
    """What PyTorch counts for one forward pass, or one training step, over ``TOKENS`` tokens."""
    tokens = torch.arange(TOKENS)[None] + 2
    with torch.set_grad_enabled(train), FlopCounterMode(display=False) as counter:
        logits = model(input_ids=tokens, use_cache=False).logits[0]
        if train:
            torch.nn.functional.cross_entropy(logits, tokens[0]).backward()
    return int(counter.get_total_flops())


def test_the_parts_of_the_formula() -> None:
    shape = ModelShape(linear=100, linear_trained=10, output=1000, output_trained=0, attention=7)
    assert shape.forward_flops(tokens=3, pairs=5, projected=2) == 2 * 100 * 3 + 2 * 1000 * 2 + 4 * 7 * 5
    forward = shape.forward_flops(3, 5, 2)
    assert shape.training_flops(tokens=3, pairs=5, projected=2) == 2 * forward + 2 * 10 * 3 + 4 * 7 * 5
    trained = ModelShape(linear=100, linear_trained=100, output=1000, output_trained=1000, attention=7)
    assert trained.training_flops(3, 5, 2) == 3 * 2 * (100 * 3 + 1000 * 2) + 3 * 4 * 7 * 5


def test_counts_of_a_text_are_those_of_its_parts() -> None:
    assert Counts.text(4, 2) == Counts(tokens=4, pairs=1 + 2 + 3 + 4, projected=2)
    assert Counts.text(3) + Counts.text(2, 1, behind=3) == Counts.text(5, 1)
    assert Counts.text(5, 1) - Counts.text(3) == Counts(2, 4 + 5, 1)
    assert Counts(1, 2, 3, 4) * 2 == Counts(2, 4, 6, 8)
    shape = ModelShape(linear=100, linear_trained=10, output=1000, output_trained=0, attention=7)
    cost = Counts(3, 5, 2, 1).ledger(shape)
    assert cost == Ledger(tokens_forward=3, tokens_generated=1, flops=shape.forward_flops(3, 5, 2))
    assert Counts(3, 5, 2, 1).ledger(None).flops == 0


def test_the_shape_of_a_model(eager: Any) -> None:
    layer = (
        32 * 32 + 2 * 32 * 16 + 32 * 32 + 3 * 32 * 64
    )  # queries, keys and values, output, the three of the MLP
    shape = model_shape(eager)
    assert shape == ModelShape(LAYERS * layer, LAYERS * layer, 32 * 400, 32 * 400, attention=LAYERS * 4 * 8)
    adapted = model_shape(with_adapter(eager))
    assert adapted.linear - adapted.linear_trained == LAYERS * layer
    assert (adapted.output, adapted.output_trained) == (32 * 400, 0)


@pytest.mark.parametrize(
    ("family", "attention"),
    [
        ("deepseek_v3", 2 * 4 * (8 + 8 + 12) // 2),  # keys of 8 + 8 and values of 12
        ("gemma4_text", 4 * 8 + 4 * 512),  # layers with heads of two sizes
        ("jamba", 4 * 8),  # one of two layers attends
        ("mamba2", 0),
    ],
)
def test_attention_is_counted_where_there_is_any(family: str, attention: int) -> None:
    shape = model_shape(tiny(family))
    assert shape.attention + sum(width for width, _ in shape.windows) == attention


def test_forward_is_what_pytorch_counts(eager: Any) -> None:
    # The counter knows no mask: every token attends to every other.
    assert model_shape(eager).forward_flops(TOKENS, TOKENS**2, TOKENS) == counted(eager, train=False)
    adapted = with_adapter(eager)
    assert model_shape(adapted).forward_flops(TOKENS, TOKENS**2, TOKENS) == counted(adapted, train=False)


def test_a_training_step_on_all_weights_is_what_pytorch_counts(eager: Any) -> None:
    assert model_shape(eager).training_flops(TOKENS, TOKENS**2, TOKENS) == counted(eager, train=True)


def test_a_training_step_on_adapters_is_that_but_for_what_the_first_layer_reads(eager: Any) -> None:
    adapted = with_adapter(eager)
    formula = model_shape(adapted).training_flops(TOKENS, TOKENS**2, TOKENS)
    found = counted(adapted, train=True)
    entry = (
        32 * 32 + 2 * 32 * 16 + 3 * 32 * RANK
    )  # queries, keys, values, and the adapters that read beside them
    assert formula - found == 2 * entry * TOKENS
    assert formula / found == pytest.approx(1, abs=0.02)


def test_ledgers_add_up_and_keep_the_higher_peak() -> None:
    assert Ledger(1, 2, 3, 4, 0.5, 60) + Ledger(10, 20, 30, 40, 5.0, 6) == Ledger(11, 22, 33, 44, 5.5, 60)
    assert sum([Ledger(flops=1), Ledger(flops=2)], Ledger()) == Ledger(flops=3)


def test_the_meter_measures_seconds_and_the_peak_of_memory() -> None:
    with Meter() as idle:
        time.sleep(0.05)
    # Memory of its own, and not from what Python has freed before and keeps.
    with Meter() as busy, mmap.mmap(-1, 200_000_000) as block:
        for page in range(0, len(block), mmap.PAGESIZE):
            block[page] = 1
    assert 0.05 <= idle.seconds < 2
    assert 180e6 < busy.peak_memory_bytes - idle.peak_memory_bytes < 260e6

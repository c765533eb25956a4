"""Costs in every family of models: the formula against PyTorch's own counter."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import families
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from obverse.costs import ModelShape, model_shape

TOKENS = 24
# What the formula leaves out or cannot see, and the share of the counted operations that it gives.
LEFT_OUT = {
    "blt": (0.7, 1),  # local models over bytes
    "cpmant": (0.3, 1),  # a prompt of its own
    "prophetnet": (0.3, 1),  # several streams
    "xlnet": (0.7, 1),  # relative positions
    "moshi": (0.8, 1),  # another decoder
    "hrm_text": (0.2, 1),  # layers that run several times
    "diffllama": (0.85, 1),  # attention twice
    "jetmoe": (0.85, 1),  # attention by experts
    "inkling_text": (0.85, 1),  # relative positions
    "inkling2_text": (0.85, 1),
    "longcat_flash": (1, 1.3),  # some experts do nothing
    "llama4": (0.6, 1),  # its code multiplies with every expert, and weighs most of them by zero
    "llama4_text": (0.6, 1),
}
CLOSE, SCANS = (0.93, 1.07), (0.55, 1.07)
FAMILIES = [family for family in families.names() if family not in {*families.LEFT_OUT, "dbrx"}]


def tiny(family: str) -> Any:
    """One whose operations are plain matrix products, which the counter sees in full."""
    model = families.tiny(family)
    with suppress(ValueError):
        model.set_attn_implementation("eager")
    with suppress(ValueError, AttributeError):
        model.set_experts_implementation("eager")
    return model


def counted(model: Any) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(input_ids=torch.arange(3, 3 + TOKENS)[None], use_cache=False)
    return int(counter.get_total_flops())


def unmasked(shape: ModelShape) -> ModelShape:
    """The counter knows no windows."""
    return replace(shape, attention=shape.attention + sum(width for width, _ in shape.windows), windows=())


@pytest.mark.parametrize("family", families.marked(FAMILIES))
def test_forward_is_what_pytorch_counts(family: str) -> None:
    model = tiny(family)
    kinds = set(getattr(model.config.get_text_config(decoder=True), "layer_types", None) or ())
    recurrent = getattr(model, "_is_stateful", False) or kinds & {"linear_attention", "conv"}
    least, most = LEFT_OUT.get(family, SCANS if recurrent else CLOSE)
    share = unmasked(model_shape(model)).forward_flops(TOKENS, TOKENS**2, TOKENS) / counted(model)
    assert least <= share <= most


@pytest.mark.parametrize(
    ("family", "routed", "always"),
    [
        # Two of four experts of three matrices, and the router, in both layers.
        ("mixtral", 2 * 3 * 32 * 48, 4 * 32),
        ("qwen3_moe", 2 * 3 * 32 * 48, 4 * 32),
        # And a shared expert with its gate.
        ("qwen2_moe", 2 * 3 * 32 * 48, 4 * 32 + 3 * 32 * 48 + 32),
    ],
)
def test_of_experts_those_count_that_a_token_passes_through(family: str, routed: int, always: int) -> None:
    model = families.tiny(family)
    names = [name for name, _ in model.named_modules() if name.endswith("self_attn")]
    attention = sum(
        weight.numel()
        for name in names
        for weight in model.get_submodule(name).parameters()
        if weight.ndim > 1
    )
    assert model_shape(model).linear == attention + len(names) * (routed + always)


def test_a_window_bounds_the_pairs() -> None:
    shape = model_shape(families.tiny("mistral"))
    assert (shape.attention, shape.windows) == (0, ((2 * 4 * 8, 8),))
    tokens, pairs = 24, 24 * 25 // 2
    without = 2 * shape.linear * tokens + 2 * shape.output * tokens
    assert shape.forward_flops(tokens, pairs, tokens) == without + 4 * 64 * 8 * tokens
    assert shape.forward_flops(4, 10, 4) == without // 6 + 4 * 64 * 10
    mixed = model_shape(families.tiny("gemma3_text"))
    assert mixed.attention == mixed.windows[0][0] == 4 * 8


def test_attention_of_keys_and_values_of_other_sizes() -> None:
    shape = model_shape(families.tiny("deepseek_v3"))
    assert shape.attention == 2 * 4 * (16 + 12) // 2

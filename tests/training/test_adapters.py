"""Adapters in mixed precision: without casts to and from float32 they compute the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from obverse.models import load
from obverse.training.adapters import make_trainable, without_casts


def test_adapters_compute_the_same_without_casts(tiny_folder: Path) -> None:
    found = []
    for spared in (False, True):
        pretrained = load(str(tiny_folder), dtype="bfloat16")
        model = make_trainable(pretrained, "lora", 2, seed=0)
        kinds: list[torch.dtype] = []
        trained = {name: one for name, one in model.named_parameters() if one.requires_grad}
        with torch.no_grad():
            for one in trained.values():  # the second matrix of an adapter begins as zeros
                one.copy_(torch.randn(one.shape, generator=torch.Generator().manual_seed(one.numel())))
        for name, layer in model.named_modules():
            if name.endswith("q_proj.lora_A.default"):
                layer.register_forward_hook(lambda _, given, __, kinds=kinds: kinds.append(given[0].dtype))
        with torch.autocast("cpu", torch.bfloat16), without_casts(model, spared):
            logits = model(torch.tensor([[5, 6, 7, 8]])).logits
        logits.float().square().mean().backward()
        found.append((logits, {name: one.grad for name, one in trained.items()}))
        assert set(kinds) == {torch.bfloat16 if spared else torch.float32}
    (usual, usual_gradients), (spared_logits, spared_gradients) = found
    assert torch.equal(usual, spared_logits)
    assert usual_gradients.keys() == spared_gradients.keys()
    for name, gradient in usual_gradients.items():
        assert gradient is not None
        assert gradient.dtype == torch.float32
        torch.testing.assert_close(spared_gradients[name], gradient)


@pytest.mark.parametrize("rank", [2, 8])
def test_the_scale_of_an_adapter_is_two_whatever_its_rank(tiny_folder: Path, rank: int) -> None:
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    before = {name: weight.clone() for name, weight in pretrained.model.state_dict().items()}
    model = make_trainable(pretrained, "lora", rank, seed=0)
    expected = {}
    with torch.no_grad():
        for name, layer in model.get_base_model().named_modules():
            if hasattr(layer, "lora_A"):
                down, up = layer.lora_A["default"].weight, layer.lora_B["default"].weight
                assert down.shape[0] == up.shape[1] == rank
                up.normal_()  # it begins as zeros
                expected[f"{name}.weight"] = before[f"{name}.weight"] + 2 * up @ down
    merged = model.merge_and_unload().state_dict()
    linear = {name for name in before if name.endswith("_proj.weight")}
    assert linear == expected.keys()
    for name, weight in merged.items():
        torch.testing.assert_close(weight, expected.get(name, before[name]))


def test_what_has_no_adapter_is_left_alone() -> None:
    with without_casts(torch.nn.Linear(2, 2), True) as nothing:
        assert nothing is None

"""Adapters in every family of models: they train, are merged, are kept, and never touch what picks experts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import families
import pytest
import torch
from conftest import make_tokenizer

from obverse.models import Pretrained
from obverse.training.adapters import load_taught, make_trainable, save_taught

TOKENS = torch.arange(3, 27)[None]
# What can only be trained as a whole: its gradients reach nothing but what its input needs them for.
WHOLE = {"reformer"}
FAMILIES = [family for family in families.names() if family not in families.LEFT_OUT.keys() | WHOLE]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_tokenizer(tmp_path_factory.mktemp("tokenizer"))


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=TOKENS, use_cache=False).logits
    return found


@pytest.mark.parametrize("family", families.marked(FAMILIES))
def test_an_adapter_is_trained_merged_kept_and_loaded(family: str, tokenizer: Any, tmp_path: Path) -> None:
    model = families.tiny(family).requires_grad_(False)
    before = logits(model)
    pretrained = Pretrained(family, model, tokenizer, "")
    trainable = make_trainable(pretrained, "lora", 2, seed=0)
    trained = {name: one for name, one in trainable.named_parameters() if one.requires_grad}
    assert all("lora_" in name for name in trained)
    assert not any("router" in name or ".gate." in name for name in trained)
    optimizer = torch.optim.SGD(trained.values(), lr=0.1)
    trainable(input_ids=TOKENS, use_cache=False).logits.square().mean().backward()
    optimizer.step()
    unmerged = logits(trainable.eval())
    assert not torch.allclose(unmerged, before, atol=1e-3)
    taught = save_taught(pretrained, trainable, tmp_path, torch.float32)
    assert not hasattr(taught.model, "peft_config")
    assert not any("lora" in name for name, _ in taught.model.named_parameters())
    scale = float(unmerged.abs().mean())
    torch.testing.assert_close(logits(taught.model), unmerged, rtol=1e-3, atol=1e-4 * scale)
    loaded = load_taught(Pretrained(family, families.tiny(family), tokenizer, ""), tmp_path)
    assert torch.equal(logits(loaded.model), logits(taught.model))
    assert loaded.fingerprint == taught.fingerprint != ""

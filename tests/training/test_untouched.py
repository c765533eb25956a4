"""What is given to be taught stays as it was, bit for bit, whatever is taught and however."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import FACTS

from obverse.models import Pretrained, load
from obverse.practice.practising import Practising, practise
from obverse.practice.stream import Practice
from obverse.training.adapters import make_trainable, save_taught
from obverse.training.finetuning import finetune
from obverse.training.finetuning_options import Adapter, FinetuningOptions
from obverse.types import Document

DOCUMENTS = [Document(id, text) for id, text, _, _ in FACTS]
either = pytest.mark.parametrize("adapter", ["lora", "full"])
precisions = pytest.mark.parametrize("dtype", ["float32", "bfloat16"])


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=torch.arange(2, 40)[None], use_cache=False).logits
    return found


class Untouched:
    """Remembers what a model is and computes."""

    def __init__(self, pretrained: Pretrained) -> None:
        model = pretrained.model
        self._model, self._logits = model, logits(model)
        self._weights = {name: (id(one), one.clone()) for name, one in model.named_parameters()}
        self._modules = [type(module) for module in model.modules()]

    def check(self) -> None:
        """Nothing of it has changed: objects, values, precision, mode, gradients, answers."""
        model = self._model
        assert [type(module) for module in model.modules()] == self._modules
        now = dict(model.named_parameters())
        assert now.keys() == self._weights.keys()
        for name, (identity, value) in self._weights.items():
            assert id(now[name]) == identity
            assert now[name].dtype == value.dtype
            assert torch.equal(now[name], value)
            assert not now[name].requires_grad
            assert now[name].grad is None
        assert not any(module.training for module in model.modules())
        assert torch.equal(logits(model), self._logits)


@either
@precisions
def test_finetuning_teaches_another_model(
    adapter: Adapter, dtype: str, tiny_folder: Path, tmp_path: Path
) -> None:
    pretrained = load(str(tiny_folder), dtype=dtype, device="cpu")
    before = Untouched(pretrained)
    options = FinetuningOptions(
        adapter, 2, 1e-2, epochs=2, row_tokens=64, rehearse="divergence", rehearsed_texts=2
    )
    taught, _ = finetune(pretrained, DOCUMENTS, options, 0, tmp_path, lambda *_: None)
    before.check()
    answers = logits(taught.model)
    assert not torch.equal(answers, logits(pretrained.model))
    again, _ = finetune(pretrained, DOCUMENTS, options, 0, tmp_path)  # loaded
    before.check()
    assert torch.equal(logits(again.model), answers)
    other, _ = finetune(pretrained, DOCUMENTS, options, 1, tmp_path / "other")
    before.check()
    assert not torch.equal(logits(other.model), answers)
    assert torch.equal(logits(taught.model), answers)


def test_a_training_that_is_interrupted_leaves_the_model_as_it_was(tiny_folder: Path, tmp_path: Path) -> None:
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    before = Untouched(pretrained)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetune(pretrained, DOCUMENTS, FinetuningOptions(epochs=1), 0, tmp_path, interrupt)
    before.check()


@either
def test_who_practises_is_another_model(adapter: Adapter, tiny_folder: Path, tmp_path: Path) -> None:
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    before = Untouched(pretrained)
    practising = Practising(Practice(steps=2, step_tokens=256, scene_tokens=256), adapter, rank=2)
    for _ in range(2):  # practised, then loaded
        taught, _ = practise(pretrained, practising, tmp_path, evaluations=1)
        before.check()
        assert not torch.equal(logits(taught.model), logits(pretrained.model))


def test_an_adapter_is_attached_to_a_twin_and_costs_no_second_model(
    tiny_folder: Path, tmp_path: Path
) -> None:
    pretrained = load(str(tiny_folder), dtype="float32", device="cpu")
    before = Untouched(pretrained)
    twin = make_trainable(pretrained, "lora", 2, seed=0)
    kept = {weight.data_ptr() for weight in pretrained.model.parameters()}
    assert {weight.data_ptr() for weight in twin.parameters() if not weight.requires_grad} == kept
    for weight in twin.parameters():
        if weight.requires_grad:
            torch.nn.init.normal_(weight)
    assert not torch.equal(logits(twin.eval()), logits(pretrained.model))
    before.check()
    taught = save_taught(pretrained, twin, tmp_path, torch.float32)
    before.check()
    # What has no adapter is one in both.
    models: list[Any] = [pretrained.model, taught.model]
    embeddings = [model.get_input_embeddings().weight.data_ptr() for model in models]
    assert embeddings[0] == embeddings[1]

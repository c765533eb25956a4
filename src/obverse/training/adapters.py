"""What of a pretrained model is trained: low-rank adapters or all weights, and where they are kept.

What is trained is a twin of the model, which itself stays as it is.  Weights that are not changed lie in one memory for
both, so that adapters cost no second model while they are trained.
"""

from __future__ import annotations

import copy
import re
import warnings
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.files import sync
from obverse.models.loading import Pretrained
from obverse.models.merging import cast, merged, with_adapter
from obverse.models.text_config import text_modules
from obverse.models.weights import ADAPTER_CONFIG, adapter_file, check_weights, digest, fingerprint
from obverse.training.finetuning_options import Adapter
from obverse.types import InputError, content_hash, derive_seed

if TYPE_CHECKING:
    import torch

# What picks experts, by the names of modules and of their classes.
_ROUTERS = re.compile(r"router|(^|\.)(gate|shared_expert_gate)(\.|$)", re.IGNORECASE)
# Mixers whose kernels read the weights of this layer past its adapter.
_PAST_ADAPTERS = re.compile(r"Mamba|Mixer")


def make_trainable(pretrained: Pretrained, adapter: Adapter, rank: int, seed: int) -> Any:
    """A twin of the model, with those parameters requiring gradients that are to be trained.

    Args:
        adapter: ``lora`` for low-rank adapters on every linear layer and expert (arXiv 2106.09685), ``full`` for all
            weights.
        rank: of the adapters; their scale is twice the rank.
        seed: of the adapters' first values.

    Raises:
        InputError: there is nothing to adapt.
    """
    import torch

    model = _twin(pretrained.model)
    if adapter == "full":
        for weight in model.parameters():
            weight.data = weight.data.to(torch.float32, copy=True)
        return model.float().requires_grad_(True)
    from peft import LoraConfig, get_peft_model

    _silence_peft()
    linear, experts = adapted(model)
    if not linear and not experts:
        raise InputError(
            f"the model {pretrained.name!r} has no linear layers for adapters; set --adapter full"
        )
    torch.manual_seed(derive_seed(seed, "adapter"))
    configuration = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        target_modules=linear,
        target_parameters=experts or None,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, configuration)


def _twin(model: Any) -> Any:
    """A model that computes the same, whose weights are the given one's own memory.

    A weight of the twin may be replaced, not written to.
    """
    import torch

    own = {id(weight): torch.nn.Parameter(weight.data, requires_grad=False) for weight in model.parameters()}
    return copy.deepcopy(model, own)


def adapted(model: Any) -> tuple[list[str], list[str]]:
    """The names of the linear layers of a model that adapters change, and of the weights of experts.

    What picks experts is left alone, and so is what projects to the vocabulary, or reads images or sounds.
    """
    import torch
    from transformers.pytorch_utils import Conv1D

    text, modules = text_modules(model), dict(model.named_modules())
    linear, experts = [], []
    for name, module in modules.items():
        kind, (above, _, own) = type(module).__name__, name.rpartition(".")
        if module not in text or _ROUTERS.search(f"{name} {kind}"):
            continue
        if own == "out_proj" and _PAST_ADAPTERS.search(type(modules[above]).__name__):
            continue
        if type(module) in (torch.nn.Linear, Conv1D) or (
            isinstance(module, torch.nn.Linear) and "Linear" in kind
        ):
            linear.append(name)
        elif "Experts" in kind:
            weights = dict(module.named_parameters(recurse=False))
            experts += [f"{name}.{key}" for key, weight in weights.items() if weight.ndim == 3]
    return linear, experts


def without_casts(model: Any, mixed: bool) -> AbstractContextManager[None]:
    """Spares adapters the casts to and from float32 that automatic mixed precision undoes: a tenth of a step."""
    if not (mixed and hasattr(model, "peft_config")):
        return nullcontext()
    from peft.helpers import disable_input_dtype_casting

    return disable_input_dtype_casting(model)


def save_taught(pretrained: Pretrained, model: Any, folder: Path, dtype: torch.dtype) -> Pretrained:
    """Keep what was trained, and the tokenizer, in ``folder``; return the taught model as it is deployed.

    It is on disk when this returns.  An adapter names the model that it is for as the user did, so that
    `obverse.models.load` finds that again.

    Args:
        model: what `make_trainable` made of it; it is changed in place.
        dtype: in which it answers, as the untouched model does.
    """
    for config in getattr(model, "peft_config", {}).values():
        here = Path(pretrained.name).expanduser()
        config.base_model_name_or_path = str(here.resolve()) if here.exists() else pretrained.name
    # Embeddings are not trained; asked for them, peft would look for the base model on the hub.
    options = {"save_embedding_layers": False} if hasattr(model, "peft_config") else {}
    model.save_pretrained(folder, **options)
    pretrained.tokenizer.save_pretrained(folder)
    sync(folder)
    return _deployed(pretrained, model, folder, dtype)


def load_taught(pretrained: Pretrained, folder: Path) -> Pretrained:
    """What `save_taught` kept in ``folder``, on a twin of the model that it was trained from.

    Raises:
        InputError: there is nothing, or only pickled weights.
    """
    dtype = pretrained.model.dtype
    if (folder / ADAPTER_CONFIG).exists():
        adapter_file(folder)
        return _deployed(pretrained, with_adapter(_twin(pretrained.model), folder), folder, dtype)
    check_weights(folder)
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, use_safetensors=True, trust_remote_code=False, local_files_only=True
    )
    return _deployed(pretrained, model.to(pretrained.model.device), folder, dtype)


def _deployed(pretrained: Pretrained, model: Any, folder: Path, dtype: torch.dtype) -> Pretrained:
    """The taught model, under the name of that which it was trained from."""
    if hasattr(model, "peft_config"):
        own = [digest(folder / ADAPTER_CONFIG), digest(adapter_file(folder))]
        known = content_hash([pretrained.fingerprint, own])
        model = merged(model, dtype)
    else:
        known = fingerprint(folder, check_weights(folder))
        model = cast(model, dtype)
    model.requires_grad_(False)
    return Pretrained(pretrained.name, model.eval(), pretrained.tokenizer, known)


def _silence_peft() -> None:
    """Keep warnings about peft's own calls of transformers from users, who can do nothing about them."""
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")

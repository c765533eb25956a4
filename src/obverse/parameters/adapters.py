"""What of a pretrained model is trained: low-rank adapters or all weights, and where they are kept."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal

from obverse.models.pretrained import Pretrained
from obverse.models.weights import ADAPTER_CONFIG
from obverse.types import derive_seed

Adapter = Literal["lora", "full"]


def make_trainable(pretrained: Pretrained, adapter: Adapter, rank: int, seed: int) -> Any:
    """The model, which is changed in place, with those parameters requiring gradients that are to be trained.

    Args:
        adapter: ``lora`` for low-rank adapters on every linear layer (arXiv 2106.09685), ``full`` for all weights.
        rank: of the adapters; their scale is twice the rank.
        seed: of the adapters' first values.
    """
    import torch

    model = pretrained.model
    if adapter == "full":
        return model.float().requires_grad_(True)
    from peft import LoraConfig, get_peft_model

    _silence_peft()
    torch.manual_seed(derive_seed(seed, "adapter"))
    configuration = LoraConfig(
        r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    return get_peft_model(model, configuration)


def without_casts(model: Any, mixed: bool) -> AbstractContextManager[None]:
    """Spares adapters the casts to and from float32 that automatic mixed precision undoes: a tenth of a step."""
    if not (mixed and hasattr(model, "peft_config")):
        return nullcontext()
    from peft.helpers import disable_input_dtype_casting

    return disable_input_dtype_casting(model)


def save_taught(pretrained: Pretrained, model: Any, folder: Path) -> Pretrained:
    """Keep what was trained, and the tokenizer, in ``folder``; return the taught model.

    An adapter names the model that it is for as the user did, so that `obverse.models.load` finds that again.
    """
    for config in getattr(model, "peft_config", {}).values():
        here = Path(pretrained.name).expanduser()
        config.base_model_name_or_path = str(here.resolve()) if here.exists() else pretrained.name
    # Embeddings are not trained; asked for them, peft would look for the base model on the hub.
    options = {"save_embedding_layers": False} if hasattr(model, "peft_config") else {}
    model.save_pretrained(folder, **options)
    pretrained.tokenizer.save_pretrained(folder)
    return as_taught(pretrained, model)


def load_taught(pretrained: Pretrained, folder: Path) -> Pretrained:
    """What `save_taught` kept in ``folder``, on the model that it was trained from."""
    if (folder / ADAPTER_CONFIG).exists():
        from peft import PeftModel

        _silence_peft()
        return as_taught(pretrained, PeftModel.from_pretrained(pretrained.model, folder).eval())
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(
        folder, dtype="float32", use_safetensors=True, trust_remote_code=False
    )
    return as_taught(pretrained, model.to(pretrained.model.device).eval())


def as_taught(pretrained: Pretrained, model: Any) -> Pretrained:
    """The model under the name of that which it was trained from."""
    return Pretrained(pretrained.name, model, pretrained.tokenizer, pretrained.fingerprint)


def _silence_peft() -> None:
    """Keep warnings about peft's own calls of transformers from users, who can do nothing about them."""
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")

"""Adapters added to the weights that they are for, as they are deployed."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.models.weights import adapter_file

if TYPE_CHECKING:
    import torch


def with_adapter(model: Any, folder: Path) -> Any:
    """A model with the adapter that lies in a folder.

    Raises:
        ValueError: the adapter lacks some of its weights; other exceptions of the library where it does not fit.
    """
    import torch
    from peft import PeftModel
    from safetensors.torch import load_file

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        adapted: Any = PeftModel.from_pretrained(model, folder)
    missed = " ".join(str(one.message) for one in told)
    # The library renames what it reads as the model's own weights were renamed once, and so misses some.
    stored = load_file(adapter_file(folder))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            kept = stored.get(name.replace(".default.", ".").removesuffix(".default"))
            if kept is not None and kept.shape == parameter.shape:
                parameter.copy_(kept)
            elif f"'{name}'" in missed:
                raise ValueError(f"it lacks {name}")
    return adapted


def base_of(model: Any) -> Any:
    """The model under an adapter of the peft library; the model itself where there is none."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def merged(model: Any, dtype: torch.dtype) -> Any:
    """The model with its adapters added to its weights in full precision, and rounded once.

    One layer at a time is held in full precision.

    Args:
        model: of the peft library; it is changed in place.
        dtype: of the weights that come out.
    """
    import torch
    from peft.tuners.tuners_utils import BaseTunerLayer

    layers: list[Any] = [module for module in model.modules() if isinstance(module, BaseTunerLayer)]
    for layer in layers:
        base = layer.get_base_layer()
        # Copies, since layers that share a weight have adapters of their own.
        for name, weight in list(base.named_parameters(recurse=False)):
            exact = weight.data.to(torch.float32, copy=True)
            setattr(base, name, torch.nn.Parameter(exact, requires_grad=False))
        for name, weight in layer.named_parameters():
            if "lora_" in name:
                weight.data = weight.data.to(torch.float32)
        layer.merge()
        for weight in base.parameters(recurse=False):
            weight.data = weight.data.to(dtype)
    return cast(model.unload(), dtype)


def cast(model: Any, dtype: torch.dtype) -> Any:
    """The model with its weights in a precision, as the library loads it.

    Buffers stay as they are, the frequencies of rotary positions above all, and so do weights that the model keeps in
    float32.
    """
    import torch

    exact = set(getattr(model, "_keep_in_fp32_modules_strict", None) or ())
    if dtype == torch.float16:
        exact |= set(getattr(model, "_keep_in_fp32_modules", None) or ())
    for name, weight in model.named_parameters():
        if not exact.intersection(name.split(".")):
            weight.data = weight.data.to(dtype)
    return model

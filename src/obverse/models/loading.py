"""Any causal model of the transformers library, by name or folder; safetensors or GGUF, no remote code."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.files import is_disk_full
from obverse.models.default import DEFAULT_MODEL, PRACTISED_MODEL, default_model_file
from obverse.models.gguf import unpacked
from obverse.models.hub import snapshot
from obverse.models.merging import merged, with_adapter
from obverse.models.weights import (
    ADAPTER_CONFIG,
    adapter_file,
    check_weights,
    digest,
    fingerprint,
    holds_adapter,
)
from obverse.types import InputError, content_hash

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Pretrained:
    """A loaded model with its tokenizer.

    Args:
        name: as the user named it.
        fingerprint: hash of the content of all files that were loaded: weights, configuration, tokenizer, template,
            adapter.
    """

    name: str
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    fingerprint: str


def load(
    name: str | None = None, *, practised: bool = False, dtype: str = "auto", device: str = "auto"
) -> Pretrained:
    """Load a causal model and its tokenizer for inference.

    Args:
        name: a folder, a GGUF file, or a name on the hub; ``None`` for the default model.  A folder with an adapter
            of the peft library gives the model that it names as its base, with the adapter merged into it.
        practised: whether the default model is the one that practised to read its context (docs/guides/practice.md).
        dtype: ``float32``, ``bfloat16`` or ``float16``; ``auto`` takes bfloat16 where the device computes it
            natively, else float32.
        device: ``cpu``, ``cuda``, ``mps``; ``auto`` takes the first that is there of cuda, mps, cpu.

    Raises:
        InputError: there is no such model or device, or it comes as pickled weights or with code of its own.
    """
    if name is None and practised:
        with as_file(files("obverse.models") / "practised") as folder:
            return _load_adapted(PRACTISED_MODEL, folder, dtype, device)
    return _load(name, dtype, device)


def _load(name: str | None, dtype: str, device: str, adapters: tuple[Path, ...] = ()) -> Pretrained:
    """As `load`; ``adapters`` are the folders of those that this model is the base of."""
    chosen = _device(device)
    folder = _locate(name)
    if holds_adapter(folder):
        return _load_adapted(name or DEFAULT_MODEL, folder, dtype, device, adapters)
    weights = check_weights(folder)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # our own progress is on the screen
    options: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **options)
        found: Any = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=_dtype(dtype, chosen),
            use_safetensors=True,  # pickled weights can run code
            output_loading_info=True,
            **options,
        )
    except Exception as problem:  # the library raises many kinds; each means that this model cannot be had
        raise _not_loaded(name, folder, str(problem)) from problem
    model, about = found
    if missing := sorted(about["missing_keys"]):  # the library draws them at random
        raise _not_loaded(name, folder, f"weights are missing, {missing[0]} and {len(missing) - 1} more")
    if not isinstance(tokenizer.model_max_length, int | float):
        raise _not_loaded(
            name, folder, f"model_max_length is no number in {folder / 'tokenizer_config.json'}"
        )
    model.requires_grad_(False)
    model.to(torch.device(chosen)).eval()
    return Pretrained(name or DEFAULT_MODEL, model, tokenizer, fingerprint(folder, weights))


def _not_loaded(name: str | None, folder: Path, reason: str) -> InputError:
    remedy = (
        f"remove {folder}, and it is made anew"
        if name is None
        else "name a folder or hub model with safetensors or GGUF weights that the transformers library knows"
    )
    return InputError(
        f"the model {name or DEFAULT_MODEL!r} cannot be loaded: {' '.join(reason.split())[:300]}; {remedy}"
    )


def _load_adapted(
    name: str, folder: Path, dtype: str, device: str, adapters: tuple[Path, ...] = ()
) -> Pretrained:
    if folder.resolve() in adapters:
        raise InputError(
            f"{folder / ADAPTER_CONFIG}: the adapter is its own base; name the model that it is for in "
            "base_model_name_or_path"
        )
    weights = adapter_file(folder)
    base = _base_of(folder)
    # Merged in full precision: rounding to bfloat16 comes once, after the sum.
    if base == PRACTISED_MODEL:
        pretrained = load(practised=True, dtype="float32", device=device)
    else:
        ours = base == DEFAULT_MODEL
        pretrained = _load(None if ours else base, "float32", device, (*adapters, folder.resolve()))
    try:
        adapted = with_adapter(pretrained.model, folder)
        model: Any = merged(adapted, _dtype(dtype, pretrained.model.device.type))
    except Exception as problem:  # whatever the library finds wrong with it
        reason = " ".join(str(problem).split())[:300]
        raise InputError(f"{folder}: the adapter does not fit the model {base!r}: {reason}") from problem
    model.requires_grad_(False).eval()
    together = _adapted_fingerprint(pretrained.fingerprint, folder, weights)
    return Pretrained(name, model, pretrained.tokenizer, together)


def _adapted_fingerprint(base: str, folder: Path, weights: Path) -> str:
    return content_hash([base, [digest(file) for file in (folder / ADAPTER_CONFIG, weights)]])


def _base_of(folder: Path) -> str:
    """The model that an adapter names as its base."""
    try:
        base = json.loads((folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError):
        base = None
    if not isinstance(base, str):
        raise InputError(
            f"{folder / ADAPTER_CONFIG}: does not name the model that it is for; add base_model_name_or_path"
        )
    return base


def _locate(name: str | None) -> Path:
    """The folder of a model or an adapter, as the libraries load it.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    if name is None:
        return unpacked(default_model_file())
    path = Path(name)
    try:
        with suppress(RuntimeError):  # there is no such user
            path = path.expanduser()
        if path.is_file() and path.suffix.lower() == ".gguf":
            return unpacked(path)
        if path.is_dir():
            packed = sorted(path.glob("*.gguf"))
            if not packed or holds_adapter(path) or any(path.glob("*.safetensors")):
                return path
            if len(packed) > 1:
                raise InputError(f"{path}: holds {len(packed)} GGUF files; name one, such as {packed[0]}")
            return unpacked(packed[0])
        if path.is_file() or name.startswith((".", "/", "~")):
            raise InputError(f"{path}: not a model; name a folder, a .gguf file, or a model on the hub")
    except OSError as problem:  # a name that is too long, a folder that may not be read
        if is_disk_full(problem):
            raise
        raise InputError(f"the model {name!r} cannot be loaded: {problem.strerror}; name another") from None
    try:
        return snapshot(name)
    except InputError:
        raise
    except Exception as problem:  # of the hub's client: no such name, no such model, no connection
        raise _not_loaded(name, Path(), str(problem)) from problem


def _device(device: str) -> str:
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if device == "auto":
        return next(name for name, is_there in there.items() if is_there)
    if not there.get(device.partition(":")[0]):
        found = ", ".join(name for name, is_there in there.items() if is_there)
        raise InputError(f"there is no device {device!r} here; there is {found}")
    return device


def _dtype(dtype: str, device: str) -> torch.dtype:
    import torch

    if dtype != "auto":
        chosen: torch.dtype = getattr(torch, dtype)
        return chosen
    return torch.bfloat16 if computes_bfloat16(device) else torch.float32


def context_window(model: PreTrainedModel) -> int | None:
    """How many tokens a prompt may have; ``None`` where the model sets no bound."""
    window: int | None = getattr(model.config.get_text_config(decoder=True), "max_position_embeddings", None)
    return window


def computes_bfloat16(device: str) -> bool:
    """Whether the device multiplies bfloat16 matrices natively; emulated, it is slower than float32."""
    import torch

    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return False

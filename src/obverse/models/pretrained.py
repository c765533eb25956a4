"""Any causal model of the transformers library, by name or folder; safetensors or GGUF, no remote code."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.models.default import DEFAULT_MODEL, PRACTISED_MODEL, default_model_folder
from obverse.types import InputError, content_hash

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

ADAPTER_CONFIG = "adapter_config.json"
_SAMPLES, _SAMPLE_BYTES = 16, 1 << 16
# What beside the weights decides how a model reads and answers: configurations, vocabularies, chat templates.
_DESCRIBING = ("*.json", "*.jinja", "*.model", "merges.txt", "vocab.txt")
# Seconds in which a hub that can be reached answers.
_HUB_SECONDS = 5


@dataclass(frozen=True)
class Pretrained:
    """A loaded model with its tokenizer.

    Args:
        name: as the user named it.
        fingerprint: hash of configuration, tokenizer and weights (weights over 1 MiB by size and samples).
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
        practised: whether the default model is the one that practised to read its context (docs/practice.md).
        dtype: ``float32``, ``bfloat16`` or ``float16``; ``auto`` takes bfloat16 where the device computes it
            natively, else float32.
        device: ``cpu``, ``cuda``, ``mps``; ``auto`` takes the first that is there of cuda, mps, cpu.

    Raises:
        InputError: there is no such model or device, or it comes as pickled weights or with code of its own.
    """
    if name is None and practised:
        with as_file(files("obverse.models") / "practised") as folder:
            return _load_adapted(PRACTISED_MODEL, folder, dtype, device)
    if name is not None and (own := _adapter_folder(name)):
        return _load_adapted(name, own, dtype, device)
    try:
        where, gguf = _locate(name)
    except OSError as problem:  # a name that is too long, a folder that may not be read
        raise InputError(f"the model {name!r} cannot be loaded: {problem.strerror}; name another") from None
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # our own progress is on the screen
    chosen = _device(device)
    # What a hub that cannot be reached is asked for is asked again and again, for minutes.
    options: dict[str, Any] = {
        "trust_remote_code": False,
        "local_files_only": Path(where).is_dir() or not _hub_answers(),
    }
    if gguf:
        options["gguf_file"] = gguf
    try:
        tokenizer = AutoTokenizer.from_pretrained(where, **options)
        if not gguf:
            options["use_safetensors"] = True  # pickled weights can run code
        model: Any = AutoModelForCausalLM.from_pretrained(where, dtype=_dtype(dtype, chosen), **options)
    except Exception as problem:  # the library raises many kinds; each means that this model cannot be had
        reason = " ".join(str(problem).split())[:300]
        remedy = (
            f"remove {where}, and it is made anew"
            if name is None
            else "name a folder or hub model with safetensors or GGUF weights that the transformers library knows"
        )
        raise InputError(
            f"the model {name or DEFAULT_MODEL!r} cannot be loaded: {reason}; {remedy}"
        ) from problem
    model.requires_grad_(False)
    model.to(torch.device(chosen)).eval()
    return Pretrained(name or DEFAULT_MODEL, model, tokenizer, _fingerprint(where, gguf, model))


def _adapter_folder(name: str) -> Path | None:
    """The folder of that name, if it holds an adapter and no model."""
    with suppress(OSError, RuntimeError):
        folder = Path(name).expanduser()
        if (folder / ADAPTER_CONFIG).is_file() and not (folder / "config.json").exists():
            return folder
    return None


def _load_adapted(name: str, folder: Path, dtype: str, device: str) -> Pretrained:
    if not (folder / "adapter_model.safetensors").is_file():
        raise InputError(f"{folder}: an adapter without adapter_model.safetensors; name one that has it")
    try:
        base = str(
            json.loads((folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))["base_model_name_or_path"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{folder / ADAPTER_CONFIG}: does not name the model that it is for; add base_model_name_or_path"
        ) from None
    # Merged in full precision: rounding to bfloat16 comes once, after the sum.
    ours = base in (DEFAULT_MODEL, PRACTISED_MODEL)
    pretrained = load(
        None if ours else base, practised=base == PRACTISED_MODEL, dtype="float32", device=device
    )
    from peft import PeftModel

    try:
        merged: Any = PeftModel.from_pretrained(pretrained.model, folder).merge_and_unload()
    except Exception as problem:  # whatever the library finds wrong with it
        reason = " ".join(str(problem).split())[:300]
        raise InputError(f"{folder}: the adapter does not fit the model {base!r}: {reason}") from problem
    merged.requires_grad_(False).eval()
    merged.to(_dtype(dtype, pretrained.model.device.type))
    own = content_hash([_sample(folder / file) for file in (ADAPTER_CONFIG, "adapter_model.safetensors")])
    return Pretrained(name, merged, pretrained.tokenizer, content_hash([pretrained.fingerprint, own]))


def _locate(name: str | None) -> tuple[str, str | None]:
    """What to hand to the transformers library: a folder or hub name, and a GGUF file's name in it."""
    if name is None:
        return str(default_model_folder()), None
    path = Path(name)
    with suppress(RuntimeError):  # there is no such user
        path = path.expanduser()
    if path.is_file() and path.suffix == ".gguf":
        return str(path.parent), path.name
    if path.is_dir():
        if any(path.glob("*.safetensors")):
            return str(path), None
        if files := sorted(path.glob("*.gguf")):
            return str(path), files[0].name
        if pickled := sorted([*path.glob("*.bin"), *path.glob("*.pt"), *path.glob("*.pth")]):
            raise InputError(
                f"{path}: only pickled weights ({pickled[0].name}), which can run code when they are read; "
                "convert them to safetensors"
            )
        raise InputError(f"{path}: no model in this folder; it needs config.json and *.safetensors or *.gguf")
    if path.is_file() or name.startswith((".", "/", "~")):
        raise InputError(f"{path}: not a model; name a folder, a .gguf file, or a model on the hub")
    return name, None


def _device(device: str) -> str:
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if device == "auto":
        return next(name for name, is_there in there.items() if is_there)
    if not there.get(device.partition(":")[0]):
        found = ", ".join(name for name, is_there in there.items() if is_there)
        raise InputError(f"there is no device {device!r} here; there is {found}")
    return device


def _hub_answers() -> bool:
    from huggingface_hub import constants, get_session

    try:
        get_session().head(constants.ENDPOINT, timeout=_HUB_SECONDS)
    except Exception:  # of whatever library the hub's client is built on
        return False
    return True


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


def _fingerprint(where: str, gguf: str | None, model: PreTrainedModel) -> str:
    folder = Path(where)
    if not folder.is_dir():
        return content_hash([where, getattr(model.config, "_commit_hash", None)])
    files = [folder / gguf] if gguf else sorted(folder.glob("*.safetensors"))
    files += sorted(file for pattern in _DESCRIBING for file in folder.glob(pattern))
    return content_hash([[file.name, _sample(file)] for file in files])


def _sample(file: Path) -> str:
    """Hash of a file's size and of evenly spread samples: gigabytes are not read to tell two models apart."""
    size = file.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with file.open("rb") as stream:
        for sample in range(_SAMPLES):
            stream.seek(max(0, size - _SAMPLE_BYTES) * sample // (_SAMPLES - 1))
            digest.update(stream.read(_SAMPLE_BYTES))
    return digest.hexdigest()

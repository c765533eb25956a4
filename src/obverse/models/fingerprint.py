"""What decides what a model computes: its content, where and how precisely it is computed, and by which code."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from obverse.code_fingerprint import code_fingerprint
from obverse.models import loading
from obverse.models.default import DEFAULT_MODEL, PRACTISED_MODEL
from obverse.models.weights import adapter_file, check_weights, fingerprint, holds_adapter
from obverse.types import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from obverse.models.loading import Pretrained


def fingerprint_of(name: str | None = None, *, practised: bool = False) -> str:
    """The fingerprint that `obverse.models.load` gives the model of this name, from its files alone.

    Args:
        name, practised: see there.

    Raises:
        InputError: there is no such model.
    """
    folder, *adapters = _files(name, practised)
    found = _of_folder(folder, _state(folder))
    for adapter in reversed(adapters):
        found = loading._adapted_fingerprint(found, adapter, adapter_file(adapter))
    return found


def load_tokenizer(name: str | None = None, *, practised: bool = False) -> PreTrainedTokenizerBase:
    """The tokenizer that `obverse.models.load` gives with the model of this name; without the model.

    Raises:
        InputError: there is no such model.
    """
    from transformers import AutoTokenizer

    folder, *_ = _files(name, practised)
    try:
        found: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as problem:  # the library raises many kinds; each means that this model cannot be had
        raise loading._not_loaded(name, folder, str(problem)) from None
    return found


def identity(pretrained: Pretrained, *roots: str) -> dict[str, object]:
    """What decides what a loaded model computes: a part of every key under which that is kept.

    Args:
        roots: names of the modules that compute with it.
    """
    model = pretrained.model
    return {
        "model weights": pretrained.fingerprint,
        **computing(model.device.type, str(model.dtype).removeprefix("torch.")),
        **code_fingerprint("obverse.models.loading", *roots),
    }


def computing(device: str, dtype: str) -> dict[str, object]:
    """Where and how precisely it is computed: the kind of the device and the precisions of weights and products.

    Args:
        device, dtype: as users name them; a device that is not here is taken at its word.
    """
    with suppress(InputError):
        device = loading._device(device)
    kind = device.partition(":")[0]
    return {
        "device": kind,
        "dtype": str(loading._dtype(dtype, kind)).removeprefix("torch."),
        "native bfloat16": loading.computes_bfloat16(kind),
    }


def _files(name: str | None, practised: bool) -> list[Path]:
    """The folder of a model, and those of the adapters on it, the outermost first."""
    adapters: list[Path] = []
    while True:
        if name is None and practised:
            folder = Path(str(files("obverse.models") / "practised"))
        else:
            folder = loading._locate(name)
        if not holds_adapter(folder) or folder in adapters:
            return [folder, *adapters]
        adapters.append(folder)
        base = loading._base_of(folder)
        name, practised = (
            (None if base in (DEFAULT_MODEL, PRACTISED_MODEL) else base),
            base == PRACTISED_MODEL,
        )


@cache
def _of_folder(folder: Path, state: tuple[object, ...]) -> str:
    del state  # for the cache: the cells of a study ask for the same again and again
    return fingerprint(folder, check_weights(folder))


def _state(folder: Path) -> tuple[object, ...]:
    """What changes where a file of a model is written; the time of change cannot be set back."""
    found = [(file, file.stat()) for file in sorted({*folder.iterdir(), *check_weights(folder)})]
    return tuple((file, one.st_size, one.st_mtime_ns, one.st_ctime_ns, one.st_ino) for file, one in found)

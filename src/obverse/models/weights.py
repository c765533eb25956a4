"""Which files a model consists of: none that can run code when it is read, and all of them in its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from obverse.files import write_text
from obverse.models.default import cache_folder
from obverse.types import InputError, content_hash

ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_WEIGHTS, _INDEX = "model.safetensors", "model.safetensors.index.json"
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
# What lies beside a model and is not read with it.
_NOT_READ = (*_PICKLED, ".safetensors", ".gguf", ".onnx", ".h5", ".msgpack", ".md", ".py", ".lock")
# Digests of files from this size on are remembered: it takes two seconds a gigabyte to make one.
_REMEMBERED_BYTES = 1 << 26


def holds_adapter(folder: Path) -> bool:
    """Whether an adapter lies in a folder, and no model."""
    return (folder / ADAPTER_CONFIG).is_file() and not (folder / "config.json").exists()


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that the transformers library reads in a folder, whether they are there or not.

    Raises:
        InputError: an index names other files, or files that lie elsewhere.
    """
    config = _read_json(folder / "config.json")
    chosen = config.get("transformers_weights")
    if not isinstance(chosen, str):
        chosen = _INDEX if (folder / _INDEX).exists() and not (folder / _WEIGHTS).exists() else _WEIGHTS
    if not chosen.endswith(".index.json"):
        return [_safe(folder, chosen, "config.json")]
    placed = _read_json(folder / chosen).get("weight_map")
    names = sorted({str(name) for name in placed.values()}) if isinstance(placed, dict) else []
    if not names:
        raise InputError(f"{folder / chosen}: names no weights; make the index anew")
    return [_safe(folder, name, chosen) for name in names]


def adapter_file(folder: Path) -> Path:
    """The weights of an adapter.

    Raises:
        InputError: it has none, or pickled ones.
    """
    file = folder / ADAPTER_WEIGHTS
    if not file.is_file():
        pickled = "; adapter_model.bin is pickled and can run code" if _pickled(folder) else ""
        raise InputError(f"{folder}: an adapter without {ADAPTER_WEIGHTS}{pickled}; name one that has it")
    return file


def check_weights(folder: Path) -> list[Path]:
    """The files of the weights of a model that lies in a folder.

    Raises:
        InputError: one is missing, or there is none but what is pickled, or an adapter lies with it.
    """
    files = weight_files(folder)
    missing = [file.name for file in files if not file.is_file()]
    if not missing:
        if (folder / ADAPTER_CONFIG).exists():
            raise InputError(
                f"{folder}: holds a model and an adapter; move {ADAPTER_CONFIG} and {ADAPTER_WEIGHTS} into a folder "
                "of their own"
            )
        return files
    if len(missing) < len(files):
        raise InputError(f"{folder}: weights are missing ({missing[0]}); copy or download the model anew")
    if pickled := _pickled(folder):
        raise InputError(
            f"{folder}: only pickled weights ({pickled[0].name}), which can run code when they are read; "
            "convert them to safetensors"
        )
    raise InputError(
        f"{folder}: no model in this folder; it needs config.json and {missing[0]}, or a GGUF file"
    )


def fingerprint(folder: Path, weights: Iterable[Path]) -> str:
    """Hash of the content of everything that is read from a folder: the weights, and what describes them."""
    described = [
        *(file for file in folder.iterdir() if file.is_file() and file.suffix.lower() not in _NOT_READ),
        *folder.glob("additional_chat_templates/*.jinja"),
    ]
    files = sorted({*weights, *(file for file in described if not file.name.startswith("."))})
    return content_hash([[str(file.relative_to(folder)), digest(file)] for file in files])


def digest(file: Path) -> str:
    """SHA-256 of a file's content; of a large one remembered for as long as nothing is written to it."""
    state = _state(file)
    if state[1] < _REMEMBERED_BYTES:
        return _digest(file)
    kept = cache_folder() / "digests" / content_hash(state)
    with suppress(OSError):
        return kept.read_text(encoding="utf-8")
    made = _digest(file)
    if _state(file) == state:
        with suppress(OSError):  # it only saves time
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_text(kept, made)
    return made


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _state(file: Path) -> tuple[str, int, int, int, int, int]:
    # The time of change cannot be set back, as that of modification can.
    found = file.stat()
    return (
        str(file.resolve()),
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
        found.st_ino,
        found.st_dev,
    )


def _pickled(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in _PICKLED)


def _safe(folder: Path, name: str, named_in: str) -> Path:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise InputError(f"{folder / named_in}: names weights outside its folder ({name}); name files in it")
    if path.suffix != ".safetensors":
        raise InputError(
            f"{folder / named_in}: names weights that are not safetensors ({name}), which can run code when they are "
            "read; convert them"
        )
    return folder / path


def _read_json(file: Path) -> dict[str, object]:
    """What a file says, nothing where it is missing.

    Raises:
        InputError: it is no JSON object.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise InputError(
            f"{file}: cannot be loaded, it is not a JSON object; copy or download the model anew"
        )
    return found

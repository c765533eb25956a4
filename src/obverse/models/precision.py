"""A model in full precision for a moment, to tell what is wrong from what is rounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import psutil
import torch

# Of the free memory.
_MOST_MEMORY = 0.8


@contextmanager
def in_float32(model: Any) -> Iterator[None]:
    """Compute in float32, where there is memory for it, and then as before, to the last digit.

    Rounding to half precision comes to a tenth of what a small model says, which is as much as some real differences.
    Weights that are no floating-point numbers stay as they are.
    """
    rounded = {
        tensor: tensor.dtype
        for tensor in chain(model.parameters(), model.buffers())
        if tensor.dtype in (torch.bfloat16, torch.float16)
    }
    device = next(model.parameters()).device
    if 4 * sum(tensor.numel() for tensor in rounded) > _MOST_MEMORY * _free_memory(device):
        rounded = {}
    try:
        for tensor in rounded:
            tensor.data = tensor.data.float()
        with torch.autocast(device.type, enabled=False):
            yield
    finally:
        for tensor, dtype in rounded.items():
            tensor.data = tensor.data.to(dtype)


def _free_memory(device: torch.device) -> int:
    """Bytes that are free where the model lies."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else psutil.virtual_memory().available

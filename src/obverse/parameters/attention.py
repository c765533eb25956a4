"""Attention over a packed row, part by part: what no token sees is not computed.

With a mask a processor computes every pair of tokens, those that are hidden too.  Here each document of a row is
attended by itself: its beginning causally, without a mask, and then its branches, which see the beginning.  In
bfloat16 on two cores that is 1.5 times as fast for a row of 1,300 tokens and more for longer ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward

from obverse.parameters.packing import Batch

_NAME = "obverse_parts"


@dataclass(frozen=True)
class Part:
    """A document of a row.

    Args:
        begin, branching, end: where it begins, where its branches begin, and where it ends.
        mask: what is added to the scores of its branches, ``[end - branching, end - begin]``.
    """

    begin: int
    branching: int
    end: int
    mask: torch.Tensor | None


def parts_of(batch: Batch, mask: torch.Tensor, dtype: torch.dtype) -> list[Part]:
    """The documents of a batch of one row without padding, in their order.

    Args:
        mask: of the batch, causal.
    """
    (documents,) = batch.documents
    begins = np.flatnonzero(np.diff(documents, prepend=-1))
    parts = []
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(documents)], strict=True):
        branching, added = end, None
        if batch.branches is not None:
            branching = begin + int((batch.branches[0, begin:end] == 0).sum())
            hidden = ~mask[0, 0, branching:end, begin:end]
            added = torch.zeros(hidden.shape, dtype=dtype).masked_fill(hidden, -torch.inf)
        parts.append(Part(begin, branching, end, added))
    return parts


@contextmanager
def in_parts(model: Any, batch: Batch, mask: torch.Tensor, *, causal: bool) -> Iterator[Mapping[str, object]]:
    """Let a model of the transformers library attend in parts, where that is of use; what it is to be called with.

    Where its attention is not told of the parts, it goes by the mask as usual.
    """
    config = model.config
    fits = (
        causal
        and len(batch.tokens) == 1
        and model.device.type == "cpu"
        and getattr(config, "_attn_implementation", None) == "sdpa"
        and not getattr(model, "projects_places", False)
    )
    if not fits:
        yield {}
        return
    config._attn_implementation = _NAME
    try:
        yield {"parts": parts_of(batch, mask, model.dtype)}
    finally:
        config._attn_implementation = "sdpa"


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    parts: Sequence[Part] | None = None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **rest: Any,
) -> tuple[torch.Tensor, None]:
    """As the library's functions: ``[batch, heads, time, size]`` to ``[batch, time, heads, size]``."""
    if parts is None or any(rest.get(name) is not None for name in ("softcap", "position_bias", "cache")):
        attended, _ = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **rest
        )
        return attended, None
    groups = query.shape[1] // key.shape[1]
    key, value = repeat_kv(key, groups), repeat_kv(value, groups)

    def attend(start: int, part: Part, mask: torch.Tensor | None) -> torch.Tensor:
        end = part.end if mask is not None else part.branching
        return torch.nn.functional.scaled_dot_product_attention(
            query[:, :, start:end],
            key[:, :, part.begin : end],
            value[:, :, part.begin : end],
            attn_mask=None if mask is None else mask.to(query.dtype),
            dropout_p=dropout,
            scale=scaling,
            is_causal=mask is None,
        )

    outputs = []
    for part in parts:
        if part.branching > part.begin:
            outputs.append(attend(part.begin, part, None))
        if part.mask is not None and part.end > part.branching:
            outputs.append(attend(part.branching, part, part.mask))
    return torch.cat(outputs, dim=2).transpose(1, 2).contiguous(), None


AttentionInterface.register(_NAME, _attend)

"""Attention over a packed row, part by part: what no token sees is not computed.

With a mask a processor computes every pair of tokens, those that are hidden too.  Here each document of a row is
attended by itself: its beginning causally, without a mask, and then its branches, which see the beginning.  In
bfloat16 on two cores that is 1.5 times as fast for a row of 1,300 tokens and more for longer ones.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward

from obverse.models.merging import base_of
from obverse.training.packing import Batch

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


@dataclass(frozen=True)
class Parts:
    """The documents of a row, and the masks that hide nothing of what stands before a token in its own one."""

    documents: Sequence[Part]
    plain: Sequence[torch.Tensor]

    def are_plain(self, mask: torch.Tensor | None) -> bool:
        """Whether a mask hides no more; a model may hand on a view of the one that it was given."""
        return mask is None or any(
            mask.data_ptr() == one.data_ptr() and mask.shape == one.shape for one in self.plain
        )


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
def in_parts(
    model: Any, batch: Batch, mask: torch.Tensor, masks: Any, *, causal: bool
) -> Iterator[Mapping[str, object]]:
    """Let a model of the transformers library attend in parts, where that is of use; what it is to be called with.

    Where its attention is not told of the parts, it goes by the mask as usual.

    Args:
        mask: of the batch.
        masks: what the model is given, one or one for each kind of layer; some may hide more, as a window does.
    """
    config = model.config
    base = base_of(model)
    kinds = inspect.signature(base.forward).parameters.values()
    fits = (
        causal
        and len(batch.tokens) == 1
        and model.device.type == "cpu"
        and getattr(config, "_attn_implementation", None) == "sdpa"
        and not getattr(model, "projects_places", False)
        and getattr(base, "_supports_attention_backend", False)
        and any(kind.kind is inspect.Parameter.VAR_KEYWORD for kind in kinds)
    )
    if not fits:
        yield {}
        return
    given = masks.values() if isinstance(masks, Mapping) else [masks]
    plain = [one for one in given if one is not None and one.shape == mask.shape and torch.equal(one, mask)]
    config._attn_implementation = _NAME
    try:
        yield {"parts": Parts(parts_of(batch, mask, model.dtype), plain)}
    finally:
        config._attn_implementation = "sdpa"


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    parts: Parts | None = None,
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

    def attend(start: int, end: int, first: int, mask: torch.Tensor | None) -> torch.Tensor:
        return torch.nn.functional.scaled_dot_product_attention(
            query[:, :, start:end],
            key[:, :, first:end],
            value[:, :, first:end],
            attn_mask=mask,
            dropout_p=dropout,
            scale=scaling,
            is_causal=mask is None,
        )

    outputs = []
    plain = parts.are_plain(attention_mask)
    for part in parts.documents:
        begin, branching, end = part.begin, part.branching, part.end
        if not plain:
            assert attention_mask is not None
            outputs.append(attend(begin, end, begin, attention_mask[..., begin:end, begin:end]))
            continue
        if branching > begin:
            outputs.append(attend(begin, branching, begin, None))
        if part.mask is not None and end > branching:
            outputs.append(attend(branching, end, begin, part.mask.to(query.dtype)))
    return torch.cat(outputs, dim=2).transpose(1, 2).contiguous(), None


AttentionInterface.register(_NAME, _attend)

"""How documents lie in front of a model: packed, if its attention can be kept to one of them; else a row each.

What carries a state from token to token (recurrences, convolutions), or places tokens by itself, reads over the end of
a document into the next.  Whether a model does is tried on it once, with a few short documents.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
import torch

from obverse.models.merging import base_of
from obverse.models.precision import in_float32
from obverse.training.attention import in_parts
from obverse.training.packing import IGNORED, Batch, Example, Integers, pack

Reading = Callable[[Any, Batch, torch.device], Any]
Layout = Literal["packed", "padded", "alone"]
"""Rows of several documents; a document a row, padded at the end; or a document at a time."""

# Beyond so many tokens a model picks what it attends to by where it lies in the row, or by a count.
_BOUNDS = ("attention_chunk_size", "index_topk", "indexer_budget")
# What is tried: documents of so many tokens, one of which branches, two in a row and one in a row with padding.
_TRIED, _ROW = ((20,), (14,), (3, 2, 2)), 34
# Share of the spread of logits that may lie between a document alone and among others, in float32 and below.
_ROUNDING, _COARSE_ROUNDING = 1e-3, 5e-2
_WINDOWS = ("sliding_window", "window_size", "attention_window_size")
_LAYOUTS: WeakKeyDictionary[Any, Layout] = WeakKeyDictionary()


def layout(model: Any) -> Layout:
    """How documents are laid out for a model, where none is longer than a bound of its attention."""
    base = base_of(model)
    if _is_ours(base):
        return "packed"
    if base not in _LAYOUTS:
        _LAYOUTS[base] = _try(model)
    return _LAYOUTS[base]


def laid_out(model: Any, batch: Batch) -> Batch:
    """The batch as the model can read it: as it is, or unpacked."""
    together = batch.branches is not None or bool((batch.documents > 0).any())
    return batch.unpacked() if together and not _is_packed(model, batch) else batch


def batches(model: Any, batch: Batch, device: torch.device) -> list[Batch]:
    """A batch that was `laid_out`, in the parts that are read at once."""
    if _is_packed(model, batch):
        return [batch]
    in_turn = device.type == "cpu" or layout(model) == "alone"
    return batch.rows() if in_turn else batch.alike()


def read(model: Any, batch: Batch, device: torch.device, **options: Any) -> Any:
    """What the model gives for a part of a batch that was `laid_out`.

    Args:
        options: other arguments of the model.
    """
    if getattr(base_of(model).config, "output_router_logits", False):
        options["output_router_logits"] = False  # how evenly experts are used is no part of what is learned
    reading = _read_packed if _is_packed(model, batch) else _read_plainly
    return reading(model, batch, device, **options)


def _read_plainly(model: Any, batch: Batch, device: torch.device, **options: Any) -> Any:
    # Padding stands at the end, where nothing before sees it.
    return model(input_ids=torch.from_numpy(batch.tokens).to(device), use_cache=False, **options)


def _read_packed(model: Any, batch: Batch, device: torch.device, **options: Any) -> Any:
    causal = bool(getattr(model.config, "is_causal", True))
    mask = batch.mask(device, causal=causal)
    masks = mask if _is_ours(model) else _masks(model, batch, device)
    with in_parts(model, batch, mask, masks, causal=causal) as parts:
        return model(
            input_ids=torch.from_numpy(batch.tokens).to(device),
            position_ids=torch.from_numpy(batch.positions).to(device),
            attention_mask=masks,
            use_cache=False,
            **parts,
            **options,
        )


def _masks(model: Any, batch: Batch, device: torch.device) -> Any:
    """What each kind of layer may attend to in a document, as the library would hand it to its layers."""
    from transformers.masking_utils import create_masks_for_generate

    like = torch.empty(*batch.tokens.shape, 1, dtype=model.dtype, device=device)
    if batch.branches is None:
        # Positions that begin anew tell the library where documents begin.
        positions = torch.from_numpy(batch.positions).to(device)
        return create_masks_for_generate(model.config, like, None, None, positions)
    seen = batch.mask(device)[:, 0]
    return create_masks_for_generate(
        model.config, like, None, None, and_mask_function=lambda row, _, query, key: seen[row, query, key]
    )


def _is_packed(model: Any, batch: Batch) -> bool:
    """Whether the model is right about documents that share the rows of a batch."""
    if layout(model) != "packed":
        return False
    config = base_of(model).config.get_text_config(decoder=True)
    if any(batch.tokens.shape[1] > (getattr(config, name, None) or math.inf) for name in _BOUNDS):
        return False
    # A window counts places in the row, where a branch may lie far from the beginning that it goes on from.
    windows = [getattr(config, name, None) or math.inf for name in _WINDOWS]
    return batch.branches is None or batch.positions.max() < min(windows)


def _try(model: Any) -> Layout:
    """The closest layout in which each document reads as it does alone."""
    packed = pack(_examples(model), _ROW)
    apart = packed.unpacked()
    device, training = next(model.parameters()).device, model.training

    def logits(reading: Reading, batch: Batch) -> dict[int, torch.Tensor]:
        found = reading(model, batch, device).logits
        return {int(batch.labels[place]): found[place].float() for place in zip(*_scored(batch), strict=True)}

    model.eval()
    try:
        with torch.no_grad(), in_float32(model):
            alone: dict[int, torch.Tensor] = {}
            for row in apart.rows():
                alone |= logits(_read_plainly, row)
            if not getattr(base_of(model), "_is_stateful", False):
                with suppress(Exception):  # it may not know masks of this form, or positions
                    rows = [packed, packed.rows()[0]]  # one row alone goes another way on a processor
                    if all(_equal(logits(_read_packed, one), alone, model) for one in rows):
                        return "packed"
            return "padded" if _equal(logits(_read_plainly, apart), alone, model) else "alone"
    finally:
        model.train(training)


def _examples(model: Any) -> list[Example]:
    """Random documents of ordinary tokens; the labels number their places."""
    special = getattr(base_of(model).config.get_text_config(decoder=True), "pad_token_id", None)
    ordinary = np.setdiff1d(np.arange(model.get_input_embeddings().weight.shape[0]), [special or 0])
    rng, place, examples = np.random.default_rng(0), 0, []
    for lengths in _TRIED:
        length = sum(lengths)
        branches = np.repeat(range(len(lengths)), lengths) if len(lengths) > 1 else None
        examples.append(Example(rng.choice(ordinary, length), np.arange(place, place + length), branches))
        place += length
    return examples


def _equal(found: Mapping[int, torch.Tensor], alone: Mapping[int, torch.Tensor], model: Any) -> bool:
    """Whether logits are, but for rounding, those that the same places have in a document alone."""
    coarse = model.dtype != torch.float32  # there was no memory for more
    expected = torch.stack([alone[place] for place in found])
    difference = (torch.stack(list(found.values())) - expected).abs().mean(dim=-1)
    spread = (expected - expected.mean(dim=-1, keepdim=True)).abs().mean()
    return bool(difference.max() < spread * (_COARSE_ROUNDING if coarse else _ROUNDING))


def _scored(batch: Batch) -> tuple[Integers, ...]:
    return np.nonzero(batch.labels != IGNORED)


def _is_ours(model: Any) -> bool:
    return bool(getattr(model, "projects_places", False))

"""What things cost: tokens and floating-point operations counted, seconds and memory measured.

The count of floating-point operations, a multiply-add being two:

- forward: ``2 L t + 2 V p + 4 A q``, where ``L`` are the weights that a token is multiplied with, but for the output
  projection, ``t`` tokens, ``V`` the weights of the output projection, ``p`` positions projected to the vocabulary,
  ``A`` the width of attention summed over layers (heads x the mean size of keys and values), and ``q`` the attended
  (query, key) pairs, in layers with a window at most ``t`` times the window;
- training: the same again for the gradients of the inputs, once more for the gradients of those weights that are
  trained, and twice more for attention, whose both operands need gradients.

Of experts those count that a token passes through: the routed share, shared ones, and what picks them.  Norms,
activations and the optimiser are left out, which are below a percent, and so are the scans of recurrent layers, whose
weights are counted.  What the first layer reads needs no gradient where the embeddings are frozen, as under an adapter;
it is counted all the same, which is 2% too much for a model of four layers and under half a percent for one of thirty.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from obverse.models.merging import base_of
from obverse.models.text_config import text_modules
from obverse.types import Ledger

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

# Modules that text alone does not run: attention to another model's states.
_OTHER = re.compile(r"encoder_attn|cross_?att")
# Weights that are looked up or added.
_TABLE = re.compile(r"Embedding|bias$|position|embed|probe")
_EXPERTS = re.compile(r"(^|\.)experts(\.|$)|Experts?(GLU)?(Base)?$")
_PICKED = (
    "num_experts_per_tok",
    "num_experts_per_token",
    "experts_per_token",
    "top_k_experts",
    "moe_topk",
    "moe_top_k",
    "moe_k",
    "router_topk",
)
_AMONG = ("num_local_experts", "n_routed_experts", "num_experts", "moe_num_experts", "experts")
_QUERIES = ("q_proj", "q_b_proj", "query", "query_proj", "wq", "q_lin", "wq_b")
_OUTPUTS = ("o_proj", "out_proj", "dense", "c_proj", "wo", "Wo", "out_lin", "final_linear", "output_proj")
_RECURRENT = ("linear_attention", "conv", "recurrent", "mamba")
_CLEAR_REFERENCES = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class ModelShape:
    """What of a model decides its floating-point operations.

    Args:
        linear: weights that a token is multiplied with, without the output projection.
        linear_trained: those of them that are trained.
        output: weights of the output projection.
        output_trained: the same where it is trained, else 0.
        attention: heads x head size, summed over layers that attend to everything before.
        windows: the same of layers that attend to a window, and the window in tokens.
    """

    linear: int
    linear_trained: int
    output: int
    output_trained: int
    attention: int
    windows: tuple[tuple[int, int], ...] = ()

    def forward_flops(self, tokens: int, pairs: int, projected: int) -> int:
        """Operations of encoding ``tokens`` that attend to ``pairs`` and are projected at ``projected``."""
        attended = 4 * self._attended(tokens, pairs)
        return 2 * self.linear * tokens + 2 * self.output * projected + attended

    def training_flops(self, tokens: int, pairs: int, projected: int) -> int:
        """Operations of training on ``tokens`` that attend to ``pairs`` and are projected at ``projected``."""
        forward = self.forward_flops(tokens, pairs, projected)
        weights = 2 * (self.linear_trained * tokens + self.output_trained * projected)
        return 2 * forward + weights + 4 * self._attended(tokens, pairs)

    def _attended(self, tokens: int, pairs: int) -> int:
        """Width times pairs, over all layers."""
        narrow = sum(width * min(pairs, window * tokens) for width, window in self.windows)
        return self.attention * pairs + narrow


@dataclass(frozen=True)
class Counts:
    """What a model computed, as far as its floating-point operations follow from it.

    Args:
        tokens: encoded.
        pairs: (query, key) pairs that were attended to, summed over tokens.
        projected: positions whose next-token distribution was computed.
        generated: tokens that were chosen one after the other.
    """

    tokens: int = 0
    pairs: int = 0
    projected: int = 0
    generated: int = 0

    @classmethod
    def text(cls, length: int, projected: int = 0, *, behind: int = 0) -> Counts:
        """Of ``length`` tokens behind so many others, each of which attends to itself and to all before it."""
        return cls(length, length * behind + length * (length + 1) // 2, projected)

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(own + more for own, more in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: Counts) -> Counts:
        return Counts(*(own - less for own, less in zip(astuple(self), astuple(other), strict=True)))

    def __mul__(self, times: int) -> Counts:
        return Counts(*(times * own for own in astuple(self)))

    def ledger(self, shape: ModelShape | None, meter: Meter | None = None) -> Ledger:
        """The cost of a model of this shape that is not trained meanwhile.

        Args:
            shape: ``None`` where what it computes is not known.
            meter: what measured the time and the memory; without one they are left out.
        """
        return Ledger(
            tokens_forward=self.tokens,  # those that were generated and then read on from among them
            tokens_generated=self.generated,
            flops=shape.forward_flops(self.tokens, self.pairs, self.projected) if shape else 0,
            seconds=meter.seconds if meter else 0.0,
            peak_memory_bytes=meter.peak_memory_bytes if meter else 0,
        )


def model_shape(model: PreTrainedModel) -> ModelShape:
    """Read the shape off a model; an adapter's layers count as linear layers."""
    base = base_of(model)
    config, text = base.config.get_text_config(decoder=True), text_modules(base)
    linear, trained, attention = 0.0, 0.0, 0
    windows: dict[int, int] = {}
    # A module that several layers share runs in each.
    for name, module in base.named_modules(remove_duplicate=False):
        if module not in text or _OTHER.search(name):
            continue
        share = _routed_share(name, module, config)
        for key, weight in module.named_parameters(recurse=False):
            if weight.ndim > 1 and not _TABLE.search(f"{type(module).__name__}.{key}"):
                linear += share * weight.numel()
                trained += share * weight.numel() if weight.requires_grad else 0
        if width := _attention_width(module, config):
            if window := _window(module, config):
                windows[window] = windows.get(window, 0) + width
            else:
                attention += width
    output = base.get_output_embeddings().weight
    return ModelShape(
        linear=round(linear),
        linear_trained=round(trained),
        output=output.numel(),
        output_trained=output.numel() if output.requires_grad else 0,
        attention=attention,
        windows=tuple((width, window) for window, width in windows.items()),
    )


def _routed_share(name: str, module: torch.nn.Module, config: Any) -> float:
    """The share of a module's weights that one token is multiplied with: experts are picked from many."""
    kind = type(module).__name__
    if not _EXPERTS.search(f"{name}.{kind}") or "shared" in name:
        return 1.0
    parts = [config, *(getattr(config, name) for name in ("ffn_config",) if hasattr(config, name))]

    def first(names: Sequence[str]) -> float | None:
        found = [getattr(part, name, None) for part in parts for name in names]
        numbers = [float(np.mean(value)) for value in found if value]
        return numbers[0] if numbers else None

    picked, among = first(_PICKED), first(_AMONG)
    return min(1.0, picked / among) if picked and among else 1.0


def _attention_width(module: Any, config: Any) -> int:
    """Heads x the mean size of keys and values; 0 where a module does not attend, or not by pairs of tokens."""
    kind, children = type(module).__name__, dict(module.named_children())
    if (
        "Atten" not in kind
        or _layer_type(module, config) in _RECURRENT
        or re.search("Linear|Lightning|Delta", kind)
    ):
        return 0

    def size(names: Sequence[str], side: int) -> int:
        """Of what a child reads (1) or gives (0)."""
        child = next((children[name] for name in names if name in children), None)
        weight = getattr(getattr(child, "base_layer", child), "weight", None)
        if weight is None or weight.ndim != 2:
            return 0
        return int(
            weight.shape[1 - side if "Conv1D" in type(getattr(child, "base_layer", child)).__name__ else side]
        )

    queries, values = size(_QUERIES, 0), size(_OUTPUTS, 1)
    if not queries or queries == 2 * values:  # all in one matrix, or with a gate beside them
        queries = values
    return (queries + (values or queries)) // 2


def _window(module: Any, config: Any) -> int | None:
    kind = _layer_type(module, config)
    if kind is None or "sliding" in kind:
        found = getattr(config, "sliding_window", None)
    else:
        found = getattr(config, "attention_chunk_size", None) if "chunked" in kind else None
    return found if isinstance(found, int) and found > 0 else None


def _layer_type(module: Any, config: Any) -> str | None:
    kinds, index = getattr(config, "layer_types", None), getattr(module, "layer_idx", None)
    return str(kinds[index]) if kinds and isinstance(index, int) and index < len(kinds) else None


class Meter:
    """Measures the seconds and the peak memory of what runs inside it.

    On an accelerator the memory is what PyTorch held there; else it is the resident memory of the process, whose
    peak can be reset on Linux alone: elsewhere it is the peak since the process began.
    """

    seconds = 0.0
    peak_memory_bytes = 0

    def __enter__(self) -> Self:
        import torch

        self._cuda = torch.cuda.is_initialized()
        if self._cuda:
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
        elif _CLEAR_REFERENCES.exists():
            _CLEAR_REFERENCES.write_text("5")
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._cuda:
            import torch

            torch.cuda.synchronize()
            self.peak_memory_bytes = torch.cuda.max_memory_allocated()
        else:
            self.peak_memory_bytes = _resident_peak()
        self.seconds = time.perf_counter() - self._began


def _resident_peak() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024

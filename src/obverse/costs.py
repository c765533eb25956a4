"""What things cost: tokens and floating-point operations counted, seconds and memory measured.

The count of floating-point operations, a multiply-add being two:

- forward: ``2 L t + 2 V p + 4 A q``, where ``L`` are the weights of all linear layers but the output projection,
  ``t`` tokens, ``V`` the weights of the output projection, ``p`` positions projected to the vocabulary, ``A`` the
  width of attention summed over layers (heads x head size), and ``q`` the attended (query, key) pairs;
- training: the same again for the gradients of the inputs, once more for the gradients of those weights that are
  trained, and twice more for attention, whose both operands need gradients.

Norms, activations and the optimiser are left out: they are below a percent.  What the first layer reads needs no
gradient where the embeddings are frozen, as under an adapter; it is counted all the same, which is 2% too much for
a model of four layers and under half a percent for one of thirty.  For mixtures of experts ``L`` counts every expert
and is an upper bound.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

# Layers that keep a state instead, or none.
_WITHOUT_KEYS = {"linear_attention", "conv", "mlp", "moe"}

_CLEAR_REFERENCES = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class ModelShape:
    """What of a model decides its floating-point operations.

    Args:
        linear: weights of linear layers, without the output projection.
        linear_trained: those of them that are trained.
        output: weights of the output projection.
        output_trained: the same where it is trained, else 0.
        attention: heads x head size, summed over layers.
    """

    linear: int
    linear_trained: int
    output: int
    output_trained: int
    attention: int

    def forward_flops(self, tokens: int, pairs: int, projected: int) -> int:
        """Operations of encoding ``tokens`` that attend to ``pairs`` and are projected at ``projected``."""
        return 2 * self.linear * tokens + 2 * self.output * projected + 4 * self.attention * pairs

    def training_flops(self, tokens: int, pairs: int, projected: int) -> int:
        """Operations of training on ``tokens`` that attend to ``pairs`` and are projected at ``projected``."""
        forward = self.forward_flops(tokens, pairs, projected)
        weights = 2 * (self.linear_trained * tokens + self.output_trained * projected)
        return 2 * forward + weights + 4 * self.attention * pairs


def model_shape(model: PreTrainedModel) -> ModelShape:
    """Read the shape off a model; an adapter's layers count as linear layers."""
    import torch
    from transformers.pytorch_utils import Conv1D

    output = model.get_output_embeddings()
    linear = trained = 0
    for module in model.modules():
        if isinstance(module, torch.nn.Linear | Conv1D) and module is not output:
            linear += module.weight.numel()
            trained += module.weight.numel() if module.weight.requires_grad else 0
    weights = output.weight
    return ModelShape(
        linear=linear,
        linear_trained=trained,
        output=weights.numel(),
        output_trained=weights.numel() if weights.requires_grad else 0,
        attention=_attention_width(model.config.get_text_config(decoder=True)),
    )


def _attention_width(config: PreTrainedConfig) -> int:
    """Heads x head size, summed over the layers that attend to keys; 0 where a configuration lists no layers."""
    kinds = getattr(config, "layer_types", None)
    width = 0
    for place in range(getattr(config, "num_hidden_layers", 0)):
        layer = config.per_layer_config[place]
        if heads := getattr(layer, "num_attention_heads", 0):
            if kinds and kinds[place] in _WITHOUT_KEYS:
                continue
            size = getattr(layer, "head_dim", None) or layer.hidden_size // heads
            if (nope := getattr(layer, "qk_nope_head_dim", None)) is not None:
                # Latent attention scores with keys of one size and sums up values of another.
                size = (nope + layer.qk_rope_head_dim + layer.v_head_dim) / 2
            width += int(heads * size)
    return width


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

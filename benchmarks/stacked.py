"""Several seeds of one decoder trained at once, with stacked weights.

A small decoder leaves an accelerator idle between its many small operations.  With the weights of all seeds stacked,
one operation serves them all; each seed keeps its own batches, gradients, clipping and moments.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from obverse.training.loop import Stream
from obverse.training.optimizers import Training, make_optimizers, schedule
from obverse.training.packing import IGNORED, Batch, Integers
from obverse.types import InputError

if TYPE_CHECKING:
    import torch

_INNER = "model."


def train_stacked(
    models: Sequence[Any],
    streams: Sequence[Stream],
    training: Training,
    *,
    mixed: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[list[float]]:
    """Train dense decoders of one configuration in place, each on its own stream, as `train` would one by one.

    The sums run in another order than in `train`, so weights agree to rounding and not bit for bit.  Attention is
    written out: the library's is not mapped over stacked weights on every device.  There are no checkpoints.

    Args:
        models: on one device; their weights may differ, and are all trained.
        streams: of equal length, one for each model; batches of a step are padded to a common shape.
        mixed: whether multiplications are done in bfloat16.
        progress: called after each step with steps done and steps in all.

    Returns:
        the losses, ``[models][steps]``.

    Raises:
        InputError: the models cannot be stacked, the streams do not fit them, the optimiser is not AdamW, or a loss
            is no longer a number.
    """
    import torch

    steps = _check(models, streams, training)
    device = next(models[0].parameters()).device
    stacked, _ = torch.func.stack_module_state(list(models))
    holder = torch.nn.ParameterList(stacked.values())
    weights = dict(zip(stacked, holder, strict=True))
    encode = _mapped_encoder(models[0])
    inner = {name.removeprefix(_INNER): value for name, value in weights.items() if name.startswith(_INNER)}
    output = weights.get("lm_head.weight", inner["embed_tokens.weight"])
    (optimizer,) = make_optimizers(holder, training)
    losses = []
    for step in range(steps):
        batch = _Stacked([stream[step] for stream in streams], device)
        for group in optimizer.param_groups:
            group["lr"] = training.learning_rate * schedule(training.schedule, step, steps)
        with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
            hidden = encode(inner, batch.tokens, batch.positions, batch.mask).flatten(1, 2)
            places = batch.places[..., None].expand(-1, -1, hidden.shape[-1])
            logits = hidden.gather(1, places) @ output.transpose(1, 2)
        summed = torch.nn.functional.cross_entropy(
            logits.float().flatten(0, 1), batch.labels.flatten(), ignore_index=IGNORED, reduction="none"
        )
        each = summed.view(len(models), -1).sum(dim=1) / batch.counts
        each.sum().backward()
        _clip(list(holder), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(each.detach())
        progress(step + 1, steps)
    with torch.no_grad():
        for index, model in enumerate(models):
            for name, parameter in model.named_parameters():
                parameter.copy_(weights[name][index])
            model.eval()
    by_model: list[list[float]] = torch.stack(losses, dim=1).tolist()
    if not all(math.isfinite(loss) for row in by_model for loss in row):
        raise InputError("stacked training diverged (a loss is not a number); set a lower learning rate")
    return by_model


class _Stacked:
    """The batches of one step as tensors on the device.

    Attributes:
        tokens, positions: ``[models, rows, time]``.
        mask: ``[models, rows, 1, time, time]``.
        places: where something is predicted, as indices into rows and time flattened, ``[models, most]``; filled up
            with 0.
        labels: what is predicted there, ``[models, most]``; `IGNORED` where filled up.
        counts: how many labels each model has, at least 1, ``[models]``.
    """

    def __init__(self, batches: Sequence[Batch], device: torch.device) -> None:
        import torch

        rows, time = (max(batch.tokens.shape[axis] for batch in batches) for axis in (0, 1))
        padded = [_pad(batch, rows, time) for batch in batches]
        scored = [np.flatnonzero(batch.labels != IGNORED) for batch in padded]
        most = max(1, *(len(places) for places in scored))

        def on_device(values: Sequence[Integers]) -> torch.Tensor:
            return torch.from_numpy(np.stack(values)).to(device)

        self.tokens = on_device([batch.tokens for batch in padded])
        self.positions = on_device([batch.positions for batch in padded])
        self.mask = torch.stack([batch.mask(device) for batch in padded])
        self.places = on_device([_fill(places, most, 0) for places in scored])
        self.labels = on_device(
            [
                _fill(batch.labels.ravel()[places], most, IGNORED)
                for batch, places in zip(padded, scored, strict=True)
            ]
        )
        self.counts = torch.tensor([max(1, len(places)) for places in scored], device=device)


def _pad(batch: Batch, rows: int, time: int) -> Batch:
    more = ((0, rows - batch.tokens.shape[0]), (0, time - batch.tokens.shape[1]))
    return Batch(
        tokens=np.pad(batch.tokens, more),
        positions=np.pad(batch.positions, more),
        documents=np.pad(batch.documents, more, constant_values=-1),
        labels=np.pad(batch.labels, more, constant_values=IGNORED),
    )


def _fill(values: Integers, length: int, empty: int) -> Integers:
    return np.pad(values, (0, length - len(values)), constant_values=empty)


def _mapped_encoder(model: Any) -> Callable[..., torch.Tensor]:
    """The layers of a decoder as a function of stacked weights and inputs."""
    import torch

    layers = copy.deepcopy(model.model)
    layers.set_attn_implementation("eager")

    def encode(
        weights: dict[str, torch.Tensor], tokens: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        read = {
            "input_ids": tokens,
            "position_ids": positions,
            "attention_mask": mask,
            "use_cache": False,
        }
        hidden: torch.Tensor = torch.func.functional_call(layers, weights, (), read).last_hidden_state
        return hidden

    return torch.vmap(encode)


def _clip(stacked: Sequence[torch.Tensor], largest: float) -> None:
    """Scale the gradients of each model to a norm of at most ``largest``, as `torch.nn.utils.clip_grad_norm_` does."""
    import torch

    gradients = [weights.grad for weights in stacked if weights.grad is not None]
    squares = torch.stack([gradient.flatten(1).square().sum(dim=1) for gradient in gradients])
    share = (largest / (squares.sum(dim=0).sqrt() + 1e-6)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(share.view(-1, *[1] * (gradient.dim() - 1)))


def _check(models: Sequence[Any], streams: Sequence[Stream], training: Training) -> int:
    """The number of steps."""
    if not models or len(models) != len(streams):
        raise InputError(
            f"{len(models)} models and {len(streams)} streams cannot be stacked; give one stream each"
        )
    first = models[0].config
    if any(model.config.to_dict() != first.to_dict() for model in models):
        raise InputError("models of different configurations cannot be stacked; train them one by one")
    if first.experts or not first.is_causal:
        raise InputError("only dense causal decoders can be stacked; train the others one by one")
    if training.optimizer != "adamw":
        raise InputError(f"stacked weights are trained by adamw, not {training.optimizer!r}; set optimizer")
    lengths = {len(stream) for stream in streams}
    if len(lengths) > 1:
        raise InputError(
            f"streams of different lengths {sorted(lengths)} cannot be stacked; make them equally long"
        )
    return lengths.pop()

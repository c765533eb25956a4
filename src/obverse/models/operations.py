"""Elementwise operations of the decoder whose gradients take fewer passes over memory than composed ones.

At small widths these passes, beside the matrix products, decide how fast a decoder trains.  Each operation has one
gradient, in closed form, and can be mapped over stacked weights by ``torch.vmap``.
"""

from __future__ import annotations

from typing import Any

import torch


def squared_relu(x: torch.Tensor) -> torch.Tensor:
    """The square of ``x`` where it is positive, else 0; any shape."""
    squared: torch.Tensor = _SquaredRelu.apply(x)[0]  # type: ignore[no-untyped-call]
    return squared


def rotate(x: torch.Tensor, cosines: torch.Tensor, sines: torch.Tensor) -> torch.Tensor:
    """Turn each pair of one number from the left half and one from the right by the angle of its position.

    Args:
        x: ``[batch, heads, time, size]``.
        cosines, sines: ``[batch, 1, time, size]``, both halves alike but for the sines, negative in the left.
    """
    # Under autocast the angles come in a higher precision, to which the product would be raised.
    cosines, sines = cosines.to(x.dtype), sines.to(x.dtype)
    rotated: torch.Tensor = _Rotation.apply(x, cosines, sines)  # type: ignore[no-untyped-call]
    return rotated


def add_earlier(x: torch.Tensor, weight: torch.Tensor, within: torch.Tensor) -> torch.Tensor:
    """x_t + w_1 x_(t-1) + ... + w_n x_(t-n), elementwise.

    Args:
        x: ``[batch, time, width]``.
        weight: ``[steps back, width]``.
        within: ``[steps back, batch, time]``, 1 where that step counts and 0 where it does not.
    """
    shifted: torch.Tensor = _EarlierAdded.apply(x, weight, within)  # type: ignore[no-untyped-call]
    return shifted


class _SquaredRelu(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        rectified = x.relu()
        return rectified * rectified, rectified

    @staticmethod
    def setup_context(ctx: Any, _: tuple[torch.Tensor], output: tuple[torch.Tensor, ...]) -> None:
        rectified = output[1]
        ctx.mark_non_differentiable(rectified)
        ctx.save_for_backward(rectified)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor, _: Any) -> torch.Tensor:
        (rectified,) = ctx.saved_tensors
        return torch.addcmul(rectified.new_zeros(()), gradient, rectified, value=2)


class _Rotation(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: torch.Tensor, cosines: torch.Tensor, sines: torch.Tensor) -> torch.Tensor:
        return _turned(x, cosines, sines)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[torch.Tensor, ...], _: torch.Tensor) -> None:
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        cosines, sines = ctx.saved_tensors
        return _turned(gradient, cosines, -sines), None, None


def _turned(x: torch.Tensor, cosines: torch.Tensor, sines: torch.Tensor) -> torch.Tensor:
    left, right = x.chunk(2, dim=-1)
    return torch.addcmul(torch.cat((right, left), dim=-1).mul_(sines), x, cosines)


class _EarlierAdded(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x: torch.Tensor, weight: torch.Tensor, within: torch.Tensor) -> torch.Tensor:
        shifted = x.clone()
        for back in range(1, len(weight) + 1):
            # In these operations alone torch.vmap keeps stacked weights together.
            shifted[:, back:].add_((x[:, :-back] * within[back - 1, :, back:, None]).mul_(weight[back - 1]))
        return shifted

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[torch.Tensor, ...], _: torch.Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        x, weight, within = ctx.saved_tensors
        of_x, of_weight = gradient.clone(), []
        for back in range(1, len(weight) + 1):
            counted = gradient[:, back:] * within[back - 1, :, back:, None]
            of_x[:, :-back].add_(counted * weight[back - 1])
            of_weight.append((counted * x[:, :-back]).sum(dim=(0, 1)))
        return of_x, torch.stack(of_weight), None

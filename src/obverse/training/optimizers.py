"""How weights are changed: the optimisers of a model, and their learning rate at each step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import torch

Schedule = Literal["linear", "cosine", "constant"]


@dataclass(frozen=True)
class Training:
    """How weights are changed.

    Args:
        learning_rate: of AdamW, at the peak of the schedule.
        optimizer: ``muon`` takes Muon (Jordan 2024) for the matrices of the layers, and AdamW for the rest.
        matrix_learning_rate: of Muon.
        weight_decay: decoupled, times the learning rate at each step.  Where storing two things apart costs weights,
            a model comes to store them as one: reversed order repairs reversals dependably only so.
        schedule: after a linear warm-up over a twentieth of the steps: linear or cosine decay to a twentieth of the
            learning rate, or none.
    """

    learning_rate: float
    optimizer: Literal["adamw", "muon"] = "adamw"
    matrix_learning_rate: float = 0.03
    weight_decay: float = 0.0
    schedule: Schedule = "linear"


def make_optimizers(model: Any, training: Training) -> list[torch.optim.Optimizer]:
    """The optimisers of a model's trained parameters; Muon only for matrices inside its layers."""
    import torch

    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    matrices = []
    if training.optimizer == "muon":
        layers = {
            f"{name}.weight" for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)
        }
        output = model.get_output_embeddings()
        matrices = [
            parameter for name, parameter in named if name in layers and parameter is not output.weight
        ]
    chosen = {id(parameter) for parameter in matrices}
    rest = [parameter for _, parameter in named if id(parameter) not in chosen]
    fused = rest[0].device.type in ("cpu", "cuda")
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(
            rest,
            lr=training.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=training.weight_decay,
            fused=fused,
        )
    ]
    if matrices:
        optimizers.append(
            torch.optim.Muon(matrices, lr=training.matrix_learning_rate, weight_decay=training.weight_decay)
        )
    return optimizers


def schedule(kind: Schedule, step: int, steps: int) -> float:
    """Share of the learning rate at a step."""
    warmup = max(1, steps // 20)
    if step < warmup:
        return (step + 1) / warmup
    gone = (step - warmup) / max(1, steps - warmup)
    if kind == "constant":
        return 1.0
    return 1 - 0.95 * (gone if kind == "linear" else (1 - math.cos(math.pi * gone)) / 2)

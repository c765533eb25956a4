"""A checkpoint that resumes exactly: trained weights, the optimisers' moments and the number of steps done.

The batch and the learning rate of each step are pure functions of seed and step, so nothing else is needed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from obverse.files import replacing

if TYPE_CHECKING:
    import torch

# Part of the time that may go into writing checkpoints.
_SHARE = 0.02


class Checkpoint:
    """One safetensors file, written after every step where that is cheap, else seldom enough to take a fiftieth of
    the time.
    """

    def __init__(
        self, path: Path, parameters: Sequence[torch.Tensor], optimizers: Sequence[torch.optim.Optimizer]
    ) -> None:
        self._path, self._parameters, self._optimizers = path, parameters, optimizers
        self._written, self._cost = time.perf_counter(), 0.0

    def read(self) -> dict[str, float]:
        """Restore what was written; return the totals that were written with it, nothing at the start."""
        if not self._path.exists():
            return {}
        import torch
        from safetensors import safe_open

        states: list[dict[str, torch.Tensor]] = [{} for _ in self._parameters]
        with safe_open(self._path, framework="pt") as stored, torch.no_grad():
            for key in stored.keys():  # noqa: SIM118 - not a mapping
                index, _, name = key.partition(".")
                if name == "parameter":
                    self._parameters[int(index)].copy_(stored.get_tensor(key))
                else:
                    states[int(index)][name] = stored.get_tensor(key)
            metadata = stored.metadata()
        places = {id(parameter): index for index, parameter in enumerate(self._parameters)}
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    optimizer.state[parameter] = {
                        # Fused optimisers count steps where the weights are.
                        name: value.to(
                            "cpu" if name == "step" and not group.get("fused") else parameter.device
                        )
                        for name, value in states[places[id(parameter)]].items()
                    }
        totals: dict[str, float] = json.loads(metadata["totals"])
        return totals

    def write(self, totals: Mapping[str, float]) -> None:
        """Write, with ``totals`` of what is done, unless the last write was too short a time ago for its cost."""
        began = time.perf_counter()
        if began - self._written < self._cost / _SHARE:
            return
        from safetensors.torch import save_file

        places = {id(parameter): index for index, parameter in enumerate(self._parameters)}
        tensors = {
            f"{index}.parameter": parameter.detach() for index, parameter in enumerate(self._parameters)
        }
        for optimizer in self._optimizers:
            for parameter, state in optimizer.state.items():
                tensors |= {f"{places[id(parameter)]}.{name}": value for name, value in state.items()}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self._path) as scratch:
            save_file(tensors, scratch, metadata={"totals": json.dumps(dict(totals))})
        self._written = time.perf_counter()
        self._cost = self._written - began

    def remove(self) -> None:
        """Take the file away once the result is written."""
        self._path.unlink(missing_ok=True)

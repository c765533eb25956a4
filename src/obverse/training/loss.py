"""The loss that every training takes: cross-entropy over the labels of a packed batch."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from obverse.models.merging import base_of
from obverse.training.packing import IGNORED, Batch

if TYPE_CHECKING:
    import torch


def batch_loss(model: Any, batch: Batch, device: torch.device) -> torch.Tensor:
    """Mean cross-entropy in nats over the labels of a batch, each predicted at its own place.

    Only places with a label are projected to the vocabulary where the model can do that; models of the transformers
    library can in a single row, so a processor reads row by row where most places have none.  What a model adds for
    its own sake, such as a mixture's imbalance, is added.
    """
    import torch

    from obverse.training.layout import batches, laid_out

    batch = laid_out(model, batch)
    parts = batches(model, batch, device)
    few = 2 * batch.predicted < batch.size
    if device.type == "cpu" and few and _keeps_places(model):
        parts = [row for part in parts for row in part.rows()]
    sums = [_summed_loss(model, one, device) for one in parts]
    # A row of single tokens predicts nothing.
    loss = torch.stack([total for total, _ in sums]).sum() / max(1, batch.predicted)
    extras = [extra for _, extra in sums if extra is not None]
    return loss + torch.stack(extras).mean() if extras else loss


def _summed_loss(model: Any, batch: Batch, device: torch.device) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The summed cross-entropy, and what the model adds."""
    import torch

    from obverse.training.layout import read

    scored = torch.from_numpy(batch.labels != IGNORED).to(device)
    labels = torch.from_numpy(batch.labels).to(device)[scored]
    picks = _picked_logits(model, batch, scored)
    output = read(model, batch, device, **({} if picks is None else {"logits_to_keep": picks}))
    logits = output.logits[scored] if picks is None else output.logits.flatten(0, -2)
    total = torch.nn.functional.cross_entropy(logits.float(), labels, reduction="sum")
    return total, getattr(output, "aux_loss", None)


def _picked_logits(model: Any, batch: Batch, scored: torch.Tensor) -> torch.Tensor | None:
    """What tells the model to project only these places: a mask for ours, for others places of a single row.

    Args:
        scored: ``[rows, time]``, true where a label is.
    """
    if getattr(model, "projects_places", False):
        return scored
    if len(batch.tokens) == 1 and batch.predicted > 0 and _keeps_places(model):
        return scored[0].nonzero()[:, 0]
    return None


def _keeps_places(model: Any) -> bool:
    """Whether it can be told which places to project, the same in all rows."""
    if getattr(model, "projects_places", False):
        return False
    return "logits_to_keep" in inspect.signature(base_of(model).forward).parameters

"""A mixture of experts: each token passes through the few networks that a router picks for it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


class Mixture(nn.Module):
    """Experts of which each token uses the likeliest few, weighted by the router (arXiv 2101.03961).

    Attributes:
        imbalance: of the last forward pass; 1 where tokens spread evenly over the experts, up to their number where
            one takes all.  A small weight on it in the loss keeps experts in use.
    """

    imbalance: torch.Tensor

    def __init__(self, experts: Sequence[nn.Module], width: int, chosen: int) -> None:
        super().__init__()
        if not 0 < chosen <= len(experts):
            raise ValueError(f"{chosen} of {len(experts)} experts cannot be chosen")
        self.experts = nn.ModuleList(experts)
        self.router = nn.Linear(width, len(experts), bias=False)
        self.chosen = chosen

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[..., width]`` to ``[..., width]``."""
        tokens = x.reshape(-1, x.shape[-1])
        probabilities = self.router(tokens).float().softmax(dim=-1)  # [tokens, experts]
        weights, picked = probabilities.topk(self.chosen, dim=-1)
        weights = (weights / weights.sum(dim=-1, keepdim=True)).to(x.dtype)
        out = torch.zeros_like(tokens)
        for index, expert in enumerate(self.experts):
            token, rank = (picked == index).nonzero(as_tuple=True)
            out = out.index_add(0, token, expert(tokens[token]) * weights[token, rank, None])
        share = torch.zeros_like(probabilities).scatter(1, picked, 1.0).mean(dim=0) / self.chosen
        self.imbalance = len(self.experts) * (share * probabilities.mean(dim=0)).sum()
        return out.view_as(x)

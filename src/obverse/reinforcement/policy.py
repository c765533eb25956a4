"""The policy gradient: advantages within a group, the surrogate whose gradient it is, and the distance from a model.

After REINFORCE (Williams 1992) with the mean of a group as its baseline (arXiv 2402.03300, 2402.14740) and, by choice,
clipped ratios (arXiv 1707.06347).

Shapes: Q questions, G thoughts about each, P places in all thoughts together, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from obverse.answering.thinking import Thought

# Keeps a group whose rewards are all alike from being divided by nothing.
_LEAST_DEVIATION = 1e-6


def group_advantages(rewards: torch.Tensor, *, scaled: bool) -> torch.Tensor:
    """Rewards ``[Q, G]`` less the mean of their group.

    Args:
        scaled: whether they are also divided by the standard deviation of the group.
    """
    advantages = rewards - rewards.mean(dim=1, keepdim=True)
    if scaled:
        advantages = advantages / (rewards.std(dim=1, keepdim=True, unbiased=False) + _LEAST_DEVIATION)
    return advantages


def thought_log_probabilities(
    model: Any, thoughts: Sequence[Thought], temperature: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What the model would choose at each place of the thoughts; the answer behind a thought is not read.

    Args:
        temperature: that the thoughts were drawn at.

    Returns:
        the log-probabilities of all tokens, ``[P, V]``, those of the tokens that were chosen, ``[P]``, and the thought
        that each place belongs to, ``[P]``.
    """
    device = model.device
    texts = [thought.prompt + thought.tokens for thought in thoughts]
    longest = max(map(len, texts))
    # Padding stands behind, where a causal model does not see it.
    tokens = torch.tensor([text + (0,) * (longest - len(text)) for text in texts], device=device)
    places = torch.arange(longest, device=device)
    begins = torch.tensor([len(thought.prompt) for thought in thoughts], device=device)[:, None]
    ends = torch.tensor([len(text) for text in texts], device=device)[:, None]
    asked = (places >= begins - 1) & (places < ends - 1)
    only_asked = bool(getattr(model, "projects_places", False))
    logits = model(
        input_ids=tokens, use_cache=False, **({"logits_to_keep": asked} if only_asked else {})
    ).logits
    logits = logits if only_asked else logits[asked]
    everything = (logits.float() / temperature).log_softmax(dim=-1)
    chosen = tokens.roll(-1, dims=1)[asked]
    return everything, everything.gather(1, chosen[:, None])[:, 0], asked.nonzero()[:, 0]


def surrogate(
    now: torch.Tensor, before: torch.Tensor, advantages: torch.Tensor, clip: float | None
) -> torch.Tensor:
    """What is to be made small, summed over places; where nothing has changed yet, its gradient is that of REINFORCE.

    Args:
        now, before: log-probabilities of the tokens that were chosen, ``[P]``; before the first change of this round.
        advantages: of the thought that each belongs to, ``[P]``.
        clip: how far a ratio may move from 1 before it earns no more; ``None`` for no bound.
    """
    ratios = (now - before).exp()
    gains = ratios * advantages
    if clip is not None:
        gains = torch.minimum(gains, ratios.clamp(1 - clip, 1 + clip) * advantages)
    return -gains.sum()


def divergence(now: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    """The Kullback-Leibler divergence of the model from the one that it started as at each place, in nats, ``[P]``.

    Args:
        now, start: log-probabilities of all tokens, ``[P, V]``.
    """
    return (now.exp() * (now - start)).sum(dim=-1)

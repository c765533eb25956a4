"""The decoder written out in plain PyTorch, as somebody would who wants this one model and nothing else.

Causal, rotary and dense; with the names of the decoder's weights, so that its state can be loaded.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from obverse.models.decoder_config import DecoderConfig


class PlainLayer(nn.Module):
    """A layer of the decoder, with the names of its weights."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        width, inner = config.hidden_size, config.intermediate_size
        self.heads = config.num_attention_heads
        self.attention_norm = nn.RMSNorm(width, eps=1e-6)
        self.self_attn = nn.Module()
        self.self_attn.shift = nn.Module()
        self.self_attn.shift.weight = nn.Parameter(torch.empty(config.shift, width))
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            self.self_attn.add_module(name, nn.Linear(width, width, bias=False))
        self.feed_forward_norm = nn.RMSNorm(width, eps=1e-6)
        self.feed_forward = nn.Module()
        self.feed_forward.up_proj = nn.Linear(width, inner, bias=False)
        self.feed_forward.down_proj = nn.Linear(inner, width, bias=False)

    def forward(
        self,
        x: torch.Tensor,
        mask: torch.Tensor,
        cosines: torch.Tensor,
        sines: torch.Tensor,
        within: list[torch.Tensor],
    ) -> torch.Tensor:
        """``[batch, time, width]`` to the same."""
        batch, time, width = x.shape
        attention: Any = self.self_attn
        normed = self.attention_norm(x)
        shifted = normed
        for back, weight in enumerate(attention.shift.weight, start=1):
            earlier = functional.pad(normed, (0, 0, back, 0))[:, :time]
            shifted = shifted + earlier * within[back - 1] * weight
        query, key, value = (
            projection(shifted).view(batch, time, self.heads, -1).transpose(1, 2)
            for projection in (attention.q_proj, attention.k_proj, attention.v_proj)
        )
        query, key = (x * cosines + _half_turned(x) * sines for x in (query, key))
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = x + attention.o_proj(mixed.transpose(1, 2).reshape(batch, time, width))
        feed_forward: Any = self.feed_forward
        inner = functional.relu(feed_forward.up_proj(self.feed_forward_norm(x))) ** 2
        out: torch.Tensor = x + feed_forward.down_proj(inner)
        return out


def _half_turned(x: torch.Tensor) -> torch.Tensor:
    left, right = x.chunk(2, dim=-1)
    return torch.cat((-right, left), dim=-1)


class PlainDecoder(nn.Module):
    """The decoder written out: causal, rotary, dense; with the names of its weights."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.model.layers = nn.ModuleList(PlainLayer(config) for _ in range(config.num_hidden_layers))
        self.model.norm = nn.RMSNorm(config.hidden_size, eps=1e-6)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)

    def forward(
        self, tokens: torch.Tensor, positions: torch.Tensor, documents: torch.Tensor, scored: torch.Tensor
    ) -> torch.Tensor:
        """Logits ``[scored, vocabulary]``."""
        model: Any = self.model
        size = self.config.head_dim
        half = torch.arange(0, size, 2, device=tokens.device, dtype=torch.float32)
        angles = positions[:, None, :, None].float() * self.config.rotary_base ** (-half / size)
        angles = torch.cat((angles, angles), dim=-1)
        cosines, sines = angles.cos(), angles.sin()
        mask = (documents[:, :, None] == documents[:, None]).tril()[:, None]
        within = [(positions >= back)[..., None].float() for back in range(1, self.config.shift + 1)]
        x = model.embed_tokens(tokens)
        for layer in model.layers:
            x = layer(x, mask, cosines, sines, within)
        logits: torch.Tensor = self.lm_head(model.norm(x)[scored])
        return logits

"""A small decoder that learns everything from scratch, as a model of the transformers library.

Pre-norm transformer, causal or bidirectional.  Three ingredients decide whether a model this small learns to read its
context within seconds rather than hours: a *shift* in every layer, a causal depthwise convolution over the last few
positions on the input of queries, keys and values; keys that start equal to the queries, so that a token attends to
its own kind from the first step on; and output embeddings that start equal to the input embeddings, so that what
attention copies can be said.  The last two only start there: untied, they go their own ways.

Shapes: B batch, T time, D width, H heads, V vocabulary; activations called ``x`` are ``[B, T, D]``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import GenerationMixin, PreTrainedModel
from transformers.cache_utils import Cache, DynamicCache
from transformers.masking_utils import create_bidirectional_mask, create_causal_mask
from transformers.modeling_outputs import BaseModelOutputWithPast, MoeCausalLMOutputWithPast
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from obverse.models.decoder_config import DecoderConfig
from obverse.models.mixture import Mixture
from obverse.models.operations import add_earlier, rotate, squared_relu

# Tokens in a row up to which attention may be written out.
_LONGEST_PLAIN = 512


class Shift(nn.Module):
    """x_t + w_1 x_(t-1) + ... + w_n x_(t-n), elementwise, within one document."""

    def __init__(self, width: int, reach: int, layer: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(reach, width))
        self.layer = layer

    def forward(self, x: torch.Tensor, within: torch.Tensor, cache: Cache | None) -> torch.Tensor:
        """Shift the inputs.

        Args:
            within: for each step back 1 where it stays in the document and 0 where it leaves it, ``[reach, B, T]``.
        """
        if cache is None:
            return add_earlier(x, self.weight, within)
        time = x.shape[1]
        past = cache.update_conv_state(x.transpose(1, 2), self.layer, conv_kernel_size=len(self.weight))
        within = functional.pad(within, (past.shape[2] - time, 0))
        return add_earlier(past.transpose(1, 2), self.weight, within)[:, -time:]


class Attention(nn.Module):
    """Multi-head attention over the shifted input."""

    def __init__(self, config: DecoderConfig, layer: int) -> None:
        super().__init__()
        width = config.hidden_size
        self.config, self.layer_idx = config, layer
        self.is_causal = config.is_causal
        self.scaling = config.head_dim**-0.5
        self.shift = Shift(width, config.shift, layer) if config.shift else None
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.o_proj = nn.Linear(width, width, bias=False)

    def forward(
        self,
        x: torch.Tensor,
        mask: torch.Tensor | None,
        rotation: tuple[torch.Tensor, torch.Tensor] | None,
        within: torch.Tensor,
        cache: Cache | None,
        **kwargs: Any,
    ) -> torch.Tensor:
        batch, time, width = x.shape
        if self.shift is not None:
            x = self.shift(x, within, cache)
        shape = (batch, time, self.config.num_attention_heads, self.config.head_dim)
        queries, keys, values = (
            projection(x).view(shape).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        if rotation is not None:
            queries, keys = rotate(queries, *rotation), rotate(keys, *rotation)
        if cache is not None:
            keys, values = cache.update(keys, values, self.layer_idx)
        if _attends_plainly(queries, mask):
            attend = _plain_attention
        else:
            attend = ALL_ATTENTION_FUNCTIONS.get_interface(self.config._attn_implementation, _plain_attention)
        mixed, _ = attend(self, queries, keys, values, mask, dropout=0.0, scaling=self.scaling, **kwargs)
        attended: torch.Tensor = self.o_proj(mixed.reshape(batch, time, width))
        return attended


class FeedForward(nn.Module):
    """Two matrices with a rectified square between them (arXiv 2109.08668): cheap, and as good as gated ones here."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[..., D]`` to ``[..., D]``."""
        out: torch.Tensor = self.down_proj(squared_relu(self.up_proj(x)))
        return out


class Layer(nn.Module):
    """Attention and a feed-forward network, each read from a normed residual stream and added to it."""

    def __init__(self, config: DecoderConfig, layer: int) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(config.hidden_size, eps=1e-6)
        self.self_attn = Attention(config, layer)
        self.feed_forward_norm = nn.RMSNorm(config.hidden_size, eps=1e-6)
        self.feed_forward = (
            Mixture(
                [FeedForward(config) for _ in range(config.experts)],
                config.hidden_size,
                config.experts_per_token,
            )
            if config.experts
            else FeedForward(config)
        )

    def forward(self, x: torch.Tensor, **about: Any) -> torch.Tensor:
        """``[B, T, D]`` to ``[B, T, D]``; ``about`` as `Attention.forward` takes it."""
        x = x + self.self_attn(self.attention_norm(x), **about)
        out: torch.Tensor = x + self.feed_forward(self.feed_forward_norm(x))
        return out


class _Base(PreTrainedModel):
    config: DecoderConfig
    config_class = DecoderConfig
    base_model_prefix = "model"
    _no_split_modules = ["Layer"]  # noqa: RUF012 - as the library declares it
    _supports_sdpa = True
    _supports_attention_backend = True

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """Matrices from a normal distribution by fan-in; a step's first output is that of the embeddings alone."""
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=self.config.embedding_std)
        elif isinstance(module, Shift):
            nn.init.normal_(module.weight, std=0.5)
        elif isinstance(module, nn.RMSNorm):
            nn.init.ones_(module.weight)
        elif isinstance(module, nn.Linear):
            output = module is getattr(self, "lm_head", None)
            nn.init.normal_(
                module.weight, std=self.config.embedding_std if output else module.in_features**-0.5
            )


class DecoderModel(_Base):
    """Embeddings and layers; gives the last hidden states."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__(config)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        if config.positions == "learned":
            self.embed_positions = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config, layer) for layer in range(config.num_hidden_layers))
        self.norm = nn.RMSNorm(config.hidden_size, eps=1e-6)
        self.post_init()  # type: ignore[no-untyped-call]  # the library is untyped here
        if config.keys_start_at_queries:
            with torch.no_grad():
                for module in self.modules():
                    if isinstance(module, Attention):
                        module.k_proj.weight.copy_(module.q_proj.weight)

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        use_cache: bool | None = None,
        **kwargs: Any,
    ) -> BaseModelOutputWithPast:
        """Encode ``input_ids`` ``[B, T]``; other arguments as in the transformers library.

        Positions that start anew with each packed document keep the shift within it; what attention sees is for the
        mask to say.
        """
        config = self.config
        x = self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds
        if use_cache and past_key_values is None and config.is_causal:
            past_key_values = DynamicCache(config=config)
        if position_ids is None:
            seen = past_key_values.get_seq_length() if past_key_values is not None else 0
            position_ids = torch.arange(x.shape[1], device=x.device)[None] + seen
            if attention_mask is not None and attention_mask.dim() == 2:
                # Padding counts no position, so the shift of the first token does not reach into it.
                counted = attention_mask.long().cumsum(dim=-1) - 1
                position_ids = counted.clamp(min=0)[:, -x.shape[1] :]
        mask = self._mask(x, attention_mask, position_ids, past_key_values)
        if config.positions == "learned":
            x = x + self.embed_positions(position_ids)
        rotation = _rotation(position_ids, config, x) if config.positions == "rotary" else None
        steps_back = torch.arange(1, config.shift + 1, device=x.device)
        within = (position_ids >= steps_back[:, None, None]).to(x.dtype)
        for layer in self.layers:
            x = layer(x, mask=mask, rotation=rotation, within=within, cache=past_key_values, **kwargs)
        return BaseModelOutputWithPast(last_hidden_state=self.norm(x), past_key_values=past_key_values)

    def _mask(
        self,
        x: torch.Tensor,
        attention_mask: torch.Tensor | None,
        position_ids: torch.Tensor,
        cache: Cache | None,
    ) -> Any:
        """What attention may see, as the library's attention functions want it; nothing where that is the default."""
        about: dict[str, Any] = {"config": self.config, "inputs_embeds": x, "attention_mask": attention_mask}
        if not self.config.is_causal:
            return create_bidirectional_mask(**about)
        return create_causal_mask(**about, past_key_values=cache, position_ids=position_ids)


class Decoder(_Base, GenerationMixin):
    """The decoder with its output embeddings."""

    _tied_weights_keys = {"lm_head.weight": "model.embed_tokens.weight"}  # noqa: RUF012 - as the library declares it
    projects_places = True
    """Whether ``logits_to_keep`` may be a mask of places."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__(config)
        self.model = DecoderModel(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()  # type: ignore[no-untyped-call]  # the library is untyped here
        if config.outputs_start_at_inputs:
            with torch.no_grad():
                self.lm_head.weight.copy_(self.model.embed_tokens.weight)

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        **kwargs: Any,
    ) -> MoeCausalLMOutputWithPast:
        """Logits ``[B, T, V]``; arguments as in the transformers library.

        Args:
            logits_to_keep: how many last positions are projected (0 for all), their indices, or a mask ``[B, T]`` of
                those that are, which gives logits ``[kept, V]``: a loss on few tokens pays for few.
            labels: token at each place, ``[B, T]``, -100 where none is asked for; a causal model is asked for it one
                place before.
        """
        encoded = self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            use_cache=use_cache,
            **kwargs,
        )
        hidden = encoded.last_hidden_state
        if isinstance(logits_to_keep, torch.Tensor) and logits_to_keep.dtype == torch.bool:
            hidden = hidden[logits_to_keep]
        elif isinstance(logits_to_keep, torch.Tensor):
            hidden = hidden[:, logits_to_keep]
        else:
            hidden = hidden[:, -logits_to_keep:]
        logits = self.lm_head(hidden)
        loss = None
        if labels is not None:
            expected = functional.pad(labels[:, 1:], (0, 1), value=-100) if self.config.is_causal else labels
            loss = functional.cross_entropy(logits.float().flatten(0, 1), expected.flatten())
        return MoeCausalLMOutputWithPast(
            loss=loss, aux_loss=self._imbalance(), logits=logits, past_key_values=encoded.past_key_values
        )

    def _imbalance(self) -> torch.Tensor | None:
        """What unevenly used experts add to the loss, averaged over layers; nothing in a dense model."""
        if not self.config.experts:
            return None
        layers = [layer.feed_forward.imbalance for layer in self.model.layers]
        return self.config.balance * torch.stack(layers).mean()


def _rotation(
    position_ids: torch.Tensor, config: DecoderConfig, like: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines of rotary positions (arXiv 2104.09864), as `rotate` takes them."""
    half = torch.arange(0, config.head_dim, 2, device=like.device, dtype=torch.float32)
    angles = position_ids[:, None, :, None].float() * config.rotary_base ** (-half / config.head_dim)
    cosines, sines = angles.cos().to(like.dtype), angles.sin().to(like.dtype)
    return torch.cat((cosines, cosines), dim=-1), torch.cat((-sines, sines), dim=-1)


def _attends_plainly(queries: torch.Tensor, mask: torch.Tensor | None) -> bool:
    """Whether attention written out is faster: on a processor the library's gradient in bfloat16 takes three times as
    long, measured at 96 tokens.  Longer rows would not fit the memory.
    """
    trains_in_bfloat16 = queries.dtype == torch.bfloat16 and queries.requires_grad
    short = queries.shape[2] <= _LONGEST_PLAIN
    return trains_in_bfloat16 and queries.device.type == "cpu" and mask is not None and short


def _plain_attention(
    _: Attention,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    *,
    scaling: float,
    **__: Any,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attention written out, for ``attn_implementation="eager"``.

    The mask holds what is added to the scores or, for packed rows, whether a token is seen.
    """
    scores = query @ key.transpose(-1, -2) * scaling
    if mask is not None and mask.dtype == torch.bool:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    elif mask is not None:
        scores = scores + mask
    weights = scores.softmax(dim=-1)
    return (weights @ value).transpose(1, 2), weights

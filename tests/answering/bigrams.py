"""A causal model whose next token depends on the last one alone, by a table that a test writes out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from obverse.models import Pretrained

# What a token that the table does not name for its predecessor is left with, in nats.
_HARDLY = -20.0


def bigram_model(tokenizer: Any, table: Mapping[str, Mapping[str, float]]) -> Pretrained:
    """A Llama whose layer adds nothing: embeddings are one-hot, and the output layer is the table.

    Args:
        table: for each token the probabilities of those that follow it, as the tokenizer writes them (``Ġ`` is a
            space).  Behind a token that it lacks all tokens are equally likely.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    size = len(tokenizer)
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=size + size % 2,
        intermediate_size=4,
        num_hidden_layers=1,
        num_attention_heads=1,
        max_position_embeddings=2048,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        rms_norm_eps=0.0,
    )
    model: Any = LlamaForCausalLM(config).float().eval().requires_grad_(False)
    layer = model.model.layers[0]
    layer.self_attn.o_proj.weight.zero_()
    layer.mlp.down_proj.weight.zero_()
    model.model.embed_tokens.weight.copy_(torch.eye(size, config.hidden_size))
    logits = torch.zeros(size, config.hidden_size)
    for last, following in table.items():
        column = logits[:, tokenizer.convert_tokens_to_ids(last)]
        column[:] = _HARDLY
        for token, probability in following.items():
            column[tokenizer.convert_tokens_to_ids(token)] = math.log(probability)
    # A normalised one-hot vector has the root of its size in its place.
    model.lm_head.weight.copy_(logits / math.sqrt(config.hidden_size))
    return Pretrained("bigrams", model, tokenizer, "bigrams")

"""A tiny random model of every family that the transformers library registers for causal language modelling.

Run as a script it prints what could be built and what could not.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import warnings
from collections.abc import Iterable
from typing import Any

VOCABULARY = 96
BEGIN, END = 94, 95
_LAYERS = 2

# Small values that fit each other, with the names that configurations give to them.
_VALUES: list[tuple[Any, str]] = [
    (VOCABULARY, "vocab_size vocab_size_per_layer_input unpadded_vocab_size"),
    (
        32,
        "hidden_size d_model n_embd embedding_size embedding_dim emb_dim word_embed_proj_dim lru_width image_size "
        "input_embedding_size output_embedding_size attention_hidden_size pronunciation_embed_dim shape_embed_dim "
        "mamba_d_ssm ple_embed_dim",
    ),
    (
        48,
        "intermediate_size ffn_dim n_inner d_inner dim_ff dff decoder_ffn_dim encoder_ffn_dim ffn_hidden_size "
        "feed_forward_size intermediate_size_mlp moe_intermediate_size shared_expert_intermediate_size "
        "shared_intermediate_size shared_experts_intermediate_size expert_ffn_hidden_size router_hidden_size "
        "dense_intermediate_size moe_shared_expert_intermediate_size prompt_mid_dim",
    ),
    (
        _LAYERS,
        "num_hidden_layers n_layer n_layers num_layers num_blocks decoder_layers encoder_layers num_encoder_layers "
        "num_decoder_layers depth",
    ),
    (
        4,
        "num_attention_heads n_head n_heads num_heads attention_heads decoder_attention_heads index_n_heads "
        "encoder_attention_heads num_encoder_attention_heads num_decoder_attention_heads swa_num_attention_heads "
        "mamba_n_heads linear_num_heads num_experts num_local_experts n_routed_experts moe_num_experts "
        "zero_expert_num",
    ),
    (
        2,
        "num_key_value_heads num_kv_heads swa_num_key_value_heads num_query_groups linear_num_key_heads "
        "linear_num_value_heads num_experts_per_tok num_experts_per_token moe_topk moe_k",
    ),
    (1, "n_group topk_group num_expert_group n_shared_experts o_groups"),
    (
        8,
        "head_dim global_head_dim swa_head_dim d_head dim_head attention_head_size attention_head_dim kv_channels "
        "linear_head_dim linear_key_head_dim linear_value_head_dim index_head_dim rotary_dim qk_rope_head_dim "
        "qk_nope_head_dim mamba_head_dim kv_lora_rank q_lora_rank o_lora_rank laurel_rank gated_norm_rank "
        "hc_lowrank adapter_rank mamba_d_state state_size ssm_state_size mamba_dt_rank time_step_rank d_rel "
        "hidden_size_per_layer_input",
    ),
    (12, "v_head_dim"),  # not the size of the keys' heads
    (  # shorter than the texts of the tests
        8,
        "sliding_window sliding_window_size local_attention window_size attention_window_size attention_chunk_size "
        "mamba_chunk_size chunk_size index_topk keep_window_size",
    ),
    (
        256,
        "max_position_embeddings n_positions n_ctx max_seq_len model_max_length context_length rel_extent "
        "max_target_positions max_source_positions",
    ),
    (16, "patch_size"),
    (0, "pad_token_id unk_index"),
    (BEGIN, "bos_token_id"),
    (END, "eos_token_id"),
    (True, "is_decoder"),
]
_SMALL = {name: value for value, names in _VALUES for name in names.split()}

# One layer of each kind.
_KINDS_OF_LAYERS = ("layer_types", "mlp_layer_types", "layers_block_type", "indexer_types", "attn_layers")

_MIXED = ["sliding_attention", "full_attention"]
_TWO_ROPES = {kind: {"rope_type": "default", "rope_theta": 10000.0} for kind in _MIXED}
# An indexer picks any of the keys with a score of 0, hence all of them in these.
_DOTS3 = {
    "index_topk": 64,
    "num_key_value_heads": 4,
    "swa_num_attention_heads": 4,
    "swa_num_key_value_heads": 4,
    "swa_q_lora_rank": 8,
    "swa_kv_lora_rank": 8,
    "swa_head_dim": 16,
    "swa_qk_nope_head_dim": 8,
    "swa_v_head_dim": 12,
}
_QWEN4 = {
    "indexer_n_heads": 2,
    "indexer_kv_heads": 1,
    "indexer_head_dim": 8,
    "indexer_budget": 8,
    "indexer_compress_ratio": 2,
}

# Where sizes depend on each other in another way; parts of a configuration have dictionaries of their own.
_OWN: dict[str, dict[str, Any]] = {
    "bamba": {"attn_layer_indices": [1]},
    "blt": {
        "encoder_hash_byte_group_vocab": 64,
        "patch_size": 4,
        "local_attention_window_len": 64,
        "decoder_config": {"hidden_size_global": 32},
    },
    **{family: {"logit_scale": 1.0} for family in ("cohere", "cohere2", "cohere2_moe")},
    "cohere_compass_text": {"layer_types": _MIXED, "rope_parameters": _TWO_ROPES},
    "dbrx": {"attn_config": {"rope_theta": 10000.0, "kv_n_heads": 2, "clip_qkv": 8.0}},
    **{family: {"index_topk": 64} for family in ("deepseek_v32", "hy_v4")},
    "dots3_note": {
        "text_config": _DOTS3,
        "vision_config": {"adapter_in_dim": 32, "adapter_out_dim": 32, "mlp_layer_types": ["dense"] * 2},
        "audio_config": {"adapter_input_size": 32, "adapter_out_dim": 32},
    },
    "dots3_note_text": _DOTS3,
    "gemma3n_text": {"num_hidden_layers": 4, "num_kv_shared_layers": 2, "layer_types": _MIXED * 2},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "granitemoehybrid": {"layer_types": ["linear_attention", "full_attention"]},
    "inkling_text": {"logits_mup_width_multiplier": 1.0},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1},
    "lfm2": {"layer_types": ["conv", "full_attention"]},
    "lfm2_moe": {"layer_types": ["conv", "full_attention"], "num_dense_layers": 1},
    "mamba2": {"head_dim": 16, "n_groups": 2},
    "qwen4_exp": {"text_config": _QWEN4},
    "qwen4_exp_text": _QWEN4,
    "recurrent_gemma": {"num_hidden_layers": 3},
    "reformer": {
        "axial_pos_shape": [16, 16],
        "axial_pos_embds_dim": [8, 24],
        "num_buckets": 4,
        "hash_seed": 0,
    },
    "xlm": {"causal": True},
    "xlstm": {"hidden_size": 128, "embedding_dim": 128},
    "xmod": {"default_language": "en_XX"},
    "zamba": {
        "attention_hidden_size": 64,
        "attention_head_dim": 16,
        "num_hidden_layers": 4,
        "layers_block_type": ["linear_attention", "hybrid"] * 2,
    },
    "zaya": {"num_experts_per_tok": 1, "layer_types": ["hybrid", "hybrid_sliding"]},
}

# What cannot be built, and why.
LEFT_OUT = {
    "gemma3n": "its image tower needs the package timm; its text model is gemma3n_text",
    "gemma4_assistant": "drafts for another model, whose states it reads",
    "gemma4_unified_assistant": "drafts for another model, whose states it reads",
    "musicgen": "reads codes of sound, no text",
    "musicgen_melody": "reads codes of sound, no text",
}

# What a model of these says of a token depends on those that follow.
REFUSED = {"cpmant", "prophetnet", "xlnet"}

# One of each kind; the others take minutes.
FAST = (
    "llama",
    "gpt2",
    "opt",  # learned positions with an offset
    "bloom",  # no positions but slopes
    "falcon",
    "gemma2",  # capped scores, windows in every other layer
    "gemma4_text",  # layers that share keys, and with heads of other sizes
    "gpt_oss",  # sinks
    "llama4_text",  # chunks
    "deepseek_v3",  # latent attention
    "longcat_flash",
    "mixtral",
    "qwen3_5_text",  # a state beside attention
    "lfm2",
    "granitemoehybrid",
    "jamba",
    "mamba2",
    "rwkv",
    "xlstm",
    "recurrent_gemma",
    "camembert",  # positions that begin behind the padding token's
    "openai-gpt",  # nothing is kept of what was read
)


def names() -> list[str]:
    """Every registered family."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    return sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)


def tiny(family: str, seed: int = 0) -> Any:
    """A random model of the family, in float32 and made for inference.

    Its likelihoods are far from uniform, so that a wrong mask or position shows.
    """
    import torch
    from transformers import CONFIG_MAPPING, AutoModelForCausalLM

    config = _shrunk(CONFIG_MAPPING[family], _OWN.get(family, {}))
    torch.manual_seed(seed)
    model: Any = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, 0.2)
    return model.eval()


def _shrunk(kind: Any, own: dict[str, Any]) -> Any:
    default = kind()
    parts = [part for part in getattr(kind, "sub_configs", {}) if getattr(default, part, None) is not None]
    fields = {field.name for field in dataclasses.fields(kind)}
    settings = {name: value for name, value in _SMALL.items() if name in fields}
    settings |= _layers(default, settings, fields)
    if (
        "kv_lora_rank" in fields and "num_key_value_heads" in fields
    ):  # latent attention: as many as of queries
        settings["num_key_value_heads"] = settings["num_attention_heads"]
    settings |= {name: value for name, value in own.items() if name not in parts}
    settings |= {part: _shrunk(type(getattr(default, part)), own.get(part, {})) for part in parts}
    return kind(**settings)


def _layers(default: Any, settings: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    """Layers of each kind that the default has, by the same number for all lists of kinds."""
    lists = {
        name: list(dict.fromkeys(found))
        for name in fields.intersection(_KINDS_OF_LAYERS)
        if isinstance(found := getattr(default, name, None), list | tuple) and found
    }
    if not lists:
        return {}
    count = max(_LAYERS, *map(len, lists.values()))
    names = {"num_hidden_layers", "n_layer", "num_layers"} & set(settings)
    return {
        **dict.fromkeys(names, count),
        **{name: (kinds * math.ceil(count / len(kinds)))[:count] for name, kinds in lists.items()},
    }


def main() -> None:
    """Print a line for each family."""
    import torch
    from transformers.utils import logging

    warnings.simplefilter("ignore")
    logging.set_verbosity_error()
    wanted = sys.argv[1:] or names()
    for family in wanted:
        if reason := LEFT_OUT.get(family):
            print(f"{family:26} left out: {reason}")
            continue
        model = tiny(family)
        config = model.config.get_text_config(decoder=True)
        with torch.inference_mode():
            logits = model(input_ids=torch.arange(3, 27)[None], use_cache=False).logits
        assert logits.shape == (1, 24, VOCABULARY)
        assert logits.isfinite().all()
        kinds = sorted(set(getattr(config, "layer_types", None) or ()))
        size = sum(parameter.numel() for parameter in model.parameters())
        print(f"{family:26} {size:>9,} parameters, {config._attn_implementation}, {' '.join(kinds)}")
    print(f"{len(set(wanted) - set(LEFT_OUT))} of {len(wanted)}")


def marked(chosen: Iterable[str]) -> list[Any]:
    """Families as parameters of a test, of which a few of each make run by default."""
    import pytest

    return [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in chosen]


if __name__ == "__main__":
    main()

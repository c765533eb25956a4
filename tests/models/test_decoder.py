"""The decoder: cached equals uncached, packed equals alone, and what it is counted to hold is what it holds."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from obverse.models.decoder import Decoder
from obverse.models.decoder_config import DecoderConfig
from obverse.training.packing import Example, pack

VOCABULARY = 40

Logits = torch.Tensor


def decoder(seed: int = 0, **changes: Any) -> Any:
    """A tiny decoder, no two of whose weights are alike."""
    apart: dict[str, Any] = {"keys_start_at_queries": False, "outputs_start_at_inputs": False}
    sizes: dict[str, Any] = {"hidden_size": 32, "num_attention_heads": 2, "max_position_embeddings": 64}
    torch.manual_seed(seed)
    model: Any = Decoder(
        DecoderConfig(vocab_size=VOCABULARY, embedding_std=0.5, **{**sizes, **apart, **changes})
    )
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name:
                weight.uniform_(0.5, 1.5)
    return model.eval()


def tokens(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(VOCABULARY, shape, generator=torch.Generator().manual_seed(seed))


def read(model: Any, ids: torch.Tensor, **about: Any) -> Logits:
    """Logits without a cache."""
    with torch.no_grad():
        found: Logits = model(input_ids=ids, use_cache=False, **about).logits
    return found


def equal(left: torch.Tensor, right: torch.Tensor) -> None:
    torch.testing.assert_close(left, right, rtol=0, atol=2e-5)


every_kind = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(
            {"positions": positions, "shift": shift, "tie_word_embeddings": tied, "experts": experts},
            id=f"{positions}-{shift}-{'tied' if tied else 'untied'}-{experts}",
        )
        for positions, shift, tied, experts in product(
            ("rotary", "learned", "none"), (0, 2, 4), (False, True), (0, 3)
        )
    ],
)
either_direction = pytest.mark.parametrize("causal", [True, False], ids=["causal", "bidirectional"])


@every_kind
def test_cached_equals_uncached(kind: dict[str, Any]) -> None:
    model = decoder(**kind)
    ids = tokens(2, 11)
    whole = read(model, ids)
    # One token, several at once onto the cache, fewer than the shift reaches, and one after the other.
    cache, pieces = None, []
    for piece in ids.split([1, 6, 2, 1, 1], dim=1):
        with torch.no_grad():
            found = model(input_ids=piece, past_key_values=cache, use_cache=True)
        cache = found.past_key_values
        pieces.append(found.logits)
    equal(torch.cat(pieces, dim=1), whole)


@every_kind
def test_generation_is_the_same_with_and_without_a_cache_and_beside_longer_prompts(
    kind: dict[str, Any],
) -> None:
    model = decoder(**kind)
    prompts = [tokens(size, seed=size) for size in (7, 1, 4)]
    plan = {"max_new_tokens": 5, "do_sample": False, "pad_token_id": 0}
    alone = [
        model.generate(prompt[None], use_cache=False, **plan)[0, len(prompt) :].tolist() for prompt in prompts
    ]
    cached = model.generate(prompts[0][None], use_cache=True, **plan)[0, len(prompts[0]) :].tolist()
    assert cached == alone[0]
    padded = torch.stack([functional.pad(prompt, (7 - len(prompt), 0)) for prompt in prompts])
    seen = torch.stack([functional.pad(torch.ones_like(prompt), (7 - len(prompt), 0)) for prompt in prompts])
    together = model.generate(padded, attention_mask=seen, use_cache=True, **plan)[:, 7:]
    assert together.tolist() == alone


@either_direction
@pytest.mark.parametrize("positions", ["rotary", "learned", "none"])
def test_padding_on_the_left_changes_nothing(causal: bool, positions: str) -> None:
    model = decoder(shift=4, is_causal=causal, positions=positions)
    long, short = tokens(9), tokens(4, seed=1)
    ids = torch.stack([long, functional.pad(short, (5, 0), value=7)])
    seen = torch.tensor([[1] * 9, [0] * 5 + [1] * 4])
    found = read(model, ids, attention_mask=seen)
    equal(found[0], read(model, long[None])[0])
    equal(found[1, 5:], read(model, short[None])[0])
    if causal:
        with torch.no_grad():
            start = model(input_ids=ids[:, :6], attention_mask=seen[:, :6], use_cache=True)
            rest = model(input_ids=ids[:, 6:], attention_mask=seen, past_key_values=start.past_key_values)
        equal(rest.logits, found[:, 6:])


@pytest.mark.parametrize("shift", [0, 2])
def test_beams_are_the_same_with_and_without_a_cache(shift: int) -> None:
    model, prompt = decoder(shift=shift), tokens(2, 5)
    plan = {"max_new_tokens": 6, "do_sample": False, "num_beams": 3, "pad_token_id": 0}
    beams = model.generate(prompt, use_cache=True, **plan)
    assert beams.tolist() == model.generate(prompt, use_cache=False, **plan).tolist()
    assert beams.tolist() != model.generate(prompt, **plan | {"num_beams": 1}).tolist()


@either_direction
def test_a_later_token_changes_what_stands_before_it_only_in_a_bidirectional_model(causal: bool) -> None:
    model, ids = decoder(is_causal=causal), tokens(1, 9)
    changed = ids.clone()
    changed[0, 6] = (ids[0, 6] + 1) % VOCABULARY
    before, after = read(model, ids)[0], read(model, changed)[0]
    differs = (before - after).abs().amax(dim=-1) > 1e-4
    assert differs.tolist() == ([False] * 6 + [True] * 3 if causal else [True] * 9)


@either_direction
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("positions", ["rotary", "learned", "none"])
def test_packed_documents_are_read_as_each_alone(causal: bool, attention: str, positions: str) -> None:
    model = decoder(shift=4, is_causal=causal, positions=positions, attn_implementation=attention)
    documents = [tokens(size, seed=size) for size in (6, 1, 9, 2, 5)]
    examples = [Example(document.numpy(), document.numpy()) for document in documents]
    batch = pack(examples, 14)
    assert len(batch.tokens) == 2
    packed = read(
        model,
        torch.from_numpy(batch.tokens),
        position_ids=torch.from_numpy(batch.positions),
        attention_mask=batch.mask("cpu", causal=causal),
    )
    for row, owners in enumerate(batch.documents):
        for document in range(owners.max() + 1):
            places = np.flatnonzero(owners == document)
            equal(packed[row, places], read(model, torch.from_numpy(batch.tokens[row, places])[None])[0])


@pytest.mark.parametrize(
    ("positions", "from_anywhere"), [("rotary", True), ("learned", False), ("none", True)]
)
def test_rotary_positions_count_from_anywhere_and_learned_ones_from_the_start(
    positions: str, from_anywhere: bool
) -> None:
    model, ids = decoder(positions=positions, shift=0), tokens(1, 7)
    places = torch.arange(7)[None]
    start, later = (read(model, ids, position_ids=places + moved) for moved in (0, 20))
    assert torch.allclose(start, later, rtol=0, atol=2e-5) is from_anywhere


@pytest.mark.parametrize(("positions", "shift"), [("rotary", 0), ("learned", 0), ("none", 0), ("none", 2)])
def test_one_layer_knows_the_order_of_what_it_reads_by_positions_or_the_shift(
    positions: str, shift: int
) -> None:
    model = decoder(positions=positions, shift=shift, num_hidden_layers=1)
    first, second = (read(model, torch.tensor([ids]))[0, -1] for ids in ([3, 4, 5, 6], [4, 3, 5, 6]))
    assert torch.allclose(first, second, rtol=0, atol=2e-5) is ((positions, shift) == ("none", 0))


@either_direction
def test_attention_written_out_equals_the_fused_one(causal: bool) -> None:
    fused, plain = (
        decoder(positions="rotary", is_causal=causal, attn_implementation=kind) for kind in ("sdpa", "eager")
    )
    assert (fused.config._attn_implementation, plain.config._attn_implementation) == ("sdpa", "eager")
    ids, seen = tokens(2, 8), torch.tensor([[1] * 8, [0] * 3 + [1] * 5])
    equal(read(fused, ids), read(plain, ids))
    shown = seen.bool()
    equal(read(fused, ids, attention_mask=seen)[shown], read(plain, ids, attention_mask=seen)[shown])


@settings(deadline=None, max_examples=30)
@given(
    config=st.fixed_dictionaries(
        {
            "vocab_size": st.integers(3, 50),
            "hidden_size": st.sampled_from([8, 16, 24]),
            "num_hidden_layers": st.integers(1, 3),
            "num_attention_heads": st.sampled_from([1, 2, 4]),
            "intermediate_size": st.sampled_from([0, 5, 40]),
            "max_position_embeddings": st.integers(1, 20),
            "positions": st.sampled_from(["rotary", "learned", "none"]),
            "shift": st.integers(0, 4),
            "is_causal": st.booleans(),
            "tie_word_embeddings": st.booleans(),
            "experts": st.sampled_from([0, 2, 5]),
        }
    )
)
def test_the_formula_counts_the_parameters(config: dict[str, Any]) -> None:
    model = Decoder(DecoderConfig(**config))
    assert model.num_parameters() == model.config.parameters == sum(map(torch.numel, model.parameters()))


@pytest.mark.parametrize(("keys", "outputs"), [*product((True, False), repeat=2)])
def test_keys_start_at_queries_and_outputs_at_inputs_only_when_asked(keys: bool, outputs: bool) -> None:
    model = decoder(keys_start_at_queries=keys, outputs_start_at_inputs=outputs)
    for layer in model.model.layers:
        queries, found = layer.self_attn.q_proj.weight, layer.self_attn.k_proj.weight
        assert torch.equal(queries, found) is keys
        assert queries.data_ptr() != found.data_ptr()
    inputs, found = model.model.embed_tokens.weight, model.lm_head.weight
    assert torch.equal(inputs, found) is outputs
    assert inputs.data_ptr() != found.data_ptr()


def test_tied_embeddings_are_one_tensor() -> None:
    model = decoder(tie_word_embeddings=True)
    assert model.lm_head.weight is model.model.embed_tokens.weight


def test_only_the_output_starts_as_an_embedding_whatever_the_sizes() -> None:
    torch.manual_seed(0)
    model = Decoder(
        DecoderConfig(vocab_size=256, hidden_size=64, embedding_std=2.0, outputs_start_at_inputs=False)
    )
    spread = {
        name: float(weight.detach().std()) for name, weight in model.named_parameters() if "proj" in name
    }
    expected = {name: 1 / 16 if "down" in name else 1 / 8 for name in spread}
    assert len(spread) == 12
    assert spread == pytest.approx(expected, rel=0.05)
    assert float(model.lm_head.weight.detach().std()) == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tie_word_embeddings": True},
        {"experts": 3, "experts_per_token": 1},
        {"is_causal": False, "positions": "learned"},
        {"positions": "rotary", "shift": 0, "keys_start_at_queries": True, "outputs_start_at_inputs": True},
    ],
)
def test_what_is_saved_is_what_is_loaded(changes: dict[str, Any], tmp_path: Path) -> None:
    model, ids = decoder(**changes), tokens(2, 7)
    with torch.no_grad():  # trained apart from where they started
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.1)
    model.save_pretrained(tmp_path)
    again: Any = Decoder.from_pretrained(tmp_path, use_safetensors=True)
    again.eval()
    assert torch.equal(read(model, ids), read(again, ids))
    stored = [kept.config.to_diff_dict() for kept in (model, again)]
    assert all({**found, "_name_or_path": ""} == {**stored[0], "_name_or_path": ""} for found in stored)
    tied = again.lm_head.weight is again.model.embed_tokens.weight
    assert tied is changes.get("tie_word_embeddings", False)


def test_an_adapter_is_all_that_a_step_changes() -> None:
    from peft import LoraConfig, get_peft_model

    model, ids = decoder(), tokens(2, 8)
    before = read(model, ids)
    adapted: Any = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM"))
    equal(read(adapted, ids), before)
    start = {name: weight.detach().clone() for name, weight in adapted.named_parameters()}
    adapted.train()
    adapted(input_ids=ids, labels=ids).loss.backward()
    torch.optim.SGD([weight for weight in adapted.parameters() if weight.requires_grad], lr=1.0).step()
    changed = {name for name, weight in adapted.named_parameters() if not torch.equal(weight, start[name])}
    # The second matrix of each pair starts at zero, so the first has no gradient yet: 6 matrices in 2 layers.
    assert changed == {name for name in start if "lora_B" in name}
    assert len(changed) == 12
    assert not torch.allclose(read(adapted, ids), before)


def test_places_to_project_are_counted_listed_or_masked() -> None:
    model, ids = decoder(), tokens(2, 6)
    whole = read(model, ids)
    keep = torch.tensor([[1, 0, 0, 1, 0, 1], [0, 0, 0, 0, 1, 0]], dtype=torch.bool)
    equal(read(model, ids, logits_to_keep=keep), whole[keep])
    equal(read(model, ids, logits_to_keep=torch.tensor([0, 4])), whole[:, [0, 4]])
    equal(read(model, ids, logits_to_keep=2), whole[:, -2:])


@either_direction
def test_the_loss_is_the_mean_over_the_labels(causal: bool) -> None:
    model, ids = decoder(is_causal=causal), tokens(2, 6)
    labels = ids.clone()
    labels[0, 2:5] = -100
    likelihoods = read(model, ids).log_softmax(dim=-1)
    found = [
        -likelihoods[row, place - 1 if causal else place, labels[row, place]]
        for row, place in product(range(2), range(1 if causal else 0, 6))
        if labels[row, place] != -100
    ]
    loss = model(input_ids=ids, labels=labels).loss
    assert loss.item() == pytest.approx(float(torch.stack(found).mean()), abs=1e-5)


def test_a_mixture_adds_its_imbalance_and_a_dense_model_nothing() -> None:
    ids = tokens(2, 6)
    assert decoder()(input_ids=ids).aux_loss is None
    model = decoder(experts=3, balance=0.5)
    found = model(input_ids=ids).aux_loss.item()
    layers = [layer.feed_forward.imbalance.item() for layer in model.model.layers]
    assert len(set(layers)) == 2
    assert found == pytest.approx(0.5 * sum(layers) / 2)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"num_attention_heads": 3}, "width of 32 cannot be divided into 3 heads"),
        ({"hidden_size": 6}, "width of 6 cannot be divided into 2 heads of even size"),
        ({"shift": 5}, "0 to 4 positions back, not 5"),
        ({"experts": 1}, "2 of 1 experts cannot be chosen"),
        ({"positions": "absolute"}, "positions are rotary, learned, none, not 'absolute'"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        decoder(**changes)

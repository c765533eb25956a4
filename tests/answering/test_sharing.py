"""Which models share what texts begin with, why others do not, and who is refused altogether."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import make_model
from families import tiny
from reading_checks import refused

from obverse.answering.plain import PlainReader, check_reads_from_left_to_right
from obverse.answering.sharing import doubt, row_reader, unshared
from obverse.answering.tree import TreeReader


@pytest.fixture
def model(tmp_path: Path) -> Any:
    return make_model(tmp_path)


def test_attention_with_rotary_positions_shares(model: Any) -> None:
    assert unshared(model) is None
    assert isinstance(row_reader(model, [1, 2], 10), TreeReader)


@pytest.mark.parametrize(
    ("kind", "settings", "reason"),
    [
        ("mamba", {"state_size": 4}, "its linear_attention layers keep no plain keys and values"),
        ("rwkv", {"attention_hidden_size": 32}, "it keeps no keys and values"),
        ("bloom", {}, "it takes no positions"),
        (
            "gpt_neo",
            {"attention_types": [[["global", "local"], 1]], "num_layers": 2},
            "its global and local layers keep no plain keys and values",
        ),
        (
            "qwen3_next",
            {"layer_types": ["linear_attention", "full_attention"], "num_experts": 2, "head_dim": 8},
            "its linear_attention layers keep no plain keys and values",
        ),
        # Nothing in its configuration says so: its positions begin behind that of the padding token.
        ("roberta", {"is_decoder": True}, "behind a shared beginning its likelihoods differ"),
    ],
)
def test_others_read_each_text_by_itself(
    tmp_path: Path, kind: str, settings: dict[str, Any], reason: str
) -> None:
    model = make_model(tmp_path, kind=kind, **settings)
    assert unshared(model) == reason
    assert isinstance(row_reader(model, [1, 2], 10), PlainReader)


def test_an_attention_that_takes_no_mask_shares_nothing(model: Any) -> None:
    model.config._attn_implementation = "flash_attention_2"
    assert unshared(model) == "its attention is flash_attention_2, which takes no mask"


def test_an_adapter_with_virtual_tokens_shares_nothing(model: Any) -> None:
    from peft import PromptTuningConfig, get_peft_model

    settings = PromptTuningConfig(num_virtual_tokens=3, task_type="CAUSAL_LM")
    adapted: Any = get_peft_model(model, settings).eval()
    assert unshared(adapted) == "its adapter puts virtual tokens into the prompt"
    tokens = [5, 9, 2, 7]
    with torch.inference_mode():
        whole = adapted(input_ids=torch.tensor([tokens])).logits[0, 3:]
    found = PlainReader(adapted, tokens[:1]).read(
        tokens[1:], [], torch.ones(3, 3).tril().bool().numpy(), [0, 2]
    )
    assert torch.equal(found, whole[[1, 3]])


def test_positions_that_depend_on_the_length_share_up_to_where_they_do(tmp_path: Path) -> None:
    rope = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4, "original_max_position_embeddings": 64}
    model = make_model(tmp_path, rope_parameters=rope)
    assert unshared(model, 64) is None
    assert unshared(model, 65) == "its positions are scaled by the length of a text beyond 64 tokens"


def test_a_doubt_stays_with_the_model(model: Any, tmp_path: Path) -> None:
    doubt(model, "the first texts differed")
    assert unshared(model) == "the first texts differed"
    assert unshared(make_model(tmp_path)) is None


@pytest.mark.parametrize("kind", ["bert", "xlnet"])
def test_a_model_that_sees_what_it_is_asked_for_is_refused(kind: str, tmp_path: Path) -> None:
    model = make_model(tmp_path, kind=kind) if kind == "bert" else tiny(kind)
    assert f"the {kind} model sees the tokens that it is asked for" in refused(
        lambda: check_reads_from_left_to_right(model)
    )


def test_a_causal_model_is_not_refused(model: Any) -> None:
    check_reads_from_left_to_right(model)
    check_reads_from_left_to_right(model.bfloat16())

"""Texts that go on side by side get the logits that each would get alone, in whichever way they are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import make_model
from families import tiny

from obverse.answering.continuing import Branches, Continuing, MaskedRow, _attend, can_branch, continuing
from obverse.answering.tree import Tree, TreeReader

ROOT, PROMPTS = [5, 9, 2, 7], [(3, 4, 8), (3, 4, 6, 1), (10,), (3, 5)]
# Which texts go on, and with which tokens; one ends at once, and then two.
STEPS = [([0, 1, 2, 3], [11, 12, 13, 14]), ([0, 2, 3], [15, 16, 17]), ([3], [18]), ([3], [19])]


def llama(folder: Path) -> Any:
    return make_model(folder)


def one_head_for_all_keys(folder: Path) -> Any:
    return make_model(folder, num_key_value_heads=1)


def gpt2(folder: Path) -> Any:
    return make_model(folder, kind="gpt2", num_key_value_heads=4)


def adapted(folder: Path) -> Any:
    from peft import LoraConfig, get_peft_model

    settings = LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    torch.manual_seed(1)
    return get_peft_model(make_model(folder), settings).eval()


def sliding(folder: Path) -> Any:
    return make_model(folder, kind="mistral", sliding_window=12)


def eager(folder: Path) -> Any:
    model = make_model(folder)
    model.set_attn_implementation("eager")
    return model


def take(reader: TreeReader, prompts: Sequence[Sequence[int]], going_on: Continuing) -> None:
    """Read prompts as one row, and let them go on."""
    reader.rewind()
    tree = Tree(reader.root_length)
    ends = [tree.add(prompt)[-1] for prompt in prompts]
    visible = tree.visible()
    reader.read(tree.tokens, tree.positions, visible, ends)
    going_on.take(visible[ends], [tree.positions[end] for end in ends])


def alone(model: Any, root: Sequence[int], texts: Sequence[Sequence[int]]) -> torch.Tensor:
    """The logits after each text by a forward pass over the whole of it."""
    with torch.inference_mode():
        return torch.stack([model(input_ids=torch.tensor([[*root, *text]])).logits[0, -1] for text in texts])


def check(model: Any, root: Sequence[int], reader: TreeReader, going_on: Continuing) -> None:
    """Every step gives what each text alone would give."""
    texts = [list(prompt) for prompt in PROMPTS]
    for going, tokens in STEPS:
        for text, token in zip(going, tokens, strict=True):
            texts[text].append(token)
        logits = going_on.step(going, tokens)
        assert torch.allclose(logits, alone(model, root, [texts[text] for text in going]), atol=1e-5)
    assert reader.model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize("kind", [llama, one_head_for_all_keys, gpt2, adapted])
@pytest.mark.parametrize("root", [ROOT, []])
@pytest.mark.parametrize("row", [1, 2, 4])
def test_branches_are_what_each_text_alone_would_be(
    kind: Callable[[Path], Any], root: list[int], row: int, tmp_path: Path
) -> None:
    model = kind(tmp_path)
    reader = TreeReader(model, root)
    going_on = continuing(reader, len(STEPS))
    assert isinstance(going_on, Branches)
    for begin in range(0, len(PROMPTS), row):
        take(reader, PROMPTS[begin : begin + row], going_on)
    check(model, root, reader, going_on)


def test_a_row_is_what_each_text_alone_would_be(tmp_path: Path) -> None:
    model = llama(tmp_path)
    reader = TreeReader(model, ROOT)
    going_on = MaskedRow(reader)
    take(reader, PROMPTS, going_on)
    check(model, ROOT, reader, going_on)


def test_both_ways_count_the_same(tmp_path: Path) -> None:
    model = llama(tmp_path)
    counts = []
    for way in (MaskedRow, lambda reader: Branches(reader, len(STEPS))):
        reader = TreeReader(model, ROOT)
        going_on = way(reader)
        take(reader, PROMPTS, going_on)
        for going, tokens in STEPS:
            going_on.step(going, tokens)
        counts.append(reader.counts)
    assert counts[0] == counts[1]


def test_a_batch_leaves_the_reader_as_it_was(tmp_path: Path) -> None:
    reader = TreeReader(llama(tmp_path), ROOT)
    going_on = Branches(reader, len(STEPS))
    take(reader, PROMPTS, going_on)
    first = going_on.step(*STEPS[0])
    again = Branches(reader, len(STEPS))
    take(reader, PROMPTS, again)
    assert torch.equal(again.step(*STEPS[0]), first)


def test_in_half_precision_a_batch_is_what_a_row_is(tmp_path: Path) -> None:
    model = llama(tmp_path).bfloat16()
    logits = []
    for way in (MaskedRow, lambda reader: Branches(reader, len(STEPS))):
        reader = TreeReader(model, ROOT)
        going_on = way(reader)
        take(reader, PROMPTS, going_on)
        logits.append(going_on.step(*STEPS[0]).float())
    assert torch.allclose(logits[0], logits[1], atol=0.05)


def test_attention_that_works_on_keys_before_it_attends_is_found_out() -> None:
    model = tiny("deepseek_v3")  # latent attention, whose values are of another size, too
    assert TreeReader(model, ()).kinds == {"full_attention": None}
    assert not can_branch(model)
    reader = TreeReader(model, ROOT)
    going_on = continuing(reader, len(STEPS))
    assert isinstance(going_on, MaskedRow)
    take(reader, PROMPTS, going_on)
    check(model, ROOT, reader, going_on)


@pytest.mark.parametrize("kind", [sliding, eager])
def test_attention_of_another_kind_reads_rows(kind: Callable[[Path], Any], tmp_path: Path) -> None:
    model = kind(tmp_path)
    assert not can_branch(model)
    assert isinstance(continuing(TreeReader(model, ROOT), 3), MaskedRow)


def test_attention_that_takes_no_function_reads_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = llama(tmp_path)
    assert can_branch(model)
    monkeypatch.setattr(type(model), "_supports_attention_backend", False)
    assert not can_branch(model)


def test_values_may_be_of_another_size_than_keys() -> None:
    torch.manual_seed(0)
    root_keys, root_values = torch.randn(1, 2, 5, 8), torch.randn(1, 2, 5, 12)
    query, keys, values = torch.randn(3, 4, 1, 8), torch.randn(3, 2, 4, 8), torch.randn(3, 2, 4, 12)
    seen = torch.ones(3, 1, 1, 4, dtype=torch.bool)
    seen[1, ..., :2] = False
    branching: Any = keys.clone()
    branching.root = (root_keys, root_values)
    found, _ = _attend(torch.nn.Module(), query, branching, values, seen)
    whole = torch.nn.functional.scaled_dot_product_attention(
        query,
        torch.cat((root_keys.expand(3, -1, -1, -1), keys), dim=2),
        torch.cat((root_values.expand(3, -1, -1, -1), values), dim=2),
        attn_mask=torch.cat((torch.ones(3, 1, 1, 5, dtype=torch.bool), seen), dim=-1),
        enable_gqa=True,
    )
    assert torch.allclose(found, whole.transpose(1, 2), atol=1e-6)

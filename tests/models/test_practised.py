"""The adapter that ships: it fits the default model, is small, has a card, and reads what the model misreads."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path

import pytest
import torch
from conftest import Command
from safetensors.torch import load_file

from obverse.answering.continuing import can_branch
from obverse.answering.sharing import unshared
from obverse.models import DEFAULT_MODEL, Pretrained, load
from obverse.models.default import PRACTISED_MODEL
from obverse.practice.measuring import read_scenes
from obverse.practice.practising import held_out_plans
from obverse.training.layout import layout
from obverse.types import InputError


@pytest.fixture(scope="module")
def practised() -> Pretrained:
    """The default model with the adapter merged."""
    return load(practised=True, dtype="float32", device="cpu")


def test_it_is_small_names_its_model_and_has_a_card() -> None:
    with as_file(files("obverse.models") / "practised") as folder:
        assert {file.name for file in folder.iterdir()} == {
            "README.md",
            "adapter_config.json",
            "adapter_model.safetensors",
        }
        assert sum(file.stat().st_size for file in folder.iterdir()) <= 20_000_000
        assert (
            json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"]
            == DEFAULT_MODEL
        )
        card = (folder / "README.md").read_text(encoding="utf-8")
    assert "not good for" in card
    assert "Fingerprint of the documents" in card


@pytest.mark.slow
def test_it_is_the_default_model_plus_low_rank_matrices(practised: Pretrained) -> None:
    assert practised.name == PRACTISED_MODEL
    plain = load(dtype="float32", device="cpu")
    assert plain.fingerprint != practised.fingerprint
    with as_file(files("obverse.models") / "practised") as folder:
        low_rank = load_file(folder / "adapter_model.safetensors")
        settings = json.loads((folder / "adapter_config.json").read_text())
    before, after = plain.model.state_dict(), practised.model.state_dict()
    name = "model.layers.7.self_attn.q_proj"
    down, up = (low_rank[f"base_model.model.{name}.lora_{which}.weight"].float() for which in "AB")
    expected = before[f"{name}.weight"] + settings["lora_alpha"] / settings["r"] * up @ down
    torch.testing.assert_close(after[f"{name}.weight"], expected)
    untrained = "model.embed_tokens.weight"
    assert torch.equal(before[untrained], after[untrained])


@pytest.mark.slow
def test_it_reads_what_it_never_practised(practised: Pretrained) -> None:
    (reverse,) = [
        row for row in read_scenes(practised, held_out_plans(5), 3, seed=3) if row.kind == "reverse"
    ]
    assert reverse.accuracy > 0.7
    assert reverse.chance == 0.25


@pytest.mark.parametrize(
    ("arguments", "wanted"), [([], True), (["--practice"], True), (["--no-practice"], False)]
)
def test_compare_takes_it_unless_told_otherwise(
    command: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str], wanted: bool, tmp_path: Path
) -> None:
    asked: list[tuple[object, object]] = []

    def refuse(name: str | None = None, *, practised: bool = False, **_: object) -> None:
        asked.append((name, practised))
        raise InputError("no further")

    monkeypatch.setattr("obverse.models.load", refuse)
    assert command("compare", "--task", "codebooks", *arguments, "--out", tmp_path).code == 2
    assert asked == [(None, wanted)]


def test_a_model_that_is_named_is_taken_as_it_is(tiny_folder: Path) -> None:
    assert load(str(tiny_folder), practised=True).fingerprint == load(str(tiny_folder)).fingerprint


@pytest.mark.slow
@pytest.mark.parametrize("practised", [False, True])
def test_in_half_precision_it_shares_branches_and_is_packed(practised: bool) -> None:
    model = load(practised=practised, dtype="bfloat16", device="cpu").model
    assert unshared(model) is None
    assert can_branch(model)
    assert layout(model) == "packed"
    assert model.dtype == torch.bfloat16

"""Practising: what is trained is kept, watched on held-out scenes, and not trained again."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from obverse.models import load
from obverse.practice.measuring import read_scenes
from obverse.practice.practising import (
    Practising,
    held_out_plans,
    practise,
    rehearsal_beside,
    steps_in,
)
from obverse.practice.stream import Practice
from obverse.training.loop import read_metrics
from obverse.training.rehearsal import Rehearsal

SHORT = Practising(Practice(steps=3, step_tokens=256, scene_tokens=256), rank=2)


def test_a_model_practises_and_what_is_done_is_not_done_again(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    taught, came = practise(
        load(str(tiny_folder), dtype="float32"), SHORT, tmp_path, lambda done, of, _: told.append((done, of))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert 3 * (256 + 128) <= came.ledger.tokens_trained < 3 * (512 + 128)
    assert came.before.perplexity != came.after.perplexity
    rows = read_metrics(tmp_path)
    assert [row["step"] for row in rows if "loss" in row] == [1, 2, 3]
    assert {row["facts"] for row in rows if "kind" in row} == {5}  # 20 do not fit the window
    monkeypatch.setattr("obverse.practice.practising.train", None)
    again, kept = practise(load(str(tiny_folder), dtype="float32"), SHORT, tmp_path)
    assert kept == came
    tokens = torch.tensor([[5, 6, 7]])
    torch.testing.assert_close(again.model(tokens).logits, taught.model(tokens).logits)


def test_the_whole_weights_practise_too(tiny_folder: Path, tmp_path: Path) -> None:
    full = Practising(SHORT.practice, "full")
    practise(load(str(tiny_folder), dtype="float32"), full, tmp_path)
    before = load(str(tiny_folder), dtype="float32").model.state_dict()
    after = load(str(tmp_path / "model"), dtype="float32").model.state_dict()
    assert any(not torch.equal(before[name], after[name]) for name in before)


def test_minutes_become_steps_and_leave_the_model_as_it_is(tiny_folder: Path) -> None:
    pretrained = load(str(tiny_folder), dtype="float32")
    before = {name: value.clone() for name, value in pretrained.model.state_dict().items()}
    assert steps_in(1, pretrained, SHORT) > steps_in(1 / 60, pretrained, SHORT) >= 1
    assert all(torch.equal(before[name], value) for name, value in pretrained.model.state_dict().items())
    assert not any(parameter.requires_grad for parameter in pretrained.model.parameters())


def test_what_is_rehearsed_grows_with_the_steps() -> None:
    short, long = (rehearsal_beside(Practice(1, step_tokens=tokens)) for tokens in (500, 16_384))
    assert (short.tokens, long.tokens) == (128, 1024)
    assert long.texts == 8 * short.texts
    assert long.weight == short.weight > Rehearsal.weight


def test_readings_count_by_facts_and_kind_and_leave_out_what_does_not_fit(tiny_folder: Path) -> None:
    pretrained = load(str(tiny_folder), dtype="float32")
    found = read_scenes(pretrained, held_out_plans(2, 3, 400), scenes=2, seed=0)
    assert {row.facts for row in found} == {2, 3}
    assert sum(row.questions for row in found if row.facts == 2) == 4
    assert {row.chance for row in found} == {0.25}
    again = read_scenes(pretrained, held_out_plans(3, 2), scenes=2, seed=0)
    assert sorted(map(str, again)) == sorted(map(str, found))

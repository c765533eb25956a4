"""`obverse practice`: an adapter with its card, which any other command takes as a model; bad input in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from obverse.cli import app
from obverse.models import load
from obverse.types import InputError


@pytest.fixture(autouse=True)
def one_scene(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model is measured on one scene of each sort; reading them takes most of the time."""
    monkeypatch.setattr("obverse.practice.practice_run._SCENES", 1)
    monkeypatch.setattr("obverse.practice.practising._WATCHED_SCENES", 1)


def practice(model: Path, out: Path, *options: str) -> str:
    done = CliRunner().invoke(
        app, ["practice", "--model", str(model), "--out", str(out), *options], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.output


def test_the_adapter_has_a_card_and_loads_as_a_model(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = practice(tiny_folder, tmp_path / "run", "--steps", "2", "--step-tokens", "400")
    folder = tmp_path / "run" / "model"
    card = (folder / "README.md").read_text()
    assert "forward" in card
    assert "2 steps of at least 400 tokens" in card
    assert "## What it is not good for" in said
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == str(tiny_folder.resolve())
    assert load(str(folder)).model.num_parameters() == load(str(tiny_folder)).model.num_parameters()
    monkeypatch.setattr("obverse.practice.practising.train", None)
    practice(tiny_folder, tmp_path / "run", "--steps", "2", "--step-tokens", "400")
    assert (folder / "README.md").read_text() == card


def test_minutes_are_turned_into_steps_once(tiny_folder: Path, tmp_path: Path) -> None:
    practice(tiny_folder, tmp_path / "run", "--minutes", "0.001", "--step-tokens", "400")
    steps = json.loads((tmp_path / "run" / "steps.json").read_text())
    assert steps >= 1
    practice(tiny_folder, tmp_path / "run", "--minutes", "0.001", "--step-tokens", "400")
    assert json.loads((tmp_path / "run" / "steps.json").read_text()) == steps


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--minutes", "1", "--steps", "2"], "--minutes and --steps: give one of them"),
        (["--minutes", "0"], "minutes must be more than 0, not 0"),
    ],
)
def test_bad_options(tiny_folder: Path, tmp_path: Path, options: list[str], message: str) -> None:
    with pytest.raises(InputError) as refused:
        practice(tiny_folder, tmp_path / "run", *options)
    assert str(refused.value) == message


def test_another_run_s_folder_is_refused(tiny_folder: Path, tmp_path: Path) -> None:
    practice(tiny_folder, tmp_path / "run", "--steps", "1", "--step-tokens", "400")
    with pytest.raises(InputError, match="holds the results of another run"):
        practice(tiny_folder, tmp_path / "run", "--steps", "2", "--step-tokens", "400")

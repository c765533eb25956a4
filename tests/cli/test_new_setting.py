"""A new setting of fine-tuning is one field: all else follows, as it does for those that there are."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pytest
import typer
from conftest import FACTS
from safetensors.torch import load_file
from typer.testing import CliRunner

import obverse
from obverse.cli.options import OutOption, with_settings
from obverse.engine import comparison
from obverse.engine.settings import Settings
from obverse.learners.learner import Teaching
from obverse.learners.pretrained import FromPretrained
from obverse.models import load
from obverse.options import option
from obverse.tasks.drawn import people
from obverse.training.finetuning import finetune
from obverse.training.finetuning_options import FinetuningOptions
from obverse.training.optimizers import Training
from obverse.types import Document, InputError

DOCUMENTS = [Document(id, text) for id, text, _, _ in FACTS]


@dataclass(frozen=True)
class WithDecay(FinetuningOptions):
    """What a newcomer adds: a field, and in the same place what it does."""

    weight_decay: float = option(0.0, "Pull of the weights towards nothing.", least=0)
    schedule: Literal["linear", "cosine"] = option("linear", "How the learning rate falls.")

    @property
    def training(self) -> Training:
        """With both."""
        return replace(super().training, weight_decay=self.weight_decay, schedule=self.schedule)


@dataclass(frozen=True)
class SettingsWithDecay(Settings):
    """Settings as they would be, had the fields been added to `FinetuningOptions` itself."""

    finetuning: WithDecay = option(WithDecay(), "How to fine-tune.", group="Fine-tuning")


def run(*arguments: str) -> tuple[Any, list[Settings]]:
    """What a command ends with, and the settings that it was given."""
    seen: list[Settings] = []
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    @with_settings
    def command(*, settings: SettingsWithDecay, _: OutOption = None) -> None:
        seen.append(settings)

    return CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments), seen


def test_it_has_an_option_with_its_type_its_help_and_its_default() -> None:
    ended, _ = run("--help")
    assert ended.exit_code == 0
    panel = ended.output.partition("Fine-tuning ─")[2].partition("╭─")[0]
    (decay,) = (line for line in panel.splitlines() if "--weight-decay" in line)
    for part in ("<float>", "Pull of the weights towards nothing.", "default: 0.0"):
        assert part in decay
    (schedule,) = (line for line in panel.splitlines() if "--schedule" in line)
    for part in ("<linear|cosine>", "How the learning rate falls.", "default: linear"):
        assert part in schedule
    assert "--epochs" in panel
    assert "--top-k" not in panel


def test_what_is_given_reaches_the_settings_and_nothing_else_changes() -> None:
    assert run()[1] == [SettingsWithDecay()]
    ended, seen = run("--weight-decay", "0.5", "--schedule", "cosine", "--epochs", "3")
    assert ended.exit_code == 0
    assert seen == [SettingsWithDecay(finetuning=WithDecay(weight_decay=0.5, schedule="cosine", epochs=3))]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--weight-decay", "much"), "'--weight-decay': Input should be a valid number"),
        (("--schedule", "steep"), "'steep' is not one of 'linear', 'cosine'"),
    ],
)
def test_bad_values_are_refused_on_the_command_line(arguments: tuple[str, ...], said: str) -> None:
    ended, seen = run(*arguments)
    assert (ended.exit_code, seen) == (2, [])
    assert said in " ".join(ended.output.split())


def test_bounds_hold_on_the_command_line_and_in_python() -> None:
    ended, seen = run("--weight-decay", "-1")
    assert (str(ended.exception), seen) == ("weight decay must be at least 0, not -1.0", [])
    with pytest.raises(InputError, match="weight decay must be at least 0, not -1"):
        WithDecay(weight_decay=-1)


def test_it_takes_effect_and_is_recorded(tiny_folder: Path, tmp_path: Path) -> None:
    trained = []
    for decay in (0.0, 0.9):
        folder = tmp_path / str(decay)
        options = WithDecay(epochs=2, rank=2, learning_rate=0.1, weight_decay=decay)
        finetune(load(str(tiny_folder), dtype="float32"), DOCUMENTS, options, 0, folder)
        assert json.loads((folder / "cost.json").read_text())["options"]["weight_decay"] == decay
        trained.append(load_file(folder / "model" / "adapter_model.safetensors"))
    assert any(not trained[0][name].equal(trained[1][name]) for name in trained[0])


def test_it_decides_the_key_of_what_a_learner_teaches(tiny_folder: Path) -> None:
    teaching = Teaching("people", people.TINY, "documents", 0, ())
    decays = (0.0, 0.1, 0.0)
    learners = [FromPretrained(str(tiny_folder), finetuning=WithDecay(weight_decay=one)) for one in decays]
    keys = [teaching.key(one) for one in learners]
    assert keys[0] == keys[2] != keys[1]


def test_it_is_a_setting_of_a_comparison_and_stands_in_its_results(
    task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "Settings", SettingsWithDecay)
    monkeypatch.setattr(comparison, "write_pages", lambda _: None)
    result = obverse.compare(
        *task_files,
        model=str(tiny_folder),
        routes=["finetune"],
        out=tmp_path / "run",
        progress=False,
        dtype="float32",
        epochs=1,
        weight_decay=0.5,
    )
    settings = result.results["settings"]
    assert settings["weight_decay"] == settings["finetuning"]["weight_decay"] == 0.5
    assert settings["schedule"] == "linear"
    with pytest.raises(InputError, match="there is no setting 'decay'"):
        obverse.compare(*task_files, decay=0.5)

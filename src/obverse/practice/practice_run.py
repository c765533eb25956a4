"""A run of `obverse practice`: a model practises, is measured before and after, and gets a card."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from obverse.files import write_text
from obverse.models import context_window, load
from obverse.models.fingerprint import identity
from obverse.practice.measuring import ReadingScore, read_scenes
from obverse.practice.model_card import write_card
from obverse.practice.practising import Practising, held_out_plans, practise, steps_in
from obverse.practice.stream import PracticeStream
from obverse.runs.environment import environment
from obverse.runs.progress import Progress
from obverse.runs.run_folder import RunFolder
from obverse.types import InputError, content_hash

if TYPE_CHECKING:
    from obverse.models import Pretrained

_FACTS = (1, 5, 20, 100)
_SCENES = 20
# Steps whose batches the fingerprint is of.
_SAMPLED = 8


def run_practice(
    model: str | None,
    practising: Practising,
    minutes: float | None,
    out: Path,
    progress: Progress,
) -> Path:
    """Practise, or take up an interrupted run; return the folder of the adapter, or of the weights.

    Args:
        model: name or folder; ``None`` for the default model.
        minutes: how long to practise, on this machine; ``None`` for the steps that ``practising`` names.
        out: folder of the run.

    Raises:
        InputError: something that was given cannot be used.
    """
    if minutes is not None and minutes <= 0:
        raise InputError(f"minutes must be more than 0, not {minutes:g}")
    with progress.stage("Loading the model"):
        pretrained = load(model)
    practice = practising.practice
    window = context_window(pretrained.model) or practice.step_tokens
    practising = replace(
        practising, practice=replace(practice, scene_tokens=min(practice.scene_tokens, window))
    )
    decided_by = {"minutes": minutes, **asdict(practising), **identity(pretrained, __name__)}
    folder = RunFolder(out, content_hash(decided_by), decided_by)
    with folder.lock():
        if minutes is not None:
            steps = _kept_steps(folder.path / "steps.json", lambda: steps_in(minutes, pretrained, practising))
            practising = replace(practising, practice=replace(practising.practice, steps=steps))
        stream = PracticeStream(pretrained.tokenizer, practising.practice)
        sampled = range(0, len(stream), max(1, len(stream) // _SAMPLED))
        fingerprint = content_hash([stream[step].tokens.tolist() for step in sampled])
        before = _readings(folder.path / "readings-before", pretrained, progress, "before practice")
        with progress.steps("Practising") as advance:
            practised, came = practise(pretrained, practising, folder.path, advance)
        after = _readings(folder.path / "readings-after", practised, progress, "after practice")
        result = folder.path / "model"
        versions = environment({})
        write_text(
            result / "README.md",
            write_card(pretrained.name, practising, came, fingerprint, before, after, versions),
        )
    return result


def _kept_steps(path: Path, measure: Callable[[], int]) -> int:
    """How many steps, measured once: an interrupted run goes on with as many."""
    if not path.exists():
        write_text(path, json.dumps(measure()))
    return int(json.loads(path.read_text()))


def _readings(path: Path, pretrained: Pretrained, progress: Progress, when: str) -> list[ReadingScore]:
    kept = path.with_suffix(".json")
    if not kept.exists():
        with progress.stage(f"Reading held-out documents {when}"):
            found = read_scenes(pretrained, held_out_plans(*_FACTS), _SCENES, seed=0)
        write_text(kept, json.dumps([asdict(row) for row in found]))
    return [ReadingScore(**row) for row in json.loads(kept.read_text())]

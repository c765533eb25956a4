"""The command that lets a model practise to read its context."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from obverse.cli.options import ModelOption, with_settings
from obverse.cli.screen import console, error_console
from obverse.training.finetuning_options import FinetuningOptions
from obverse.types import InputError

_STEPS = 700


@with_settings
def practice(
    out: Annotated[
        Path, typer.Option("--out", help="Folder of the run. The same command takes up where it was.")
    ],
    model: ModelOption = None,
    minutes: Annotated[
        float | None, typer.Option("--minutes", help="How long to practise on this machine.", min=0)
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option("--steps", help=f"Training steps, instead of minutes. Without either: {_STEPS}.", min=1),
    ] = None,
    *,
    finetuning: Annotated[FinetuningOptions, ("adapter",)],
    step_tokens: Annotated[
        int, typer.Option("--step-tokens", help="Least tokens in a step.", min=128)
    ] = 1024,
    scene_tokens: Annotated[
        int,
        typer.Option("--scene-tokens", help="Tokens of the longest documents with their questions.", min=128),
    ] = 3328,
    seed: Annotated[int, typer.Option("--seed", help="Of all that is drawn.")] = 0,
) -> None:
    """Teach a model to read its context, on documents about names drawn afresh; it learns no fact.

    The result is an adapter, or weights, with a card, for --model of any other command.
    """
    from obverse.practice.practice_run import run_practice
    from obverse.practice.practising import Practising, rehearsal_beside
    from obverse.practice.stream import Practice
    from obverse.runs.progress import Progress

    if minutes is not None and steps is not None:
        raise InputError("--minutes and --steps: give one of them")
    drawn = Practice(steps or _STEPS, step_tokens, scene_tokens, seed)
    practising = Practising(drawn, finetuning.adapter, rehearsal=rehearsal_beside(drawn))
    result = run_practice(model, practising, minutes, out, Progress(error_console))
    console.print((result / "README.md").read_text(encoding="utf-8"), markup=False, highlight=False)
    console.print(
        f"Adapter: {result}" if finetuning.adapter == "lora" else f"Model: {result}", soft_wrap=True
    )

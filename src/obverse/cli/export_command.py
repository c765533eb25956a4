"""Commands that hand work over to other trainers."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from obverse.cli.options import DOCUMENTS, QUESTIONS
from obverse.cli.screen import console
from obverse.cli.task_command import FolderArgument, check_empty

app = typer.Typer(help="For other trainers.", no_args_is_help=True)


@app.command()
def rl(
    documents: Annotated[Path, DOCUMENTS],
    questions: Annotated[Path, QUESTIONS],
    folder: FolderArgument,
) -> None:
    """Write prompts, a reward function and a configuration for TRL's GRPO trainer, to learn recall there."""
    from obverse.exports import export_for_trl
    from obverse.tasks import read_task

    check_empty(folder)
    export_for_trl(read_task(documents, questions).questions, folder)
    command = f"cd {shlex.quote(str(folder))} && trl grpo --config grpo.yaml --model_name_or_path MODEL"
    console.print(command, markup=False, highlight=False, soft_wrap=True)

"""What commands print with, and the option that several of them share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

console, error_console = Console(), Console(stderr=True)

OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Folder of the run. The same command takes up where it was.", metavar="DIR"),
]


def say(message: str) -> None:
    """One line on the standard error stream."""
    line = " ".join(message.splitlines())
    error_console.print(f"obverse: {line}", markup=False, highlight=False, soft_wrap=True)

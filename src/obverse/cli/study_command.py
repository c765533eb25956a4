"""Commands for studies: Python files that compare tasks, models and routes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from obverse.cli.options import OutOption, RayOption, WorkersOption
from obverse.cli.screen import console, error_console, say, typed_command
from obverse.types import InputError

app = typer.Typer(help="Studies: Python files that compare tasks, models and routes.", no_args_is_help=True)


@app.command("run")
def study_run(
    file: Annotated[Path, typer.Argument(help="Python file that ends in a Study.")],
    small: Annotated[bool, typer.Option("--small", help="Run the small form of the study.")] = False,
    workers: WorkersOption = None,
    ray: RayOption = None,
    out: OutOption = None,
) -> None:
    """Run what is missing of a study, write its results and pages, and print them."""
    from obverse.engine.running import run_study
    from obverse.engine.study_file import load_study, small_form
    from obverse.reports.terminal import print_study
    from obverse.runs.progress import Progress

    study = load_study(file)
    folder, results = run_study(
        small_form(study) if small else study,
        out,
        workers=workers,
        cluster=ray,
        source=file,
        command=typed_command(),
        progress=Progress(error_console),
    )
    print_study(results, console)
    console.print(f"Page: {folder / 'report.html'}", soft_wrap=True, highlight=False, markup=False)
    if results["failed"]:
        say(f"{len(results['failed'])} cells failed; {folder / 'failures'} says where in the code")
        raise typer.Exit(1)


@app.command("list")
def study_list() -> None:
    """List the studies in the folder experiments."""
    from obverse.engine.study_file import load_study

    listed = 0
    for file in sorted(Path("experiments").glob("[!_]*.py")):
        try:
            study = load_study(file)
            line = f"{study.name}: {study.title} ({file})"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
            listed += 1
        except InputError as problem:
            say(str(problem))
    if not listed:
        raise InputError("experiments: holds no study here; run this where there is such a folder")
    console.print("Run one with: obverse study run FILE, or in its small form with --small", highlight=False)


@app.command("report")
def study_report(run: Annotated[Path, typer.Argument(help="Folder of a study's run.")]) -> None:
    """Write the pages of a study again, from the run's files alone."""
    from obverse.engine.result import rebuild_page

    console.print(str(rebuild_page(run)), markup=False, highlight=False, soft_wrap=True)

"""Commands around one comparison: of the user's documents, of the example, of a task; and what its run can do."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from obverse.cli.options import DOCUMENTS, QUESTIONS, OutOption, RayOption, WorkersOption, with_settings
from obverse.cli.screen import console, error_console, say, typed_command
from obverse.cli.task_command import draw
from obverse.engine.settings import COMPARED, Settings
from obverse.types import Task


@with_settings
def compare(
    documents: Annotated[Path | None, DOCUMENTS] = None,
    questions: Annotated[Path | None, QUESTIONS] = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task",
            help="A task instead: one of the package (see: obverse tasks list), or your own as module:attribute.",
            metavar="NAME",
            rich_help_panel=COMPARED,
        ),
    ] = None,
    *,
    settings: Settings,
    workers: WorkersOption = None,
    ray: RayOption = None,
    out: OutOption = None,
) -> None:
    """Teach the documents by each route, ask the questions, and compare."""
    if documents is not None:
        from obverse.runs.run_folder import check_apart

        check_apart(out or Path("runs"), documents)
    _compare(_given(documents, questions, task), settings, out, workers, ray)


def _given(documents: Path | None, questions: Path | None, name: str | None) -> Task:
    """The task of the user's two files, or of that name."""
    if name is None:
        if documents is None or questions is None:
            raise typer.BadParameter("give DOCUMENTS and QUESTIONS, or --task NAME")
        from obverse.tasks import read_task

        return read_task(documents, questions)
    if documents is not None:
        raise typer.BadParameter("give either files or --task NAME, not both")
    return draw(name, None, "small", seed=0)


@with_settings
def demo(*, settings: Annotated[Settings, ("models", "practice", "device")], out: OutOption = None) -> None:
    """Run the comparison on the example that comes with the package."""
    from obverse.tasks import read_task

    with as_file(files("obverse.example")) as folder:
        task = read_task(folder / "documents", folder / "questions.jsonl")
    _compare(replace(task, name="sornhaven-observatory"), settings, out)


def _compare(
    task: Task, settings: Settings, out: Path | None, workers: int | None = None, ray: str | None = None
) -> None:
    from obverse.engine.comparison import run_comparison
    from obverse.engine.result import Result
    from obverse.reports.terminal import print_results, print_study
    from obverse.runs.progress import Progress

    command = typed_command()
    progress = Progress(error_console)
    result = Result(run_comparison(task, settings, out, command, progress, workers=workers, cluster=ray))
    several = len(result.models) > 1
    (print_study if several else print_results)(result.results, console)
    console.print(f"Page: {result.page}", soft_wrap=True, highlight=False, markup=False)
    if failed := result.results["failed"]:
        say(f"{len(failed)} cells failed; {result.folder / 'failures'} says where in the code")
        raise typer.Exit(1)


def ask(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    question: Annotated[str, typer.Argument(help="What to ask.")],
    route: Annotated[
        str | None, typer.Option("--route", help="By which route; without it the recommended one.")
    ] = None,
) -> None:
    """Ask the taught model, and show what stood in its context."""
    from obverse.engine.result import Result
    from obverse.runs.progress import Progress
    from obverse.tasks.places import printable  # what a model says may hold control characters

    result = Result(run)
    with Progress(error_console).stage("Loading the model"):
        taught = result.taught(route)
    said = taught.ask(question)
    if said.thought:
        error_console.print(printable(said.thought), markup=False, highlight=False, soft_wrap=True)
    console.print(printable(said.text), markup=False, highlight=False, soft_wrap=True)
    context = f"route {taught.route.name}"
    if taught.route.context == "all":
        context += f"; all {len(said.retrieved)} documents in the context"
    elif taught.route.context != "none":
        context += f"; in the context: {', '.join(printable(document.id) for document in said.retrieved)}"
    error_console.print(f"({context})", markup=False, highlight=False, soft_wrap=True)


def report(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the page. Without it: that of the run.", metavar="DIR"),
    ] = None,
) -> None:
    """Write the page again, from the run's files alone."""
    from obverse.engine.result import rebuild_page

    console.print(str(rebuild_page(run, out)), markup=False, highlight=False, soft_wrap=True)

"""The command line: a thin layer over what can be called from Python.

Nothing heavy is imported before it is needed, so that ``obverse --help`` answers at once.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from obverse.studies.settings import Settings
from obverse.tasks import question_template, read_task
from obverse.types import InputError, Task

app = typer.Typer(
    name="obverse",
    help="Teach a language model your documents by every route, and see which route answers what, at which price.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
questions_app = typer.Typer(help="Question files.", no_args_is_help=True)
app.add_typer(questions_app, name="questions")
study_app = typer.Typer(
    help="Studies: Python files that compare tasks, models and routes.", no_args_is_help=True
)
app.add_typer(study_app, name="study")

_out, _err = Console(), Console(stderr=True)
_INTERRUPTED = 130


class Adapter(StrEnum):
    """How fine-tuning changes the weights."""

    lora = "lora"
    full = "full"


class Dtype(StrEnum):
    """Precision of the model."""

    auto = "auto"
    float32 = "float32"
    bfloat16 = "bfloat16"
    float16 = "float16"


class Device(StrEnum):
    """Where the model runs."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", help="Name or folder of a causal model. Without it: SmolLM2-135M-Instruct.", metavar="NAME"
    ),
]
RoutesOption = Annotated[
    str | None,
    typer.Option(
        "--routes",
        help="Comma-separated: untouched, finetune, context, retrieve, oracle; oracle:N with N other documents; "
        "or joined, finetune+retrieve. Without it: all of the first five that fit.",
    ),
]
SeedsOption = Annotated[int, typer.Option("--seeds", help="How often fine-tuning is done anew.")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Folder of the run. The same command takes up where it was.", metavar="DIR"),
]
EpisodesOption = Annotated[int, typer.Option("--episodes", help="Documents that a search brings back.")]
AdapterOption = Annotated[Adapter, typer.Option("--adapter", help="Train low-rank adapters or all weights.")]
RankOption = Annotated[int | None, typer.Option("--rank", help="Rank of the adapters.")]
LearningRateOption = Annotated[float | None, typer.Option("--learning-rate", help="Peak learning rate.")]
EpochsOption = Annotated[int | None, typer.Option("--epochs", help="Passes over the documents.")]
RowTokensOption = Annotated[int | None, typer.Option("--row-tokens", help="Tokens in a training step.")]
DtypeOption = Annotated[
    Dtype, typer.Option("--dtype", help="Precision; auto takes what the device computes natively.")
]
DeviceOption = Annotated[
    Device, typer.Option("--device", help="auto takes cuda, mps or cpu, the first there is.")
]
LeaksOption = Annotated[
    bool, typer.Option("--leave-out-leaks", help="Leave out latent questions whose answer a document says.")
]


@app.command()
def compare(
    documents: Annotated[
        Path, typer.Argument(help="Folder of files, or a .jsonl or .parquet file with a text column.")
    ],
    questions: Annotated[
        Path, typer.Argument(help="JSONL with question and answer; see: obverse questions template.")
    ],
    model: ModelOption = None,
    routes: RoutesOption = None,
    seeds: SeedsOption = 1,
    out: OutOption = None,
    episodes: EpisodesOption = 3,
    adapter: AdapterOption = Adapter.lora,
    rank: RankOption = None,
    learning_rate: LearningRateOption = None,
    epochs: EpochsOption = None,
    row_tokens: RowTokensOption = None,
    dtype: DtypeOption = Dtype.auto,
    device: DeviceOption = Device.auto,
    leave_out_leaks: LeaksOption = False,
) -> None:
    """Teach the documents by each route, ask the questions, and compare."""

    settings = Settings(
        model=model,
        routes=tuple(routes.split(",")) if routes is not None else (),
        seeds=seeds,
        episodes=episodes,
        adapter=adapter.value,
        rank=rank,
        learning_rate=learning_rate,
        epochs=epochs,
        row_tokens=row_tokens,
        dtype=dtype.value,
        device=device.value,
        leave_out_leaks=leave_out_leaks,
    )
    _compare(read_task(documents, questions), settings, out)


@app.command()
def demo(
    model: ModelOption = None,
    out: OutOption = None,
    device: DeviceOption = Device.auto,
) -> None:
    """Run the comparison on the example that comes with the package."""

    with as_file(files("obverse.example")) as folder:
        task = read_task(folder / "documents", folder / "questions.jsonl")
    _compare(replace(task, name="sornhaven-observatory"), Settings(model=model, device=device.value), out)


def _compare(task: Task, settings: Settings, out: Path | None) -> None:
    from obverse.reports.terminal import print_results
    from obverse.studies.comparison import run_comparison
    from obverse.studies.progress import Progress
    from obverse.studies.result import Result

    command = shlex.join(["obverse", *sys.argv[1:]])
    result = Result(run_comparison(task, settings, out, command, Progress(_err)))
    print_results(result.results, _out)
    _out.print(f"Page: {result.page}", soft_wrap=True, highlight=False, markup=False)


@app.command()
def ask(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    question: Annotated[str, typer.Argument(help="What to ask.")],
    route: Annotated[
        str | None, typer.Option("--route", help="By which route; without it the recommended one.")
    ] = None,
) -> None:
    """Ask the taught model, and show what stood in its context."""
    from obverse.studies.progress import Progress
    from obverse.studies.result import Result
    from obverse.tasks.places import printable  # what a model says may hold control characters

    result = Result(run)
    with Progress(_err).stage("Loading the model"):
        taught = result.taught(route)
    said = taught.ask(question)
    _out.print(printable(said.text), markup=False, highlight=False, soft_wrap=True)
    context = f"route {taught.route.name}"
    if taught.route.context == "lexical":
        context += f"; retrieved: {', '.join(printable(document.id) for document in said.retrieved)}"
    elif said.retrieved:
        context += f"; all {len(said.retrieved)} documents in the context"
    _err.print(f"({context})", markup=False, highlight=False, soft_wrap=True)


@app.command()
def report(run: Annotated[Path, typer.Argument(help="Folder of a finished run.")]) -> None:
    """Write the page again, from the run's files alone."""
    from obverse.studies.result import rebuild_page

    _out.print(str(rebuild_page(run)), markup=False, highlight=False, soft_wrap=True)


@questions_app.command()
def template() -> None:
    """Print a commented example of a question file."""
    sys.stdout.write(question_template())


@study_app.command("run")
def study_run(
    file: Annotated[Path, typer.Argument(help="Python file that ends in a Study.")],
    small: Annotated[bool, typer.Option("--small", help="Run the small form of the study.")] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", help="Processes. Without it: one for each core, or one alone with an accelerator."
        ),
    ] = None,
    ray: Annotated[
        str | None, typer.Option("--ray", help="Run on the Ray cluster at this address.", metavar="ADDRESS")
    ] = None,
    out: OutOption = None,
) -> None:
    """Run what is missing of a study, write its results and pages, and print them."""
    from obverse.reports.terminal import print_study
    from obverse.studies.progress import Progress
    from obverse.studies.running import run_study
    from obverse.studies.study_file import load_study, small_form

    study = load_study(file)
    folder, results = run_study(
        small_form(study) if small else study,
        out,
        workers=workers,
        cluster=ray,
        source=file,
        command=shlex.join(["obverse", *sys.argv[1:]]),
        progress=Progress(_err),
    )
    print_study(results, _out)
    _out.print(f"Page: {folder / 'report.html'}", soft_wrap=True, highlight=False, markup=False)
    if results["failed"]:
        _say(f"{len(results['failed'])} cells failed; {folder / 'failures'} says where in the code")
        raise typer.Exit(1)


@study_app.command("list")
def study_list() -> None:
    """List the studies in the folder studies."""
    from obverse.studies.study_file import load_study

    for file in sorted(Path("studies").glob("[!_]*.py")):
        try:
            study = load_study(file)
            line = f"{study.name}: {study.title} ({file})"
            _out.print(line, markup=False, highlight=False, soft_wrap=True)
        except InputError as problem:
            _say(str(problem))
    _out.print("Run one with: obverse study run FILE, or in its small form with --small", highlight=False)


@study_app.command("report")
def study_report(run: Annotated[Path, typer.Argument(help="Folder of a study's run.")]) -> None:
    """Write the pages of a study again, from the run's files alone."""
    from obverse.studies.running import write_pages

    _out.print(str(write_pages(run)), markup=False, highlight=False, soft_wrap=True)


def main() -> None:
    """Run the command line: exit code 2 and one line for bad input, 130 for Ctrl-C."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    with _told():
        app(prog_name="obverse")


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the user can mend into one line."""
    from obverse.files import is_disk_full

    try:
        yield
    except InputError as problem:
        _say(str(problem))
        raise SystemExit(2) from None
    except SystemExit as end:
        if end.code == _INTERRUPTED:  # what typer makes of Ctrl-C
            _say("interrupted; the same command takes up where it was")
        raise
    except Exception as problem:
        if not is_disk_full(problem):
            raise
        _say("the disk is full; what was done is kept: free some space and run the same command again")
        raise SystemExit(2) from None


def _say(message: str) -> None:
    line = " ".join(message.splitlines())
    _err.print(f"obverse: {line}", markup=False, highlight=False, soft_wrap=True)

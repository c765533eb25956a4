"""Commands around one comparison: of the user's documents, of the example, of a task; and what its run can do."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from enum import StrEnum
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from obverse.cli.screen import OutOption, console, error_console
from obverse.cli.task_command import SizeName, draw
from obverse.engine.settings import Settings
from obverse.types import TOP_K, Task


class Adapter(StrEnum):
    """How fine-tuning changes the weights."""

    lora = "lora"
    full = "full"


class Rehearse(StrEnum):
    """What holds the fine-tuned model to what it was."""

    divergence = "divergence"
    replay = "replay"


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
        help="Comma-separated: untouched, finetune, augment, context, retrieve, oracle; oracle:N with N other "
        "documents; or joined, finetune+retrieve, also with think: retrieve+think. Without it: all of these that fit, "
        "but augment.",
    ),
]
SeedsOption = Annotated[int, typer.Option("--seeds", help="How often fine-tuning is done anew.")]
TopKOption = Annotated[int, typer.Option("--top-k", help="Documents that a search returns.")]
AdapterOption = Annotated[Adapter, typer.Option("--adapter", help="Train low-rank adapters or all weights.")]
RankOption = Annotated[int | None, typer.Option("--rank", help="Rank of the adapters.")]
LearningRateOption = Annotated[float | None, typer.Option("--learning-rate", help="Peak learning rate.")]
EpochsOption = Annotated[int | None, typer.Option("--epochs", help="Passes over the documents.")]
RowTokensOption = Annotated[int | None, typer.Option("--row-tokens", help="Tokens in a training step.")]
RehearseOption = Annotated[
    Rehearse | None,
    typer.Option(
        "--rehearse",
        help="Hold the fine-tuned model to what it was, on texts that it wrote before: by its divergence from that, "
        "or by replay. Without it: nothing does.",
    ),
]
DtypeOption = Annotated[
    Dtype, typer.Option("--dtype", help="Precision; auto takes what the device computes natively.")
]
DeviceOption = Annotated[
    Device, typer.Option("--device", help="auto takes cuda, mps or cpu, the first there is.")
]
PracticeOption = Annotated[
    bool,
    typer.Option(
        "--practice/--no-practice",
        help="Whether the default model is the one that practised to read its context.",
    ),
]
AugmentedOption = Annotated[
    Path | None,
    typer.Option(
        "--augmented",
        help="Folder that obverse augment wrote about these documents, for the route augment. Without it the model "
        "itself writes.",
        metavar="DIR",
    ),
]
MarginOption = Annotated[
    float,
    typer.Option(
        "--margin",
        help="A cheaper route is recommended where it is shown to be at most so much worse than the best; 0.05 is five "
        "points.",
    ),
]
LeaksOption = Annotated[
    bool, typer.Option("--leave-out-leaks", help="Leave out latent questions whose answer a document says.")
]


def compare(
    documents: Annotated[
        Path | None, typer.Argument(help="Folder of files, or a .jsonl or .parquet file with a text column.")
    ] = None,
    questions: Annotated[
        Path | None, typer.Argument(help="JSONL with question and answer; see: obverse questions template.")
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task", help="A task of the package instead; see: obverse tasks list.", metavar="NAME"
        ),
    ] = None,
    model: ModelOption = None,
    practice: PracticeOption = True,
    routes: RoutesOption = None,
    seeds: SeedsOption = 1,
    out: OutOption = None,
    top_k: TopKOption = TOP_K,
    adapter: AdapterOption = Adapter.lora,
    rank: RankOption = None,
    learning_rate: LearningRateOption = None,
    epochs: EpochsOption = None,
    row_tokens: RowTokensOption = None,
    rehearse: RehearseOption = None,
    augmented: AugmentedOption = None,
    dtype: DtypeOption = Dtype.auto,
    device: DeviceOption = Device.auto,
    margin: MarginOption = Settings.margin,
    leave_out_leaks: LeaksOption = False,
) -> None:
    """Teach the documents by each route, ask the questions, and compare."""
    if documents is not None:
        from obverse.runs.run_folder import check_apart

        check_apart(out or Path("runs"), documents)
    settings = Settings(
        model=model,
        practice=practice,
        routes=tuple(routes.split(",")) if routes is not None else (),
        seeds=seeds,
        top_k=top_k,
        adapter=adapter.value,
        rank=rank,
        learning_rate=learning_rate,
        epochs=epochs,
        row_tokens=row_tokens,
        rehearse=rehearse.value if rehearse else None,
        augmented=str(augmented) if augmented else None,
        dtype=dtype.value,
        device=device.value,
        margin=margin,
        leave_out_leaks=leave_out_leaks,
    )
    _compare(_given(documents, questions, task), settings, out)


def _given(documents: Path | None, questions: Path | None, name: str | None) -> Task:
    """The task of the user's two files, or of that name."""
    if name is None:
        if documents is None or questions is None:
            raise typer.BadParameter("give DOCUMENTS and QUESTIONS, or --task NAME")
        from obverse.tasks import read_task

        return read_task(documents, questions)
    if documents is not None:
        raise typer.BadParameter("give either files or --task NAME, not both")
    return draw(name, None, SizeName.small, seed=0)


def demo(
    model: ModelOption = None,
    practice: PracticeOption = True,
    out: OutOption = None,
    device: DeviceOption = Device.auto,
) -> None:
    """Run the comparison on the example that comes with the package."""
    from obverse.tasks import read_task

    with as_file(files("obverse.example")) as folder:
        task = read_task(folder / "documents", folder / "questions.jsonl")
    settings = Settings(model=model, practice=practice, device=device.value)
    _compare(replace(task, name="sornhaven-observatory"), settings, out)


def _compare(task: Task, settings: Settings, out: Path | None) -> None:
    from obverse.engine.comparison import run_comparison
    from obverse.engine.result import Result
    from obverse.reports.terminal import print_results
    from obverse.runs.progress import Progress

    command = shlex.join(["obverse", *sys.argv[1:]])
    result = Result(run_comparison(task, settings, out, command, Progress(error_console)))
    print_results(result.results, console)
    console.print(f"Page: {result.page}", soft_wrap=True, highlight=False, markup=False)


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
        context += f"; retrieved: {', '.join(printable(document.id) for document in said.retrieved)}"
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

"""The command that writes what follows from documents, and checks it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from obverse.cli.options import DOCUMENTS, ModelOption, with_settings
from obverse.cli.screen import console, error_console, say, typed_command
from obverse.cli.writer_options import WriterOptions, endpoint_writer, names_in, remark_of
from obverse.engine.settings import Settings
from obverse.types import InputError

# A single text is to be right, several are to differ.
_SEVERAL_TEMPERATURE = 0.7


@with_settings
def augment(
    documents: Annotated[Path, DOCUMENTS],
    out: Annotated[
        Path, typer.Option("--out", help="Folder of the run. Texts that lie there are not paid for again.")
    ],
    model: ModelOption = None,
    *,
    settings: Annotated[Settings, ("practice", "device")],
    writing: WriterOptions,
    kinds: Annotated[
        str, typer.Option("--kinds", help="Comma-separated: rephrase, reverse, question, inference.")
    ] = "rephrase,reverse,question,inference",
    splitting: Annotated[
        Literal["none", "independent", "cumulative"],
        typer.Option(
            "--splitting", help="Texts are about documents, their sentences, or these with those before."
        ),
    ] = "none",
    samples: Annotated[int, typer.Option("--samples", help="Independent texts of each.", min=1)] = 1,
    temperature: Annotated[
        float | None,
        typer.Option(
            "--temperature",
            help="0 takes the likeliest, as a single sample does without it; several are drawn at 0.7.",
            min=0,
            max=2,
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the texts, where the generator heeds it.")] = 0,
    prompts: Annotated[
        Path | None, typer.Option("--prompts", help="Folder with prompts of your own, such as rephrase.txt.")
    ] = None,
    verify: Annotated[
        str,
        typer.Option(
            "--verify", help="Comma-separated: grounding, support, entailment, agreement, judge; or none."
        ),
    ] = "grounding,support,entailment",
    threshold: Annotated[
        list[str] | None,
        typer.Option("--threshold", help="Score that a check asks for, such as entailment=0.2."),
    ] = None,
    judge: Annotated[
        str | None, typer.Option("--judge", help="Address of an endpoint that judges.", metavar="URL")
    ] = None,
    judge_model: Annotated[
        str | None, typer.Option("--judge-model", help="Name of the model there.", metavar="NAME")
    ] = None,
) -> None:
    """Write what follows from documents, check every line against its sources, and hand over a data set."""
    from obverse.augmentation.augment_run import DATASET, run_augmentation
    from obverse.augmentation.augmentation import Augmenting
    from obverse.augmentation.checking import Checks, local_writer
    from obverse.augmentation.prompts import read_prompts
    from obverse.augmentation.writing import Sampling
    from obverse.models import load
    from obverse.runs.progress import Progress
    from obverse.runs.run_folder import check_apart
    from obverse.tasks import read_documents, task_name

    check_apart(out, documents)
    read = read_documents(documents)
    if temperature is None:
        temperature = 0.0 if samples == 1 else _SEVERAL_TEMPERATURE
    sampling = Sampling(temperature, writing.text_tokens, seed)
    augmenting = Augmenting(names_in(kinds), samples, splitting, sampling)  # type: ignore[arg-type]  # checked there
    checked = names_in(verify)
    spending = writing.spending()
    instructions = read_prompts(prompts)
    progress = Progress(error_console)
    writer = writing.writer()
    judging = endpoint_writer("judge", judge, judge_model, None)
    plain = reader = None
    with progress.stage("Loading the model"):
        if writer is None or "support" in checked:
            plain = load(model, device=settings.device)
        if "entailment" in checked:
            # Only the default model has practised; another is not loaded twice.
            is_other = plain is None or (settings.practice and model is None)
            reader = load(model, practised=settings.practice, device=settings.device) if is_other else plain
    checks = Checks(checked, _thresholds(threshold or ()), plain, reader, judging)
    if writer is None:
        assert plain is not None
        writer = local_writer(plain, sampling)  # practice makes for short answers

    def announce(said: str) -> bool:
        console.print(f"{said}.", markup=False, highlight=False, soft_wrap=True)
        return not writing.estimate

    command = typed_command()
    folder = run_augmentation(
        read,
        task_name(documents),
        augmenting,
        writer,
        checks,
        instructions,
        spending,
        out,
        command,
        progress,
        announce,
    )
    if folder is not None:
        for remark in filter(None, (remark_of(writer), remark_of(judging))):
            say(remark)
        _print(folder, DATASET, by_default=writing.generator is None and model is None)


def _thresholds(given: list[str] | tuple[str, ...]) -> dict[str, float]:
    found = {}
    for one in given:
        name, _, value = one.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            raise InputError(
                f"--threshold {one}: give a check and a number, such as entailment=0.2"
            ) from None
    return found


def _print(folder: Path, dataset: str, *, by_default: bool) -> None:
    """What came of it, in a few lines, and a warning where the default model wrote.

    Raises:
        typer.Exit: with code 1, where no line was kept.
    """
    import json

    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    figures, cost = results["figures"], results["cost"]
    lines = [
        f"{figures['kept']:,} lines kept, {figures['rejected']:,} rejected, from "
        f"{figures['texts']:,} texts by {results['generator']}.",
        f"{figures['repeats']:,} lines only repeated their source, {figures['fragments']:,} were fragments; "
        f"{sum(figures['faults'].values()):,} texts brought none.",
        f"{cost['prompt_tokens']:,} tokens of prompts, {cost['cached_tokens']:,} of them encoded once before; "
        f"{cost['generated_tokens']:,} written; {cost['seconds']:.0f} s"
        + (f"; {cost['usd']:.2f} USD." if cost["usd"] else "."),
    ]
    if figures["missing"]:
        lines.append(
            f"The budget was spent before {figures['missing']:,} texts were written; raise it and run the same "
            "command again for the rest."
        )
    if by_default and figures["kept"]:
        lines.append(
            f"Read what was kept: {results['generator']} is small, and most of its lines that pass were wrong where we "
            "read them. Name a larger model with --model, or an endpoint with --generator."
        )
    lines += [f"Data set: {folder / dataset}", f"Page: {folder / 'report.html'}"]
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
    if not figures["kept"]:
        faults: dict[str, int] = figures["faults"]
        most = max(faults, key=faults.__getitem__, default="")
        why = (
            f"most texts brought no line: {most}" if most and not figures["rejected"] else "the page says why"
        )
        say(f"no line was kept, so there is nothing to train on; {why}")
        raise typer.Exit(1)

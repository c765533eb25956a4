"""Commands for question files: a template, questions written and checked, and published sets taken over."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from obverse.cli.options import DOCUMENTS, ModelOption, with_settings
from obverse.cli.screen import console, error_console, say
from obverse.cli.task_command import check_empty
from obverse.cli.writer_options import WriterOptions, names_in, remark_of
from obverse.engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from obverse.augmentation.budget import Spending
    from obverse.augmentation.checking import Writer
    from obverse.augmentation.prompts import Prompt
    from obverse.models import Pretrained
    from obverse.questions.asking import Answerer
    from obverse.questions.checked import Checked
    from obverse.questions.corpus import Corpus
    from obverse.questions.writing_run import Outcome

app = typer.Typer(help="Question files: write them, check them, take them over.", no_args_is_help=True)

_SHOWN_REASONS = 3
# What answering in a check may take, of all that writing may.
_PAID = ("generator", "generator_model", "max_tokens", "max_usd", "prices")
_SHOWN_FAILED = 20

PromptsOption = Annotated[
    Path | None, typer.Option("--prompts", help="Folder with prompts of your own, such as chain.txt.")
]


@app.command()
def template() -> None:
    """Print a commented example of a question file."""
    from obverse.tasks import question_template

    sys.stdout.write(question_template())


@app.command()
@with_settings
def write(
    documents: Annotated[Path, DOCUMENTS],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="The file to write, *.jsonl. Texts lie in a folder beside it and are not paid for again.",
        ),
    ],
    number: Annotated[
        int, typer.Option("--number", help="Questions, shared out among the kinds.", min=1)
    ] = 100,
    kinds: Annotated[
        str,
        typer.Option(
            "--kinds",
            help="Comma-separated: recall, reworded, reversal, chain, comparison, conclusion, absent.",
        ),
    ] = "recall,reworded,reversal,chain,comparison,conclusion,absent",
    model: ModelOption = None,
    *,
    settings: Annotated[Settings, ("practice", "device")],
    writing: WriterOptions,
    seed: Annotated[int, typer.Option("--seed", help="Of the order of documents and of the texts.")] = 0,
    prompts: PromptsOption = None,
) -> None:
    """Write questions about documents, check each, and keep those that pass.

    The model here writes and answers them in the checks. With --generator the endpoint does both; with --model beside
    it, the endpoint writes and the model here answers.
    """
    from obverse.augmentation.checking import local_writer
    from obverse.augmentation.prompts import read_prompts
    from obverse.models import load
    from obverse.questions.candidates import PACKAGE, PLACES
    from obverse.questions.kinds import kinds_named
    from obverse.questions.rounds import Wanted
    from obverse.questions.writing_run import folder_beside, write_questions
    from obverse.runs.progress import Progress
    from obverse.runs.run_folder import check_apart
    from obverse.tasks import read_documents

    check_apart(out, documents)
    folder_beside(out)
    wanted = Wanted(number, kinds_named(names_in(kinds)), seed, writing.text_tokens)
    read = read_documents(documents)
    spending = writing.spending()
    instructions = read_prompts(prompts, PLACES, PACKAGE)
    progress = Progress(error_console)
    writer = writing.writer()
    plain = reader = None
    if writer is None or model is not None:
        with progress.stage("Loading the model"):
            plain = reader = load(model, device=settings.device)
            if model is None and settings.practice and not writing.estimate:
                reader = load(practised=True, device=settings.device)
    if writer is None:
        assert plain is not None
        writer = local_writer(plain, wanted.sampling(0))

    def announce(said: str) -> bool:
        console.print(f"{said}.", markup=False, highlight=False, soft_wrap=True)
        return not writing.estimate

    outcome = write_questions(
        read,
        wanted,
        writer,
        _answerer(reader, writer, instructions, spending),
        instructions,
        out,
        spending,
        progress,
        announce,
    )
    if outcome is not None:
        if remark := remark_of(writer):
            say(remark)
        _print(outcome, folder_beside(out), by_default=writing.generator is None and model is None)


@app.command()
@with_settings
def check(
    documents: Annotated[Path, DOCUMENTS],
    questions: Annotated[Path, typer.Argument(help="JSONL or Parquet with question and answer.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A new file for the questions with all verdicts.", metavar="FILE"),
    ] = None,
    model: ModelOption = None,
    *,
    settings: Annotated[Settings, ("device",)],
    writing: Annotated[WriterOptions, _PAID],
    prompts: PromptsOption = None,
) -> None:
    """Check questions by words, and with --model or --generator also by a model that answers them.

    The exit code is 1 where a question fails a check.
    """
    import tempfile

    from obverse.augmentation.prompts import read_prompts
    from obverse.models import load
    from obverse.questions.candidates import PACKAGE, PLACES
    from obverse.questions.checked import check_questions
    from obverse.questions.corpus import Corpus
    from obverse.runs.progress import Progress
    from obverse.tasks import read_task
    from obverse.types import InputError

    if out is not None and out.exists():
        raise InputError(f"{out}: is there already; give a new file, for nothing is overwritten")
    task = read_task(documents, questions)
    progress = Progress(error_console)
    writer = writing.writer()
    reader = None
    if model is not None:
        with progress.stage("Loading the model"):
            reader = load(model, device=settings.device)
    instructions = read_prompts(prompts, PLACES, PACKAGE)
    made = _answerer(reader, writer, instructions, writing.spending())
    corpus = Corpus(task.documents)
    with tempfile.TemporaryDirectory() as folder, progress.steps("Checking") as advance:
        answerer = made and made(Path(folder))
        checked = check_questions(task.questions, corpus, answerer, progress=advance)
    if out is not None:
        _write_checked(out, checked, corpus, answerer.name if answerer else None)
    _print_checked(checked)
    if any(one.failed for one in checked):
        raise typer.Exit(1)


class SetName(StrEnum):
    """A published set of questions."""

    squad = "squad"
    hotpotqa = "hotpotqa"
    ragas = "ragas"
    mmlu = "mmlu"
    reversal_curse = "reversal-curse"
    knowedit = "knowedit"


@app.command("import")
def take_over(
    file: Annotated[Path, typer.Argument(help="The file, or the folder, as it was published.")],
    form: Annotated[SetName, typer.Option("--from", help="Which set it is of.")],
    out: Annotated[Path, typer.Option("--out", help="A folder that is new or empty.", metavar="DIR")],
) -> None:
    """Take over documents and questions of a published set, as obverse compare takes them."""
    import shlex

    from obverse.questions.importers import READERS, save_imported
    from obverse.tasks import task_name

    check_empty(out)
    imported = READERS[form.value](file)
    save_imported(imported, task_name(file), out)
    latent = sum(question.latent for question in imported.questions)
    for remark in imported.remarks:
        say(remark)
    documents = shlex.quote(str(out / "documents.jsonl")) if imported.documents else "DOCUMENTS"
    lines = [
        f"{len(imported.documents):,} documents, {len(imported.questions):,} questions, {latent:,} of them latent.",
        f"obverse compare {documents} {shlex.quote(str(out / 'questions.jsonl'))}",
    ]
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


def _answerer(
    reader: Pretrained | None, writer: Writer | None, prompts: Mapping[str, Prompt], spending: Spending
) -> Callable[[Path], Answerer] | None:
    """Makes who answers questions in the checks: the model here, or else the one behind an address."""
    from obverse.questions.asking import EndpointAnswerer, LocalAnswerer

    if reader is not None:
        return lambda folder: LocalAnswerer(reader, folder)
    if writer is not None:
        return lambda folder: EndpointAnswerer(writer, prompts, folder, spending)
    return None


def _print(outcome: Outcome, folder: Path, *, by_default: bool) -> None:
    """What was written, and of each kind that is short why others were rejected.

    Raises:
        typer.Exit: with code 1, where no question was kept.
    """
    from obverse.questions.kinds import ABSENT
    from obverse.questions.trying import NOT_ASKED

    lines = []
    for name, one in outcome.figures.items():
        line = f"{name}: {one.kept} of {one.wanted} from {one.texts:,} texts"
        line += f", {one.known} of them known to the model" if one.known else ""
        lines.append(line)
        if one.kept < one.wanted:
            lines += _shortfall(one.sources, one.texts, one.unwritten, one.candidates, one.rejected)
    untried = [
        one for one in outcome.kept if one.question.kind != ABSENT and one.checks["answered"] == NOT_ASKED
    ]
    if untried:
        lines.append(
            f"No model answered {len(untried):,} of them in the checks: the budget was spent, or they do not fit its "
            "window."
        )
    cost = outcome.cost
    lines.append(
        f"{len(outcome.kept):,} questions; {cost.prompt_tokens:,} tokens of prompts, {cost.generated_tokens:,} "
        "written" + (f"; {cost.usd:.2f} USD." if cost.usd else ".")
    )
    if by_default and outcome.kept:
        lines.append(
            "Read them before you rely on them: the default model is small. Name a larger one with --model, or an "
            "endpoint with --generator."
        )
    if outcome.path:
        lines.append(f"Questions: {outcome.path}")
    lines.append(f"Rejected, with the reasons: {folder / 'rejected.jsonl'}")
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
    if outcome.path is None:
        say("no question was kept, so no file was written; the reasons stand above")
        raise typer.Exit(1)


def _shortfall(
    sources: int, texts: int, unwritten: int, candidates: int, rejected: Mapping[str, int]
) -> list[str]:
    """Why there are fewer questions of a kind than were wanted."""
    if not sources:
        return ["  the documents offer nothing to ask it about"]
    lines = [
        f"  {candidates:,} candidates in {texts:,} texts; {sources:,} documents or combinations to ask about"
    ]
    if unwritten:
        lines.append("  the budget was spent; raise it and run the same command again for the rest")
    shown = list(rejected.items())[:_SHOWN_REASONS]
    lines += [f"  {count:,} rejected by {reason}" for reason, count in shown]
    others = sum(rejected.values()) - sum(count for _, count in shown)
    return [*lines, f"  {others:,} for other reasons"] if others else lines


def _print_checked(checked: Sequence[Checked]) -> None:
    from collections import Counter

    failed = [one for one in checked if one.failed]
    lines = [
        f"{one.question.id}: {name}: {why}"
        for one in failed[:_SHOWN_FAILED]
        for name, why in one.failed.items()
    ]
    if len(failed) > _SHOWN_FAILED:
        lines.append(f"... and {len(failed) - _SHOWN_FAILED:,} more questions; --out writes all verdicts")
    by_check = Counter(name for one in failed for name in one.failed)
    lines.append(
        f"{len(checked):,} questions, {len(failed):,} fail a check"
        + (f" ({', '.join(f'{name} {count:,}' for name, count in by_check.most_common())})" if failed else "")
        + "."
    )
    if any(one.known is not None for one in checked):
        lines.append(f"{sum(one.known is True for one in checked):,} are answered with nothing in view.")
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


def _write_checked(out: Path, checked: Sequence[Checked], corpus: Corpus, checked_by: str | None) -> None:
    import json

    from obverse.files import write_text
    from obverse.questions.checked import row_of

    rows = (row_of(one, corpus, None, checked_by) for one in checked)
    write_text(out, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

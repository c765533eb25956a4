"""Commands for the tasks that come with the package."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from obverse.cli.screen import console, typed_command
from obverse.types import InputError, Question, Task

app = typer.Typer(help="The tasks that come with the package.", no_args_is_help=True)

_SHOWN_DOCUMENTS, _SHOWN_QUESTIONS = 3, 2


Form = Literal["formal", "natural"]
Size = Literal["small", "published"]

NameArgument = Annotated[str, typer.Argument(help="Name of the task; see: obverse tasks list.")]
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is new or empty.")]
FormOption = Annotated[
    Form | None,
    typer.Option("--form", help="Without it: natural where there is that form, else formal."),
]
SizeOption = Annotated[Size, typer.Option("--preset", help="How large.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Another seed draws other facts.")]


@app.command("list")
def list_tasks() -> None:
    """List the tasks."""
    from obverse.tasks.drawn.catalogue import CATALOGUE

    width = max(map(len, CATALOGUE))
    for name, entry in CATALOGUE.items():
        line = f"{name:{width}}  {entry.title} ({', '.join(entry.forms)})"
        console.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command()
def show(
    name: NameArgument, form: FormOption = None, preset: SizeOption = "small", seed: SeedOption = 0
) -> None:
    """Show what a task is about, its size, and some of its documents and questions."""
    from obverse.tasks.drawn.catalogue import entry

    task = draw(name, form, preset, seed)
    described = entry(name)
    lines = [described.title, "", *(f"{paragraph}\n" for paragraph in described.idea)]
    if described.published:
        lines += [f"What published work showed: {described.published}", ""]
    lines += [f"{len(task.documents):,} documents, for example:"]
    lines += [f"  {document.text}" for document in task.documents[:_SHOWN_DOCUMENTS]]
    kinds: dict[tuple[str, bool], list[Question]] = {}
    for question in task.questions:
        kinds.setdefault((question.kind, question.latent), []).append(question)
    for (kind, latent), questions in kinds.items():
        lines += ["", f"{len(questions):,} questions: {kind}{' (latent)' if latent else ''}, for example:"]
        lines += [
            f"  {question.prompt} -> {question.answer}   (of {len(question.choices)})"
            for question in questions[:_SHOWN_QUESTIONS]
        ]
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


@app.command()
def write(
    name: NameArgument,
    folder: FolderArgument,
    form: FormOption = None,
    preset: SizeOption = "small",
    seed: SeedOption = 0,
) -> None:
    """Write a task as files: documents.jsonl, questions.jsonl, validation.jsonl, and a card."""
    from obverse.files import write_text
    from obverse.tasks.card import task_card
    from obverse.tasks.drawn.catalogue import entry
    from obverse.tasks.task import save_task

    check_empty(folder)
    task, described = draw(name, form, preset, seed), entry(name)
    command = typed_command()
    save_task(task, folder)
    write_text(
        folder / "README.md", task_card(task, described.title, described.idea, described.published, command)
    )
    console.print(str(folder), markup=False, highlight=False, soft_wrap=True)


@app.command()
def gallery(
    page: Annotated[Path, typer.Argument(metavar="FILE", help="The page to write, for example tasks.html.")],
) -> None:
    """Write one page that shows every task, with a drawing, examples and baselines."""
    from obverse.reports.gallery import write_gallery

    if page.exists():
        raise InputError(f"{page}: is there already; give a new file, for nothing is overwritten")
    write_gallery(page)
    console.print(str(page), markup=False, highlight=False, soft_wrap=True)


@app.command()
def export(
    name: NameArgument,
    folder: FolderArgument,
    to: Annotated[Literal["lm-eval", "inspect"], typer.Option("--to", help="Which harness is to ask.")],
    form: FormOption = None,
    preset: SizeOption = "small",
    seed: SeedOption = 0,
) -> None:
    """Write a task for another evaluation harness: lm-evaluation-harness or Inspect."""
    from obverse.exports import export_for_inspect, export_for_lm_eval

    check_empty(folder)
    task = draw(name, form, preset, seed)
    where = shlex.quote(str(folder))
    if to == "lm-eval":
        names = export_for_lm_eval(task, folder)
        command = f"lm_eval --include_path {where} --tasks {','.join(names)} --model hf --model_args pretrained=MODEL"
    else:
        export_for_inspect(task, folder)
        command = f"cd {where} && inspect eval task.py --model hf/MODEL -M do_sample=false"
    console.print(command, markup=False, highlight=False, soft_wrap=True)


def draw(name: str, form: Form | None, preset: Size, seed: int) -> Task:
    """The task of a name, in one of its forms and sizes; or one of the user's own, see `obverse.plugins`.

    Raises:
        InputError: there is no such task, or one of the user's own is asked for another form or size.
    """
    from obverse.plugins import is_path, load, registered
    from obverse.tasks.drawn.catalogue import settings
    from obverse.tasks.task import TaskSource

    if not is_path(name) and name not in registered("task"):
        return settings(name, form, preset).build(seed)
    if form is not None or preset != "small":
        raise InputError(f"task {name!r}: comes as it is; leave out --form and --preset")
    source: TaskSource = load("task", name, TaskSource)
    return source.build(seed)


def check_empty(folder: Path) -> None:
    """Refuse a folder that holds something.

    Raises:
        InputError: it does.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: is not an empty folder; give a new one, for nothing is overwritten")

"""The main job: teach a model the documents by every route, ask it, and write down what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.answers.asking import Asker
from obverse.answers.encoding import PromptTooLongError
from obverse.answers.tree import TreeReader
from obverse.files import write_text
from obverse.models import load
from obverse.parameters.finetuning import TAUGHT, Finetuning, derive_finetuning, finetune
from obverse.parameters.objectives import OBJECTIVES, tokenise
from obverse.parameters.retention import retained
from obverse.reports.page import write_page
from obverse.reports.results import write_answers, write_results
from obverse.routes import default_routes
from obverse.routes import routes as named_routes
from obverse.studies.environment import environment
from obverse.studies.examining import Examination
from obverse.studies.notes import notes
from obverse.studies.progress import Progress
from obverse.studies.result import Result
from obverse.studies.run_folder import RunFolder
from obverse.studies.settings import Settings
from obverse.studies.summary import Outcome, summarise, teaching_name
from obverse.tasks import Leak, check_task, find_leaks, read_documents, read_questions, save_task, task_name
from obverse.tasks.completions import completions
from obverse.types import (
    UNTOUCHED,
    Document,
    InputError,
    ParametersChoice,
    Question,
    Retained,
    Route,
    Task,
    content_hash,
)

if TYPE_CHECKING:
    from obverse.models import Pretrained


def compare(
    documents: str | Path | Sequence[Document],
    questions: str | Path | Sequence[Question],
    *,
    model: str | None = None,
    routes: Sequence[str] = (),
    seeds: int = 1,
    out: str | Path | None = None,
    progress: bool = True,
    **settings: Any,
) -> Result:
    """Teach ``documents`` by each route, ask ``questions``, and compare.

    Args:
        documents, questions: paths as on the command line, or the things themselves.
        model: name or folder; ``None`` for the default model.
        routes: names of routes; empty for all that fit.
        seeds: how often each trained route is trained anew.
        out: folder of the run; the same call takes up where it was interrupted.
        progress: whether to show progress on standard error.
        settings: any other field of :class:`obverse.studies.settings.Settings`.

    Raises:
        InputError: something that was given cannot be used.
    """
    from rich.console import Console

    chosen = Settings(model=model, routes=tuple(routes), seeds=seeds, **settings)
    read = read_documents(documents) if isinstance(documents, str | Path) else tuple(documents)
    task = Task(
        task_name(documents) if isinstance(documents, str | Path) else "documents",
        read,
        read_questions(questions, read) if isinstance(questions, str | Path) else tuple(questions),
    )
    return Result(
        run_comparison(
            task,
            chosen,
            Path(out) if out else None,
            "obverse.compare(...)",
            Progress(Console(stderr=True) if progress else None),
        )
    )


def run_comparison(
    task: Task, settings: Settings, out: Path | None, command: str, progress: Progress
) -> Path:
    """Run or take up a comparison; return its folder, which holds everything.

    Args:
        out: the folder; ``None`` derives one below ``runs`` from what is compared.
        command: what the user typed, for the record.

    Raises:
        InputError: something that was given cannot be used.
    """
    check_task(task)
    chosen = named_routes(settings.routes) if settings.routes else default_routes(task)
    for route in chosen:
        if route.parameters not in TAUGHT:
            raise InputError(
                f"route {route.name!r} is for models from scratch; compare takes finetune, reversed, masked-copy, "
                "contexts, and these joined"
            )
    if any(route.context in ("oracle", "part") for route in chosen) and not any(
        one.needs for one in task.questions
    ):
        raise InputError(
            "the oracle has nothing to go by: no question says which documents it needs ('needs')"
        )
    leaks = find_leaks(task)
    if settings.leave_out_leaks:
        task = _without_leaks(task, leaks)
    with progress.stage("Loading the model"):
        pretrained = load(
            settings.model, practised=settings.practice, dtype=settings.dtype, device=settings.device
        )
    described = {
        "task": task.fingerprint,
        "model": pretrained.fingerprint,
        "dtype": str(pretrained.model.dtype),
        "routes": [route.name for route in chosen],
        "settings": {**settings.as_dict(), "routes": None, "model": None},  # both by their content, above
        "obverse": version("obverse"),
    }
    key = content_hash(described)
    TreeReader(pretrained.model, ())  # a model that it refuses is refused before there is a folder
    folder = RunFolder(out or Path("runs") / f"{task.name}-{key[:8]}", key)
    with folder.lock():
        comparison = _Comparison(task, settings, chosen, folder, pretrained, progress)
        comparison.run()
        comparison.write(leaks, command)
    return folder.path


def _without_leaks(task: Task, leaks: Sequence[Leak]) -> Task:
    told = {leak.question for leak in leaks}
    kept = tuple(question for question in task.questions if question.id not in told)
    if not kept:
        raise InputError("a document says the answer of each question; nothing is left to ask")
    return replace(task, questions=kept)


class _Comparison:
    """One run in one folder."""

    def __init__(
        self,
        task: Task,
        settings: Settings,
        chosen: Sequence[Route],
        folder: RunFolder,
        pretrained: Pretrained,
        progress: Progress,
    ) -> None:
        self._task, self._settings, self._routes = task, settings, chosen
        self._folder, self._progress = folder, progress
        self._pretrained: Pretrained | None = pretrained
        self._model_name = pretrained.name
        self._outcome = Outcome(task, completions(task))
        self._examination = Examination(task, self._outcome.completions, folder, settings.episodes)
        self._facts: dict[str, Any] = {
            "prompt_form": Asker(pretrained).form,
            "parameters": pretrained.model.num_parameters(),
            "dtype": str(pretrained.model.dtype).removeprefix("torch."),
            "device": str(pretrained.model.device),
        }
        self._finetuning = self._derive_finetuning(pretrained)

    def run(self) -> None:
        """Ask the untaught model, then teach and ask; what is done already is not done again."""
        path = self._folder.path
        save_task(self._task, path / "task")
        with self._progress.stage("Storing the documents in the memory"):
            _ = self._examination.memory
        untrained = [route for route in self._routes if route.parameters == "none"]
        trained = dict.fromkeys(route.parameters for route in self._routes if route.parameters != "none")
        if untrained:
            self._ask(untrained, self._load(), seed=0)
        for parameters in trained:
            for seed in range(self._settings.seeds):
                self._teach(parameters, seed)
        refused = self._outcome.refused
        if all(route.name in refused for route in self._routes):
            raise InputError(f"no route fits the model: {next(iter(refused.values()))}")

    def _teach(self, parameters: ParametersChoice, seed: int) -> None:
        """Train, and ask every route that shares what is trained in."""
        alike = [route for route in self._routes if route.parameters == parameters]
        name = f"{teaching_name(alike[0])}.{seed}"
        pretrained = self._load()
        before = self._retention(UNTOUCHED, pretrained)
        with self._progress.steps(f"Training on the documents ({name})") as advance:
            taught, ledger = finetune(
                pretrained,
                self._task.documents,
                replace(self._finetuning, objective=OBJECTIVES[parameters]),
                seed,
                self._folder.path / "taught" / name,
                lambda done, of, loss: advance(done, of, f"loss {loss:.2f}"),
            )
        self._pretrained = None  # it was changed in place
        self._outcome.teaching[parameters, seed] = ledger
        self._outcome.retention[parameters, seed] = (before, self._retention(name, taught))
        self._ask(alike, taught, seed)

    def write(self, leaks: Sequence[Leak], command: str) -> None:
        """Judge the answers and write results and page."""
        results = summarise(self._outcome, self._routes, self._model_name)
        results |= {
            "notes": notes(results, self._facts["parameters"]),
            "command": command,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "settings": {**self._settings.as_dict(), "finetuning": asdict(self._finetuning)},
            "environment": environment(self._facts),
        }
        results["checks"] |= {
            "leaks": [asdict(leak) for leak in leaks],
            "prompt_form": self._facts["prompt_form"],
        }
        results["checks"]["scorer"]["dtype"] = self._facts["dtype"]
        path = self._folder.path
        with self._progress.stage("Writing the results and the page"):
            write_answers(
                path, self._outcome.asked, self._outcome.answers, self._outcome.diagnoses(self._routes)
            )
            write_results(path, results)
            write_page(path)

    def _load(self) -> Pretrained:
        if self._pretrained is None:
            settings = self._settings
            self._pretrained = load(
                settings.model, practised=settings.practice, dtype=settings.dtype, device=settings.device
            )
        return self._pretrained

    def _derive_finetuning(self, pretrained: Pretrained) -> Finetuning:
        settings = self._settings
        return derive_finetuning(
            sum(len(text.tokens) for text in tokenise(pretrained.tokenizer, self._task.documents)),
            adapter=settings.adapter,
            rank=settings.rank,
            learning_rate=settings.learning_rate,
            epochs=settings.epochs,
            row_tokens=settings.row_tokens,
        )

    def _retention(self, who: str, pretrained: Pretrained) -> Retained:
        """What there is to retain, measured once and kept."""
        path = self._folder.path / "cells" / "retention.json"
        known: dict[str, dict[str, float]] = json.loads(path.read_text()) if path.exists() else {}
        if who not in known:
            known[who] = asdict(retained(pretrained))
            write_text(path, json.dumps(known))
        return Retained(**known[who])

    def _ask(self, routes: Sequence[Route], pretrained: Pretrained, seed: int) -> None:
        """Ask every question by these routes, and by the false-context twins of those that have a context."""
        asker = Asker(pretrained)
        for route in routes:
            try:
                for arm in route.arms:
                    self._ask_route(arm, asker, seed)
            except PromptTooLongError as problem:
                self._outcome.refused[route.name] = str(problem)

    def _ask_route(self, route: Route, asker: Asker, seed: int) -> None:
        cell = self._examination.cell(route, seed)
        self._outcome.cells[route.name, route.control, seed] = cell.rows
        if self._examination.finished(route, cell):
            return
        with self._progress.steps(f"Asking: {route.label}") as advance:
            self._examination.ask(route, asker, seed, cell, advance)

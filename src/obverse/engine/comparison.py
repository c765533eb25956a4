"""The main job: teach a model the documents by every route, ask it, and write down what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.answering.asking import Asker
from obverse.answering.encoding import PromptTooLongError
from obverse.answering.plain import check_reads_from_left_to_right
from obverse.answering.sharing import unshared
from obverse.augmentation.for_routes import Lines, read_lines, write_lines
from obverse.engine.result import Result
from obverse.engine.settings import Settings
from obverse.judging.remarks import notes, read_by_itself
from obverse.judging.run_record import RunRecord
from obverse.judging.stated import stated_estimates, stated_in
from obverse.judging.summary import summarise, teaching_name
from obverse.learners.evaluation import Evaluator
from obverse.models import load
from obverse.models.fingerprint import identity
from obverse.reports.page import write_page
from obverse.reports.result_files import write_answers, write_results
from obverse.retrieval.assembly import Assembler
from obverse.retrieval.contexts import plugin_identity
from obverse.retrieval.template import template_fingerprint
from obverse.routes import default_routes
from obverse.routes import routes as named_routes
from obverse.runs.environment import environment
from obverse.runs.progress import Progress
from obverse.runs.run_folder import RunFolder, UnwritableError, check_apart
from obverse.tasks import Leak, check_task, find_leaks, read_documents, read_questions, save_task, task_name
from obverse.tasks.completions import completions
from obverse.training.finetuning import (
    REHEARSALS,
    TAUGHT,
    Finetuning,
    derive_finetuning,
    finetune,
    training_remarks,
)
from obverse.training.objectives import OBJECTIVES, tokenise
from obverse.training.retention import kept_retention
from obverse.types import (
    UNTOUCHED,
    Document,
    InputError,
    Ledger,
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
        settings: any other field of :class:`obverse.engine.settings.Settings`.

    Raises:
        InputError: something that was given cannot be used.
    """
    from rich.console import Console

    if isinstance(documents, str | Path):
        check_apart(Path(out or "runs"), Path(documents))
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
                f"route {route.name!r} is for models from scratch; compare takes finetune, augment, reversed, "
                "masked-copy, contexts, and these joined, also with think"
            )
    if any(route.context in ("oracle", "part") for route in chosen) and not any(
        one.needs for one in task.questions
    ):
        raise InputError(
            "the oracle has nothing to go by: no question says which documents it needs ('needs')"
        )
    lines = read_lines(Path(settings.augmented), task.documents) if settings.augmented else None
    leaks = find_leaks(task)
    if settings.leave_out_leaks:
        task = _without_leaks(task, leaks)
    with progress.stage("Loading the model"):
        pretrained = load(
            settings.model, practised=settings.practice, dtype=settings.dtype, device=settings.device
        )
    decided_by = _decided_by(task, settings, chosen, pretrained, lines)
    key = content_hash(decided_by)
    # What they refuse, a model or its chat template, is refused before there is a folder.
    check_reads_from_left_to_right(pretrained.model)
    assembler = Assembler(pretrained.tokenizer)
    if any(route.context != "none" for route in chosen):
        assembler.prefix(task.documents)
    folder = RunFolder(out or Path("runs") / f"{task.name}-{key[:8]}", key, decided_by)
    try:
        with folder.lock():
            comparison = _Comparison(task, settings, chosen, folder, pretrained, lines, progress)
            comparison.run()
            comparison.write(leaks, command)
    except UnwritableError as problem:
        if not (folder.path / "results.json").exists():
            raise
        progress.remark(f"{problem}. The run is finished; its results are those that lie there.")
    return folder.path


# These by what they stand for; and the margin decides no answer.
_BY_CONTENT = ("model", "practice", "routes", "dtype", "device", "augmented", "leave_out_leaks", "margin")


def _decided_by(
    task: Task, settings: Settings, chosen: Sequence[Route], pretrained: Pretrained, lines: Lines | None
) -> dict[str, object]:
    """Everything that decides the answers, by the names that a refusal calls it."""
    return {
        "documents": content_hash([asdict(document) for document in task.documents]),
        "questions": content_hash([asdict(question) for question in task.questions]),
        "routes": [route.name for route in chosen],
        "retrievers": {route.name: found for route in chosen if (found := plugin_identity(route))},
        "lines of --augmented": content_hash([line.text for line in lines.kept]) if lines else None,
        "prompt template": template_fingerprint(pretrained.tokenizer),
        **{name: value for name, value in settings.as_dict().items() if name not in _BY_CONTENT},
        **identity(pretrained, __name__),
    }


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
        lines: Lines | None,
        progress: Progress,
    ) -> None:
        self._lines = lines
        self._task, self._settings, self._routes = task, settings, chosen
        self._folder, self._progress = folder, progress
        self._pretrained: Pretrained | None = pretrained
        self._model_name = pretrained.name
        self._record = RunRecord(task, completions(task))
        self._evaluator = Evaluator(task, self._record.completions, folder, settings.top_k)
        asker = Asker(pretrained)
        self._facts: dict[str, Any] = {
            "prompt_form": asker.form,
            "prompt": asker.rendered,
            "parameters": pretrained.model.num_parameters(),
            "dtype": str(pretrained.model.dtype).removeprefix("torch."),
            "device": str(pretrained.model.device),
        }
        self._finetuning = self._derive_finetuning(pretrained)
        self._unshared: str | None = None
        self._remark_unshared(unshared(pretrained.model))
        trains = any(route.parameters != "none" for route in chosen)
        self._training = training_remarks(pretrained, self._finetuning) if trains else []

    def run(self) -> None:
        """Ask the untaught model, then teach and ask; what is done already is not done again."""
        path = self._folder.path
        save_task(self._task, path / "task")
        with self._progress.stage("Indexing the documents"):
            for route in self._routes:
                self._evaluator.contexts.indexing(route)
        untrained = [route for route in self._routes if route.parameters == "none"]
        trained = dict.fromkeys(route.parameters for route in self._routes if route.parameters != "none")
        if untrained:
            self._ask(untrained, self._load(), seed=0)
        for parameters in trained:
            for seed in range(self._settings.seeds):
                self._teach(parameters, seed)
        refused = self._record.refused
        if all(route.name in refused for route in self._routes):
            raise InputError(f"no route fits the model: {next(iter(refused.values()))}")

    def _teach(self, parameters: ParametersChoice, seed: int) -> None:
        """Train, and ask every route that shares what is trained in."""
        alike = [route for route in self._routes if route.parameters == parameters]
        name = f"{teaching_name(alike[0])}.{seed}"
        pretrained = self._load()
        before = self._retention(UNTOUCHED, pretrained)
        documents, written = self._task.documents, Ledger()
        if parameters == "augmented":
            lines = self._augmented(pretrained)
            documents, written = documents + lines.kept, lines.ledger
        with self._progress.steps(f"Training on the documents ({name})") as advance:
            taught, ledger = finetune(
                pretrained,
                documents,
                replace(self._finetuning, objective=OBJECTIVES[parameters]),
                seed,
                self._folder.path / "taught" / name,
                lambda done, of, loss: advance(done, of, f"loss {loss:.2f}"),
                rehearsed=self._folder.path / "rehearsed",
            )
        self._pretrained = None  # it was changed in place
        self._record.teaching[parameters, seed] = written + ledger
        self._record.retention[parameters, seed] = (before, self._retention(name, taught))
        self._ask(alike, taught, seed)

    def _augmented(self, pretrained: Pretrained) -> Lines:
        """The lines of the route augment; the untaught model writes them where the user names none."""
        if self._lines is None:
            settings, folder = self._settings, self._folder.path / "augmented"
            model = pretrained
            if settings.practice and settings.model is None:
                model = load(dtype=settings.dtype, device=settings.device)
            self._lines = write_lines(model, pretrained, self._task.documents, folder, self._progress)
        return self._lines

    def write(self, leaks: Sequence[Leak], command: str) -> None:
        """Judge the answers and write results and page."""
        results = summarise(self._record, self._routes, self._model_name, self._settings.margin)
        if any(route.context != "none" for route in self._routes):
            results["checks"]["control"] = self._evaluator.contexts.check_control()
        results |= {
            "notes": [*notes(results, self._facts["parameters"]), *self._training],
            "command": command,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "settings": {**self._settings.as_dict(), "finetuning": asdict(self._finetuning)},
            "environment": environment(self._facts),
        }
        if self._lines is not None:
            results["augmented"] = self._results_of(self._lines)
        results["checks"] |= {
            "leaks": [asdict(leak) for leak in leaks],
            "prompt_form": self._facts["prompt_form"],
            "prompt": self._facts["prompt"],
        }
        results["checks"]["scorer"]["dtype"] = self._facts["dtype"]
        path = self._folder.path
        with self._progress.stage("Writing the results and the page"):
            write_answers(
                path, self._record.asked, self._record.answers, self._record.diagnoses(self._routes)
            )
            write_results(path, results)
            write_page(path)

    def _results_of(self, lines: Lines) -> dict[str, object]:
        """Who wrote, how much of it was kept, and how latent questions are answered that it states or does not."""
        record = self._record
        ran = [route for route in self._routes if route.name not in record.refused]
        stated = stated_in(self._task, lines.kept)
        return {
            "generator": lines.generator,
            "texts": lines.texts,
            "kept": len(lines.kept),
            "rejected": lines.rejected,
            "stated": sorted(stated),
            "estimates": list(
                stated_estimates(self._task.questions, stated, record.answers, ran, record.metric)
            ),
        }

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
            rehearsal=REHEARSALS[settings.rehearse] if settings.rehearse else None,
        )

    def _retention(self, who: str, pretrained: Pretrained) -> Retained:
        return kept_retention(pretrained, self._folder.path / "cells" / f"retention.{who}.json")

    def _ask(self, routes: Sequence[Route], pretrained: Pretrained, seed: int) -> None:
        """Ask every question by these routes, and by the false-context twins of those that have a context."""
        asker = Asker(pretrained)
        for route in routes:
            try:
                for arm in route.arms:
                    self._ask_route(arm, asker, seed)
            except PromptTooLongError as problem:
                self._record.refused[route.name] = str(problem)

    def _ask_route(self, route: Route, asker: Asker, seed: int) -> None:
        cell = self._evaluator.cell(route, seed)
        self._record.cells[route.name, route.control, seed] = cell.rows
        if self._evaluator.finished(route, cell):
            return
        with self._progress.steps(f"Asking: {route.label}") as advance:
            self._evaluator.ask(route, asker, seed, cell, advance)
        self._remark_unshared(next((row.unshared for row in cell.rows if row.unshared), None))

    def _remark_unshared(self, reason: str | None) -> None:
        """Say once that each text is read by itself."""
        if reason and not self._unshared:
            self._progress.remark(read_by_itself(reason))
            self._unshared = reason

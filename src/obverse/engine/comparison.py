"""The main job: a study of one task that the user gave, by pretrained models, with a page for each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.answering.asking import Asker
from obverse.answering.plain import check_reads_from_left_to_right
from obverse.answering.sharing import unshared
from obverse.augmentation.for_routes import Lines, read_lines
from obverse.engine.cells import StudyCell, study_cells
from obverse.engine.execution import Failure
from obverse.engine.given_task import GivenTask
from obverse.engine.parts import Part, now, part_folder, part_results, parts_of, record_of, write_part
from obverse.engine.result import Result
from obverse.engine.running import check_place, complete, failed, study_results
from obverse.engine.settings import Settings
from obverse.engine.study import Study, StudyMetric
from obverse.judging.remarks import notes, read_by_itself
from obverse.judging.run_record import RunRecord
from obverse.judging.stated import stated_estimates, stated_in
from obverse.judging.summary import teaching_name
from obverse.learners.pretrained import FromPretrained, forget_loaded
from obverse.models.fingerprint import identity
from obverse.options import from_flat
from obverse.reports.pages import write_pages
from obverse.reports.result_files import write_results
from obverse.retrieval.assembly import Assembler
from obverse.retrieval.contexts import plugin_identity
from obverse.retrieval.exchange import exchange_facts, still_said
from obverse.retrieval.template import template_fingerprint
from obverse.routes import default_routes
from obverse.routes import routes as named_routes
from obverse.runs.environment import environment
from obverse.runs.progress import Progress
from obverse.runs.run_folder import RunFolder, UnwritableError, check_apart
from obverse.tasks import Leak, check_task, find_leaks, read_documents, read_questions, task_name
from obverse.tasks.completions import completions
from obverse.training.finetuning import TAUGHT, training_remarks
from obverse.training.finetuning_options import FinetuningOptions
from obverse.types import Document, InputError, Question, Route, Task, content_hash

if TYPE_CHECKING:
    from obverse.models import Pretrained

_METRIC: StudyMetric = "accuracy"


def compare(
    documents: str | Path | Sequence[Document],
    questions: str | Path | Sequence[Question],
    *,
    model: str | Sequence[str] | None = None,
    routes: Sequence[str] = (),
    seeds: int = 1,
    out: str | Path | None = None,
    progress: bool = True,
    workers: int | None = None,
    cluster: str | None = None,
    **settings: Any,
) -> Result:
    """Teach ``documents`` by each route, ask ``questions``, and compare.

    Args:
        documents, questions: paths as on the command line, or the things themselves.
        model: name or folder, or several; ``None`` for the default model.
        routes: names of routes; empty for all that fit.
        seeds: how often each trained route is trained anew.
        out: folder of the run, which is one for all that is asked about these documents; what was done there before
            is taken over.
        progress: whether to show progress on standard error.
        workers: processes of this machine; ``None`` for this process.
        cluster: address of a Ray cluster to run on instead.
        settings: any other setting of :class:`obverse.engine.settings.Settings`, those of fine-tuning among them.

    Raises:
        InputError: something that was given cannot be used.
    """
    from rich.console import Console

    if isinstance(documents, str | Path):
        check_apart(Path(out or "runs"), Path(documents))
    models = (model,) if isinstance(model, str) else tuple(model or ())
    chosen = from_flat(Settings, {"models": models, "routes": tuple(routes), "seeds": seeds, **settings})
    read = read_documents(documents) if isinstance(documents, str | Path) else tuple(documents)
    task = Task(
        task_name(documents) if isinstance(documents, str | Path) else "documents",
        read,
        read_questions(questions, read) if isinstance(questions, str | Path) else tuple(questions),
    )
    shown = Progress(Console(stderr=True) if progress else None)
    folder = Path(out) if out else None
    return Result(
        run_comparison(task, chosen, folder, "obverse.compare(...)", shown, workers=workers, cluster=cluster)
    )


def run_comparison(
    task: Task,
    settings: Settings,
    out: Path | None,
    command: str,
    progress: Progress,
    *,
    workers: int | None = None,
    cluster: str | None = None,
) -> Path:
    """Run or take up a comparison; return its folder, which holds everything.

    What was done in the folder before is taken over as far as it is the same.

    Args:
        out: the folder; ``None`` derives one below ``runs`` from the documents.
        command: what the user typed, for the record.
        workers: processes of this machine, each with one thread; 1 or ``None`` is this process with all its threads.
        cluster: address of a Ray cluster to run on instead.

    Raises:
        InputError: something that was given cannot be used, no route fits, or nothing could be done.
    """
    check_place(workers, cluster)
    check_task(task)
    routes = _routes(task, settings)
    lines = read_lines(Path(settings.augmented), task.documents) if settings.augmented else None
    leaks = find_leaks(task)
    if settings.leave_out_leaks:
        task = _without_leaks(task, leaks)
    # What they refuse, a model or its chat template, is refused before there is a folder.
    models = [_checked(name, task, routes, settings, lines, progress) for name in settings.models or (None,)]
    by_name = {model.name: model for model in models}
    documents = content_hash([asdict(document) for document in task.documents])
    folder = RunFolder(
        out or Path("runs") / f"{task.name}-{documents[:8]}",
        content_hash(["comparison", documents]),
        {"documents": documents},
    )
    study = Study(
        name="comparison",
        title=f"{task.name}: {len(by_name)} models",
        about="The same documents, taught to several models by the same routes, and the same questions.",
        tasks={task.name: GivenTask(task)},
        models={name: model.learner for name, model in by_name.items()},
        routes=tuple(route.name for route in routes),
        seeds=settings.seeds,
        metric=_METRIC,
        # Without training each time gives the same.
        once=tuple(route.name for route in routes if route.parameters == "none"),
    )
    if cluster is not None or (workers or 1) > 1:
        forget_loaded()  # the workers load their own
    cells = study_cells(study)
    failures = complete(cells, folder.path, progress, workers=workers or 1, cluster=cluster, alone=True)
    forget_loaded()
    parts = list(parts_of(study, cells, folder.path))
    _check_achieved(parts, failures, folder.path)
    try:
        with progress.stage("Writing the results and the page"), folder.lock(patient=True):
            _write(folder.path, study, cells, parts, by_name, settings, leaks, command, failures)
    except UnwritableError as problem:
        if not _are_written(folder.path, by_name):
            raise
        progress.remark(f"{problem}. The run is finished; its results are those that lie there.")
    return folder.path


@dataclass(frozen=True)
class _Model:
    """A model that was loaded and can be asked.

    Args:
        given: as the user named it.
        finetuning: how the documents are trained in.
        remarks: what a reader should know of how it is trained.
        device: that it was loaded to.
        decided_by: everything that decides its answers, by the names that people know it by.
    """

    name: str
    given: str | None
    learner: FromPretrained
    finetuning: FinetuningOptions
    remarks: tuple[str, ...]
    device: str
    decided_by: Mapping[str, object]


def _routes(task: Task, settings: Settings) -> tuple[Route, ...]:
    chosen = named_routes(settings.routes) if settings.routes else default_routes(task)
    for route in chosen:
        if route.parameters not in TAUGHT:
            raise InputError(
                f"route {route.name!r} is for models from scratch; compare takes finetune, augment, reversed, "
                "masked-copy, contexts, and these joined, also with think"
            )
    told = any(route.context in ("oracle", "part") or route.answer == "needed thought" for route in chosen)
    if told and not any(one.needs for one in task.questions):
        raise InputError(
            "the oracle has nothing to go by: no question says which documents it needs ('needs')"
        )
    return chosen


def _checked(
    name: str | None,
    task: Task,
    routes: Sequence[Route],
    settings: Settings,
    lines: Lines | None,
    progress: Progress,
) -> _Model:
    """Load a model and see whether it can be asked; it stays loaded for the first job."""
    learner = FromPretrained(
        name,
        practised=settings.practice,
        finetuning=settings.finetuning,
        augmented=lines,
        top_k=settings.top_k,
        dtype=settings.dtype,
        device=settings.device,
    )
    pretrained = learner.load(progress)
    check_reads_from_left_to_right(pretrained.model)
    assembler = Assembler(pretrained.tokenizer)
    if any(route.context != "none" for route in routes):
        assembler.prefix(task.documents)
    Asker(pretrained)
    if reason := unshared(pretrained.model):
        progress.remark(read_by_itself(reason))
    finetuning = learner.options(pretrained, task.documents)
    trains = any(route.parameters != "none" for route in routes)
    return _Model(
        pretrained.name,
        name,
        learner,
        finetuning,
        tuple(training_remarks(pretrained, finetuning)) if trains else (),
        str(pretrained.model.device),
        _decided_by(task, settings, routes, pretrained, lines),
    )


# These by what they stand for.
_BY_CONTENT = ("models", "practice", "routes", "dtype", "device", "augmented", "leave_out_leaks")


def _decided_by(
    task: Task, settings: Settings, chosen: Sequence[Route], pretrained: Pretrained, lines: Lines | None
) -> dict[str, object]:
    """Everything that decides the results, by the names that people know it by."""
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


def _check_achieved(parts: Sequence[Part], failures: Mapping[str, Failure], folder: Path) -> None:
    """Refuse to call it a comparison where no route of any model was asked."""
    if any(route.name not in part.refused for part in parts for route in part.routes):
        return
    if failures:
        reason = next(iter(failures.values())).reason
        raise InputError(f"nothing could be done: {reason}; {folder / 'failures'} says where in the code")
    raise InputError(f"no route fits the model: {next(iter(parts[0].refused.values()))}")


def _write(
    folder: Path,
    study: Study,
    cells: Sequence[StudyCell],
    parts: Sequence[Part],
    models: Mapping[str, _Model],
    settings: Settings,
    leaks: Sequence[Leak],
    command: str,
    failures: Mapping[str, Failure],
) -> None:
    """Write results and pages: of one model in the folder itself, of several in parts with a page over them."""
    written, taken, control = [], set[str](), _control(parts)
    for part in parts:
        model = models[part.model]
        record = record_of(replace(part, cells=_as_taught(part)), _METRIC, completions(part.task))
        results = part_results(part, record, [asdict(leak) for leak in leaks], settings.margin)
        results |= _about(part, record, results, model, settings, control)
        results |= {
            "command": command,
            "date": now(),
            "failed": [row for row in failed(cells, failures) if row["model"] == part.model],
        }
        place = folder if len(models) == 1 else part_folder(folder, part, taken)
        write_part(place, part, record, results)
        written.append({"slug": place.name, "results": results})
    if len(models) > 1:
        write_results(folder, study_results(study, cells, written, command, failures))
    write_pages(folder)


def _as_taught(part: Part) -> tuple[Any, ...]:
    """The cells in the order in which the record has them: what was trained in, and the seeds of that."""
    order = list(dict.fromkeys(["none", *(route.parameters for route in part.routes)]))
    return tuple(
        sorted(part.cells, key=lambda one: (order.index(one[0].route.parameters), one[0].teaching.seed))
    )


def _about(
    part: Part,
    record: RunRecord,
    results: Mapping[str, Any],
    model: _Model,
    settings: Settings,
    control: Mapping[str, Any],
) -> dict[str, Any]:
    """What stands beside the figures of a model."""
    outcome = part.cells[0][1]
    checks = {**results["checks"], **control}
    facts = {"parameters": outcome.parameters, "dtype": outcome.dtype, "device": model.device}
    recorded = settings.as_dict()
    del recorded["models"]
    about: dict[str, Any] = {
        "checks": checks,
        "notes": [*notes({**results, "checks": checks}, outcome.parameters), *model.remarks],
        "settings": {"model": model.given, **recorded, "finetuning": asdict(model.finetuning)},
        "environment": environment(facts),
        "decided_by": dict(model.decided_by),
        "taught": list(_taught(part)),
    }
    lines = next((found.augmented for _, found in part.cells if found.augmented), None)
    if lines is not None:
        about["augmented"] = _results_of(lines, part, record)
    return about


def _control(parts: Sequence[Part]) -> dict[str, Any]:
    """Of how many questions the documents state the answer, and the ids of those whose false documents do too."""
    if all(route.context == "none" for part in parts for route in part.routes):
        return {}
    task = parts[0].task
    still, said = still_said(task, exchange_facts(task, seed=0))
    return {"control": {"said": said, "still_said": list(still)}}


def _taught(part: Part) -> Iterator[dict[str, object]]:
    """Where each taught model lies."""
    for cell, outcome in part.teachings:
        if outcome.model:
            yield {
                "route": teaching_name(cell.route),
                "seed": cell.teaching.seed,
                "folder": f"taught/{outcome.model}",
            }


def _results_of(lines: Lines, part: Part, record: RunRecord) -> dict[str, object]:
    """Who wrote, how much of it was kept, and how latent questions are answered that it states or does not."""
    ran = [route for route in part.routes if route.name not in record.refused]
    stated = stated_in(part.task, lines.kept)
    return {
        "generator": lines.generator,
        "texts": lines.texts,
        "kept": len(lines.kept),
        "rejected": lines.rejected,
        "stated": sorted(stated),
        "estimates": list(stated_estimates(part.task.questions, stated, record.answers, ran, record.metric)),
    }


def _are_written(folder: Path, models: Mapping[str, _Model]) -> bool:
    """Whether the results that lie there are those of just these models and all that decides their answers."""
    try:
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    found = [part["results"] for part in results["parts"]] if "parts" in results else [results]
    wanted = [model.decided_by for model in models.values()]
    return bool([one.get("decided_by") for one in found] == json.loads(json.dumps(wanted)))

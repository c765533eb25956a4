"""Running a study: what is missing is done, here or elsewhere, and everything there is is written down."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from obverse.engine.cells import Chain, Job, StudyCell, chains, missing, of_other_code, study_cells
from obverse.engine.cluster import run_on_cluster
from obverse.engine.execution import Failure, JobResult, ProgressOf, run_here
from obverse.engine.parts import now, sweep_points, write_parts
from obverse.engine.processes import run_in_processes, usable_cores
from obverse.engine.study import Study
from obverse.files import write_text
from obverse.reports.pages import write_pages
from obverse.reports.result_files import write_results
from obverse.runs.environment import environment
from obverse.runs.progress import Progress, RelayedProgress
from obverse.runs.run_folder import RunFolder
from obverse.types import InputError, content_hash


def run_study(
    study: Study,
    out: Path | None = None,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    source: Path | None = None,
    command: str = "run_study(...)",
    progress: Progress | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Run or take up a study; where it runs changes nothing in the results but times.

    Cells that are there already are not done again; those that fail are tried again the next time.

    Args:
        out: folder of the run; ``None`` for ``runs/<name>``.
        workers: processes of this machine; 1 is this process, and ``None`` one for each core, or this process
            where there is an accelerator.
        cluster: address of a Ray cluster to run on instead.
        source: the study's file, for what is defined there.
        command: what the user typed, for the record.

    Returns:
        The folder, and what stands in its ``results.json``.

    Raises:
        InputError: something that was given cannot be used.
        OSError: the folder cannot be written, or the disk is full.
    """
    check_place(workers, cluster)
    cells = study_cells(study)
    key = content_hash(["study", study.name])
    folder = RunFolder(out or Path("runs") / study.name, key, {"study": study.name})
    progress = progress or Progress()
    if cluster is None:
        workers = workers or (1 if _has_accelerator() else usable_cores())
    failures = complete(cells, folder.path, progress, workers=workers, cluster=cluster, source=source)
    with progress.stage("Writing the results and the pages"), folder.lock(patient=True):
        parts = write_parts(study, cells, folder.path, command)
        results = study_results(study, cells, parts, command, failures)
        write_results(folder.path, results)
        write_pages(folder.path)
    return folder.path, results


def check_place(workers: int | None, cluster: str | None) -> None:
    """Refuse what says of no place, or of two, where the jobs are to be done.

    Raises:
        InputError: there is no worker, or there are workers and a cluster.
    """
    if workers is not None and workers < 1:
        raise InputError(f"there must be at least 1 worker, not {workers}")
    if workers is not None and cluster is not None:
        raise InputError("the workers of a Ray cluster are its own; leave out --workers or --ray")


def complete(
    cells: Sequence[StudyCell],
    folder: Path,
    progress: Progress,
    *,
    workers: int | None,
    cluster: str | None = None,
    source: Path | None = None,
    alone: bool = False,
) -> dict[str, Failure]:
    """Do what is missing of these cells.

    Args:
        folder: of the run.
        workers: processes of this machine; 1 is this process.
        cluster: address of a Ray cluster to run on instead.
        source: the study's file, for what is defined there.
        alone: whether these few jobs are all that the user waits for: in this process they have all its threads and
            show their own stages, and bad input ends the run.

    Returns:
        Why a cell failed, by its key.

    Raises:
        InputError: a job found bad input, and is alone.
        OSError: the folder cannot be written, or the disk is full.
    """
    lacking = missing(cells, folder)
    wanted = chains(lacking)
    if others := of_other_code(lacking, folder):
        progress.remark(
            f"{others} of {len(cells)} cells were made by other code or other versions of libraries and are done anew"
        )
    failures: dict[str, Failure] = {}
    here = cluster is None and min(workers or 1, len(wanted)) <= 1

    def record(ended: JobResult) -> None:
        if alone and ended.failure and ended.failure.bad_input:
            raise InputError(ended.failure.reason)
        _record(ended, folder, failures)

    if here and alone:
        threads = None if workers == 1 else 1
        for ended in run_here(wanted, folder, lambda _: progress, threads=threads):
            record(ended)
    elif wanted:
        jobs, done = sum(map(len, wanted)), 0
        with progress.steps("Teaching and asking") as advance:
            advance(done, jobs, "")

            def progress_of(job: Job) -> Progress:
                return RelayedProgress(
                    lambda step, steps, note: advance(done, jobs, f"{job.label}: {step}/{steps} {note}")
                )

            started = _start(wanted, folder, None if here else workers, cluster, source, progress_of)
            with closing(started) as running:
                for done, ended in enumerate(running, 1):
                    record(ended)
                    advance(done, jobs, ended.job.label + (": failed" if ended.failure else ""))
    return failures


def study_results(
    study: Study,
    cells: Sequence[StudyCell],
    parts: Sequence[Mapping[str, Any]],
    command: str,
    failures: Mapping[str, Failure],
) -> dict[str, Any]:
    """What stands in ``results.json`` of a study.

    Args:
        parts: for each part its slug and its results.
    """
    return {
        "study": study.name,
        "title": study.title,
        "about": study.about,
        "metric": study.metric,
        "seeds": study.seeds,
        "command": command,
        "date": now(),
        "environment": environment({"threads": 1}),
        "parts": list(parts),
        "sweep": sweep_points(study.sweep, parts, study.metric) if study.sweep else None,
        "failed": failed(cells, failures),
    }


def failed(cells: Sequence[StudyCell], failures: Mapping[str, Failure]) -> list[dict[str, Any]]:
    """The cells that failed, and why, for the record."""
    return [
        {
            "task": cell.teaching.task_name,
            "model": cell.model,
            "route": cell.route.name,
            "seed": cell.teaching.seed,
            "reason": failures[cell.key].reason,
        }
        for cell in cells
        if cell.key in failures
    ]


def _start(
    wanted: Sequence[Chain],
    folder: Path,
    workers: int | None,
    cluster: str | None,
    source: Path | None,
    progress_of: ProgressOf,
) -> Generator[JobResult]:
    """Do the jobs where they are to be done; closing it ends what is under way at once."""
    if cluster is not None:
        return run_on_cluster(wanted, folder, cluster, source)
    if workers is None:
        return run_here(wanted, folder, progress_of)
    return run_in_processes(wanted, folder, workers, source)


def _has_accelerator() -> bool:
    import torch

    return torch.cuda.is_available()


def _record(ended: JobResult, folder: Path, failures: dict[str, Failure]) -> None:
    """Keep why a job failed; forget why it failed before."""
    path = folder / "failures" / f"{ended.job.key}.txt"
    if ended.failure is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(exist_ok=True)
    write_text(
        path, f"{ended.job.label}\n{ended.failure.traceback}".encode("ascii", "backslashreplace").decode()
    )
    failures |= {cell.key: ended.failure for cell in ended.job.cells}

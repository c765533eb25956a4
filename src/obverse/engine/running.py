"""Running a study: what is missing is done, here or elsewhere, and everything there is is written down."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from obverse.engine.cells import Chain, Job, StudyCell, chains, missing, of_other_code, study_cells
from obverse.engine.cluster import run_on_cluster
from obverse.engine.execution import Failure, JobResult, OnProgress, run_here
from obverse.engine.parts import now, sweep_points, write_parts
from obverse.engine.processes import run_in_processes, usable_cores
from obverse.engine.study import Study
from obverse.files import write_text
from obverse.reports.result_files import write_results
from obverse.runs.environment import environment
from obverse.runs.progress import Progress
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
    if workers is not None and workers < 1:
        raise InputError(f"there must be at least 1 worker, not {workers}")
    if workers is not None and cluster is not None:
        raise InputError("the workers of a Ray cluster are its own; leave out --workers or --ray")
    cells = study_cells(study)
    key = content_hash(["study", study.name])
    folder = RunFolder(out or Path("runs") / study.name, key, {"study": study.name}).path
    progress = progress or Progress()
    lacking = missing(cells, folder)
    wanted = chains(lacking)
    if others := of_other_code(lacking, folder):
        progress.remark(
            f"{others} of {len(cells)} cells were made by other code or other versions of libraries and are done anew"
        )
    failures: dict[str, Failure] = {}
    if wanted:
        jobs, done = sum(map(len, wanted)), 0
        with progress.steps("Teaching and asking") as advance:
            advance(done, jobs, "")

            def on_progress(job: Job, step: int, steps: int, note: str) -> None:
                advance(done, jobs, f"{job.label}: {step}/{steps} {note}")

            with closing(_start(wanted, folder, workers, cluster, source, on_progress)) as running:
                for done, ended in enumerate(running, 1):
                    _record(ended, folder, failures)
                    advance(done, jobs, ended.job.label + (": failed" if ended.failure else ""))
    with progress.stage("Writing the results and the pages"):
        results = _results(study, cells, folder, command, failures)
        write_results(folder, results)
        write_pages(folder)
    return folder, results


def write_pages(folder: Path) -> Path:
    """Write the pages of a study from the files of its run; return the study's page.

    Raises:
        InputError: no finished study lies there.
    """
    from obverse.reports.study_page import write_study

    try:
        finished = "study" in json.loads((folder / "results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        finished = False
    if not finished:
        raise InputError(f"{folder}: holds no finished study; name the folder that obverse study run wrote")
    return write_study(folder)


def _start(
    wanted: Sequence[Chain],
    folder: Path,
    workers: int | None,
    cluster: str | None,
    source: Path | None,
    on_progress: OnProgress,
) -> Generator[JobResult]:
    """Do the jobs where they are to be done; closing it ends what is under way at once."""
    if cluster is not None:
        return run_on_cluster(wanted, folder, cluster, source)
    workers = workers or (1 if _has_accelerator() else usable_cores())
    if min(workers, len(wanted)) == 1:
        return run_here(wanted, folder, on_progress)
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


def _results(
    study: Study, cells: Sequence[StudyCell], folder: Path, command: str, failures: Mapping[str, Failure]
) -> dict[str, Any]:
    parts = write_parts(study, cells, folder, command)
    return {
        "study": study.name,
        "title": study.title,
        "about": study.about,
        "metric": study.metric,
        "seeds": study.seeds,
        "command": command,
        "date": now(),
        "environment": environment({"threads": 1}),
        "parts": parts,
        "sweep": sweep_points(study.sweep, parts, study.metric) if study.sweep else None,
        "failed": [
            {
                "task": cell.teaching.task_name,
                "model": cell.model,
                "route": cell.route.name,
                "seed": cell.teaching.seed,
                "reason": failures[cell.key].reason,
            }
            for cell in cells
            if cell.key in failures
        ],
    }

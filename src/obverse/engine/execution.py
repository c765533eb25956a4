"""Doing jobs: the one way to do one, and doing them in this process.

A job ends with its cells written, or with the reason why it failed; a failed job does not stop the others.  A lock
for each teaching keeps two processes from teaching the same: the second leaves it for last, then waits and finds
it done.
"""

from __future__ import annotations

import errno
import os
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from filelock import Timeout

from obverse.engine.cells import Chain, Job, cell_texts, missing
from obverse.files import is_disk_full, write_text
from obverse.learners.learner import teaching_lock
from obverse.runs.progress import Progress
from obverse.types import InputError

ProgressOf = Callable[[Job], Progress]
"""What shows the progress of a job."""


@dataclass(frozen=True)
class Failure:
    """Why a job has no result: in one line, and where in the code.

    Args:
        bad_input: whether it is the user who can mend that.
    """

    reason: str
    traceback: str
    bad_input: bool = False


@dataclass(frozen=True)
class JobResult:
    """A job whose cells are written (no failure), or that failed."""

    job: Job
    failure: Failure | None


@dataclass(frozen=True)
class Queued:
    """A chain that waits for its turn.

    Args:
        patient: whether to wait for another process that is at the first job.
        deaths: how many workers died at the first job.
    """

    chain: Chain
    patient: bool = False
    deaths: int = 0


def run_here(
    chains: Iterable[Chain], folder: Path, progress_of: ProgressOf, *, threads: int | None = 1
) -> Generator[JobResult]:
    """Do the jobs in this process, one after the other; what another process is at comes last.

    Args:
        folder: of the run.
        threads: that a job computes with; ``None`` for those that this process has.

    Raises:
        OSError: a cell cannot be written, or the disk is full.
    """
    queue = deque(Queued(chain) for chain in chains)
    while queue:
        current = queue.popleft()
        for number, job in enumerate(current.chain):
            outcome = finish(job, folder, current.patient, progress_of(job), threads=threads)
            if outcome == "busy":
                queue.append(Queued(current.chain[number:], patient=True))
                break
            yield JobResult(job, outcome)


def finish(
    job: Job, folder: Path, patient: bool, progress: Progress, *, threads: int | None = 1
) -> Failure | Literal["busy"] | None:
    """Do a job and write its cells, unless another process does or did.

    Args:
        folder: of the run.
        patient: whether to wait for another process that is at it; else that is ``busy``.

    Raises:
        OSError: a cell cannot be written, or the disk is full.
    """
    taught = folder / "taught"
    lock = teaching_lock(taught, job.key)
    try:
        lock.acquire(timeout=-1 if patient else 0)
    except Timeout:
        return "busy"
    try:
        if not missing(job.cells, folder):
            return None
        if any(replace(cell).key != cell.key for cell in job.cells):
            changed = (
                "the program's code, a library or the model was changed since the study began; run it again"
            )
            return Failure(changed, changed)
        outcome = teach(job, taught, progress, threads=threads)
        if isinstance(outcome, Failure):
            return outcome
        write_cells(folder, outcome)
        return None
    finally:
        lock.release()


def teach(job: Job, taught: Path, progress: Progress, *, threads: int | None = 1) -> dict[str, str] | Failure:
    """Teach and ask.

    Args:
        taught: folder of the taught models.
        threads: one, since sums in another order differ in their last digits; ``None`` for those that this process
            has.

    Returns:
        The text of each cell's file by the cell's key.

    Raises:
        OSError: the disk is full.
    """
    try:
        with nullcontext() if threads is None else _threads(threads):
            return cell_texts(job, job.learner.run(job.teaching, taught, progress))
    except Exception as problem:
        if is_disk_full(problem):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from problem
        return Failure(one_line(problem), traceback.format_exc(), isinstance(problem, InputError))


def write_cells(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the files of cells, each whole or not at all."""
    for key, text in texts.items():
        write_text(folder / "cells" / f"{key}.json", text)


def one_line(problem: BaseException) -> str:
    """The sort of an error and the first line of what it says; only this where it is written for users."""
    said = str(problem).strip().splitlines()
    if isinstance(problem, InputError):
        return said[0]
    return f"{type(problem).__name__}: {said[0]}" if said else type(problem).__name__


@contextmanager
def _threads(count: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)

"""Doing jobs in worker processes of this machine.

Each worker has a pipe of its own, so that a worker that is killed is known at once, with what it was at; that is
done again in a fresh one.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

from obverse.engine.cells import Chain
from obverse.engine.execution import Failure, JobResult, Queued, finish
from obverse.engine.study_file import load_study
from obverse.quiet import quiet_libraries
from obverse.runs.progress import Progress

_CHILD_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    # A training step frees and takes the same memory again; handing it back in between costs a tenth of the time.
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(4 << 30),
}

MOST_DEATHS = 3
"""After how many deaths of its worker a job is given up."""


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_in_processes(
    chains: Iterable[Chain], folder: Path, workers: int, source: Path | None
) -> Generator[JobResult]:
    """Do the jobs in worker processes; what another run is at comes last.

    Args:
        folder: of the run.
        workers: how many processes.
        source: the study's file, which a worker reads before it takes over what is defined there.

    Raises:
        OSError: a cell cannot be written, or the disk is full.
    """
    queue = deque(Queued(chain) for chain in chains)
    pool: list[_Worker] = []
    try:
        while queue or any(worker.current for worker in pool):
            while queue and len(pool) < workers:
                pool.append(_Worker(source))
                pool[-1].give(queue.popleft(), folder)
            for worker in pool:
                if queue and worker.current is None:
                    worker.give(queue.popleft(), folder)
            ready = wait([worker.connection for worker in pool if worker.current])
            for worker in [worker for worker in pool if worker.connection in ready]:
                try:
                    yield from worker.receive(queue)
                except EOFError:
                    worker.kill()
                    pool.remove(worker)
                    yield from worker.requeue(queue)
    finally:
        for worker in pool:
            worker.kill()


class _Worker:
    """A process that does one chain after the other, and what it is at."""

    def __init__(self, source: Path | None) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        self.current: Queued | None = None
        # Daemons, so that none outlives this process where it ends in a hurry.
        self._process = context.Process(target=_serve, args=(other, source), daemon=True)
        with _settings_for_children():
            self._process.start()
        other.close()  # else the death of the process would not close the pipe

    def give(self, queued: Queued, folder: Path) -> None:
        """Set it to work.  Where it died meanwhile, `receive` finds that."""
        self.current = queued
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send((queued.chain, folder, queued.patient))

    def receive(self, queue: deque[Queued]) -> Iterator[JobResult]:
        """How its job ended; what waits for another process goes to the end of the queue.

        Raises:
            EOFError: it is dead.
            OSError: a cell cannot be written, or the disk is full.
        """
        assert self.current is not None
        try:
            outcome = self.connection.recv()
        except ConnectionResetError:
            raise EOFError from None
        job, *rest = self.current.chain
        if isinstance(outcome, OSError):
            raise outcome
        if outcome == "busy":
            queue.append(Queued(self.current.chain, patient=True))
            self.current = None
            return
        self.current = Queued(tuple(rest), self.current.patient) if rest else None
        yield JobResult(job, outcome)

    def requeue(self, queue: deque[Queued]) -> Iterator[JobResult]:
        """Put what it was at back into the queue, or give it up."""
        assert self.current is not None
        job, *rest = self.current.chain
        deaths = self.current.deaths + 1
        if deaths < MOST_DEATHS:
            queue.appendleft(Queued(self.current.chain, self.current.patient, deaths))
            return
        if rest:
            queue.appendleft(Queued(tuple(rest)))
        reason = f"its process died {deaths} times (killed, perhaps for want of memory)"
        yield JobResult(job, Failure(reason, reason))

    def kill(self) -> None:
        """End it: at once where it is at work, for what it writes is written whole or not at all."""
        if self.current is not None:
            self._process.kill()
        self.connection.close()  # which ends one that has nothing to do
        self._process.join()


def _serve(connection: Connection, source: Path | None) -> None:
    """What a worker does, until its pipe is closed."""
    quiet_libraries()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the first process ends the others
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if source is not None:
        load_study(source)
    with suppress(EOFError, BrokenPipeError):
        while True:
            chain, folder, patient = connection.recv()
            for job in chain:
                outcome: object
                try:
                    outcome = finish(job, folder, patient, Progress())
                except OSError as problem:
                    outcome = problem
                connection.send(outcome)
                if outcome == "busy":
                    break


def _end_with_parent() -> None:
    """End at once when the first process is killed, which then cannot end its workers."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


@contextmanager
def _settings_for_children() -> Iterator[None]:
    """Libraries read these when they are loaded, before anything of ours runs in the child."""
    before = {name: os.environ.get(name) for name in _CHILD_ENVIRONMENT}
    os.environ.update(_CHILD_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

"""Doing jobs on a Ray cluster.

A chain of jobs is one task there.  What the study's file defines travels along; what it imports has to be installed on
the nodes, or lie at the same path.  Taught models stay on the worker and go with the task; answers come back as the
texts of the cells' files, which are written here.  The task of a node that dies is done again on another.
"""

from __future__ import annotations

import pickle
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

from obverse.engine.cells import Chain
from obverse.engine.execution import Failure, JobResult, one_line, teach, write_cells
from obverse.engine.study_file import module_name
from obverse.runs.progress import Progress
from obverse.types import InputError

_MOST_RETRIES = 3


def run_on_cluster(
    chains: Iterable[Chain], folder: Path, address: str, source: Path | None
) -> Generator[JobResult]:
    """Do the jobs on the cluster at this address.

    Args:
        folder: of the run, on this machine.
        address: as Ray takes it: ``host:port``, ``auto``, or ``ray://host:port``.
        source: the study's file.

    Raises:
        InputError: Ray is not installed, or no cluster answers.
        OSError: a cell cannot be written.
    """
    ray = _ray()
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except Exception as problem:
        raise InputError(f"--ray {address}: no cluster answers ({one_line(problem)})") from None
    try:
        if source is not None:
            ray.cloudpickle.register_pickle_by_value(sys.modules[module_name(source)])
        remote = ray.remote(num_cpus=1, max_retries=_MOST_RETRIES)(_teach_all)
        pending = {
            remote.options(num_gpus=_accelerators(chain)).remote(
                sys.path, ray.cloudpickle.dumps(chain)
            ): chain
            for chain in chains
        }
        while pending:
            (ready, *_), _ = ray.wait(list(pending), num_returns=1)
            yield from _collect(ray, ready, pending.pop(ready), folder)
    finally:
        ray.shutdown()  # ends the tasks that are under way


def _teach_all(path: list[str], pickled: bytes) -> list[dict[str, str] | Failure]:
    """What a worker of the cluster does with a chain; ``path`` is where modules lie on the first machine."""
    sys.path += [place for place in path if place not in sys.path]
    chain: Chain = pickle.loads(pickled)
    with tempfile.TemporaryDirectory(prefix="obverse-") as scratch:
        return [teach(job, Path(scratch), Progress()) for job in chain]


def _collect(ray: Any, ready: Any, chain: Chain, folder: Path) -> Iterator[JobResult]:
    try:
        outcomes = ray.get(ready)
    except ray.exceptions.RayError as problem:
        outcomes = [Failure(one_line(problem), str(problem))] * len(chain)
    for job, outcome in zip(chain, outcomes, strict=True):
        if isinstance(outcome, Failure):
            yield JobResult(job, outcome)
        else:
            write_cells(folder, outcome)
            yield JobResult(job, None)


def _accelerators(chain: Chain) -> int:
    """How many a chain asks of the cluster for; without one a learner finds only the processor."""
    return int(getattr(chain[0].learner, "device", None) == "cuda")


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise InputError("--ray needs Ray, which is not installed: pip install 'obverse[cluster]'") from None
    return ray

"""Jobs in this process, in several, and on a cluster: the same cells, whatever dies meanwhile."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from guesser import Guesser, cell_files, made_up_study

from obverse.engine.cells import Chain, Job, chains, missing, study_cells
from obverse.engine.cluster import run_on_cluster
from obverse.engine.execution import Failure, one_line, run_here, teach, write_cells
from obverse.engine.processes import MOST_DEATHS, run_in_processes
from obverse.engine.study import Study
from obverse.engine.study_file import load_study
from obverse.learners.learner import Outcome, Teaching, teaching_lock
from obverse.runs.progress import Progress
from obverse.types import InputError, Ledger


def quiet(_: Job) -> Progress:
    """Of any job: shows nothing."""
    return Progress()


def all_chains(study: Study) -> tuple[Chain, ...]:
    return chains(study_cells(study))


def run_folder(path: Path) -> Path:
    (path / "cells").mkdir(parents=True)
    return path


def reference(study: Study, folder: Path) -> dict[str, bytes]:
    """The cells as this process makes them."""
    run_folder(folder)
    assert all(ended.failure is None for ended in run_here(all_chains(study), folder, quiet))
    return cell_files(folder)


@pytest.fixture
def noting(tmp_path: Path) -> Guesser:
    """A learner that notes what it trains."""
    (tmp_path / "notes").mkdir()
    return Guesser(notes=str(tmp_path / "notes"))


def trained(learner: Guesser) -> list[str]:
    """Keys of the trainings that were begun, by process."""
    return sorted(path.name.split(".")[0] for path in Path(learner.notes).glob("*.*"))


def test_every_cell_is_written_and_every_model_taught_once(tmp_path: Path, noting: Guesser) -> None:
    study = made_up_study(learner=noting)
    files = reference(study, tmp_path / "run")
    assert set(files) == {f"{cell.key}.json" for cell in study_cells(study)}
    assert trained(noting) == sorted(job.key for chain in all_chains(study) for job in chain)


def test_what_another_process_is_at_comes_last_and_is_not_done_twice(tmp_path: Path, noting: Guesser) -> None:
    folder = run_folder(tmp_path / "run")
    first, second, *_ = all_chains(made_up_study(learner=noting))
    elsewhere = teaching_lock(folder / "taught", first[0].key)
    elsewhere.acquire()
    running = run_here([first, second], folder, quiet)
    assert next(running).job is second[0]
    texts = teach(first[0], folder / "taught", Progress())
    assert isinstance(texts, dict)
    write_cells(folder, texts)
    before = trained(noting)
    elsewhere.release()
    (last,) = running
    assert last.job is first[0]
    assert trained(noting) == before


def test_a_failure_is_told_and_stops_nothing(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    study = made_up_study(seeds=1, learner=Guesser(fails=("finetune",)))
    ended = list(run_here(all_chains(study), folder, quiet))
    failed = [one for one in ended if one.failure]
    assert len(ended) == 4
    assert [one.job.teaching.parameters for one in failed] == ["documents", "documents"]
    failure = failed[0].failure
    assert failure is not None
    assert failure.reason == "RuntimeError: the coin is lost"
    assert "in _train" in failure.traceback
    assert {cell.route.name for cell in missing(study_cells(study), folder)} == {
        "finetune",
        "finetune+oracle",
    }


@dataclass(frozen=True)
class Threads(Guesser):
    """Tells the number of PyTorch's threads as what the model's parameters are."""

    def run(self, teaching: Teaching, folder: Path, progress: Progress) -> Outcome:
        import torch

        found = super().run(teaching, folder, progress)
        return replace(found, parameters=torch.get_num_threads())


def test_a_job_has_one_thread_and_leaves_them_as_they_were(tmp_path: Path) -> None:
    import torch

    (job,) = all_chains(made_up_study(seeds=1, learner=Threads()))[0]
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        texts = teach(job, tmp_path, Progress())
        assert torch.get_num_threads() == 2
        own = teach(job, tmp_path, Progress(), threads=None)
    finally:
        torch.set_num_threads(before)
    assert isinstance(texts, dict)
    assert isinstance(own, dict)
    assert all('"parameters": 1,' in text for text in texts.values())
    assert all('"parameters": 2,' in text for text in own.values())


@dataclass(frozen=True)
class FullDisk(Guesser):
    """Finds no space for its model."""

    def run(self, teaching: Teaching, folder: Path, progress: Progress) -> Outcome:
        progress.remark("")
        raise RuntimeError(f"{folder / teaching.key(self)}: No space left on device")


def test_a_full_disk_ends_the_run(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    wanted = all_chains(made_up_study(seeds=1, learner=FullDisk()))
    with pytest.raises(OSError, match="No space left on device"):
        next(run_here(wanted, folder, quiet))
    with pytest.raises(OSError, match="No space left on device"):
        next(run_in_processes(wanted, folder, 1, None))


@contextmanager
def interfering(learner: Guesser, act: Callable[[list[Path]], None], trainings: int) -> Iterator[None]:
    """Hold all trainings until so many are under way; then do something to them, and let them go on."""
    notes = Path(learner.notes)
    for note in notes.glob("*.*"):
        note.unlink()
    (notes / "hold").touch()

    def interfere() -> None:
        ends = time.monotonic() + 120  # on a busy machine Ray's second worker takes more than 30 s to start
        while len(list(notes.glob("*.*"))) < trainings and time.monotonic() < ends:
            time.sleep(0.02)
        try:
            act(sorted(notes.glob("*.*")))
        finally:
            (notes / "hold").unlink()

    thread = threading.Thread(target=interfere)
    thread.start()
    yield
    thread.join()


def process(note: Path) -> int:
    return int(note.suffix[1:])


def is_dead(number: int) -> bool:
    try:
        return bool(psutil.Process(number).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@pytest.mark.slow
def test_a_killed_worker_takes_nothing_with_it(tmp_path: Path, noting: Guesser) -> None:
    study = made_up_study(learner=noting)
    expected = reference(study, tmp_path / "here")
    folder = run_folder(tmp_path / "there")
    killed: list[str] = []

    def kill(notes: list[Path]) -> None:
        killed.append(notes[0].stem)
        os.kill(process(notes[0]), signal.SIGKILL)

    with interfering(noting, kill, trainings=2):
        ended = list(run_in_processes(all_chains(study), folder, 2, None))
    assert [one.failure for one in ended] == [None] * 8
    assert cell_files(folder) == expected
    jobs = [job.key for chain in all_chains(study) for job in chain]
    assert trained(noting) == sorted(jobs + killed)


@pytest.mark.slow
def test_a_job_that_kills_its_worker_is_given_up(tmp_path: Path, noting: Guesser) -> None:
    study = made_up_study(seeds=1, learner=replace(noting, dies=("untouched",)))
    (dying, fine) = all_chains(study)[:2]
    ended = list(run_in_processes([dying, fine], run_folder(tmp_path / "run"), 1, None))
    assert [one.job.key for one in ended] == [dying[0].key, fine[0].key]
    reason = "its process died 3 times (killed, perhaps for want of memory)"
    assert [one.failure for one in ended] == [Failure(reason, reason), None]
    assert trained(noting) == sorted([dying[0].key] * MOST_DEATHS + [fine[0].key])


def test_an_interruption_ends_the_workers_at_once(tmp_path: Path, noting: Guesser) -> None:
    (notes := Path(noting.notes)).joinpath("hold").touch()
    chain = all_chains(made_up_study(learner=noting))[0]
    running = run_in_processes([chain], run_folder(tmp_path / "run"), 1, None)
    previous = signal.signal(signal.SIGALRM, signal.default_int_handler)

    def interrupt() -> None:
        while not list(notes.glob("*.*")):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGALRM)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            next(running)
    finally:
        signal.signal(signal.SIGALRM, previous)
        thread.join()
    (note,) = notes.glob("*.*")
    assert is_dead(process(note))
    with teaching_lock(tmp_path / "run" / "taught", chain[0].key).acquire(timeout=0):
        assert not cell_files(tmp_path / "run")


def own_study(folder: Path, notes: str = "") -> Path:
    """A study's file that defines its own learner."""
    path = folder / "own_study.py"
    path.write_text(
        "from dataclasses import dataclass\n"
        "from guesser import FewFacts, Guesser, Study\n"
        "@dataclass(frozen=True)\n"
        "class Own(Guesser):\n"
        "    pass\n"
        "ROUTES = ('untouched', 'finetune', 'finetune+oracle')\n"
        f"OWN = {{'own': Own(notes={notes!r})}}\n"
        "STUDY = Study('own', 'Own', '', {'few': FewFacts()}, OWN, ROUTES, seeds=2)\n"
    )
    return path


def test_workers_take_over_what_a_study_s_file_defines(tmp_path: Path) -> None:
    path = own_study(tmp_path)
    study = load_study(path)
    folder = run_folder(tmp_path / "there")
    assert [one.failure for one in run_in_processes(all_chains(study), folder, 1, path)] == [None] * 4
    assert cell_files(folder) == reference(study, tmp_path / "here")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, list[Any]]]:
    """A cluster of a head that does no work and two nodes of one core, all on this machine."""
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    options: dict[str, Any] = {"object_store_memory": 80 * 1024**2, "include_dashboard": False}
    running: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **options})
    try:
        yield running, [running.add_node(num_cpus=1, **options) for _ in range(2)]
    finally:
        running.shutdown()


@pytest.mark.slow
def test_a_cluster_that_loses_a_node_brings_the_same(
    cluster: tuple[Any, list[Any]], tmp_path: Path, noting: Guesser
) -> None:
    running, nodes = cluster
    path = own_study(tmp_path, noting.notes)
    study = load_study(path)
    expected = reference(study, tmp_path / "here")
    folder = run_folder(tmp_path / "there")

    def unplug(notes: list[Path]) -> None:
        running.remove_node(nodes[0], allow_graceful=False)
        ends = time.monotonic() + 90  # a busy machine takes its time to end a node
        while not any(is_dead(process(note)) for note in notes) and time.monotonic() < ends:
            time.sleep(0.02)

    with interfering(noting, unplug, trainings=2):
        ended = list(run_on_cluster(all_chains(study), folder, running.address, path))
    assert [one.failure for one in ended] == [None] * 4
    assert cell_files(folder) == expected
    assert len(trained(noting)) == 4 + 1  # that of the lost node was begun again
    assert not (folder / "taught").exists()


def test_a_cluster_that_does_not_answer_is_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    def refuse(**_: object) -> None:
        raise ConnectionError("nobody there\nat all")

    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(
        InputError, match=r"^--ray here:1: no cluster answers \(ConnectionError: nobody there\)$"
    ):
        next(run_on_cluster([], tmp_path, "here:1", None))


def test_without_ray_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"not installed: pip install 'obverse\[cluster\]'"):
        next(run_on_cluster([], tmp_path, "auto", None))


def test_a_learner_that_brings_nothing_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (job,) = all_chains(made_up_study(seeds=1))[0]
    monkeypatch.setattr(Guesser, "run", lambda *_: Outcome({}, Ledger(), 1))
    failure = teach(job, tmp_path, Progress())
    assert isinstance(failure, Failure)
    assert failure.reason == "ValueError: the learner gave no answers by untouched"


def test_an_error_is_told_in_one_line() -> None:
    assert one_line(ValueError("a\nb")) == "ValueError: a"
    assert one_line(KeyError()) == "KeyError"
    assert one_line(InputError("put fewer documents into it")) == "put fewer documents into it"

"""Ctrl-C, kill -9 and a full disk in the middle: the same command goes on and comes to the same answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from conftest import Command, Finished
from safetensors.torch import load_file

from obverse.engine import comparison
from obverse.runs.kept_answers import KeptAnswers
from obverse.types import AnsweredRow

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


def answers(folder: Path) -> dict[tuple[object, ...], dict[str, Any]]:
    rows = pyarrow.parquet.read_table(folder / "answers.parquet").to_pylist()
    return {(row["question"], row["route"], row["control"], row["seed"]): row for row in rows}


def assert_same(folder: Path, finished: Finished) -> None:
    """The run in ``folder`` is what the uninterrupted one is: weights to the bit, answers but for rounding."""
    adapter = "taught/finetune.0-*/model/adapter_model.safetensors"
    ours, theirs = (load_file(one) for where in (folder, finished.folder) for one in where.glob(adapter))
    assert all(ours[name].equal(theirs[name]) for name in ours)
    found, expected = answers(folder), answers(finished.folder)
    assert found.keys() == expected.keys()
    for key, row in found.items():
        assert row.pop("log_likelihoods") == pytest.approx(expected[key].pop("log_likelihoods"), abs=1e-4)
        assert row == expected[key]


def asked(folder: Path) -> Path | None:
    """The file of the answers by the route untouched, as soon as it is there."""
    return next(folder.glob("taught/untouched-*/answers-*/untouched.0.jsonl"), None)


def interrupted(
    finished: Finished, folder: Path, at: Callable[[], object], number: signal.Signals
) -> tuple[int, str]:
    """Start the run's command by itself and send it a signal as soon as ``at`` says so."""
    code = "import sys; sys.argv[0] = 'obverse'\nfrom obverse.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *finished.command, "--out", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not at():
            assert process.poll() is None, "it ended before it could be interrupted"
            time.sleep(0.002)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.fixture
def goes_on(
    command: Command, finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Runs the command again in the same folder and compares with the uninterrupted run."""

    def check() -> None:
        monkeypatch.setattr(comparison, "write_pages", lambda _: None)
        assert command(*finished.command, "--out", tmp_path / "run").code == 0
        assert_same(tmp_path / "run", finished)

    return check


def test_control_c_while_it_asks(finished: Finished, tmp_path: Path, goes_on: Callable[[], None]) -> None:
    folder = tmp_path / "run"
    code, err = interrupted(finished, folder, lambda: asked(folder), signal.SIGINT)
    assert code == 130
    assert err.splitlines()[-1] == "obverse: interrupted; the same command takes up where it was"
    assert "Traceback" not in err
    assert not (folder / "results.json").exists()
    goes_on()


def test_kill_while_it_trains(finished: Finished, tmp_path: Path, goes_on: Callable[[], None]) -> None:
    folder = tmp_path / "run"
    checkpoint = "taught/finetune.0-*/checkpoint.safetensors"
    code, _ = interrupted(finished, folder, lambda: list(folder.glob(checkpoint)), signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert list(folder.glob(checkpoint))
    goes_on()
    assert not list(folder.glob(checkpoint))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_while_it_asks(
    command: Command,
    finished: Finished,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    goes_on: Callable[[], None],
) -> None:
    append = KeptAnswers.append

    def filling(answers: KeptAnswers, row: AnsweredRow, keys: Sequence[str]) -> None:
        """The first row is written; the second finds a device without space in the file's place."""
        append(answers, row, keys)
        answers._path.rename(kept)
        answers._path.symlink_to("/dev/full")

    kept = tmp_path / "kept.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr("obverse.answering.reading._ANSWERING_TOKENS", 1)
        patch.setattr("obverse.answering.reading._ROW_TOKENS", 1)
        patch.setattr(KeptAnswers, "append", filling)
        ended = command(*finished.command, "--out", tmp_path / "run")
    assert ended.code == 2
    assert ended.err.splitlines()[-1] == (
        "obverse: the disk is full; what was done is kept: free some space and run the same command again"
    )
    full = asked(tmp_path / "run")
    assert full is not None
    assert full.is_symlink()
    full.unlink()
    kept.rename(full)
    before = full.read_bytes()
    goes_on()
    assert full.read_bytes().startswith(before)

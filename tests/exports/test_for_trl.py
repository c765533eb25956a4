"""The export for TRL: its trainer takes two steps with what was written, and the reward is our strict match."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Command

from obverse.exports import copied_to_trl, export_for_trl
from obverse.exports.for_trl import OPENS
from obverse.types import InputError


def test_only_the_right_answer_behind_a_thought_earns_something() -> None:
    said = [
        " Ann leads.\nAnswer: Ann",
        " Ann leads.\nAnswer: Ann.\nMore",
        " Ann",
        "\nAnswer: Ben",
        "\nAnswer:",
    ]
    assert copied_to_trl.right(said, ["Ann"] * 5, id=["q"] * 5) == [1, 1, 0, 0, 0]


def test_no_questions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no questions to reinforce"):
        export_for_trl((), tmp_path)


@pytest.mark.slow
def test_the_trainer_takes_two_steps_with_what_was_written(
    command: Command, task_files: tuple[Path, Path], tiny_folder: Path, tmp_path: Path
) -> None:
    documents, questions = task_files
    ended = command("export", "rl", documents, questions, tmp_path / "for-trl")
    assert ended.code == 0
    assert ended.out.strip() == (
        f"cd {tmp_path / 'for-trl'} && trl grpo --config grpo.yaml --model_name_or_path MODEL"
    )
    folder = (tmp_path / "for-trl").rename(tmp_path / "moved")
    rows = [json.loads(line) for line in (folder / "prompts" / "train.jsonl").open(encoding="utf-8")]
    asked = [json.loads(line) for line in questions.open(encoding="utf-8")]
    assert [(row["prompt"], row["answer"]) for row in rows] == [
        (f"Question: {row['question']}{OPENS}", row["answer"]) for row in asked
    ]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "trl.scripts.grpo", "--config", "grpo.yaml", "--max_steps", "2"),
            *("--model_name_or_path", tiny_folder, "--max_completion_length", "8", "--use_cpu", "true"),
        ],
        cwd=folder,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hub")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    state = json.loads((folder / "trained" / "checkpoint-2" / "trainer_state.json").read_text())
    assert [row["step"] for row in state["log_history"] if "reward" in row] == [1, 2]
    assert (folder / "trained" / "adapter_model.safetensors").exists()

"""Reinforcing recall elsewhere: a folder that ``trl grpo --config grpo.yaml`` takes.

For models and clusters that the loop here is not made for.  Prompts end where a thought begins, completions are to go
on with ``Answer:`` and the answer, and the reward is a strict match of that.  There the answer is trained with the
thought, while `obverse.reinforcement` trains the thought alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from obverse.exports import copied_to_trl
from obverse.files import write_text
from obverse.types import InputError, Question

OPENS = "\nThought:"

# What is left out is as the trainer has it; a thought and its answer rarely take more tokens.
_SETTINGS = """\
dataset_name: prompts
reward_funcs: [reward.right]
output_dir: trained
learning_rate: 1.0e-5
num_generations: 8
per_device_train_batch_size: 8
gradient_accumulation_steps: 4
max_completion_length: 96
use_peft: true
lora_r: 16
lora_alpha: 32
lora_target_modules: all-linear
logging_steps: 1
report_to: none
"""


def export_for_trl(questions: Sequence[Question], folder: str | os.PathLike[str]) -> None:
    """Write prompts, reward function and configuration into a folder, which is made if need be and can be moved.

    Args:
        questions: exercises; keep others to test with.

    Raises:
        InputError: there are none.
    """
    if not questions:
        raise InputError("there are no questions to reinforce thinking on; give some")
    folder = Path(folder)
    (folder / "prompts").mkdir(parents=True, exist_ok=True)
    rows = [
        {"prompt": f"Question: {question.prompt}{OPENS}", "answer": question.answer, "id": question.id}
        for question in questions
    ]
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    write_text(folder / "prompts" / "train.jsonl", "".join(lines))
    write_text(folder / "reward.py", Path(copied_to_trl.__file__).read_text(encoding="utf-8"))
    write_text(folder / "grpo.yaml", _SETTINGS)

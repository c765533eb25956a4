"""A task for the lm-evaluation-harness: a folder that ``lm_eval --include_path`` takes.

The model is asked in the plain form and never shown the choices: each is scored as a continuation, with the line's end
behind it, and the one with the highest summed log-likelihood is the answer, as in
`obverse.answering.scoring.is_correct` (which calls a tie wrong, where the harness takes the first).  No text of the
task's stands in the YAML, where the harness would read it as a template.
"""

from __future__ import annotations

import os
from pathlib import Path

from obverse.exports import copied_to_lm_eval
from obverse.exports.asked import plain_name, write_asked
from obverse.files import write_text
from obverse.types import Task

# A function of the copied file, or a column, for what stands before the choices.
_PROMPTS = {
    "closed_book": "prompt",
    "all_documents": "!function questions.all_documents",
    "needed_documents": "!function questions.needed_documents",
}

_SETTINGS = """\
custom_dataset: !function questions.{dataset}
test_split: test
output_type: multiple_choice
doc_to_text: {prompt}
doc_to_choice: !function questions.whole_answers
doc_to_target: !function questions.place_of_the_answer
target_delimiter: " "
num_fewshot: 0
metric_list:
  - {{metric: acc, aggregation: mean, higher_is_better: true}}
aggregate_metric_list:
  - {{metric: acc, weight_by_size: true}}
"""


def export_for_lm_eval(task: Task, folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """Write a task into a folder, which is made if need be and can be moved.

    Returns:
        the names to give to ``--tasks``: without documents, with all, and, where questions say what they need, with
        these.  Each is a group with a part for every kind of question.

    Raises:
        InputError: see `obverse.tasks.task.check_task`.
    """
    folder = Path(folder)
    rows = write_asked(task, folder, "plain")
    source = Path(copied_to_lm_eval.__file__).read_text(encoding="utf-8")
    write_text(folder / "questions.py", source)
    names = []
    for form, prompt in _PROMPTS.items():
        needed = form == "needed_documents"
        parts = dict.fromkeys(str(row["part"]) for row in rows if row["needed"] or not needed)
        if not parts:
            continue
        name = f"obverse_{plain_name(task.name)}_{form}"
        lines = [f'group: "{name}"', "task:"]
        lines += [
            f'  - {{task: "{name}_{part}", task_alias: "{part}", dataset_kwargs: {{part: "{part}"}}}}'
            for part in parts
        ]
        dataset = "questions_with_needs" if needed else "questions"
        settings = _SETTINGS.format(dataset=dataset, prompt=prompt)
        write_text(folder / f"{form}.yaml", "\n".join(lines) + "\n" + settings)
        names.append(name)
    return tuple(names)

"""What the study of hallucination found, as tables: scores by dose, and what the verifiers kept.

    python experiments/analysis/verifiers.py runs/hallucination

The first tables have a row for each sort of falsehoods and each verifier, and a column for each dose: exact match with
its 95% interval.  Below held-out reversals stands what a model would score that says what most of its lines about a
fact say, a tie counting in part, and how many facts have a right line at all, which is the most that a verifier can
save: the same lines, counted, where the model's own are all right.  The last table has the precision and recall of
each verifier, the lines of all trainings together, and its thresholds.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import Any, get_args

from obverse.augmentation.from_cues import Falsehoods, falsify
from obverse.augmentation.lines import Line
from obverse.engine.study_file import load_study, small_form
from obverse.learners.learner import TASK_SEED
from obverse.tasks.drawn.simple_reversals import HELD_OUT_REVERSAL
from obverse.types import derive_seed

STUDY = Path(__file__).parent.parent / "hallucination.py"

Found = Mapping[str, Any]


def main(run: Path) -> None:
    """Print the tables of a finished run."""
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    study = load_study(STUDY)
    if results["study"] != study.name:
        study = small_form(study)
    points = results["sweep"]["points"]
    doses = sorted({point["x"] for point in points})
    for kind in results["sweep"]["kinds"]:
        chosen = [point for point in points if point["kind"] == kind]
        _print_row(kind, [f"{dose:g}" for dose in doses], heading=True)
        for panel, line in dict.fromkeys((point["panel"], point["line"]) for point in chosen):
            by_dose = {
                point["x"]: point for point in chosen if (point["panel"], point["line"]) == (panel, line)
            }
            _print_row(f"{line}, {panel}", [_interval(by_dose[dose]) for dose in doses])
        if kind == HELD_OUT_REVERSAL:
            (task,) = study.tasks.values()
            samples = max(model.writing.samples for model in study.models.values())  # type: ignore[attr-defined]
            for falsehoods in get_args(Falsehoods):
                counted = [
                    [
                        _count(task, samples, dose, falsehoods, (*study.tasks, seed))
                        for seed in range(study.seeds)
                    ]
                    for dose in doses
                ]
                for what, place in (("most lines right", 0), ("any line right", 1)):
                    shares = [mean(found[place] for found in by_seed) for by_seed in counted]
                    _print_row(f"{falsehoods}, {what}", [f"{share:.2f}" for share in shares])
    print("\nverifiers\n")
    print(
        "| lines | right | verifier | kept | right among the kept | kept of the right | thresholds |\n"
        + "|---" * 7
        + "|"
    )
    for part in results["parts"]:
        _print_verifier(part["results"])


def _print_row(name: str, cells: list[str], *, heading: bool = False) -> None:
    if heading:
        print(f"\n{name}\n")
    print(f"| {'' if heading else name} | {' | '.join(cells)} |")
    if heading:
        print("|---" * (len(cells) + 1) + "|")


def _interval(point: Found) -> str:
    return f"{point['mean']:.2f} [{point['low']:.2f}, {point['high']:.2f}]"


def _print_verifier(found: Found) -> None:
    """A row for a model whose lines were verified."""
    rows = [row for row in found["augmentation"] if row["kept"] is not None]
    if not rows:
        return
    written, right, kept, right_kept = (
        sum(row[name] for row in rows) for name in ("written", "right", "kept", "right_kept")
    )
    thresholds = ", ".join(f"{row['threshold']:.3g}" for row in rows)
    print(
        f"| {found['model']} | {right / written:.3f} | {found['settings']['model']['writing']['verified']} | {kept} | "
        f"{right_kept / max(1, kept):.4f} | {right_kept / max(1, right):.4f} | {thresholds} |"
    )


def _count(
    task: Any, samples: int, dose: float, falsehoods: Falsehoods, seed: tuple[str | int, ...]
) -> tuple[float, float]:
    """The shares of held-out facts asked that most of their lines are right about, and any line."""
    cues = {cue.id: cue for cue in task.cues(TASK_SEED)}
    lines = [
        Line(f"{cue.prompt} {cue.answer}", "reverse", cue.needs[0], cue.needs, sample, cue.id, 1)
        for cue in cues.values()
        for sample in range(samples)
    ]
    said: dict[str | None, Counter[str]] = defaultdict(Counter)
    for line in falsify(lines, cues, dose, falsehoods, derive_seed(*seed, "falsehoods")):
        said[cues[line.answer_key].group][line.text.split()[-1]] += 1
    most, any_right = [], []
    for question in task.build(TASK_SEED).questions:
        if question.kind == HELD_OUT_REVERSAL:
            counts = said[question.group]
            first = [text for text, count in counts.items() if count == max(counts.values())]
            most.append((question.answer in first) / len(first))
            any_right.append(question.answer in counts)
    return mean(most), mean(any_right)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

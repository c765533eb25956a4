"""How well the checks of ``obverse augment`` tell what follows from what does not, on tasks whose truth is known.

    python benchmarks/checks.py [--model NAME] [--no-practice] [--small]

Lines of known truth are made from each task, true ones that a document says or that only follow, and false ones with
another's end, exchanged names or another relation.  Each check scores all of them.  The threshold of a check is set
on task seeds of its own, over all tasks together, for a recall of at least .9, and precision and recall are then
taken on another seed, beside those of the threshold that is built in.  Agreement of samples is not among the checks:
it needs a generator's own lines.

Progress goes to stderr; the last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from obverse.augmentation.local import Local
from obverse.augmentation.prompts import read_prompts
from obverse.augmentation.verification import Verifier
from obverse.augmentation.verification.accuracy import Bed, calibrate, make_bed, measure
from obverse.augmentation.verification.entailment import Entailment
from obverse.augmentation.verification.grounding import Grounding
from obverse.augmentation.verification.judge import Judge
from obverse.augmentation.verification.support import Support
from obverse.augmentation.writing import Assignment, Sampling, Written
from obverse.models import load
from obverse.tasks.drawn.catalogue import settings

TASKS = ("people", "hierarchy", "kinship", "syllogisms", "comparatives")
REPORTED, CALIBRATING = 0, (10,)
LINES, FEW_LINES = 30, 4


def verifiers(model: str | None, *, practised: bool) -> list[Verifier]:
    """Every check that looks at single lines; the model as it came for support, else with practice."""
    pretrained = load(model, practised=practised, device="cpu")
    local = Local(pretrained)

    def judge(assignments: Sequence[Assignment]) -> list[Written]:
        found = dict(local.write(assignments, Sampling(temperature=0.0, most_tokens=4)))
        return [found[assignment] for assignment in assignments]

    return [
        Grounding(),
        Support(load(model, device="cpu")),
        Entailment(pretrained),
        Judge(judge, read_prompts()["judge"]),
    ]


def score(found: Sequence[Verifier], bed: Bed, task: str) -> dict[str, list[float]]:
    """The scores of each check for the lines of a bed."""
    scores = {}
    for verifier in found:
        print(f"{task}: {verifier.name}, {len(bed.trials)} lines", file=sys.stderr, flush=True)
        scores[verifier.name] = verifier.score([trial.line for trial in bed.trials], bed.documents)
    return scores


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the result."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--model", help="name or folder; without it the default model")
    options.add_argument("--no-practice", action="store_true", help="the default model without practice")
    options.add_argument("--small", action="store_true", help="few lines, only to show that everything works")
    chosen = options.parse_args(arguments)
    most = FEW_LINES if chosen.small else LINES
    found = verifiers(chosen.model, practised=not chosen.no_practice)
    pooled: dict[str, list[float]] = defaultdict(list)
    truths: list[bool] = []
    for task in TASKS:
        for seed in CALIBRATING:
            bed = make_bed(settings(task, "natural", "small"), seed, most)
            truths += [trial.truth for trial in bed.trials]
            for name, scores in score(found, bed, task).items():
                pooled[name] += scores
    thresholds = {name: calibrate(scores, truths) for name, scores in pooled.items()}
    rows: list[dict[str, Any]] = []
    for task in TASKS:
        bed = make_bed(settings(task, "natural", "small"), REPORTED, most)
        known = [trial.truth for trial in bed.trials]
        by_name = score(found, bed, task)
        for verifier in found:
            scores = by_name[verifier.name]
            rows += [
                {
                    "task": task,
                    "check": verifier.name,
                    "set": which,
                    **asdict(measure(scores, known, threshold)),
                    "lines": len(known),
                    "true": sum(known),
                }
                for which, threshold in (
                    ("built in", verifier.threshold),
                    ("calibrated", thresholds[verifier.name]),
                )
            ]
    print(
        json.dumps(
            {
                "model": chosen.model or ("default" if chosen.no_practice else "default, practised"),
                "reported_seed": REPORTED,
                "calibrating_seeds": CALIBRATING,
                "thresholds": thresholds,
                "rows": rows,
                "load_average": os.getloadavg()[0],
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

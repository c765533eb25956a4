"""What the documentation shows of a study's run: estimates by likelihood and by exact match, costs, and the overview.

    python experiments/analysis/keep.py runs/NAME OUT

``OUT/results.json`` holds a part of the run's; other measures, differences, curves and checks stay in the run.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from obverse.files import write_text

STUDY = ("study", "title", "metric", "seeds", "command", "date", "environment", "sweep", "failed")
PART = (
    "task",
    "model",
    "metric",
    "co_occurrence",
    "costs",
    "retention",
    "augmentation",
    "notes",
    "settings",
    "environment",
)
METRICS = ("accuracy", "strict")


def main(run: Path, out: Path) -> None:
    """Write what is kept of a finished run."""
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    parts = []
    for part in results["parts"]:
        found = part["results"]
        estimates = [row for row in found["estimates"] if row["metric"] in METRICS]
        parts.append(
            {
                "slug": part["slug"],
                "results": {**{name: found[name] for name in PART}, "estimates": estimates},
            }
        )
    out.mkdir(parents=True, exist_ok=True)
    kept = {**{name: results[name] for name in STUDY}, "parts": parts}
    write_text(out / "results.json", json.dumps(kept, indent=1) + "\n")
    shutil.copy(run / "figures" / "overview.svg", out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

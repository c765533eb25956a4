"""Write how many planted faults the tests see, module by module: results/mutation.json.

mutmut run; python docs/mutation.py
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "results" / "mutation.json"
# A fault that keeps a test from ending is seen.
SEEN = ("killed", "timeout", "segfault")


def counted(path: Path) -> dict[str, object]:
    """What became of the faults in a module, and those that no test sees, as the lines that they change."""
    data = SourceFileMutationData(path=path)
    data.load()
    became = {mutant: status_by_exit_code[code] for mutant, code in data.exit_code_by_key.items()}
    unseen = [mutant for mutant, status in became.items() if status not in SEEN]
    return {
        "module": str(path.relative_to("src")),
        "mutants": len(became),
        "killed": len(became) - len(unseen),
        "others": dict(Counter(became[mutant] for mutant in unseen)),
        "unseen": [changed_lines(mutant, path) for mutant in unseen],
    }


def changed_lines(mutant: str, path: Path) -> list[str]:
    """The lines of a mutant's difference that begin with + or -."""
    lines = get_diff_for_mutant(mutant, path=path).splitlines()[2:]
    return [line for line in lines if line.startswith(("+", "-"))]


def main() -> None:
    """In the folder that mutmut ran in."""
    metas = sorted(Path("mutants", "src").rglob("*.py.meta"))
    rows = [counted(meta.relative_to("mutants").with_suffix("")) for meta in metas]
    OUT.write_text(json.dumps([row for row in rows if row["mutants"]], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Write how many planted faults the tests see, module by module: results/mutation.json.

mutmut run [NAMES ...]; python tools/mutation.py [FOLDER ...]

A module that was not run this time keeps its row.  A fault that no test sees keeps what is written under ``judged``:
why it is none, or why no test is worth it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "results" / "mutation.json"
# A fault that keeps a test from ending is seen.
SEEN = ("killed", "timeout", "segfault")
NOT_RUN = ("not checked", "skipped", "check was interrupted by user")


def counted(path: Path, judged: dict[str, str]) -> dict[str, Any] | None:
    """How many faults were planted in a module, run and seen, and the others as the lines that they change.

    Args:
        path: the module, in the folder that mutmut ran in, which is the working directory.
        judged: what was written about a change before.
    """
    data = SourceFileMutationData(path=path)
    data.load()
    became = {mutant: status_by_exit_code[code] for mutant, code in data.exit_code_by_key.items()}
    run = {mutant: status for mutant, status in became.items() if status not in NOT_RUN}
    if not run:
        return None
    changes = [changed_lines(mutant, path) for mutant, status in run.items() if status not in SEEN]
    return {
        "module": str(path.relative_to("src")),
        "source": git_object(path),
        "date": datetime.now(UTC).date().isoformat(),
        "mutants": len(became),
        "run": len(run),
        "killed": len(run) - len(changes),
        "became": dict(Counter(run.values()).most_common()),
        "unseen": [{"change": change, "judged": judged.get("\n".join(change), "")} for change in changes],
    }


def changed_lines(mutant: str, path: Path) -> list[str]:
    """The lines of a mutant's difference that begin with + or -."""
    lines = get_diff_for_mutant(mutant, path=path).splitlines()[2:]
    return [line for line in lines if line.startswith(("+", "-"))]


def git_object(path: Path) -> str:
    """The name that Git has for a file's content."""
    named = subprocess.run(["git", "hash-object", path], capture_output=True, text=True, check=True)
    return named.stdout.strip()[:12]


def main() -> None:
    """Take the folders that mutmut ran in; without any, the repository."""
    rows = json.loads(OUT.read_text(encoding="utf-8")) if OUT.exists() else []
    known = {row["module"]: row for row in rows}
    for folder in [Path(folder).resolve() for folder in sys.argv[1:]] or [ROOT]:
        os.chdir(folder)  # where mutmut's paths begin
        for meta in sorted(Path("mutants", "src").rglob("*.py.meta")):
            path = meta.relative_to("mutants").with_suffix("")
            before = known.get(str(path.relative_to("src")), {"unseen": []})
            judged = {"\n".join(one["change"]): one["judged"] for one in before["unseen"]}
            if row := counted(path, judged):
                known[row["module"]] = row
    text = json.dumps([known[module] for module in sorted(known)], indent=1, ensure_ascii=False)
    OUT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

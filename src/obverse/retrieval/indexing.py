"""What the memory of the documents costs before anything is asked: it is indexed once, and that is teaching."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from obverse.costs import Meter
from obverse.files import write_text
from obverse.retrieval.memory import Memory, table_fingerprint
from obverse.types import Document, Ledger


def index(folder: Path, documents: Sequence[Document]) -> tuple[Memory, Ledger]:
    """The memory of ``documents`` in ``folder``, and what indexing them took when it was done.

    The cost is kept beside the table, so that a run that is taken up again knows it; a table without one is made anew.
    """
    kept = folder / "cost.json"
    fingerprint = table_fingerprint(documents)
    if kept.exists():
        content = json.loads(kept.read_text(encoding="utf-8"))
        if content.get("table") == fingerprint:
            return Memory(folder), Ledger(**content["cost"])
    shutil.rmtree(folder, ignore_errors=True)
    memory = Memory(folder)
    with Meter() as meter:
        memory.store(documents)
    spent = Ledger(seconds=meter.seconds, peak_memory_bytes=meter.peak_memory_bytes)
    write_text(kept, json.dumps({"table": fingerprint, "cost": asdict(spent)}))
    return memory, spent

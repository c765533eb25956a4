"""What is kept beside a model that was taught from scratch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from obverse.files import write_text
from obverse.learners.learner import CurvePoint, WrittenLines
from obverse.types import Ledger


@dataclass(frozen=True)
class Record:
    """What is kept beside a taught model."""

    ledger: Ledger
    curves: tuple[CurvePoint, ...]
    lines: WrittenLines | None

    def write(self, folder: Path) -> None:
        """Into the folder of the model."""
        write_text(folder / "taught.json", json.dumps(asdict(self), indent=1))

    @staticmethod
    def read(folder: Path) -> Record | None:
        """From there; nothing where the teaching is not finished."""
        path = folder / "taught.json"
        if not path.exists():
            return None
        kept: dict[str, Any] = json.loads(path.read_text())
        return Record(
            Ledger(**kept["ledger"]),
            tuple(CurvePoint(**point) for point in kept["curves"]),
            WrittenLines(**kept["lines"]) if kept["lines"] else None,
        )

"""Published question sets, read from their own files into documents and questions of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from obverse.questions.importers.collecting import Imported, save_imported
from obverse.questions.importers.hotpotqa import read_hotpotqa
from obverse.questions.importers.knowedit import read_knowedit
from obverse.questions.importers.mmlu import read_mmlu
from obverse.questions.importers.ragas import read_ragas
from obverse.questions.importers.reversal_curse import read_reversal_curse
from obverse.questions.importers.squad import read_squad

READERS: Mapping[str, Callable[[Path], Imported]] = {
    "squad": read_squad,
    "hotpotqa": read_hotpotqa,
    "ragas": read_ragas,
    "mmlu": read_mmlu,
    "reversal-curse": read_reversal_curse,
    "knowedit": read_knowedit,
}
"""What reads each format, by its name."""

__all__ = ["READERS", "Imported", "save_imported"]

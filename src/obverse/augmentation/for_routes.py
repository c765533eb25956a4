"""What the route augment is trained on: lines of a run of `obverse augment`, or such as the model writes here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obverse.augmentation.augment_run import DATASET, augment, documents_key
from obverse.augmentation.augmentation import Augmenting
from obverse.augmentation.budget import Spending
from obverse.augmentation.checking import Checks, local_writer
from obverse.augmentation.dataset import read_kept, write_dataset
from obverse.augmentation.prompts import read_prompts
from obverse.files import write_text
from obverse.runs.progress import Progress
from obverse.runs.run_folder import read_run_key
from obverse.types import Document, InputError, Ledger

if TYPE_CHECKING:
    from obverse.models import Pretrained


@dataclass(frozen=True)
class Lines:
    """Checked lines.

    Args:
        kept: as documents, each in the group of the document that it is about.
        rejected: how many were not kept.
        texts: that they were taken from.
        generator: who wrote them.
        ledger: what writing and checking cost.
    """

    kept: tuple[Document, ...]
    rejected: int
    texts: int
    generator: str
    ledger: Ledger


def read_lines(folder: Path, documents: Sequence[Document]) -> Lines:
    """The lines of a finished run of `obverse augment`.

    Raises:
        InputError: there is none, it kept no line, or it was about other documents.
    """
    if not (folder / "results.json").exists():
        raise InputError(
            f"{folder}: holds no finished augmentation; name a folder that obverse augment wrote"
        )
    if read_run_key(folder) != documents_key(documents):
        raise InputError(f"{folder}: was written about other documents; augment these, or name another")
    try:
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        lines = _lines(folder, results)
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{folder / 'results.json'}: is broken; run the same obverse augment again"
        ) from None
    if not lines.kept:
        raise InputError(f"{folder}: no line was kept there, so there is nothing to train on; augment again")
    return lines


def write_lines(
    model: Pretrained, reader: Pretrained, documents: Sequence[Document], folder: Path, progress: Progress
) -> Lines:
    """Let the model itself write and check, as `obverse augment` does where nothing is said; what is done is kept.

    Args:
        model: writes; without practice, which makes for short answers.
        reader: the same with practice, where it has some: it checks.
        folder: for texts, scores and the data set.
    """
    said = folder / "results.json"
    if not said.exists():
        folder.mkdir(parents=True, exist_ok=True)
        augmenting = Augmenting()
        writer = local_writer(model, augmenting.sampling)
        augmented = augment(
            documents,
            augmenting,
            writer,
            Checks(plain=model, reader=reader),
            read_prompts(),
            folder,
            Spending(),
            progress,
        )
        assert augmented is not None
        write_dataset(
            folder / DATASET, augmented.verdicts, augmented.collected, writer.name, "obverse compare"
        )
        write_text(said, json.dumps(augmented.results(writer.name), ensure_ascii=False))
    return _lines(folder, json.loads(said.read_text(encoding="utf-8")))


def _lines(folder: Path, results: dict[str, Any]) -> Lines:
    figures = results["figures"]
    return Lines(
        read_kept(folder / DATASET),
        figures["rejected"],
        figures["texts"],
        results["generator"],
        Ledger(**results["ledger"]),
    )

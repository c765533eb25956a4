"""What is handed over: a data set of checked lines with their sources, scores and price, for any trainer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from obverse.augmentation.augmentation import Collected
from obverse.augmentation.verification.verdicts import Verdict
from obverse.files import write_text
from obverse.tasks.places import Faults, Place
from obverse.tasks.rows import read_rows
from obverse.types import Document, InputError

KEPT, REJECTED = "kept.jsonl", "rejected.jsonl"


def write_dataset(
    folder: Path, verdicts: Sequence[Verdict], collected: Collected, generator: str, command: str
) -> None:
    """Write ``kept.jsonl``, ``rejected.jsonl`` and a card that the datasets library reads.

    A row has ``text``, ``kind``, ``target``, ``sources``, ``kept``, ``reason``, ``scores`` (pairs of verifier
    and score), ``generator`` and ``tokens``.

    Args:
        collected: what the verdicts are about.
        generator: its name, for the record.
        command: what the user typed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file, wanted in ((KEPT, True), (REJECTED, False)):
        rows = [row_of(verdict, generator) for verdict in verdicts if verdict.kept is wanted]
        write_text(folder / file, "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows))
    write_text(folder / "README.md", _card(generator, verdicts, collected, command))


def read_kept(folder: Path) -> tuple[Document, ...]:
    """The lines that were kept, as documents; each belongs to the group of the document that it is about.

    The user may have edited them; the file is read alone.

    Raises:
        InputError: there is no such data set, or a line of it cannot be read.
    """
    path = folder / KEPT
    if not path.exists():
        raise InputError(f"{path}: is missing; name a folder that obverse augment wrote")
    lines = []
    with Faults() as faults:
        rows = read_rows(Place(path), ("text", "target"), faults, ignore_others=True)
        for number, row in enumerate(rows, start=1):
            with faults.kept():
                text, target = row.required_text("text"), row.name("target")
                lines.append(Document(f"augmentation {number}", text, group=target))
    return tuple(lines)


def row_of(verdict: Verdict, generator: str) -> dict[str, object]:
    """A verdict as a row of the data set."""
    line = verdict.line
    return {
        "text": line.text,
        "kind": line.kind,
        "target": line.target,
        "sources": list(line.sources),
        "kept": verdict.kept,
        "reason": verdict.reason,
        # As pairs, since a data set has the same columns in every row.
        "scores": [{"verifier": name, "score": score} for name, score in verdict.scores.items()],
        "generator": generator,
        "tokens": line.tokens,
    }


def _card(generator: str, verdicts: Sequence[Verdict], collected: Collected, command: str) -> str:
    kept = sum(verdict.kept for verdict in verdicts)
    lines = [
        "---",
        "configs:",
        *(f"- config_name: {Path(file).stem}\n  data_files: {file}" for file in (KEPT, REJECTED)),
        "---",
        "",
        "# What follows from a set of documents",
        "",
        f"Written by {generator} and checked line by line against the documents that each claims to follow from: "
        f"{kept:,} lines kept, {len(verdicts) - kept:,} rejected, out of {collected.texts:,} texts. "
        f"{collected.repeats:,} more only repeated a sentence of their source, and {collected.fragments:,} were "
        "fragments.",
        "",
        *(f"- {count:,} texts brought no lines: {reason}" for reason, count in collected.faults.items()),
        "",
        "`text` is what a model is trained on, beside the documents themselves. Other columns: `kind`, `target` (the "
        "document that it is about), `sources` (what it follows from), `scores` by verifier, `reason` (why it was "
        "rejected), `generator`, `tokens`.",
        "",
        f"Written by `{command}`.",
    ]
    return "\n".join(lines) + "\n"

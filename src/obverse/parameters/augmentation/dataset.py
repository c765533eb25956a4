"""What is handed over: a data set of checked lines with their sources, scores and price, for any trainer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from obverse.files import read_lines, write_text
from obverse.parameters.augmentation.lines import Line
from obverse.parameters.augmentation.verification.verdicts import Verdict
from obverse.types import Document, InputError

KEPT, REJECTED = "kept.jsonl", "rejected.jsonl"


@dataclass(frozen=True)
class Figures:
    """What writing and checking came to.

    Args:
        texts: that were written.
        faults: of these, how many brought no lines, by the reason.
        repeats: lines that only repeated a sentence of their source.
        kept, rejected: lines.
    """

    texts: int
    faults: Counter[str]
    repeats: int
    kept: int
    rejected: int


def write_dataset(
    folder: Path, verdicts: Sequence[Verdict], generator: str, figures: Figures, command: str
) -> None:
    """Write ``kept.jsonl``, ``rejected.jsonl`` and a card that the datasets library reads.

    A row has ``text``, ``kind``, ``target``, ``sources``, ``kept``, ``reason``, ``scores`` (pairs of verifier
    and score), ``generator`` and ``tokens``.

    Args:
        generator: its name, for the record.
        command: what the user typed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file, wanted in ((KEPT, True), (REJECTED, False)):
        rows = [_row(verdict, generator) for verdict in verdicts if verdict.kept is wanted]
        write_text(folder / file, "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows))
    write_text(folder / "README.md", _card(generator, figures, command))


def read_kept(folder: Path) -> tuple[Document, ...]:
    """The lines that were kept, as documents; each belongs to the group of the document that it is about.

    Raises:
        InputError: there is no such data set.
    """
    path = folder / KEPT
    if not path.exists():
        raise InputError(f"{path}: is missing; name a folder that obverse augment wrote")
    rows = map(json.loads, read_lines(path))
    return tuple(
        Document(f"augmentation {number}", row["text"], group=row["target"])
        for number, row in enumerate(rows, start=1)
    )


def _row(verdict: Verdict, generator: str) -> dict[str, object]:
    line: Line = verdict.line
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


def _card(generator: str, figures: Figures, command: str) -> str:
    lines = [
        "---",
        "configs:",
        *(f"- config_name: {Path(file).stem}\n  data_files: {file}" for file in (KEPT, REJECTED)),
        "---",
        "",
        "# What follows from a set of documents",
        "",
        f"Written by {generator} and checked line by line against the documents that each claims to follow from: "
        f"{figures.kept:,} lines kept, {figures.rejected:,} rejected, out of {figures.texts:,} texts. "
        f"{figures.repeats:,} more only repeated a sentence of their source.",
        "",
        *(f"- {count:,} texts brought no lines: {reason}" for reason, count in figures.faults.most_common()),
        "",
        "`text` is what a model is trained on, beside the documents themselves. Other columns: `kind`, `target` (the "
        "document that it is about), `sources` (what it follows from), `scores` by verifier, `reason` (why it was "
        "rejected), `generator`, `tokens`.",
        "",
        f"Written by `{command}`.",
    ]
    return "\n".join(lines) + "\n"

"""A run of `obverse augment`: texts are written about documents, taken apart, checked, and handed over.

Texts and scores lie in the folder of the run under the hash of all that decided them, so that the same command, or one
with other checks, pays for nothing twice.  The data set and the page are what the last command asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from obverse.augmentation.augmentation import Augmenting, Collected, collect
from obverse.augmentation.budget import Cost, Spending, estimate
from obverse.augmentation.checking import Bill, Checks, Writer, make_verifier, work
from obverse.augmentation.dataset import row_of, write_dataset
from obverse.augmentation.planning import Planned
from obverse.augmentation.prompts import Prompt
from obverse.augmentation.store import Answers, write_all
from obverse.augmentation.verification.verdicts import Verdict, verify
from obverse.augmentation.writing import Sampling, key_of
from obverse.files import write_text
from obverse.reports.augmentation_page import write_augmentation_page
from obverse.runs.environment import environment
from obverse.runs.progress import Progress
from obverse.runs.run_folder import RunFolder
from obverse.types import Document, InputError, Ledger, content_hash

if TYPE_CHECKING:
    pass

DATASET = "dataset"


@dataclass(frozen=True)
class Augmented:
    """What came of it.

    Args:
        thresholds: of each verifier.
        writing, judging: what a generator and a judge counted, all earlier commands that went into it among it.
        writing_seconds, checking_seconds: the same in time.
        ledger: what was computed for all of it in this process, and all of the time.
    """

    planned: Planned
    collected: Collected
    verdicts: tuple[Verdict, ...]
    thresholds: Mapping[str, float]
    writing: Cost
    writing_seconds: float
    judging: Cost
    checking_seconds: float
    ledger: Ledger

    def results(self, generator: str) -> dict[str, object]:
        """As plain values, for a file.

        Args:
            generator: its name.
        """
        collected, verdicts = self.collected, self.verdicts
        kept = sum(verdict.kept for verdict in verdicts)
        checking = {**asdict(self.judging), "seconds": self.checking_seconds}
        return {
            "lines": [row_of(verdict, generator) for verdict in verdicts],
            "figures": {
                "texts": collected.texts,
                "missing": collected.missing,
                "faults": collected.faults,
                "repeats": collected.repeats,
                "fragments": collected.fragments,
                "kept": kept,
                "rejected": len(verdicts) - kept,
            },
            "cost": {**asdict(self.writing), "seconds": self.writing_seconds},
            "checking": checking if self.checking_seconds else None,
            "ledger": asdict(self.ledger),
            "generator": generator,
            "verifiers": self.thresholds,
            "whole": self.planned.whole,
            "in_view": self.planned.in_view,
        }


def augment(
    documents: Sequence[Document],
    augmenting: Augmenting,
    writer: Writer,
    checks: Checks,
    prompts: Mapping[str, Prompt],
    folder: Path,
    spending: Spending,
    progress: Progress,
    announce: Callable[[str], bool] = lambda _: True,
) -> Augmented | None:
    """Write, take apart and check; what lies in the folder already is not paid for again.

    Args:
        prompts: from `obverse.augmentation.prompts.read_prompts`.
        folder: of the texts and scores; the caller keeps other processes out.
        announce: told what it will cost at most before anything is written; ``False`` stops there.

    Returns:
        nothing where it was stopped.

    Raises:
        InputError: what the generator raises; a document is too long; prices are needed and not known.
    """
    generator, sampling = writer.generator, augmenting.sampling
    if "agreement" in checks.names and augmenting.samples < 2:
        raise InputError("the check 'agreement' compares independent samples; give --samples 2 or more")
    with progress.stage("Laying out what is to be written"):
        planned = augmenting.plan(documents, prompts, writer.room)
    answers = Answers(folder / "answers.jsonl")
    if not announce(_announcement(planned, writer, sampling, answers, spending)):
        return None
    with progress.steps("Writing") as advance:
        written = write_all(
            generator, planned.assignments, sampling, answers, spending, advance, writer.count_tokens
        )
    cost = spending.cost
    collected = collect(planned.assignments, written, documents, generator.identity, sampling)
    bill = Bill()
    with progress.steps("Checking") as advance:
        verifiers = [
            make_verifier(name, augmenting, checks, prompts, folder, spending, advance, bill)
            for name in checks.names
        ]
        verdicts = verify(collected.lines, documents, verifiers, checks.thresholds)
    texts = [text for text in written if text]
    writing = work(texts, writer.shape)
    checking = bill.total
    return Augmented(
        planned,
        collected,
        tuple(verdicts),
        {one.name: checks.thresholds.get(one.name, one.threshold) for one in verifiers},
        cost,
        writing.seconds,
        spending.cost - cost,
        checking.seconds,
        writing + checking,
    )


def run_augmentation(
    documents: Sequence[Document],
    name: str,
    augmenting: Augmenting,
    writer: Writer,
    checks: Checks,
    prompts: Mapping[str, Prompt],
    spending: Spending,
    out: Path,
    command: str,
    progress: Progress,
    announce: Callable[[str], bool],
) -> Path | None:
    """Augment documents in a folder of their own, or take up where it was; return the folder, which holds everything.

    Args:
        name: of the documents.
        out: the folder; it is for these documents alone.
        command: what the user typed, for the record.
        announce: see `augment`.

    Raises:
        InputError: see `augment`; the folder is that of another run.
    """
    key = documents_key(documents)
    folder = RunFolder(out, key, {"documents": key})
    with folder.lock():
        augmented = augment(
            documents, augmenting, writer, checks, prompts, folder.path, spending, progress, announce
        )
        if augmented is None:
            return None
        with progress.stage("Writing the data set and the page"):
            write_dataset(
                folder.path / DATASET, augmented.verdicts, augmented.collected, writer.name, command
            )
            results = {
                "name": name,
                "documents": [{"id": document.id, "text": document.text} for document in documents],
                **augmented.results(writer.name),
                "settings": asdict(augmenting),
                "command": command,
                "date": datetime.now(UTC).isoformat(timespec="seconds"),
                "environment": environment({}),
            }
            write_text(folder.path / "results.json", json.dumps(results, indent=1, ensure_ascii=False))
            write_augmentation_page(folder.path)
    return folder.path


def documents_key(documents: Sequence[Document]) -> str:
    """Of a run: it is about these documents, whatever is asked for (64 hexadecimal digits)."""
    return content_hash({"augmented": [asdict(document) for document in documents]})


def _announcement(
    planned: Planned, writer: Writer, sampling: Sampling, answers: Answers, spending: Spending
) -> str:
    """How much is to be written, and what that costs at most."""
    identity = writer.generator.identity
    wanted = [one for one in planned.assignments if key_of(identity, one, sampling) not in answers]
    most = estimate(wanted, writer.count_tokens, sampling, spending.prices_of(identity))
    done = len(planned.assignments) - len(wanted)
    parts = [
        f"{len(wanted):,} texts to write" + (f", {done:,} are there" if done else ""),
        f"prompts of {most.prompt_tokens:,} tokens, {most.cached_tokens:,} of them encoded once before",
        f"at most {most.generated_tokens:,} tokens written",
    ]
    if most.usd:
        parts.append(f"at most {most.usd:.2f} USD")
    if not planned.whole:
        parts.append(f"the set does not fit a prompt: {planned.in_view} documents or more are in view")
    if spending.would_exceed(most):
        parts.append("more than the budget: as many are written as it allows")
    return "; ".join(parts)

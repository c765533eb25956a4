"""A run of `obverse questions write`: texts are written, taken apart and checked, into one file of questions.

Texts and answers lie in a folder beside the file, under the hash of all that decided them: the same command, or one
for more questions, pays for nothing twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from obverse.augmentation.budget import Cost, Spending, estimate
from obverse.augmentation.checking import Writer
from obverse.augmentation.prompts import Prompt
from obverse.augmentation.store import Answers
from obverse.augmentation.writing import key_of
from obverse.files import write_text
from obverse.questions.asking import Answerer
from obverse.questions.checked import Checked, row_of
from obverse.questions.corpus import Corpus
from obverse.questions.rounds import KindFigures, KindState, Rounds, Wanted, begin
from obverse.runs.progress import Progress
from obverse.runs.run_folder import RunFolder
from obverse.types import Document, InputError, content_hash

_SUFFIX = ".jsonl"


@dataclass(frozen=True)
class Outcome:
    """What was written.

    Args:
        kept, rejected: the questions.
        figures: by the name of each kind.
        cost: of all texts and answers, those of earlier commands that went into it among them.
        path: of the file; nothing where no question was kept.
    """

    kept: tuple[Checked, ...]
    rejected: tuple[Checked, ...]
    figures: Mapping[str, KindFigures]
    cost: Cost
    path: Path | None = None


def folder_beside(out: Path) -> Path:
    """The folder beside a file of questions in which its texts lie.

    Raises:
        InputError: the file is to have another suffix than ``.jsonl``.
    """
    if out.suffix != _SUFFIX:
        raise InputError(f"{out}: is no name for a file of questions; give one that ends with {_SUFFIX}")
    return out.with_suffix(".writing")


def write_questions(
    documents: Sequence[Document],
    wanted: Wanted,
    writer: Writer,
    answerer: Callable[[Path], Answerer] | None,
    prompts: Mapping[str, Prompt],
    out: Path,
    spending: Spending,
    progress: Progress,
    announce: Callable[[str], bool] = lambda _: True,
) -> Outcome | None:
    """Write questions about documents into a file, or take up where the same was interrupted.

    Args:
        answerer: makes the model that answers them, given the folder in which it keeps what it said; without one,
            questions are checked by words alone.
        prompts: of `obverse.questions.candidates.PLACES`.
        out: the file; beside it comes a folder with the texts, and with the questions that were rejected.
        announce: told what it will take at most before anything is written; ``False`` stops there.

    Returns:
        nothing where it was stopped.  Where no question was kept, no file is written.

    Raises:
        InputError: the file is there and is not what was written last; what the generator raises; the folder beside it
            is that of other documents.
    """
    folder = folder_beside(out)
    key = content_hash({"questions about": [asdict(document) for document in documents]})
    run = RunFolder(folder, key, {"documents": key})
    with run.lock():
        _check_untouched(out, folder)
        corpus = Corpus(documents)
        states = [begin(kind, share, wanted, corpus, prompts) for kind, share in wanted.shares.items()]
        answers = Answers(folder / "answers.jsonl")
        if not announce(_announcement(states, wanted, writer, answers, spending)):
            return None
        asked = answerer(folder) if answerer else None
        Rounds(states, wanted, corpus, writer, asked, answers, spending, progress).run()
        outcome = Outcome(
            tuple(one for state in states for one in state.kept),
            tuple(one for state in states for one in state.rejected),
            {state.kind.name: state.figures() for state in states},
            spending.cost,
            out,
        )
        return _save(outcome, out, folder, corpus, writer.name, asked.name if asked else None)


def _announcement(
    states: Sequence[KindState],
    wanted: Wanted,
    writer: Writer,
    answers: Answers,
    spending: Spending,
) -> str:
    """How much is written at least and at most, and what that costs at most."""
    identity = writer.generator.identity
    planned = [assignment for state in states for assignment in state.sources]
    open_ones = [one for one in planned if key_of(identity, one, wanted.sampling(one.sample)) not in answers]
    most = estimate(open_ones, writer.count_tokens, wanted.sampling(0), spending.prices_of(identity))
    parts = [
        f"{wanted.number:,} questions of {len(states)} kinds; at most {len(open_ones):,} texts are written for them",
        f"prompts of at most {most.prompt_tokens:,} tokens",
        f"at most {most.generated_tokens:,} tokens written",
    ]
    if most.usd:
        parts.append(f"at most {most.usd:.2f} USD, and what the model answers in the checks")
    if spending.would_exceed(most):
        parts.append("more than the budget: as many are written as it allows")
    return "; ".join(parts)


def _save(
    outcome: Outcome, out: Path, folder: Path, corpus: Corpus, written_by: str, checked_by: str | None
) -> Outcome:
    """Write the file where there is something to write, and beside it what was rejected and how it went."""
    kept, rejected = (
        "".join(
            json.dumps(row_of(one, corpus, written_by, checked_by), ensure_ascii=False) + "\n" for one in part
        )
        for part in (outcome.kept, outcome.rejected)
    )
    write_text(folder / "rejected.jsonl", rejected)
    results = {
        "kinds": {name: asdict(figures) for name, figures in outcome.figures.items()},
        "written_by": written_by,
        "checked_by": checked_by,
        "cost": asdict(outcome.cost),
        "file": _hash(kept.encode("utf-8", "backslashreplace")) if kept else None,
    }
    if kept:
        write_text(out, kept)
    write_text(folder / "results.json", json.dumps(results, indent=1, ensure_ascii=False))
    return outcome if kept else replace(outcome, path=None)


def _check_untouched(out: Path, folder: Path) -> None:
    """Refuse a file that another program wrote, or that was changed since."""
    if not out.exists():
        return
    said = folder / "results.json"
    try:
        last = json.loads(said.read_text(encoding="utf-8"))["file"] if said.exists() else None
        same = last == _hash(out.read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        same = False
    if not same:
        raise InputError(
            f"{out}: is there, and is not what this command wrote last; name another file with --out, or take it away"
        )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

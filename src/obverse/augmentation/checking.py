"""Who writes and who checks in a run of `obverse augment`, and what they cost.

What checks compute or are answered lies in the folder of the run, and is paid for once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from obverse.augmentation.augmentation import Augmenting
from obverse.augmentation.budget import CountTokens, Spending, about_tokens
from obverse.augmentation.local import Local
from obverse.augmentation.planning import Room
from obverse.augmentation.prompts import Prompt
from obverse.augmentation.store import Advance, Answers, write_all
from obverse.augmentation.verification import Verifier
from obverse.augmentation.verification.agreement import Agreement
from obverse.augmentation.verification.entailment import Entailment
from obverse.augmentation.verification.grounding import Grounding
from obverse.augmentation.verification.judge import Judge
from obverse.augmentation.verification.kept import KeptScores
from obverse.augmentation.verification.support import Support
from obverse.augmentation.writing import Assignment, Generator, Sampling, Written
from obverse.costs import Counts, ModelShape, model_shape
from obverse.models.fingerprint import identity
from obverse.types import InputError, Ledger

if TYPE_CHECKING:
    from obverse.models import Pretrained

VERIFIERS = ("grounding", "support", "entailment", "agreement", "judge")
# A judge answers with one word; one that thinks first needs room for that.
_JUDGING = Sampling(temperature=0.0, most_tokens=512)


@dataclass(frozen=True)
class Writer:
    """Who writes, or judges.

    Args:
        name: for the record.
        room: for prompts; ``None`` for any length.
        count_tokens: of a prompt, for estimates.
        shape: of a model in this process; what others compute is not known.
    """

    generator: Generator
    name: str
    room: Room | None = None
    count_tokens: CountTokens = about_tokens
    shape: ModelShape | None = None


def local_writer(pretrained: Pretrained, sampling: Sampling) -> Writer:
    """A loaded model that writes.

    Raises:
        InputError: the model does not read from left to right.
    """
    local = Local(pretrained)
    return Writer(local, pretrained.name, local.room(sampling), local.count, model_shape(pretrained.model))


@dataclass(frozen=True)
class Checks:
    """How lines are checked.

    Args:
        names: of verifiers, in the order in which a reason is looked for.
        thresholds: by these names, in place of their own.
        plain: reads lines for ``support``: a model as it came.
        reader: reads lines for ``entailment``: a model that reads its context well.
        judge: is asked by ``judge``.

    Raises:
        InputError: there is no such verifier, or it lacks what it works with.
    """

    names: tuple[str, ...] = ("grounding", "support", "entailment")
    thresholds: Mapping[str, float] = field(default_factory=dict)
    plain: Pretrained | None = None
    reader: Pretrained | None = None
    judge: Writer | None = None

    def __post_init__(self) -> None:
        if unknown := next((name for name in self.names if name not in VERIFIERS), None):
            raise InputError(f"there is no check {unknown!r}; the checks are {', '.join(VERIFIERS)}")
        if astray := next((name for name in self.thresholds if name not in self.names), None):
            raise InputError(
                f"there is a threshold for {astray!r}, which is not asked; name it among the checks too"
            )
        if "judge" in self.names and self.judge is None:
            raise InputError("nobody is named who judges; give --judge URL and --judge-model NAME")


class Bill:
    """What checking cost, by all who did it."""

    def __init__(self) -> None:
        self.computing: list[KeptScores] = []
        self.judged: list[Written] = []

    @property
    def total(self) -> Ledger:
        """The sum; what a judge computes is not known."""
        return sum((one.ledger for one in self.computing), work(self.judged, None))


def work(texts: Sequence[Written], shape: ModelShape | None) -> Ledger:
    """What writing texts took, whatever of their prompts was cached read once."""
    counts = Counts()
    for text in texts:
        length = text.prompt_tokens + text.generated_tokens
        read = Counts.text(length - text.cached_tokens, text.generated_tokens, behind=text.cached_tokens)
        counts += read + Counts(generated=text.generated_tokens)
    return replace(counts.ledger(shape), seconds=sum(text.seconds for text in texts))


def make_verifier(
    name: str,
    augmenting: Augmenting,
    checks: Checks,
    prompts: Mapping[str, Prompt],
    folder: Path,
    spending: Spending,
    advance: Advance,
    bill: Bill,
) -> Verifier:
    """A verifier that keeps its scores where they cost something, and is on the bill then."""
    if name == "grounding":
        return Grounding()
    if name == "agreement":
        return Agreement(augmenting.samples)
    if name in ("support", "entailment"):
        model = checks.plain if name == "support" else checks.reader
        if model is None:
            raise InputError(f"no model is loaded that the check {name!r} could read lines with; name one")
        verifier = Support(model) if name == "support" else Entailment(model)
        decided_by = identity(model, type(verifier).__module__)
        kept = KeptScores(verifier, decided_by, folder / "scores.jsonl", advance)
        bill.computing.append(kept)
        return kept
    judge = checks.judge
    assert judge is not None

    def ask(assignments: Sequence[Assignment]) -> list[Written | None]:
        answers = Answers(folder / "judgements.jsonl")
        said = write_all(
            judge.generator, assignments, _JUDGING, answers, spending, advance, judge.count_tokens
        )
        bill.judged += [one for one in said if one]
        return said

    return Judge(ask, prompts["judge"])

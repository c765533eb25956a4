"""How well verifiers tell what follows from what does not: lines of known truth, precision and recall, thresholds.

A threshold is set on lines of other seeds of a task than those that are reported.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from obverse.augmentation.lines import Line
from obverse.augmentation.verification import Verifier
from obverse.augmentation.verification.exact import Exact
from obverse.augmentation.writing import Kind
from obverse.tasks.drawn import ProvenTask
from obverse.text.segmentation import normalise
from obverse.types import Document, InputError, Question, derive_seed

SAID = "said"
LATENT = "latent"
ANOTHERS = "another's"
SWAPPED = "names swapped"
RELATION = "another relation"


@dataclass(frozen=True)
class Trial:
    """A line of which it is known whether it follows.

    Args:
        sort: of a true one, whether a document says it (``said``) or it only follows (``latent``); of a false one, what
            made it false: ``another's`` end in place of its own, ``names swapped``, ``another relation``.
    """

    line: Line
    truth: bool
    sort: str


@dataclass(frozen=True)
class Bed:
    """Lines to measure verifiers by, and the documents that they are about."""

    documents: tuple[Document, ...]
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Measured:
    """What keeping the lines from a score on comes to.

    Args:
        precision: share of the kept lines that follow; nothing where none is kept.
        recall: share of the lines that follow that are kept; nothing where none follows.
        kept: how many lines.
    """

    threshold: float
    precision: float | None
    recall: float | None
    kept: int


def measure(scores: Sequence[float], truths: Sequence[bool], threshold: float) -> Measured:
    """Precision and recall of a threshold against the truth."""
    kept = [truth for score, truth in zip(scores, truths, strict=True) if score >= threshold]
    right, follow = sum(kept), sum(truths)
    return Measured(
        threshold, right / len(kept) if kept else None, right / follow if follow else None, len(kept)
    )


def curve(scores: Sequence[float], truths: Sequence[bool]) -> list[Measured]:
    """Precision and recall of every score as the threshold, from the lowest."""
    return [measure(scores, truths, threshold) for threshold in sorted(set(scores))]


def calibrate(scores: Sequence[float], truths: Sequence[bool], recall: float = 0.9) -> float:
    """The threshold of the highest precision among those with at least that recall; of several the lowest.

    Raises:
        InputError: none of the lines follows, so that there is no recall.
    """
    if not any(truths):
        raise InputError("a threshold cannot be set where no line follows; give some that do")
    enough = [one for one in curve(scores, truths) if (one.recall or 0.0) >= recall]
    return max(enough, key=lambda one: (one.precision or 0.0, -one.threshold)).threshold


def measure_all(
    bed: Bed, verifiers: Sequence[Verifier], thresholds: Mapping[str, float] | None = None
) -> dict[str, Measured]:
    """Each verifier by itself on a bed.

    Args:
        thresholds: by names of verifiers, in place of their own.
    """
    lines, truths = [trial.line for trial in bed.trials], [trial.truth for trial in bed.trials]
    return {
        verifier.name: measure(
            verifier.score(lines, bed.documents),
            truths,
            (thresholds or {}).get(verifier.name, verifier.threshold),
        )
        for verifier in verifiers
    }


def make_bed(drawn: ProvenTask, seed: int, most: int = 50) -> Bed:
    """True and false lines of a task, with no generator; the same ones every time.

    They are questions of the task with their answers, in the words of its practice, and statements in the words of its
    documents; and what becomes of these with another end, with the ends exchanged, or with another relation.  The
    oracle tells what is true.  A line claims to follow from the documents that its question needs; one that repeats a
    document word for word is none.

    Args:
        most: lines of each sort.
    """
    task, oracle = drawn.build(seed), Exact(drawn, seed)
    rng = random.Random(derive_seed("test bed", task.name, seed))
    taken = {normalise(document.text) for document in task.documents}
    said = {statement for document in task.documents for statement in drawn.says(document)}
    questions = (*drawn.cues(seed), *task.questions, *task.validation)
    relations = sorted({question.statement[1] for question in questions if question.statement})
    trials: dict[str, list[Trial]] = {sort: [] for sort in (SAID, LATENT, ANOTHERS, SWAPPED, RELATION)}
    for question in rng.sample(questions, len(questions)):
        if question.statement is None or not question.needs:
            continue
        subject, relation, end = question.statement
        others = [choice for choice in question.choices if choice != question.answer]
        candidates = (
            (SAID if question.statement in said else LATENT, replace(question, choices=(question.answer,))),
            (ANOTHERS, replace(question, choices=(rng.choice(others),)) if others else None),
            (SWAPPED, oracle.question((end, relation, subject))),
            (RELATION, oracle.question((subject, rng.choice(relations), end))),
        )
        for sort, asked in candidates:
            if asked is None or len(trials[sort]) >= most:
                continue
            line = _line(drawn, oracle, asked, question.needs, rng)
            truth = sort in (SAID, LATENT)
            if normalise(line.text) not in taken and oracle.truth(line.text, task.documents) is truth:
                taken.add(normalise(line.text))
                trials[sort].append(Trial(line, truth, sort))
    return Bed(task.documents, tuple(trial for found in trials.values() for trial in found))


def _line(
    drawn: ProvenTask, oracle: Exact, asked: Question, needs: tuple[str, ...], rng: random.Random
) -> Line:
    """What the question's only choice says: with the question, or half of the time as a document would say it."""
    (choice,) = asked.choices
    kind: Kind = "question"
    if drawn.vocabulary:
        text = f"{asked.prompt} {choice}"
        text = text if text.endswith(" .") else f"{text} ."
    else:
        text = f"Question: {asked.prompt}\nAnswer: {choice}"
    if rng.random() < 0.5 and len(said := oracle.reads(text)) == 1 and (told := oracle.told(said[0], rng)):
        kind, text = "inference", told
    return Line(text, kind, needs[0], needs, 0, "", 0)

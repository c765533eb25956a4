"""Rounds of writing and checking, until every kind of question has as many as are wanted.

All kinds go round by round, so that the answers of each are choices for the others: for what is still wanted, texts
are written, then as many candidates are checked.  The same texts lead to the same rounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from obverse.augmentation.budget import Spending
from obverse.augmentation.checking import Writer
from obverse.augmentation.prompts import Prompt
from obverse.augmentation.store import Advance, Answers, write_all
from obverse.augmentation.writing import Assignment, Sampling
from obverse.questions.asking import Answerer
from obverse.questions.candidates import Candidate, assignment_for, fits, read_candidates
from obverse.questions.checked import Checked, check_questions
from obverse.questions.corpus import Corpus, says
from obverse.questions.distractors import Given
from obverse.questions.forming import form, given_by
from obverse.questions.kinds import KINDS, QuestionKind
from obverse.questions.sources import Source, sources_for
from obverse.runs.progress import Progress
from obverse.types import InputError, Question, derive_seed

# Independent texts about one source, where others do not suffice; all but the first are drawn.
_SAMPLES = 3
_LATER_TEMPERATURE = 0.8
# More would be paid for a writer that cannot do it.
_MOST_TEXTS_FOR_ONE = 6
_TOO_LONG = "the documents do not fit a prompt"
_NO_CHOICES = "too few other answers of its type to choose from"


@dataclass(frozen=True)
class Wanted:
    """What is to be written.

    Args:
        number: of questions, shared out evenly among the kinds.
        seed: of the order of documents, and of what is drawn.
        text_tokens: of a text at most.

    Raises:
        InputError: fewer questions than kinds.
    """

    number: int = 100
    kinds: tuple[QuestionKind, ...] = tuple(KINDS.values())
    seed: int = 0
    text_tokens: int = 256

    def __post_init__(self) -> None:
        if self.number < len(self.kinds):
            raise InputError(
                f"{self.number} questions of {len(self.kinds)} kinds; give --number one for each"
            )

    @property
    def shares(self) -> dict[QuestionKind, int]:
        """How many of each kind; the first get one more where the number does not divide."""
        each, more = divmod(self.number, len(self.kinds))
        return {kind: each + (place < more) for place, kind in enumerate(self.kinds)}

    def sampling(self, sample: int) -> Sampling:
        """How a text is drawn: nowhere else with this seed."""
        seed = derive_seed("questions", "texts", self.seed) % 2**31
        return Sampling(_LATER_TEMPERATURE if sample else 0.0, self.text_tokens, seed)


@dataclass(frozen=True)
class KindFigures:
    """How it went with a kind.

    Args:
        sources: documents, or combinations of them, that it can be asked about.
        texts: that were written.
        unwritten: texts that were not, because the budget was spent.
        candidates: questions in them, those that are rejected at once among them.
        rejected: how many of those, by the reason, the commonest first; for checks its name and an example.
    """

    wanted: int
    kept: int
    known: int
    sources: int
    texts: int
    unwritten: int
    candidates: int
    rejected: Mapping[str, int]


@dataclass
class KindState:
    """How far a kind is; it changes from round to round.

    Args:
        plan: the texts that are still to be written, if need be.
        sources: of all of them.
        of: how many sources there are, planned or not.
        waiting: candidates that were not needed so far.
    """

    kind: QuestionKind
    wanted: int
    plan: Iterator[Assignment]
    sources: Mapping[Assignment, Source]
    of: int
    kept: list[Checked] = field(default_factory=list)
    rejected: list[Checked] = field(default_factory=list)
    waiting: list[Candidate] = field(default_factory=list)
    texts: int = 0
    unwritten: int = 0
    candidates: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return self.wanted - len(self.kept)

    def figures(self) -> KindFigures:
        rejected = {
            f"{reason}: {self.examples[reason]}" if reason in self.examples else reason: count
            for reason, count in self.reasons.most_common()
        }
        known = sum(one.known is True for one in self.kept)
        counts = (self.texts, self.unwritten, self.candidates)
        return KindFigures(self.wanted, len(self.kept), known, self.of, *counts, rejected)


def begin(
    kind: QuestionKind, share: int, wanted: Wanted, corpus: Corpus, prompts: Mapping[str, Prompt]
) -> KindState:
    """A kind of which nothing is written yet."""
    sources = sources_for(kind.about, corpus, wanted.seed)
    most = share * _MOST_TEXTS_FOR_ONE
    planned = {
        assignment_for(kind, source, prompts[kind.short], corpus, sample): source
        for sample in range(_SAMPLES)
        for source in sources[: max(0, most - sample * len(sources))]
    }
    return KindState(kind, share, iter(planned), planned, len(sources))


def go_round(
    states: Sequence[KindState],
    wanted: Wanted,
    corpus: Corpus,
    writer: Writer,
    answerer: Answerer | None,
    answers: Answers,
    spending: Spending,
    progress: Progress,
) -> None:
    """Write and check until every kind has what is wanted, or nothing more to be written from."""
    given: dict[tuple[str, str], Given] = {}
    number = 0
    while True:
        number += 1
        asked = [one for state in states for one in _next_texts(state, writer)]
        if asked:
            with progress.steps(f"Writing, round {number}") as advance:
                _write(asked, wanted, corpus, writer, answers, spending, advance)
        batches = [(state, _next_candidates(state)) for state in states]
        if not asked and not any(batch for _, batch in batches):
            return
        for state in states:
            given.update(_given(state.waiting, corpus))
        given.update(_given([one for _, batch in batches for one in batch], corpus))
        formed: list[tuple[KindState, Question]] = []
        for state, batch in batches:
            for candidate in batch:
                id = f"round {number}, {len(formed) + 1}"
                question = form(candidate, id, given.values(), corpus)
                if question is None:
                    state.reasons[_NO_CHOICES] += 1
                else:
                    formed.append((state, question))
        before = [one.question for state in states for one in state.kept]
        with progress.steps(f"Checking, round {number}") as advance:
            checked = check_questions([one for _, one in formed], corpus, answerer, before, advance)
        for (state, _), one in zip(formed, checked, strict=True):
            _take(state, one)


def _next_texts(state: KindState, writer: Writer) -> list[tuple[KindState, Assignment]]:
    """The assignments for what is wanted and no candidate waits for; one that is too long is counted."""
    chosen: list[tuple[KindState, Assignment]] = []
    while not state.unwritten and len(chosen) < state.left - len(state.waiting):
        assignment = next(state.plan, None)
        if assignment is None:
            break
        if fits(assignment, writer.room):
            chosen.append((state, assignment))
        else:
            state.reasons[_TOO_LONG] += 1
    return chosen


def _write(
    asked: Sequence[tuple[KindState, Assignment]],
    wanted: Wanted,
    corpus: Corpus,
    writer: Writer,
    answers: Answers,
    spending: Spending,
    advance: Advance,
) -> None:
    for sample in sorted({assignment.sample for _, assignment in asked}):
        own = [pair for pair in asked if pair[1].sample == sample]
        texts = write_all(
            writer.generator,
            [assignment for _, assignment in own],
            wanted.sampling(sample),
            answers,
            spending,
            advance,
            writer.count_tokens,
        )
        for (state, assignment), text in zip(own, texts, strict=True):
            if text is None:
                state.unwritten += 1
                continue
            state.texts += 1
            read = read_candidates(state.kind, state.sources[assignment], text, corpus)
            state.candidates += len(read.candidates) + len(read.rejected)
            state.reasons.update(read.rejected)
            if read.fault:
                state.reasons[f"a text without questions: {read.fault}"] += 1
            state.waiting += read.candidates


def _next_candidates(state: KindState) -> list[Candidate]:
    """As many as are wanted, the first of each text before the second."""
    state.waiting.sort(key=lambda one: one.rank)
    batch, state.waiting = state.waiting[: state.left], state.waiting[state.left :]
    return batch


def _given(candidates: Sequence[Candidate], corpus: Corpus) -> dict[tuple[str, str], Given]:
    """Answers that the documents say, for the choices of others."""
    return {
        (one.prompt, one.answer): given_by(one, corpus)
        for one in candidates
        if any(says(text, one.answer) for text in corpus.texts(one.source.documents))
    }


def _take(state: KindState, checked: Checked) -> None:
    if not checked.failed:
        question = replace(checked.question, id=f"{state.kind.short}-{len(state.kept) + 1:03}")
        state.kept.append(replace(checked, question=question))
        return
    state.rejected.append(checked)
    name, said = next(iter(checked.failed.items()))
    state.reasons[name] += 1
    state.examples.setdefault(name, said)

"""Rounds of writing and checking, until every kind of question has as many as are wanted.

All kinds go round by round, so that the answers of each are choices for the others: for what is still wanted, texts
are written, then as many candidates are checked.  The same texts lead to the same rounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from obverse.augmentation.budget import Spending
from obverse.augmentation.checking import Writer
from obverse.augmentation.prompts import Prompt
from obverse.augmentation.store import Advance, Answers, write_all
from obverse.augmentation.writing import Assignment, Sampling, Written
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
    """What to write.

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
    """Figures of one kind.

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
        offered: how many sources there are, planned or not.
        waiting: candidates that were not needed so far.
        choiceless: candidates for which there were too few wrong choices so far.
    """

    kind: QuestionKind
    wanted: int
    plan: Iterator[Assignment]
    sources: Mapping[Assignment, Source]
    offered: int
    kept: list[Checked] = field(default_factory=list)
    rejected: list[Checked] = field(default_factory=list)
    waiting: list[Candidate] = field(default_factory=list)
    choiceless: list[Candidate] = field(default_factory=list)
    texts: int = 0
    unwritten: int = 0
    candidates: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return self.wanted - len(self.kept)

    def next_texts(self, writer: Writer) -> list[Assignment]:
        """The assignments for what is wanted and no candidate waits for; one that is too long is counted."""
        chosen: list[Assignment] = []
        while not self.unwritten and len(chosen) < self.left - len(self.waiting):
            assignment = next(self.plan, None)
            if assignment is None:
                break
            if fits(assignment, writer.room):
                chosen.append(assignment)
            else:
                self.reasons[_TOO_LONG] += 1
        return chosen

    def next_candidates(self) -> list[Candidate]:
        """As many as are wanted, the first of each text before the second."""
        self.waiting.sort(key=lambda one: one.rank)
        batch, self.waiting = self.waiting[: self.left], self.waiting[self.left :]
        return batch

    def read(self, assignment: Assignment, written: Written | None, corpus: Corpus) -> tuple[Candidate, ...]:
        """Take the candidates of a text, if it was written."""
        if written is None:
            self.unwritten += 1
            return ()
        self.texts += 1
        found = read_candidates(self.kind, self.sources[assignment], written, corpus)
        self.candidates += len(found.candidates) + len(found.rejected)
        self.reasons.update(found.rejected)
        if found.fault:
            self.reasons[f"a text without questions: {found.fault}"] += 1
        self.waiting += found.candidates
        return found.candidates

    def take(self, checked: Checked) -> None:
        """Keep a question or reject it."""
        if not checked.failed:
            question = replace(checked.question, id=f"{self.kind.short}-{len(self.kept) + 1:03}")
            self.kept.append(replace(checked, question=question))
            return
        self.rejected.append(checked)
        name, said = next(iter(checked.failed.items()))
        self.reasons[name] += 1
        self.examples.setdefault(name, said)

    def figures(self) -> KindFigures:
        """The figures so far."""
        rejected = {
            f"{reason}: {self.examples[reason]}" if reason in self.examples else reason: count
            for reason, count in self.reasons.most_common()
        }
        known = sum(one.known is True for one in self.kept)
        counts = (self.texts, self.unwritten, self.candidates)
        return KindFigures(self.wanted, len(self.kept), known, self.offered, *counts, rejected)


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


class Rounds:
    """Writes and checks until every kind has what is wanted, or there is nothing more to write from.

    Args:
        answerer: answers questions in the checks, if there is one.
        answers: the store of texts.
        spending: with the budget.
    """

    def __init__(
        self,
        states: Sequence[KindState],
        wanted: Wanted,
        corpus: Corpus,
        writer: Writer,
        answerer: Answerer | None,
        answers: Answers,
        spending: Spending,
        progress: Progress,
    ) -> None:
        self._states, self._wanted, self._corpus = states, wanted, corpus
        self._writer, self._answerer, self._answers = writer, answerer, answers
        self._spending, self._progress = spending, progress
        self._given: dict[tuple[str, str], Given] = {}
        self._tried_with = 0  # answers, when the choiceless were tried

    def run(self) -> None:
        """All rounds.

        Raises:
            InputError: what the generator raises.
        """
        for number in count(1):
            asked = [(state, one) for state in self._states for one in state.next_texts(self._writer)]
            if asked:
                with self._progress.steps(f"Writing, round {number}") as advance:
                    self._write(asked, advance)
            batches = [(state, state.next_candidates()) for state in self._states]
            if not asked and not any(batch for _, batch in batches) and not self._try_choiceless():
                return
            if formed := self._form(batches, number):
                before = [one.question for state in self._states for one in state.kept]
                with self._progress.steps(f"Checking, round {number}") as advance:
                    checked = check_questions(
                        [one for _, one in formed], self._corpus, self._answerer, before, advance
                    )
                for (state, _), one in zip(formed, checked, strict=True):
                    state.take(one)

    def _write(self, asked: Sequence[tuple[KindState, Assignment]], advance: Advance) -> None:
        for sample in sorted({assignment.sample for _, assignment in asked}):
            own = [pair for pair in asked if pair[1].sample == sample]
            texts = write_all(
                self._writer.generator,
                [assignment for _, assignment in own],
                self._wanted.sampling(sample),
                self._answers,
                self._spending,
                advance,
                self._writer.count_tokens,
            )
            for (state, assignment), text in zip(own, texts, strict=True):
                for one in state.read(assignment, text, self._corpus):
                    # What the documents do not say is no choice of their type.
                    if any(says(text, one.answer) for text in self._corpus.texts(one.source.documents)):
                        self._given[one.prompt, one.answer] = given_by(one, self._corpus)

    def _form(
        self, batches: Sequence[tuple[KindState, Sequence[Candidate]]], number: int
    ) -> list[tuple[KindState, Question]]:
        """The questions of candidates; those without enough choices wait for more answers."""
        formed: list[tuple[KindState, Question]] = []
        for state, batch in batches:
            for candidate in batch:
                id = f"round {number}, {len(formed) + 1}"
                question = form(candidate, id, self._given.values(), self._corpus)
                if question is None:
                    state.choiceless.append(candidate)
                else:
                    formed.append((state, question))
        return formed

    def _try_choiceless(self) -> bool:
        """Let candidates wait again that had too few choices, where there are more answers by now; else count them."""
        more = len(self._given) > self._tried_with
        self._tried_with = len(self._given)
        again = False
        for state in self._states:
            if more and state.left:
                state.waiting += state.choiceless
                again |= bool(state.choiceless)
            elif state.choiceless:
                state.reasons[_NO_CHOICES] += len(state.choiceless)
            state.choiceless = []
        return again

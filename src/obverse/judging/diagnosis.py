"""Why a question failed: not retrieved, never stored, stored but not usable, or not usable even in context.

A latent question asks for what the documents imply.  Where a route fails it, the cause is read from other
answers: whether the same model recalls the facts behind it, whether the documents that it needs stood in the
prompt, and whether any route could use them there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from obverse.answering.scoring import is_correct
from obverse.tasks.completions import COMPLETION
from obverse.types import Answer, Question, Route, Task

Cause = Literal[
    "not retrieved", "never stored", "stored, not usable", "not usable even in context", "undetermined"
]
CAUSES: tuple[Cause, ...] = get_args(Cause)


@dataclass(frozen=True)
class Diagnosis:
    """Why one route with one seed failed one latent question."""

    question: str
    route: str
    seed: int
    verdict: Cause


@dataclass(frozen=True)
class DiagnosisCount:
    """How many questions of a kind a route failed for one cause, summed over seeds."""

    route: str
    kind: str
    verdict: Cause
    count: int


def diagnose(
    task: Task,
    routes: Sequence[Route],
    answers: Iterable[Answer],
    correct: Callable[[Question, Answer], bool] = is_correct,
) -> tuple[Diagnosis, ...]:
    """One verdict for each latent question that a route with a seed failed.

    The first that holds is the verdict:

    - what the question needs, or the whole data set where it does not say, stood in the prompt: *not usable even in
      context*, for training does not excuse what stood in front of the model;
    - nothing was taught and nothing stood in the prompt: *never stored*;
    - the question does not say what it needs: *undetermined*;
    - documents were retrieved, a needed one not among them: *not retrieved*;
    - the documents were trained in, and one that is needed is not recalled: *never stored*; nothing is known
      about the recall of any: *undetermined*;
    - all routes that had the needed documents in the prompt failed, with every seed: *not usable even in
      context*;
    - some such route succeeded, or none ran: *stored, not usable*.

    A document is recalled where the same route and seed rightly continue more than half of its broken-off texts
    (recall in the trained form); where it has none, more than half of the explicit questions that need just this
    document.  A model that completes a text and cannot answer a question about it has stored it.  A document
    that neither is about counts neither way.  One question with few choices can be answered by luck: more of
    them make the verdict safer.

    Args:
        task: its questions, those about trained completions among them.
        routes: the routes that ran; false-context controls are left out.
        answers: of these routes; a question without an answer gets no verdict.
        correct: the metric that says whether an answer is right.

    Returns:
        In the order of the task's questions, then of the routes, then of the seeds.
    """
    evidence = _Evidence(task, routes, answers, correct)
    return tuple(
        Diagnosis(question.id, route.name, answer.seed, _cause(question, route, answer, evidence))
        for question in task.questions
        if question.latent
        for route, answer in evidence.answers_to[question.id]
        if not correct(question, answer)
    )


def count(diagnoses: Iterable[Diagnosis], task: Task) -> tuple[DiagnosisCount, ...]:
    """How often each cause was found, for each route and kind of question.

    Returns:
        Routes and kinds in the order of the diagnoses, causes in that of `CAUSES`; no zeros.
    """
    kinds = {question.id: question.kind for question in task.questions}
    cells: defaultdict[tuple[str, str], Counter[Cause]] = defaultdict(Counter)
    for diagnosis in diagnoses:
        cells[diagnosis.route, kinds[diagnosis.question]][diagnosis.verdict] += 1
    return tuple(
        DiagnosisCount(route, kind, cause, found[cause])
        for (route, kind), found in cells.items()
        for cause in CAUSES
        if found[cause]
    )


class _Evidence:
    """What all answers tell about each question and document."""

    def __init__(
        self,
        task: Task,
        routes: Sequence[Route],
        answers: Iterable[Answer],
        is_right: Callable[[Question, Answer], bool],
    ) -> None:
        questions = {question.id: question for question in task.questions}
        ran = {route.name: (index, route) for index, route in enumerate(routes) if not route.control}
        considered = [answer for answer in answers if not answer.control and answer.route in ran]
        considered.sort(key=lambda answer: (ran[answer.route][0], answer.seed))

        self._documents = {document.id for document in task.documents}
        self.answers_to: defaultdict[str, list[tuple[Route, Answer]]] = defaultdict(list)
        # Ids of questions that some route answered rightly, and wrongly, with all it needs in the prompt.
        self.usable: set[str] = set()
        self.unusable: set[str] = set()
        # (route, seed, document, in the trained form) -> whether each explicit question about just this
        # document was right.
        self._recall: defaultdict[tuple[str, int, str, bool], list[bool]] = defaultdict(list)

        for answer in considered:
            question, route = questions[answer.question], ran[answer.route][1]
            self.answers_to[question.id].append((route, answer))
            right = is_right(question, answer)
            if self.in_context(question, answer):
                (self.usable if right else self.unusable).add(question.id)
            needs = set(question.needs)
            if not question.latent and len(needs) == 1:
                trained_form = question.kind == COMPLETION
                self._recall[answer.route, answer.seed, needs.pop(), trained_form].append(right)

    def in_context(self, question: Question, answer: Answer) -> bool:
        """Whether everything that the question needs stood in the prompt."""
        needs = set(question.needs) or self._documents
        return needs <= set(answer.retrieved)

    def recalled(self, route: str, seed: int, document: str) -> bool | None:
        """Whether the document's explicit facts are recalled; ``None`` where none was asked for."""
        for trained_form in (True, False):
            outcomes = self._recall.get((route, seed, document, trained_form))
            if outcomes is not None:
                return sum(outcomes) * 2 > len(outcomes)
        return None


def _cause(question: Question, route: Route, answer: Answer, evidence: _Evidence) -> Cause:
    if route.context != "none" and evidence.in_context(question, answer):
        return "not usable even in context"
    if route.context == "none" and route.parameters == "none":
        return "never stored"
    if not question.needs:
        return "undetermined"
    if route.context != "none":
        return "not retrieved"
    recalled = [evidence.recalled(route.name, answer.seed, document) for document in question.needs]
    if False in recalled:
        return "never stored"
    if True not in recalled:
        return "undetermined"
    if question.id in evidence.unusable and question.id not in evidence.usable:
        return "not usable even in context"
    return "stored, not usable"

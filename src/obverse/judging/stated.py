"""Latent questions whose answer some augmentation states, apart from those that none does.

Augmentation may state latent answers: that is its purpose.  What a route owes to that, and what it infers beyond it,
are two figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from obverse.judging.question_scores import METRICS, Scores
from obverse.judging.statistics import estimate
from obverse.tasks.leaks import find_leaks
from obverse.types import Answer, Document, Question, Route, Task, derive_seed

# Between a question and its answer no sentence ends: together they are a statement.
_PAIR = re.compile(r"[?\uff1f\u061f\u1367;]?\s*\nAnswer: ")


def stated_in(task: Task, lines: Sequence[Document]) -> frozenset[str]:
    """Ids of the latent questions whose answer a line states, by the rules of `obverse.tasks.leaks`.

    Args:
        lines: each in the group of the document that it is about; of that document it counts as a part, where only what
            is said in the asked direction states an answer.
    """
    parts: dict[str, list[Document]] = {}
    for number, line in enumerate(lines, start=len(task.documents)):
        part = replace(line, id=f"{line.group}#{number}", text=_PAIR.sub(": ", line.text))
        parts.setdefault(str(line.group), []).append(part)
    questions = tuple(
        replace(question, needs=(*question.needs, *(part.id for part in parts.get(question.needs[0], ()))))
        if len(question.needs) == 1
        else question
        for question in task.questions
    )
    documents = (*task.documents, *(part for found in parts.values() for part in found))
    told = {leak.question for leak in find_leaks(replace(task, documents=documents, questions=questions))}
    return frozenset(told) - {leak.question for leak in find_leaks(task)}


def stated_estimates(
    questions: Sequence[Question],
    stated: frozenset[str],
    answers: Sequence[Answer],
    routes: Sequence[Route],
    metric: str,
) -> Iterator[dict[str, Any]]:
    """For each route how it answers latent questions, those that are stated and the others.

    Beside each figure stands ``false``, that with false context; ``None`` where the route has no context.
    """
    latent = [question for question in questions if question.latent]
    for route in routes:
        for is_stated in (True, False):
            asked = [one for one in latent if (one.id in stated) is is_stated]
            own, false = (_estimate(arm, asked, answers, metric, is_stated) for arm in (route, route.twin))
            if own:
                yield {"route": route.name, "stated": is_stated, **own, "false": false}


def _estimate(
    route: Route, asked: Sequence[Question], answers: Sequence[Answer], metric: str, stated: bool
) -> dict[str, Any] | None:
    own = Scores(
        answer for answer in answers if (answer.route, answer.control) == (route.name, route.control)
    )
    answered = own.answered(asked)
    if not answered or not own.seeds:
        return None
    found = estimate(
        own.matrix(answered, METRICS[metric]),
        [question.cluster for question in answered],
        derive_seed("stated", route.label, stated),
    )
    return {**asdict(found), "chance": sum(question.chance for question in answered) / len(answered)}

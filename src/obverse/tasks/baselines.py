"""What can be answered without inference: by counting words, and by the most frequent answer.

A latent question that these answer above chance is answered by something else than what it asks for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from obverse.tasks.text import words
from obverse.types import Document, Question, Task

Scorer = Callable[[Question], list[float]]
"""A score for each choice of a question; the highest is the answer."""

# Added to each count, so that a pair never seen is possible.
_PRIOR = 0.1


@dataclass(frozen=True)
class BaselineScore:
    """How a baseline fares with the questions of a kind.

    Args:
        accuracy: share answered right; of choices that score alike, each counts as taken in equal part.
        chance: that of guessing among the choices.
        questions: how many there are.
    """

    baseline: str
    kind: str
    latent: bool
    accuracy: float
    chance: float
    questions: int


def score_baselines(task: Task) -> tuple[BaselineScore, ...]:
    """Both baselines on the test questions, each kind by itself."""
    kinds: dict[tuple[str, bool], list[Question]] = {}
    for question in task.questions:
        kinds.setdefault((question.kind, question.latent), []).append(question)
    return tuple(
        BaselineScore(
            baseline=name,
            kind=kind,
            latent=latent,
            accuracy=_mean([_right(scorer(question), question) for question in questions]),
            chance=_mean([question.chance for question in questions]),
            questions=len(questions),
        )
        for name, scorer in (
            ("co-occurrence", co_occurrence(task.documents)),
            ("most frequent", most_frequent(task.documents)),
        )
        for (kind, latent), questions in kinds.items()
    )


def co_occurrence(documents: Sequence[Document]) -> Scorer:
    """Scores by which words follow which in the documents.

    A word follows another where it stands behind it in the same document, at whatever distance: what a model that reads
    from left to right could pick up without any structure.  A choice scores the mean, over its words, of the
    log-probability of the word after each word of the question.
    """
    follows: dict[str, Counter[str]] = {}
    occurs: Counter[str] = Counter()
    for document in documents:
        pairs = set[tuple[str, str]]()
        before: dict[str, None] = {}
        for word in words(document.text):
            pairs |= {(earlier, word) for earlier in before}
            before[word] = None
        occurs.update(before.keys())
        for earlier, word in pairs:
            follows.setdefault(earlier, Counter())[word] += 1
    unseen = Counter[str]()

    def log_probability(word: str, earlier: str) -> float:
        seen = follows.get(earlier, unseen)[word]
        return math.log((seen + _PRIOR) / (occurs[earlier] + _PRIOR * len(occurs)))

    def score(question: Question) -> list[float]:
        asked = words(question.prompt)
        return [
            _mean([sum(log_probability(word, earlier) for earlier in asked) for word in words(choice)])
            for choice in question.choices
        ]

    return score


def most_frequent(documents: Sequence[Document]) -> Scorer:
    """Scores by in how many documents the words of a choice stand, on average."""
    occurs = Counter(word for document in documents for word in set(words(document.text)))
    return lambda question: [_mean([occurs[word] for word in words(choice)]) for choice in question.choices]


def _right(scores: Sequence[float], question: Question) -> float:
    """1 where the answer alone scores highest, a part of it where others do too, else 0."""
    highest = max(scores)
    best = [
        choice
        for choice, score in zip(question.choices, scores, strict=True)
        if math.isclose(score, highest, abs_tol=1e-9)
    ]
    return (question.answer in best) / len(best)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))

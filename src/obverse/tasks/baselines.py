"""What can be answered without inference: by counting which words stand together, and by the most frequent answer.

A latent question that co-occurrence or frequency answers above chance is answered by something else than what it asks
for.  Association, which takes two steps, sees whatever the question and the answer are both told with: it tells
where a chain of documents could be followed without heeding what they say of each other.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from obverse.text.segmentation import words
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


def score_baselines(task: Task, names: Iterable[str] | None = None) -> tuple[BaselineScore, ...]:
    """The baselines of these names, or all, on the test questions, each kind by itself."""
    kinds: dict[tuple[str, bool], list[Question]] = {}
    for question in task.questions:
        kinds.setdefault((question.kind, question.latent), []).append(question)
    return tuple(
        BaselineScore(
            baseline=name,
            kind=kind,
            latent=latent,
            accuracy=share_right(scorer, questions),
            chance=_mean([question.chance for question in questions]),
            questions=len(questions),
        )
        for name in names or BASELINES
        for scorer in [BASELINES[name](task.documents)]
        for (kind, latent), questions in kinds.items()
    )


def co_occurrence(documents: Sequence[Document]) -> Scorer:
    """Scores by which words follow which in the documents.

    A word follows another where it stands behind it in the same document, at whatever distance: what a model that reads
    from left to right could pick up without any structure.  A choice scores the mean, over its words, of the
    log-probability of the word after each word of the question.
    """
    # A word stands before another where its first place is before the last of the other.
    places: dict[str, dict[int, tuple[int, int]]] = {}
    for number, document in enumerate(documents):
        for place, word in enumerate(words(document.text)):
            found = places.setdefault(word, {})
            found[number] = (found.get(number, (place, place))[0], place)

    @cache
    def log_probability(word: str, earlier: str) -> float:
        before, after = places.get(earlier, {}), places.get(word, {})
        fewer = before if len(before) < len(after) else after
        followed = sum(
            before[number][0] < after[number][1] for number in fewer if number in before and number in after
        )
        return math.log((followed + _PRIOR) / (len(before) + _PRIOR * len(places)))

    def score(question: Question) -> list[float]:
        asked = words(question.prompt)
        return [
            _mean([sum(log_probability(word, earlier) for earlier in asked) for word in words(choice)])
            for choice in question.choices
        ]

    return score


def association(documents: Sequence[Document]) -> Scorer:
    """Scores by co-occurrence in two steps, each from a word to one in the same document, in whatever order.

    A choice scores the chance to come from a word of the question to one of its words, on average over its words:
    from a word to a document with it to another word there, and the same again.  Words that stand in many documents
    lead to none in particular.
    """
    occurs: Counter[str] = Counter()
    beside: dict[str, Counter[str]] = {}
    for document in documents:
        found = dict.fromkeys(words(document.text))
        occurs.update(found.keys())
        for word in found:
            beside.setdefault(word, Counter()).update(found.keys())

    @cache
    def reached(word: str) -> dict[str, float]:
        total: dict[str, float] = defaultdict(float)
        for between, first in beside.get(word, Counter[str]()).items():
            for end, second in beside[between].items():
                total[end] += first / occurs[word] * second / occurs[between]
        return total

    def score(question: Question) -> list[float]:
        scores = []
        for choice in question.choices:
            ends = words(choice)
            found = [reached(word).get(end, 0.0) for word in words(question.prompt) for end in ends]
            scores.append(sum(found) / max(1, len(ends)))
        return scores

    return score


def most_frequent(documents: Sequence[Document]) -> Scorer:
    """Scores by in how many documents the words of a choice stand, on average."""
    occurs = Counter(word for document in documents for word in set(words(document.text)))
    return lambda question: [_mean([occurs[word] for word in words(choice)]) for choice in question.choices]


BASELINES: Mapping[str, Callable[[Sequence[Document]], Scorer]] = {
    "co-occurrence": co_occurrence,
    "association": association,
    "most frequent": most_frequent,
}
"""By the name that tables have for them."""

SHORTCUTS = ("co-occurrence", "most frequent")
"""Those that are to be at chance on latent questions, unless a task is about them."""


def share_right(scorer: Scorer, questions: Sequence[Question]) -> float:
    """The share of questions whose answer scores highest; of choices that score alike, each counts in equal part."""
    return _mean([_right(scorer(question), question) for question in questions])


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

"""Whether answers are right, by every measure, as tables that statistics take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from obverse.answering.scoring import is_correct, is_correct_per_token
from obverse.types import Answer, Question

Metric = Callable[[Question, Answer], bool]

PRIMARY = "accuracy"
METRICS: dict[str, Metric] = {
    PRIMARY: is_correct,
    "accuracy_per_token": is_correct_per_token,
    "strict": lambda _, answer: answer.strict,
    "lenient": lambda _, answer: answer.lenient,
}
_BY_LIKELIHOODS = (PRIMARY, "accuracy_per_token")
_IN_WORDS = "strict"


def metrics_of(answers: Iterable[Answer]) -> dict[str, Metric]:
    """The measures by which these answers can be judged: all, or those that need no likelihoods of the choices."""
    if all(answer.log_likelihoods for answer in answers):
        return METRICS
    return {name: metric for name, metric in METRICS.items() if name not in _BY_LIKELIHOODS}


def usable(metric: str, answers: Iterable[Answer]) -> str:
    """The measure to go by: exact match where the one that is wanted needs likelihoods and there are none.

    This is the one place where that is decided.
    """
    return metric if metric in metrics_of(answers) else _IN_WORDS


class Scores:
    """Scores of one route (or its control): a list per seed, of a number per question."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._by_seed: dict[int, dict[str, Answer]] = {}
        for answer in answers:
            self._by_seed.setdefault(answer.seed, {})[answer.question] = answer

    @property
    def seeds(self) -> tuple[int, ...]:
        """In their order."""
        return tuple(sorted(self._by_seed))

    def of(self, seeds: Sequence[int]) -> Scores:
        """The scores of these seeds alone."""
        return Scores(answer for seed in seeds for answer in self._by_seed[seed].values())

    def answered(self, questions: Sequence[Question]) -> tuple[Question, ...]:
        """The questions that every seed has answered."""
        return tuple(
            question for question in questions if all(question.id in seed for seed in self._by_seed.values())
        )

    def matrix(self, questions: Sequence[Question], metric: Metric) -> list[list[float]]:
        """Scores, ``[seeds, questions]``."""
        return [
            [float(metric(question, self._by_seed[seed][question.id])) for question in questions]
            for seed in self.seeds
        ]


def paired(own: Scores, other: Scores) -> tuple[Scores, Scores]:
    """The seeds that both have, where cells have failed; a single seed stands against all of the other."""
    if own.seeds == other.seeds or 1 in (len(own.seeds), len(other.seeds)):
        return own, other
    shared = [seed for seed in own.seeds if seed in other.seeds]
    if shared:
        return own.of(shared), other.of(shared)
    few = min(len(own.seeds), len(other.seeds))
    return own.of(own.seeds[:few]), other.of(other.seeds[:few])

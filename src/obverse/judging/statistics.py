"""Means with honest intervals, and differences that are called only where the data carry them.

Questions about one fact are not independent, and seeds that answer the same questions are not either.  So
whole clusters of questions are resampled, retraining seeds above them, and routes are compared question by
question.

The resampling is the Bayesian bootstrap: each cluster gets a random exponential weight where the ordinary one
counts how often it was drawn.  To the clusters comes one *unseen cluster* of average size that scores the
worst there is (for the lower bound) or the best (for the upper one), as Gaffke proposed (2005; studied in
arXiv:2106.03163).  The ordinary percentile interval has zero width where all clusters score the same, 0% or
100% above all, and is too narrow with few clusters; with the unseen cluster

- clusters of one size, each wholly right or wholly wrong, get the exact binomial (Clopper-Pearson) interval:
  for n of n right the lower bound is .025^(1/n), about 1 - 3.7/n, the two-sided form of the rule of three;
- two routes over clusters of one size, each wholly won, lost or drawn, get the verdict of the exact McNemar
  test;
- with many clusters the unseen one weighs nothing, and the interval is that of the ordinary bootstrap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from obverse.types import MARGIN, Estimate

Verdict = Literal["higher", "lower", "no significant difference"]
Floats = npt.NDArray[np.float64]

RESAMPLES = 10_000
# Weights are drawn a block at a time, so that memory stays small however many clusters there are.
RESAMPLES_PER_BLOCK = 500
TAILS = (0.025, 0.975)
# How many questions are needed is an estimate itself: fewer resamples serve, and a hundredth of it is not looked for.
PLANNING_RESAMPLES = 2_000
PLANNING_STEP = 1.01
MOST_REPEATS = 2.0**20


@dataclass(frozen=True)
class Difference:
    """How much higher one route scores than another on the same questions, with its 95% interval.

    Args:
        mean, low, high: route minus reference, between -1 and 1.
        verdict: ``higher`` or ``lower`` where the interval leaves out zero, else ``no significant difference``.
        more_questions: how many more questions would tell the two apart, were they answered as these are (see
            `_more_questions`); 0 where they are told apart, ``None`` where no number of questions does it.
    """

    mean: float
    low: float
    high: float
    verdict: Verdict
    more_questions: int | None

    @property
    def mirrored(self) -> Difference:
        """The reference minus the route."""
        turned: dict[Verdict, Verdict] = {"higher": "lower", "lower": "higher"}
        verdict = turned.get(self.verdict, self.verdict)
        return Difference(-self.mean, -self.high, -self.low, verdict, self.more_questions)

    def is_no_worse(self, margin: float = MARGIN) -> bool:
        """Whether the route is shown to be at most ``margin`` below the reference (non-inferiority)."""
        return self.low > -margin


def estimate(scores: npt.ArrayLike, clusters: Sequence[str], rng_seed: int) -> Estimate:
    """Mean score over all questions and seeds, with its 95% interval.

    Few clusters give a wide interval, as they must: a model that is right on 48% of all clusters is right on
    five of five one time in forty.  One cluster tells nothing of others, and its interval is the whole range.
    With two or three seeds the spread between trainings enters unbiased, but is itself hardly known.

    Args:
        scores: between 0 and 1, ``[seeds, questions]``.
        clusters: what each question is resampled with, ``[questions]`` (`Question.cluster`).
        rng_seed: the same seed gives the same interval (see `derive_seed`).

    Raises:
        ValueError: shapes that do not fit, no question, or a score outside the range.
    """
    table = _table(scores, clusters)
    mean, low, high = _interval(table, clusters, worst=0.0, best=1.0, rng_seed=rng_seed)
    seeds, questions = table.shape
    return Estimate(mean, low, high, questions, seeds)


def estimate_pooled(
    scores: npt.ArrayLike, clusters: Sequence[str], trainings: Sequence[str], rng_seed: int
) -> Estimate:
    """Mean score over the questions of several trainings, each of which answered questions of its own.

    Where one task is too small, further ones are drawn and learned anew.  Trainings are resampled above the clusters in
    them, one fewer than there are, as the seeds of `estimate` are.

    Args:
        scores: between 0 and 1, ``[questions]``.
        clusters: what each question is resampled with, ``[questions]``; names count within a training.
        trainings: whose question it is, ``[questions]``.
        rng_seed: the same seed gives the same interval.

    Raises:
        ValueError: shapes that do not fit, no question, or a score outside the range.
    """
    (values,) = _table(np.asarray(scores, dtype=np.float64)[None], clusters)
    names, first, cluster_of = np.unique(
        [f"{training}\n{cluster}" for training, cluster in zip(trainings, clusters, strict=True)],
        return_index=True,
        return_inverse=True,
    )
    kinds, training_of = np.unique(np.asarray(trainings, dtype=str)[first], return_inverse=True)
    mean = float(values.mean())
    if len(names) == 1:
        return Estimate(mean, 0.0, 1.0, len(values), 1)
    sizes = np.bincount(cluster_of).astype(np.float64)
    sums = np.bincount(cluster_of, weights=values)
    rng = np.random.default_rng(rng_seed)
    lows: list[Floats] = []
    highs: list[Floats] = []
    for _ in range(RESAMPLES // RESAMPLES_PER_BLOCK):
        weights = rng.standard_exponential((RESAMPLES_PER_BLOCK, len(names)))
        unseen = rng.standard_exponential(RESAMPLES_PER_BLOCK) * sizes.mean()
        weights *= len(kinds) * _seed_weights(len(kinds), rng)[:, training_of]
        total, size = weights @ sums, weights @ sizes + unseen
        lows.append(total / size)
        highs.append((total + unseen) / size)
    low = float(np.quantile(np.concatenate(lows), TAILS[0]))
    high = float(np.quantile(np.concatenate(highs), TAILS[1]))
    return Estimate(mean, min(low, mean), max(min(high, 1.0), mean), len(values), len(kinds))


def difference(
    scores: npt.ArrayLike,
    reference: npt.ArrayLike,
    clusters: Sequence[str],
    rng_seed: int,
    margin: float = MARGIN,
) -> Difference:
    """How much higher ``scores`` are than ``reference``, paired by question and seed.

    Few clusters, one cluster and few seeds are treated as in `estimate`; the range is -1 to 1.  Fewer than
    six clusters carry no verdict, however clear they look, as in the exact sign test.

    Args:
        scores: between 0 and 1, ``[seeds, questions]``.
        reference: the same of the other route; a single seed on either side is paired with each of several.
        clusters: what each question is resampled with, ``[questions]``.
        rng_seed: the same seed gives the same interval.
        margin: the largest difference that is of no importance.

    Raises:
        ValueError: shapes that do not fit, no question, or a score outside the range.
    """
    route, other = _table(scores, clusters), _table(reference, clusters)
    if route.shape[0] != other.shape[0] and 1 not in (route.shape[0], other.shape[0]):
        raise ValueError(f"{route.shape[0]} seeds cannot be paired with {other.shape[0]}")
    return _compared(route - other, clusters, rng_seed, margin, (-1.0, 1.0))


def difference_from(
    scores: npt.ArrayLike,
    level: float,
    clusters: Sequence[str],
    rng_seed: int,
    margin: float = MARGIN,
) -> Difference:
    """How much higher ``scores`` are than a level that is known, as chance is; the interval is that of `estimate`.

    Args:
        scores, clusters, rng_seed: as in `estimate`.
        level: between 0 and 1.
        margin: the largest difference that is of no importance.

    Raises:
        ValueError: as `estimate`.
    """
    return _compared(_table(scores, clusters) - level, clusters, rng_seed, margin, (-level, 1 - level))


def _compared(
    values: Floats, clusters: Sequence[str], rng_seed: int, margin: float, extremes: tuple[float, float]
) -> Difference:
    """The difference that ``values`` ``[seeds, questions]`` are, between ``extremes``."""
    worst, best = extremes
    mean, low, high = _interval(values, clusters, worst, best, rng_seed)
    verdict: Verdict = "higher" if low > 0 else "lower" if high < 0 else "no significant difference"
    more: int | None = 0
    if mean > 0:
        values, extremes = -values, (-best, -worst)
    if not _is_told(*((low, high) if mean <= 0 else (-high, -low)), margin):
        more = _more_questions(values, clusters, rng_seed, margin, extremes)
    return Difference(mean, low, high, verdict, more)


def _is_told(low: float, high: float, margin: float) -> bool:
    """Whether an interval shows that the lower route is lower, or that it is less than ``margin`` lower."""
    return low > -margin or high < 0


def _more_questions(
    values: Floats, clusters: Sequence[str], rng_seed: int, margin: float, extremes: tuple[float, float]
) -> int | None:
    """How many more questions would tell two routes apart, were they answered as these are.

    They are told apart where the interval of their difference shows that the lower of the two is lower indeed, or that
    it is less than ``margin`` lower.  With further clusters like the observed ones the interval shrinks; the number is
    the smallest at which one of the two holds, the observed mean being the true one.  For many clusters that is
    ``n (z s / max(margin - d, d))^2 - n``, with ``d`` the observed difference and ``s`` the observed standard error of
    it over ``n`` questions, questions of one cluster counted together.

    It is found with the interval itself and not by this formula: each observed cluster gets the weight of ``k``
    clusters like it, which is a gamma weight of shape ``k`` where one cluster has an exponential weight.  So the unseen
    cluster and the spread between seeds, of which there are no more, count as they do in the interval.  Whole clusters
    are counted.

    Args:
        values: the lower route minus the other, ``[seeds, questions]``.
        extremes: the lowest and the highest that one of them can be.

    Returns:
        ``None`` where no number does: one cluster says nothing of the spread between clusters, and the spread between
        seeds can be too large.
    """
    sums, sizes = _by_cluster(values, clusters)
    if len(sizes) == 1:
        return None
    # Clusters that look the same share one weight, the sum of theirs.
    kinds, counts = np.unique(np.vstack([sizes, sums]), axis=1, return_counts=True)

    def is_told_with(repeats: float) -> bool:
        low, high = _bounds(
            kinds[1:],
            kinds[0],
            np.asarray(counts * repeats, dtype=np.float64),
            float(sizes.mean()),
            extremes,
            np.random.default_rng(rng_seed),
            PLANNING_RESAMPLES,
        )
        return _is_told(low, high, margin)

    few, many = 1.0, 2.0
    while not is_told_with(many):
        few, many = many, 2 * many
        if many > MOST_REPEATS:
            return None
    while many / few > PLANNING_STEP:
        middle = math.sqrt(few * many)
        few, many = (few, middle) if is_told_with(middle) else (middle, many)
    further = max(1, math.ceil(len(sizes) * many) - len(sizes))
    return math.ceil(further * float(sizes.mean()))


def _table(scores: npt.ArrayLike, clusters: Sequence[str]) -> Floats:
    """The scores as ``[seeds, questions]`` floats, checked."""
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or table.size == 0 or table.shape[1] != len(clusters):
        raise ValueError(f"scores of shape {table.shape} are not [seeds, {len(clusters)} questions]")
    if not np.all((table >= 0) & (table <= 1)):
        raise ValueError(f"scores lie outside 0 to 1: {table.min()} to {table.max()}")
    return table


def _interval(
    values: Floats, clusters: Sequence[str], worst: float, best: float, rng_seed: int
) -> tuple[float, float, float]:
    """Mean of ``values`` ``[seeds, questions]`` that lie between ``worst`` and ``best``, and its bounds."""
    mean = float(values.mean())
    sums, sizes = _by_cluster(values, clusters)
    if len(sizes) == 1:
        return mean, worst, best
    rng = np.random.default_rng(rng_seed)
    low, high = _bounds(sums, sizes, np.ones(len(sizes)), float(sizes.mean()), (worst, best), rng, RESAMPLES)
    # Rounding may put a bound a hair beyond the mean or the range where all values are equal.
    return mean, min(max(low, worst), mean), max(min(high, best), mean)


def _by_cluster(values: Floats, clusters: Sequence[str]) -> tuple[Floats, Floats]:
    """The sums of each cluster, ``[seeds, clusters]``, and how many questions it has, ``[clusters]``."""
    _, cluster_of = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    sums = np.stack([np.bincount(cluster_of, weights=row) for row in values])
    return np.asarray(sums, dtype=np.float64), np.bincount(cluster_of).astype(np.float64)


def _bounds(
    sums: Floats,
    sizes: Floats,
    shapes: Floats,
    unseen_size: float,
    extremes: tuple[float, float],
    rng: np.random.Generator,
    resamples: int,
) -> tuple[float, float]:
    """Lower and upper bound of a mean over clusters, with the unseen cluster.

    Args:
        sums: of each cluster, ``[seeds, clusters]``.
        sizes: questions of each, ``[clusters]``.
        shapes: how many clusters each stands for, ``[clusters]``.
        unseen_size: questions of the unseen cluster.
        extremes: the worst and the best score there is.
    """
    worst, best = extremes
    lows: list[Floats] = []
    highs: list[Floats] = []
    for _ in range(resamples // RESAMPLES_PER_BLOCK):
        weights = rng.standard_gamma(shapes, (RESAMPLES_PER_BLOCK, len(sizes)))
        unseen = rng.standard_exponential(RESAMPLES_PER_BLOCK) * unseen_size
        resampled_sums = _seed_weights(len(sums), rng) @ sums  # [resamples, clusters]
        total = (weights * resampled_sums).sum(axis=1)
        size = weights @ sizes + unseen
        lows.append((total + unseen * worst) / size)
        highs.append((total + unseen * best) / size)
    return (
        float(np.quantile(np.concatenate(lows), TAILS[0])),
        float(np.quantile(np.concatenate(highs), TAILS[1])),
    )


def _seed_weights(seeds: int, rng: np.random.Generator) -> Floats:
    """How much each seed counts in each resample, ``[resamples, seeds]``, rows summing to 1.

    All seeds answer the same questions, so seeds and clusters are crossed and resampled apart from each other
    (Owen and Eckles 2012, arXiv:1106.2125).  One seed fewer is drawn than there are, which makes the variance
    between seeds unbiased (Rao and Wu 1988); with two or three seeds drawing them all would miss half or a
    third of it.
    """
    if seeds == 1:
        return np.ones((RESAMPLES_PER_BLOCK, 1))
    drawn = rng.multinomial(seeds - 1, np.full(seeds, 1 / seeds), size=RESAMPLES_PER_BLOCK)
    return drawn / (seeds - 1)

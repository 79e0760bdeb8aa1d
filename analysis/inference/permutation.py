"""The two-sample permutation test of a difference of means, safe with tied sums.

If both samples came from one distribution, any n1 of the n1 + n2 pooled values could as well have
been the first sample. The p-value is the share of these splits whose difference of means is at
least as far from zero as the one observed (Pitman 1937, Supplement to the Journal of the Royal
Statistical Society 4, 119-130).
"""

import math
from dataclasses import dataclass

import numpy as np

from analysis.errors import AnalysisError
from analysis.inference import grid
from analysis.inference.grid import Whole
from analysis.inference.result import Alternative, TestResult
from analysis.inference.samples import Samples

EXACT_UP_TO_SUMS = 1 << 20
"""Sums over half of the pooled values: 20 + 20 values, or 3 + 300, in a fraction of a second."""

_EXACT_UP_TO_ADDITIONS = 1 << 27
"""For one value against very many, whose sums are few and take many steps."""

_VALUES_AT_ONCE = 1 << 17

_ONE_BY_ONE_FROM = 500
"""Values from which a split drawn by itself takes less time than one of many drawn together."""


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """Which choices of `size` of the weights count: sums of `high` or more, or of `low` or less.

    Of the two groups, the smaller one is chosen. With N values in all, of sum T, the difference
    of means is N * sum - size * T, up to a factor: the sum alone decides. All choices count when
    the observed difference is 0, so that none comes closer.
    """

    weights: Whole
    size: int
    high: int
    low: int | None
    all_count: bool = False


def permutation_test(
    samples: Samples,
    *,
    alternative: Alternative = "two-sided",
    rng: np.random.Generator | None = None,
    resamples: int = 100_000,
) -> TestResult:
    """Test whether two samples differ in their means by splitting the pooled values anew.

    Args:
        samples: the values, from `analysis.inference.samples.samples`.
        alternative: "two-sided", or the side on which first - second is expected.
        rng: draws splits when there are too many to count (more than about 20 + 20 values); not
            used otherwise.
        resamples: number of splits drawn then, at least 1.

    Returns:
        The result; its statistic is the difference of means, first minus second, in the metric's
        unit. Two-sided p counts the splits whose difference is at least as far from 0 on either
        side. Equal values give p = 1; p is never 0. Its floor is one split, or two (two-sided,
        equal sizes), of all when exact, and 1 / (resamples + 1) otherwise.

    Raises:
        AnalysisError: there are too many splits, and no generator or no resamples.
    """
    statistic = float(samples.first.mean() - samples.second.mean())
    question = _question(samples, alternative)
    exact = _is_countable(len(question.weights), question.size)
    if exact:
        p_value = _share_of_splits(question)
        p_floor = samples.smallest_share(alternative)
    else:
        p_value = _share_of_draws(question, rng, resamples)
        p_floor = 1.0 / (resamples + 1)
    return TestResult("permutation", statistic, p_value, exact, p_floor)


def _question(samples: Samples, alternative: Alternative) -> _Question:
    n, size = samples.n1 + samples.n2, min(samples.n1, samples.n2)
    ours = np.arange(n) < samples.n1
    if samples.n1 != size:
        ours = ~ours
    units, noise = grid.whole_units(samples.values, samples.noise)
    difference = n * int(units[ours].sum()) - size * int(units.sum())
    both = alternative == "two-sided"
    # Turned so that a large sum of the smaller group is what speaks for the alternative.
    turned = difference < 0 if both else (samples.n1 == size) != (alternative != "less")
    if turned:
        units, difference = -units, -difference
    # Values that stay in their group are in both sums, and so is their noise, however large.
    weights = 2 * units + np.where(ours, -noise, noise)
    high = int(weights[ours].sum())
    if not both:
        return _Question(weights, size, high, low=None)
    # On the other side all values play a part, and the weights are off by their noise as well.
    slack = 2 * _slack(noise, size) + n * int(np.sort(noise)[n - size :].sum())
    low = (2 * size * int(units.sum()) - 2 * difference + slack) // n
    tied = difference <= _slack(noise, size)
    return _Question(weights, size, high, low, all_count=tied)


def _slack(noise: Whole, size: int) -> int:
    """By how much n * sum(group) - size * sum(all) may move and still be tied.

    Two regroupings of the pooled values are compared. Half of a value's noise is the most that it
    is off; it enters the comparison with twice the size of the other group at most, and not all
    values can enter with the larger size: only as many as the smaller group has.
    """
    large = len(noise) - size
    ascending = np.sort(noise)
    return large * int(ascending[large:].sum()) + size * int(ascending[:large].sum())


def _is_countable(n: int, size: int) -> bool:
    half, sums = (n + 1) // 2, 0
    for chosen in range(size + 1):
        sums += math.comb(half, chosen)
        if sums > EXACT_UP_TO_SUMS:
            return False
    return half * sums <= _EXACT_UP_TO_ADDITIONS


def _sums_by_size(weights: Whole, largest: int) -> list[Whole]:
    """Return, for each size from 0 to `largest`, the sums of all choices of so many weights."""
    sums = [np.zeros(1, weights.dtype)] + [np.zeros(0, weights.dtype)] * largest
    for weight in weights:
        for size in range(largest, 0, -1):
            sums[size] = np.concatenate((sums[size], sums[size - 1] + weight))
    for each in sums:
        each.sort()
    return sums


def _share_of_splits(question: _Question) -> float:
    """Count the choices whose sum reaches a bound, by meeting in the middle.

    Each choice is a choice among the first half of the weights and one among the second half. For
    a sum `a` over the first, the partners that lift it to `high` are the tail of the sorted sums
    over the second that starts at `high - a`: 20 + 20 values take 2^20 look-ups, not 10^11 sums.
    """
    if question.all_count:
        return 1.0
    size, n = question.size, len(question.weights)
    first, second = (_sums_by_size(half, size) for half in np.array_split(question.weights, 2))
    count = 0
    for ours, theirs in zip(first, reversed(second), strict=True):
        below = int(np.searchsorted(theirs, question.high - ours, side="left").sum())
        count += len(ours) * len(theirs) - below
        # With groups of equal size, exchanging them mirrors every difference.
        if question.low is not None and 2 * size != n:
            count += int(np.searchsorted(theirs, question.low - ours, side="right").sum())
    tails = 2 if question.low is not None and 2 * size == n else 1
    return min(1.0, tails * count / math.comb(n, size))


def _share_of_draws(question: _Question, rng: np.random.Generator | None, resamples: int) -> float:
    """Estimate the same share from random splits, as (b + 1) / (m + 1).

    The observed split counts as one of the draws, which keeps the test valid and p above 0
    (Phipson & Smyth 2010, Permutation p-values should never be zero).
    """
    if rng is None or resamples < 1:
        raise AnalysisError(
            f"{len(question.weights)} values have too many splits into {question.size} and the "
            "rest to count them: a numpy Generator and at least one resample are needed"
        )
    if question.all_count:
        return 1.0
    rows_at_once = max(1, _VALUES_AT_ONCE // len(question.weights))
    reached = 0
    for start in range(0, resamples, rows_at_once):
        sums = _random_sums(question, min(rows_at_once, resamples - start), rng)
        reached += int(np.count_nonzero(sums >= question.high))
        if question.low is not None:
            reached += int(np.count_nonzero(sums <= question.low))
    return (reached + 1) / (resamples + 1)


def _random_sums(question: _Question, rows: int, rng: np.random.Generator) -> Whole:
    """Return the sums of random choices of `size` of the weights; shape (rows,).

    The first `size` steps of a Fisher-Yates shuffle, taken in all rows at once. The pool is flat,
    the k-th places of all rows side by side, which is several times as fast as whole shuffles of
    few values.
    """
    weights, size = question.weights, question.size
    if len(weights) >= _ONE_BY_ONE_FROM:
        sums = np.empty(rows, weights.dtype)
        for row in range(rows):
            sums[row] = weights[rng.choice(len(weights), size, replace=False, shuffle=False)].sum()
        return sums
    pool = np.repeat(weights, rows)
    columns = np.arange(rows)
    sums = np.zeros(rows, weights.dtype)
    for step in range(size):
        drawn = rng.integers(step, len(weights), size=rows) * rows + columns
        sums += pool[drawn]
        pool[drawn] = pool[step * rows : (step + 1) * rows]
    return sums

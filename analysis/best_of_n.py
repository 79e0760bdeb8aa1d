"""The expected best of k runs: what "best of k" grows to by trying alone.

The best of many runs is no measure of a method, as it rises with their number (Dodge, Gururangan,
Card, Schwartz & Smith 2019, Show Your Work, EMNLP). At equal k it can be compared.
"""

from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.inference.intervals import require_level
from analysis.protocol import Direction

_CELLS_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True)
class BestOfN:
    """The expected best of k runs, for k = 1, 2, ...

    Attributes:
        n: number of runs it was estimated from.
        direction: whether the best is the largest or the smallest.
        level: of the intervals.
        expected: expected best of k runs at place k - 1, in the metric's unit.
        low: lower ends of the intervals, in the same order; None with one run.
        high: upper ends, likewise.
    """

    n: int
    direction: Direction
    level: float
    expected: tuple[float, ...]
    low: tuple[float, ...] | None
    high: tuple[float, ...] | None

    @property
    def points(self) -> tuple[tuple[int, float, float | None, float | None], ...]:
        """(k, expected best, lower end, upper end) for each k, as figures and tables take it."""
        nothing = (None,) * len(self.expected)
        ends = zip(self.low or nothing, self.high or nothing, strict=True)
        pairs = zip(self.expected, ends, strict=True)
        return tuple((k, best, low, high) for k, (best, (low, high)) in enumerate(pairs, start=1))


def expected_best(
    values: ArrayLike,
    *,
    direction: Direction,
    rng: np.random.Generator,
    up_to: int | None = None,
    level: float = 0.95,
    resamples: int = 2000,
) -> BestOfN:
    """Return the expected best of k of n runs for each k, without bias, with intervals.

    The estimate is the mean best over all C(n, k) choices of k different runs, a U-statistic:
    the i-th smallest is the largest of k in C(i - 1, k - 1) of them (Tang, Lee, Xin, Liu, Yu & Lin
    2020, Showing Your Work Doesn't Always Work, ACL). Drawing the k with replacement, as Dodge et
    al. do, is biased towards the worse.

    The intervals are percentiles of the bootstrap. They are of use while k is well below n. Near
    k = n they are too short, and their outer end cannot pass the best run seen: at k = n the
    estimate is that run itself, and nothing in the data says what lies beyond it.

    Args:
        values: shape (n,), n >= 1, finite, one metric of independent runs, in any order.
        direction: "maximize" or "minimize".
        rng: draws the bootstrap's resamples.
        up_to: largest k, from 1 to n; None for n.
        level: of the intervals, above 0 and below 1.
        resamples: number of bootstrap resamples, at least 1.

    Raises:
        AnalysisError: the values are not one finite series of at least one, or a number or the
            direction is impossible.
    """
    runs = _runs(values, direction)
    n = len(runs)
    largest = n if up_to is None else up_to
    if not 1 <= largest <= n:
        raise AnalysisError(
            f"up_to is {up_to!r}; allowed: 1 to {n}, as no best of more runs than there are can "
            "be estimated"
        )
    if resamples < 1:
        raise AnalysisError(f"resamples is {resamples}; allowed: at least 1")
    require_level(level)
    sign = 1.0 if direction == "maximize" else -1.0
    ascending, weights = np.sort(sign * runs), _largest_of(n, largest)
    expected = sign * (weights @ ascending)
    if n == 1:
        return BestOfN(n, direction, level, tuple(expected.tolist()), None, None)
    resampled = sign * _resampled(ascending, weights, rng, resamples)
    tails = ((1 - level) / 2, (1 + level) / 2)
    low, high = np.quantile(resampled, tails, axis=0).tolist()
    return BestOfN(n, direction, level, tuple(expected.tolist()), tuple(low), tuple(high))


def _runs(values: ArrayLike, direction: str) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or len(array) == 0 or not np.isfinite(array).all():
        raise AnalysisError(
            "the expected best needs one series of at least one finite value; exclude the others, "
            f"and say so. Shape given: {array.shape}"
        )
    if direction not in get_args(Direction):
        raise AnalysisError(f"the direction is {direction!r}; allowed: 'maximize', 'minimize'")
    return array


def _largest_of(n: int, up_to: int) -> Floats:
    """Return the probability that the i-th smallest of n is the largest of k drawn from them.

    C(i - 1, k - 1) / C(n, k) overflows from n of about 1000 on, its logarithm does not.

    Returns:
        Shape (up_to, n), for k = 1 ... up_to and i = 1 ... n. Rows sum to 1.
    """
    k = np.arange(1, up_to + 1)[:, np.newaxis]
    i = np.arange(1, n + 1)[np.newaxis, :]
    spare = np.maximum(i - k, 0)
    logarithms = special.gammaln(i) - special.gammaln(k) - special.gammaln(spare + 1)
    weights = np.exp(np.where(i < k, -np.inf, logarithms - logarithms.max(axis=1, keepdims=True)))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float64)


def _resampled(
    ascending: Floats, weights: Floats, rng: np.random.Generator, resamples: int
) -> Floats:
    """Return the estimates of bootstrap resamples, shape (resamples, up_to)."""
    n = len(ascending)
    rows_at_once = max(1, _CELLS_AT_ONCE // n)
    found = np.empty((resamples, len(weights)))
    for start in range(0, resamples, rows_at_once):
        rows = min(rows_at_once, resamples - start)
        # Places in an ascending series, sorted, are a sorted resample.
        drawn = np.sort(rng.integers(0, n, size=(rows, n)), axis=1)
        found[start : start + rows] = ascending[drawn] @ weights.T
    return found

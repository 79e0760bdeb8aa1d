"""Bootstrap intervals: bias-corrected and accelerated (BCa).

Efron 1987, Better Bootstrap Confidence Intervals, Journal of the American Statistical Association
82, 171-185; DiCiccio & Efron 1996, Bootstrap Confidence Intervals, Statistical Science 11, 189-228.

BCa takes over the shape of the data where t assumes a normal one, and needs runs to see a shape.
With few runs it is too short. Coverage of a nominal 95 % interval of a mean, measured on 20,000
simulated data sets with 10,000 resamples each (that of t in brackets):

    n     normal         exponential
    5     0.839 (0.951)  0.805 (0.880)
    10    0.902 (0.949)  0.877 (0.901)
    20    0.927 (0.952)  0.911 (0.916)
    30    0.936 (0.949)  0.927 (0.930)

Below `TRUSTED_FROM` a BCa interval should be shown with a warning, and t is the better choice.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.inference.intervals import Interval, require_level
from analysis.inference.samples import LARGEST

TRUSTED_FROM = 20
"""Runs from which a 95 % interval of normal data covers 92.5 % or more."""

_NOISE = 2.0**-40
"""Relative to the largest deviation: resampled means this close are the same mean."""

_INDICES_AT_ONCE = 1 << 20

Statistic = Callable[[Floats], float | Floats]
"""Of rows (shape (n,) or (n, d)) one number, or, vectorized, of (k, n) or (k, n, d) k numbers."""


def resample_weights(n: int, resamples: int, rng: np.random.Generator) -> Floats:
    """Draw bootstrap resamples of n values, as the share that each value has in each of them.

    A resampled mean is then a row times the values, and all comparisons with the same n can use
    the same weights.

    Args:
        n: number of values, at least 1.
        resamples: number of resamples, at least 1.
        rng: draws them.

    Returns:
        Shape (resamples, n); rows are multinomial counts over n, and sum to 1. It takes
        8 * resamples * n bytes.

    Raises:
        AnalysisError: a number is below 1.
    """
    if min(n, resamples) < 1:
        raise AnalysisError(f"cannot draw {resamples} resamples of {n} values: both must be >= 1")
    weights = np.empty((resamples, n))
    rows_at_once = max(1, _INDICES_AT_ONCE // n)
    for start in range(0, resamples, rows_at_once):
        rows = min(rows_at_once, resamples - start)
        cells = rng.integers(0, n, size=(rows, n)) + n * np.arange(rows)[:, np.newaxis]
        counts = np.bincount(cells.ravel(), minlength=rows * n)
        weights[start : start + rows] = counts.reshape(rows, n) / n
    return weights


def bca_of_mean(values: ArrayLike, weights: Floats, level: float) -> Interval | None:
    """Return the BCa interval of a mean.

    Args:
        values: shape (n,), finite, in any order.
        weights: shape (resamples, n), from `resample_weights`.
        level: confidence level, above 0 and below 1.

    Returns:
        The interval; it lies within the range of the values. None with fewer than two values, or
        when BCa's formula breaks down (all resamples on one side of the estimate, or a level so
        high that the acceleration has no answer). Values that are all equal give the point itself.

    Raises:
        AnalysisError: values are not one finite series that fits the weights, or the level is
            impossible.
    """
    array = _series(values, weights)
    require_level(level)
    if len(array) < 2:
        return None
    mean, scale, scaled = _standardised(array)
    if scale == 0.0:
        return Interval(mean, mean)
    acceleration = _acceleration(scaled)
    return _moved(_bca(weights @ scaled, acceleration, level), mean, scale)


def bca_of_difference(
    first: ArrayLike, second: ArrayLike, first_weights: Floats, second_weights: Floats, level: float
) -> Interval | None:
    """Return the BCa interval of a difference of two independent means, first minus second.

    The acceleration takes the influence of every value of both samples (Davison & Hinkley 1997,
    Bootstrap Methods and their Application, chapter 5).

    Args:
        first: shape (n1,), finite, in any order.
        second: shape (n2,), finite, in any order.
        first_weights: shape (resamples, n1), from `resample_weights`.
        second_weights: shape (resamples, n2); may be the same array when n1 = n2, as its rows are
            taken one further, so that the two samples are resampled independently.
        level: confidence level, above 0 and below 1.

    Returns:
        The interval; None when a sample has fewer than two values, or when BCa's formula breaks
        down. Two samples without spread give the point itself.

    Raises:
        AnalysisError: as `bca_of_mean`, or the numbers of resamples differ.
    """
    one, other = _series(first, first_weights), _series(second, second_weights)
    require_level(level)
    if len(first_weights) != len(second_weights):
        raise AnalysisError(
            f"both samples need as many resamples; given: {len(first_weights)} and "
            f"{len(second_weights)}"
        )
    if min(len(one), len(other)) < 2:
        return None
    mean1, scale1, scaled1 = _standardised(one)
    mean2, scale2, scaled2 = _standardised(other)
    scale = max(scale1, scale2)
    if scale == 0.0:
        return Interval(mean1 - mean2, mean1 - mean2)
    scaled1, scaled2 = scaled1 * (scale1 / scale), scaled2 * (scale2 / scale)
    influences = np.concatenate((scaled1 / len(one), -scaled2 / len(other)))
    resampled = first_weights @ scaled1 - np.roll(second_weights @ scaled2, -1)
    interval = _bca(resampled, _acceleration(influences), level)
    return _moved(interval, mean1 - mean2, scale)


def bca_interval(
    data: ArrayLike,
    statistic: Statistic,
    *,
    level: float,
    rng: np.random.Generator,
    resamples: int = 10_000,
    vectorized: bool = False,
) -> Interval | None:
    """Return the BCa interval of any statistic of independent rows.

    The acceleration comes from the jackknife (Efron & Tibshirani 1993, An
    Introduction to the Bootstrap, equation 14.15). Rows are put in ascending
    order first, so that theirs does not matter.

    Args:
        data: shape (n,) or (n, d), finite; a row is what is resampled.
        statistic: a function of resampled rows, of the shape of `data`, that returns one number;
            if vectorized, of k resamples at once, shape (k, n) or (k, n, d), that returns k.
        level: confidence level, above 0 and below 1.
        rng: draws the resamples.
        resamples: how many, at least 1.
        vectorized: whether `statistic` takes many resamples at once.

    Returns:
        The interval. None with fewer than two rows; when the statistic is not finite for the
        data, for a resample or without one of the rows; when BCa's formula breaks down, as it does
        when every resample lies on one side of the estimate. A statistic that no resample changes
        gives the point itself.

    Raises:
        AnalysisError: the data have another shape or are not finite, or a number is impossible.
    """
    rows = _sorted_rows(data)
    require_level(level)
    if resamples < 1:
        raise AnalysisError(f"resamples is {resamples}; allowed: at least 1")
    n = len(rows)
    if n < 2:
        return None
    estimate = float(_statistics(rows[np.newaxis], statistic, vectorized=vectorized)[0])
    without_one = np.array([np.delete(np.arange(n), left_out) for left_out in range(n)])
    jackknife = _statistics(rows[without_one], statistic, vectorized=vectorized)
    resampled = np.empty(resamples)
    rows_at_once = max(1, _INDICES_AT_ONCE // rows.size)
    for start in range(0, resamples, rows_at_once):
        drawn = rng.integers(0, n, size=(min(rows_at_once, resamples - start), n))
        values = _statistics(rows[drawn], statistic, vectorized=vectorized)
        resampled[start : start + len(drawn)] = values
    if not all(np.isfinite(each).all() for each in (estimate, jackknife, resampled)):
        return None
    scale = float(np.abs(resampled - estimate).max())
    if scale <= _NOISE * abs(estimate):
        return Interval(estimate, estimate)
    influences = jackknife.mean() - jackknife
    spread = float(np.abs(influences).max())
    acceleration = _acceleration(influences / spread) if spread > 0 else 0.0
    interval = _bca((resampled - estimate) / scale, acceleration, level)
    return _moved(interval, estimate, scale)


def _series(values: ArrayLike, weights: Floats) -> Floats:
    array = np.sort(np.asarray(values, dtype=np.float64), axis=None)
    if np.ndim(values) != 1 or not np.isfinite(array).all():
        raise AnalysisError("a bootstrap needs one series of finite values; exclude the others")
    if len(array) > 0 and np.abs(array).max() > LARGEST:
        raise AnalysisError(f"the values go beyond {LARGEST:g}; use a larger unit")
    if weights.ndim != 2 or weights.shape[1] != len(array):
        raise AnalysisError(
            f"the weights have the shape {weights.shape}, which does not fit {len(array)} values"
        )
    return array


def _sorted_rows(data: ArrayLike) -> Floats:
    array = np.asarray(data, dtype=np.float64)
    if array.ndim not in (1, 2) or not np.isfinite(array).all():
        raise AnalysisError(
            f"a bootstrap needs finite data of the shape (n,) or (n, d); shape given: {array.shape}"
        )
    if array.ndim == 1:
        return np.sort(array)
    return array[np.lexsort(array.T[::-1])]


def _statistics(batch: Floats, statistic: Statistic, *, vectorized: bool) -> Floats:
    if vectorized:
        return np.asarray(statistic(batch), dtype=np.float64)
    return np.array([statistic(each) for each in batch], dtype=np.float64)


def _standardised(array: Floats) -> tuple[float, float, Floats]:
    """Return the mean, the largest deviation from it, and the deviations over that.

    The scale is 0 for values that differ by rounding alone.
    """
    mean = float(array.mean())
    deviations = array - mean
    scale = float(np.abs(deviations).max())
    if scale <= _NOISE * float(np.abs(array).max()):
        return mean, 0.0, np.zeros_like(array)
    return mean, scale, deviations / scale


def _acceleration(influences: Floats) -> float:
    """Return a sixth of the skewness of the influences' sum (Efron 1987)."""
    return float((influences**3).sum() / (6 * (influences**2).sum() ** 1.5))


def _bca(deviations: Floats, acceleration: float, level: float) -> Interval | None:
    """Return the ends, given by how much each resampled statistic exceeds the estimate.

    One that is equal to the estimate counts half below and half above it, which keeps the bias
    right when few distinct values make the bootstrap distribution lumpy.
    """
    count = len(deviations)
    below = np.count_nonzero(deviations < -_NOISE)
    tied = np.count_nonzero(deviations <= _NOISE) - below
    share = (below + 0.5 * tied) / count
    if not 0 < share < 1:
        return None
    bias = float(special.ndtri(share))
    reach = float(special.ndtri(0.5 + level / 2))
    places = []
    for quantile in (-reach, reach):
        shifted = bias + quantile
        damping = 1.0 - acceleration * shifted
        if damping <= 0:
            return None
        places.append((count + 1) * float(special.ndtr(bias + shifted / damping)) - 1)
    low, high = _order_statistics(deviations, np.clip(places, 0, count - 1))
    return Interval(low, high)


def _order_statistics(values: Floats, places: NDArray[np.float64]) -> tuple[float, float]:
    """Return the values at two places, counted from 0, of their order, between whole places too."""
    floors = np.floor(places).astype(np.int64)
    ceilings = np.ceil(places).astype(np.int64)
    ordered = np.partition(values, np.unique(np.concatenate((floors, ceilings))))
    between = ordered[floors] + (places - floors) * (ordered[ceilings] - ordered[floors])
    return float(between[0]), float(between[1])


def _moved(interval: Interval | None, origin: float, scale: float) -> Interval | None:
    if interval is None:
        return None
    return Interval(origin + scale * interval.low, origin + scale * interval.high)

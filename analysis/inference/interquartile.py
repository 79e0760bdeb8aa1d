"""The interquartile mean over several tasks, with a stratified bootstrap interval.

Agarwal, Schwarzer, Castro, Courville & Bellemare 2021, Deep Reinforcement Learning at the Edge of
the Statistical Precipice (NeurIPS 34), sections 4.1 and 4.3: with a handful of runs of each of
several tasks, the mean hangs on a few outstanding tasks, the median ignores nearly half of them,
and the mean of the middle half of all runs of all tasks does neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import AnalysisError
from analysis.inference.grid import Floats
from analysis.inference.intervals import Interval, require_level
from analysis.inference.samples import LARGEST

_CELLS_AT_ONCE = 1 << 18
"""Counts of resampled values, 2 MB: what follows stays in the cache."""


@dataclass(frozen=True, slots=True)
class InterquartileMean:
    """The mean of the middle half of all runs of all tasks.

    Attributes:
        n: runs of all tasks.
        tasks: number of tasks.
        mean: in the metric's unit.
        interval: from the bootstrap; None with a single run of every task, which shows no spread.
        level: the interval's confidence level.
    """

    n: int
    tasks: int
    mean: float
    interval: Interval | None
    level: float


def interquartile_mean(
    tasks: Sequence[ArrayLike],
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = 50_000,
) -> InterquartileMean:
    """Return the interquartile mean of the runs of several tasks, with its percentile interval.

    All runs are pooled, whichever task they are of, so their values need one scale: normalise
    scores of different kinds first. A quarter of the runs at each end, rounded down, plays no part.
    A resample draws as many runs of each task as there are, with replacement, from that task's own
    (stratified); with a single task this is the plain bootstrap of a trimmed mean. Its percentiles
    are the ends. With fewer than some ten runs of a task such intervals are too short.

    Args:
        tasks: for each task the values of its runs, shape (n,), n >= 1, finite, in any order.
        rng: draws the resamples.
        level: confidence level, above 0 and below 1.
        resamples: how many, at least 1. Memory does not grow with their number times the runs.

    Raises:
        AnalysisError: there is no task, one has no runs or not one finite series up to 1e300, or a
            number is impossible.
    """
    series = [_series(each) for each in tasks]
    if not series:
        raise AnalysisError("an interquartile mean needs the runs of at least one task")
    if resamples < 1:
        raise AnalysisError(f"resamples is {resamples}; allowed: at least 1")
    require_level(level)
    pooled = np.concatenate(series)
    order = np.argsort(pooled, kind="stable")
    ascending = pooled[order]
    mean = float(_middle_means(np.arange(1, len(pooled) + 1)[np.newaxis], ascending)[0])
    interval = None
    if any(len(each) > 1 for each in series):
        resampled = _resampled(ascending, _places(order, series), rng, resamples)
        low, high = np.quantile(resampled, ((1 - level) / 2, (1 + level) / 2)).tolist()
        interval = Interval(low, high)
    return InterquartileMean(len(pooled), len(series), mean, interval, level)


def _series(values: ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or len(array) == 0 or not (np.abs(array) <= LARGEST).all():
        raise AnalysisError(
            "every task needs one series of at least one finite value, none beyond "
            f"{LARGEST:g}; exclude the others, and say so. Shape given: {array.shape}"
        )
    return np.sort(array)


def _places(order: NDArray[np.int64], series: Sequence[Floats]) -> list[NDArray[np.int64]]:
    """Return for every task the places of its values in the ascending pool."""
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return np.split(places, np.cumsum([len(each) for each in series])[:-1])


def _resampled(
    ascending: Floats,
    places: Sequence[NDArray[np.int64]],
    rng: np.random.Generator,
    resamples: int,
) -> Floats:
    """Return the interquartile means of resamples, shape (resamples,).

    No resample is put in order: it is counted how often each value of the pool, which is in order,
    was drawn.
    """
    n, found = len(ascending), np.empty(resamples)
    rows_at_once = max(1, _CELLS_AT_ONCE // n)
    for start in range(0, resamples, rows_at_once):
        rows = min(rows_at_once, resamples - start)
        offsets = n * np.arange(rows)[:, np.newaxis]
        # Narrow indices are drawn several times as fast as wide ones.
        drawn = [
            of_task[rng.integers(len(of_task), size=(rows, len(of_task)), dtype=_narrow(of_task))]
            for of_task in places
        ]
        cells = np.concatenate([offsets + each for each in drawn], axis=1)
        counts = np.bincount(cells.ravel(), minlength=rows * n).reshape(rows, n)
        found[start : start + rows] = _middle_means(counts.cumsum(axis=1), ascending)
    return found


def _narrow(places: NDArray[np.int64]) -> type[np.uint8 | np.uint16 | np.int64]:
    if len(places) <= np.iinfo(np.uint8).max:
        return np.uint8
    return np.uint16 if len(places) <= np.iinfo(np.uint16).max else np.int64


def _middle_means(up_to: NDArray[np.int64], ascending: Floats) -> Floats:
    """Return the means of the middle halves of samples, shape (rows,).

    Args:
        up_to: shape (rows, n), how many of each sample are among the first j + 1 of the pool.
        ascending: shape (n,), the pool.
    """
    n = len(ascending)
    cut = n // 4
    centre = ascending[n // 2]
    steps = np.diff(ascending)
    # The j-th value of the pool counts as often as up_to rises there between cut and n - cut.
    # Summed by parts, which takes one product of a matrix and a vector.
    within = np.clip(up_to[:, :-1], cut, n - cut).astype(np.float64)
    ends = (n - cut) * (ascending[-1] - centre) - cut * (ascending[0] - centre)
    means: Floats = centre + (ends - within @ steps) / (n - 2 * cut)
    return means

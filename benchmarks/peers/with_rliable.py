"""rliable (Agarwal et al. 2021): stratified bootstrap intervals of aggregate scores."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rliable import library, metrics

from benchmarks.serving import Run, Timed

Scores = NDArray[np.float64]


def aggregates(values: Mapping[str, Sequence[float]], resamples: int) -> Run:
    """Intervals of mean and interquartile mean of every arm; its runs are of one task."""
    scores = _one_task(values)

    def both(each: Scores) -> Scores:
        return np.array([metrics.aggregate_mean(each), metrics.aggregate_iqm(each)])

    return lambda: library.get_interval_estimates(scores, both, reps=resamples)


def improvement(values: Mapping[str, Sequence[float]], resamples: int) -> Run:
    """Intervals of the probability of improvement of every arm on the first one."""
    scores = _one_task(values)
    control, *others = scores
    pairs = {arm: (scores[arm], scores[control]) for arm in others}

    def probability(one: Scores, other: Scores) -> Scores:
        return np.array([metrics.probability_of_improvement(one, other)])

    return lambda: library.get_interval_estimates(pairs, probability, reps=resamples)


def interquartile_means(values: Mapping[str, Sequence[Sequence[float]]], resamples: int) -> Run:
    """Intervals of the interquartile mean of every arm: runs × tasks."""
    scores = {arm: np.array(each) for arm, each in values.items()}

    def iqm(each: Scores) -> Scores:
        return np.array([metrics.aggregate_iqm(each)])

    def run() -> Timed:
        _, intervals = library.get_interval_estimates(scores, iqm, reps=resamples)
        (low,), (high,) = intervals[next(iter(scores))]
        return Timed(details={"first_arm": f"{low:.4f} to {high:.4f}"})

    return run


def _one_task(values: Mapping[str, Sequence[float]]) -> dict[str, Scores]:
    return {arm: np.array(each)[:, np.newaxis] for arm, each in values.items()}

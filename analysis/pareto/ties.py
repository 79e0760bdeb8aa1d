"""Means compared at the resolution of the data, so that rounding noise dominates nothing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.inference import grid
from analysis.inference.grid import Floats
from analysis.pareto.front import Mask
from analysis.pareto.reading import ConfigurationRuns

Ranks = NDArray[np.int64]

_DOUBLE_NOISE = 2.0**-40
_SINGLE_NOISE = 2.0**-23


def noise_of_means(runs: Sequence[ConfigurationRuns]) -> Floats:
    """Return below which distance two means count as equal, shape (configurations, objectives).

    2^-40 (about 1e-12) of a configuration's largest absolute value: far below the resolution of
    any metric, far above the noise of a mean of doubles. Objectives whose values were rounded to
    single precision (a tensor's `.item()`) carry noise of 2^-24 of their size instead, and two
    means twice that.
    """
    largest = np.stack([np.abs(each.values).max(axis=0) for each in runs])
    values = np.concatenate([each.values for each in runs])
    single = [grid.all_single_precision(each) for each in values.T]
    noise: Floats = largest * np.where(single, _SINGLE_NOISE, _DOUBLE_NOISE)
    return noise


def ranks_with_ties(costs: Floats, noise: Floats) -> Ranks:
    """Rank configurations within each set and objective; what differs by noise has one rank.

    Args:
        costs: shape (sets, configurations, objectives).
        noise: shape (configurations, objectives), from `noise_of_means`.

    Returns:
        Shape of `costs`: 0 for the lowest.
    """
    order = np.argsort(costs, axis=1, kind="stable")
    gaps = np.diff(np.take_along_axis(costs, order, axis=1), axis=1)
    slack = np.take_along_axis(np.broadcast_to(noise, costs.shape), order, axis=1)
    steps = gaps > np.maximum(slack[:, 1:], slack[:, :-1])
    ranks = np.zeros(costs.shape, dtype=np.int64)
    np.put_along_axis(ranks, order[:, 1:], np.cumsum(steps, axis=1), axis=1)
    return ranks


def fronts(ranks: Ranks) -> Mask:
    """Say for each set which configurations no other dominates, shape (sets, configurations)."""
    # Half the bytes take half the time, and no set has 2^31 configurations.
    small = ranks.astype(np.int32)
    totals = ranks.sum(axis=2)
    dominated = np.zeros(totals.shape, dtype=np.bool_)
    for other in range(ranks.shape[1]):
        no_worse = totals[:, other, None] < totals
        for objective in range(ranks.shape[2]):
            no_worse &= small[:, other, None, objective] <= small[:, :, objective]
        dominated |= no_worse
    return ~dominated

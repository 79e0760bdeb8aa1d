"""Which points no other point dominates.

A point dominates another when it is at least as good in every objective and better in one
(Pareto 1896; Kung, Luccio & Preparata 1975, Journal of the ACM 22, 469-476). Equal points
dominate neither each other nor different points than their twins do: they are on the front
together or not at all.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import AnalysisError, nearest
from analysis.inference.paired import Floats
from analysis.protocol import Direction

Mask = NDArray[np.bool_]

_DIRECTIONS = ("maximize", "minimize")


def non_dominated(points: ArrayLike, directions: Sequence[Direction]) -> Mask:
    """Say which points no other point dominates.

    Values are compared exactly as they are. With two or three objectives the time is that of
    sorting; with more it grows with the number of points times the size of the front.

    Args:
        points: shape (n, d), n >= 0, d >= 1; infinite values are allowed.
        directions: "maximize" or "minimize" for each of the d objectives.

    Returns:
        Shape (n,): true for the points on the front, all copies of a point included.

    Raises:
        AnalysisError: the shape or a direction is wrong, or a value is missing.
    """
    costs = as_costs(points, directions)
    if np.isnan(costs).any():
        raise AnalysisError("a missing value is neither better nor worse: exclude it, and say so")
    if len(costs) == 0:
        return np.zeros(0, dtype=np.bool_)
    order = np.lexsort(costs.T[::-1])
    ordered = costs[order]
    fresh = np.concatenate(([True], (ordered[1:] != ordered[:-1]).any(axis=1)))
    kept = _kept(ordered[fresh])
    mask = np.zeros(len(costs), dtype=np.bool_)
    mask[order] = kept[np.cumsum(fresh) - 1]
    return mask


def as_costs(points: ArrayLike, directions: Sequence[Direction]) -> Floats:
    """Return points with the sign turned where more is better, so that less is better everywhere.

    Args:
        points: shape (n, d), d >= 1.
        directions: one for each of the d objectives.

    Raises:
        AnalysisError: the shapes do not fit, or a direction is unknown.
    """
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != len(directions) or len(directions) == 0:
        raise AnalysisError(
            f"points need one column for each of the {len(directions)} directions, and at least "
            f"one; shape given: {array.shape}"
        )
    return array * signs(directions)


def signs(directions: Sequence[Direction]) -> Floats:
    """Return -1 for each objective of which more is better and 1 for the others, shape (d,).

    Raises:
        AnalysisError: a direction is unknown.
    """
    for direction in directions:
        if direction not in _DIRECTIONS:
            guess = nearest(str(direction), _DIRECTIONS)
            hint = f" Did you mean {guess!r}?" if guess else ""
            raise AnalysisError(
                f"the direction is {direction!r}; allowed: 'maximize' or 'minimize'.{hint}"
            )
    return np.asarray([-1.0 if each == "maximize" else 1.0 for each in directions])


def dominance(costs: NDArray[np.float64] | NDArray[np.int64]) -> Mask:
    """Say who dominates whom.

    Args:
        costs: shape (n, d), less is better.

    Returns:
        Shape (n, n): at [i, j], whether i dominates j.
    """
    first, second = costs[:, None, :], costs[None, :, :]
    return np.asarray((first <= second).all(axis=2) & (first < second).any(axis=2))


def _kept(ordered: Floats) -> Mask:
    """Return the front among distinct points in lexicographic order, less being better."""
    match ordered.shape[1]:
        case 1:
            return np.asarray(np.arange(len(ordered)) == 0)
        case 2:
            return _sweep(ordered[:, 1])
        case 3:
            return _staircase(ordered)
        case _:
            return _weed(ordered)


def _sweep(second: Floats) -> Mask:
    """Keep every point whose second objective is below that of all points before it."""
    lowest_before = np.minimum.accumulate(second)[:-1]
    return np.concatenate(([True], second[1:] < lowest_before))


def _staircase(ordered: Floats) -> Mask:
    """Keep every point that lies below the staircase of the second and third objectives so far.

    All points before it are no worse in the first objective, so only the other two decide
    (Kung et al. 1975). The steps rise in the second objective and fall in the third.
    """
    seconds: list[float] = []
    thirds: list[float] = []
    kept = np.zeros(len(ordered), dtype=np.bool_)
    for place, (_, second, third) in enumerate(ordered.tolist()):
        step = bisect_right(seconds, second)
        if step and thirds[step - 1] <= third:
            continue
        first = last = bisect_left(seconds, second)
        while last < len(seconds) and thirds[last] >= third:
            last += 1
        seconds[first:last], thirds[first:last] = [second], [third]
        kept[place] = True
    return kept


def _weed(ordered: Floats) -> Mask:
    """Keep the first of what is left and drop all that it dominates, until nothing is left.

    Nothing behind a point in lexicographic order dominates it.
    """
    kept = np.zeros(len(ordered), dtype=np.bool_)
    left = np.arange(len(ordered))
    while len(left):
        first = left[0]
        kept[first] = True
        left = left[(ordered[left] < ordered[first]).any(axis=1)]
    return kept

"""The hypervolume: how much of the space up to a reference point a set of points dominates.

Zitzler & Thiele 1998, Multiobjective optimization using evolutionary algorithms, PPSN V, 292-301.
It is the only measure of a front as a whole that never prefers a front to one that dominates it,
but its size, and which of two crossing fronts is larger, depend on the reference point: state it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference.paired import Floats
from analysis.pareto.front import as_costs, non_dominated
from analysis.protocol import Direction


def hypervolume(points: ArrayLike, reference: ArrayLike, directions: Sequence[Direction]) -> float:
    """Return the exact hypervolume that points dominate up to a reference point.

    Two objectives are swept in sorted order; more are done by the WFG algorithm (While, Bradstreet
    & Barone 2012, IEEE Transactions on Evolutionary Computation 16, 86-95).

    Args:
        points: shape (n, d), finite, n >= 0.
        reference: shape (d,), finite, in the objectives' units.
        directions: "maximize" or "minimize" for each objective.

    Returns:
        >= 0, in the product of the objectives' units. Points that are not better than the
        reference in every objective contribute nothing.

    Raises:
        AnalysisError: shapes do not fit, a direction is unknown, or a value is not finite.
    """
    costs = as_costs(points, directions)
    limit = as_costs(np.asarray(reference, dtype=np.float64)[None], directions)[0]
    if not (np.isfinite(costs).all() and np.isfinite(limit).all()):
        raise AnalysisError("a hypervolume needs finite points and a finite reference point")
    gains = limit - costs
    return _volume(_front(gains[(gains > 0).all(axis=1)]))


def hypervolumes(sets: Floats, reference: Floats) -> Floats:
    """Return the hypervolume of many small sets at once, such as the resamples of a front.

    The space is cut into slices at each point's last objective, down to two objectives (Zitzler
    2001; While, Hingston, Barone & Huband 2006, IEEE Transactions on Evolutionary Computation
    10, 29-38). All sets are cut together, which pays when they are many and small.

    Args:
        sets: shape (sets, n, d), finite, n >= 1, d >= 1; less is better.
        reference: shape (d,), finite.

    Returns:
        Shape (sets,).
    """
    return _sliced(np.maximum(reference - sets, 0.0))


def _sliced(gains: Floats) -> Floats:
    """Return the volumes of sets of boxes that all have a corner at the origin.

    Args:
        gains: shape (sets, n, d), each box's edges, >= 0.
    """
    if gains.shape[2] == 1:
        longest: Floats = gains[:, :, 0].max(axis=1)
        return longest
    order = np.argsort(-gains[:, :, -1], axis=1, kind="stable")
    ordered = np.take_along_axis(gains, order[:, :, None], axis=1)
    last = ordered[:, :, -1]
    depths = last - np.concatenate((last[:, 1:], np.zeros((len(last), 1))), axis=1)
    if gains.shape[2] == 2:
        areas: Floats = (depths * np.maximum.accumulate(ordered[:, :, 0], axis=1)).sum(axis=1)
        return areas
    total = np.zeros(len(gains))
    for count in range(1, gains.shape[1] + 1):
        total += depths[:, count - 1] * _sliced(ordered[:, :count, :-1])
    return total


def _front(gains: Floats) -> Floats:
    return np.unique(gains[non_dominated(gains, ["maximize"] * gains.shape[1])], axis=0)


def _volume(front: Floats) -> float:
    """Return the volume of boxes at the origin, none inside another.

    Each box adds what the boxes after it do not cover. Starting with the smallest last edges
    leaves short fronts to be cut away.
    """
    if front.shape[1] <= 2 or len(front) <= 1:
        return float(_sliced(front[None])[0]) if len(front) else 0.0
    front = front[np.argsort(front[:, -1], kind="stable")]
    return sum(_exclusive(box, front[place + 1 :]) for place, box in enumerate(front))


def _exclusive(box: Floats, others: Floats) -> float:
    covered = _volume(_front(np.minimum(box, others))) if len(others) else 0.0
    return float(np.prod(box)) - covered

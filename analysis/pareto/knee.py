"""The knee of a front: where giving up more of one objective begins to buy less of the other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference.paired import Floats
from analysis.pareto.front import as_costs, non_dominated
from analysis.protocol import Direction

_NOISE = 2.0**-30


def knee_point(points: ArrayLike, directions: Sequence[Direction]) -> int | None:
    """Return which point is the knee of the front.

    The objectives are scaled to [0, 1] between the best and the worst value on the front. The
    knee is the point of the front that lies farthest from the line through its two extremes,
    towards the ideal point; with d objectives, from the hyperplane through the d points that are
    best in one objective each (Das 1999, Structural Optimization 18, 107-115). Objectives that do
    not vary on the front play no part.

    The scale of an objective matters: take the logarithm of one that spans decades, if ratios are
    what counts. A knee is a property of the front's shape, and no statement that its
    configuration is to be preferred.

    Args:
        points: shape (n, d), finite, d >= 1; dominated points have no influence.
        directions: "maximize" or "minimize" for each objective.

    Returns:
        The knee's place among the points; of points equally far, the first in lexicographic
        order of their costs; None when the front has fewer than three different points, fewer
        than two objectives vary, the extremes span no hyperplane that faces the ideal point, or
        no point lies on the ideal point's side of it (a straight or hollow front has no knee).

    Raises:
        AnalysisError: the shape or a direction is wrong, or a value is not finite.
    """
    costs = as_costs(points, directions)
    if not np.isfinite(costs).all():
        raise AnalysisError("a knee needs finite points: exclude the others, and say so")
    on_front = np.flatnonzero(non_dominated(points, directions))
    front = costs[on_front]
    order = np.lexsort(front.T[::-1])
    scaled = _scaled(front[order])
    if len(np.unique(scaled, axis=0)) < 3 or scaled.shape[1] < 2:
        return None
    normal = _normal(scaled)
    if normal is None:
        return None
    distances = (1 - scaled @ normal) / np.linalg.norm(normal)
    farthest = distances.max()
    if farthest <= _NOISE:
        return None
    return int(on_front[order[np.flatnonzero(distances >= farthest - _NOISE)[0]]])


def _scaled(front: Floats) -> Floats:
    """Scale the objectives that vary to [0, 1]; shape (n, those that vary)."""
    if len(front) == 0:
        return front
    low, high = front.min(axis=0), front.max(axis=0)
    varies = high > low
    # Halved before they are subtracted, so that no span overflows.
    spans = high[varies] / 2 - low[varies] / 2
    scaled: Floats = (front[:, varies] / 2 - low[varies] / 2) / spans
    return scaled


def _normal(scaled: Floats) -> Floats | None:
    """Return the normal of the hyperplane normal · x = 1 through the extremes, or None."""
    totals = scaled.sum(axis=1)
    # Of several points that are best in an objective, the one that is best in the others.
    extremes = [np.lexsort((totals, column))[0] for column in scaled.T]
    corners = scaled[extremes]
    if abs(np.linalg.det(corners)) <= _NOISE:
        return None
    normal = np.asarray(np.linalg.solve(corners, np.ones(len(corners))), dtype=np.float64)
    return normal if (normal > 0).all() else None

"""The reference point up to which a hypervolume counts."""

import math
from collections.abc import Mapping

import numpy as np

from analysis.errors import AnalysisError
from analysis.inference.paired import Floats
from analysis.pareto.front import signs
from analysis.protocol import Direction

_MARGIN = 0.1


def reference_point(
    means: Floats, objectives: Mapping[str, Direction], given: Mapping[str, float] | None
) -> tuple[Floats, str]:
    """Return the reference point and how it was chosen, in words.

    By default the worst observed mean of each objective, moved outward by a tenth of the
    objective's range, because at the worst mean itself the extreme configurations would count for
    nothing (Ishibuchi, Imada, Setoguchi & Nojima 2018, Evolutionary Computation 26, 411-440). An
    objective without a range is moved by a tenth of its absolute value, or by 1 when it is 0.

    Args:
        means: shape (n, d), finite; with n = 0 only a given point is checked.
        objectives: the direction of each objective.
        given: the user's own point, or None.

    Raises:
        AnalysisError: the given point lacks an objective, has another one, or is not finite.
    """
    if given is not None:
        return _checked(objectives, given), "as given"
    if len(means) == 0:
        return np.full(len(objectives), np.nan), "nothing to choose it from"
    turned = signs(tuple(objectives.values()))
    costs = means * turned
    worst, spread = costs.max(axis=0), np.ptp(costs, axis=0)
    alone = np.where(worst == 0, 1.0, _MARGIN * np.abs(worst))
    point: Floats = (worst + np.where(spread > 0, _MARGIN * spread, alone)) * turned
    return point, "the worst mean of each objective, moved outward by 10 % of its range"


def _checked(objectives: Mapping[str, Direction], given: Mapping[str, float]) -> Floats:
    if set(given) != set(objectives):
        raise AnalysisError(
            f"reference names {sorted(given)}; allowed: one number for each of {list(objectives)}"
        )
    point = [float(given[name]) for name in objectives]
    if not all(map(math.isfinite, point)):
        raise AnalysisError(f"reference is {dict(given)}; allowed: finite numbers")
    return np.asarray(point)

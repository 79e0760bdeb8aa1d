"""Midranks of values with noise, and the normal approximation that rank tests share.

Ranks are doubled throughout, which makes midranks whole numbers and every count exact.
"""

import numpy as np
from scipy import special

from analysis.inference.grid import Floats, Units
from analysis.inference.result import SMALLEST_P, Alternative

_ONE_STEP = 1.0
"""Half the distance of two neighbouring rank sums without ties, which are doubled here."""


def doubled_midranks(values: Floats, noise: Floats) -> Units:
    """Return twice the midranks of values, in the order given.

    The smallest value has rank 1. Values whose ranges, each its noise wide, overlap with that of
    the next value are tied with it, and share the mean of their ranks.

    Args:
        values: shape (n,), n >= 1, finite.
        noise: shape (n,), their noise, in the same unit.
    """
    order = np.lexsort((noise, values))
    ascending, width = values[order], noise[order]
    apart = np.diff(ascending) > (width[1:] + width[:-1]) / 2
    group = np.concatenate(([0], np.cumsum(apart)))
    sizes = np.bincount(group)
    # The last rank of a group is the number of values up to it, the first lies its size below.
    doubled_means = 2 * np.cumsum(sizes) - sizes + 1
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[order] = doubled_means[group]
    return ranks


def normal_p(deviation: float, variance: float, alternative: Alternative) -> float:
    """Return the p-value of a sum of doubled ranks that is taken for normal, in (0, 1].

    Corrected for continuity by half a rank (Fisher & Yates' correction, as in Hollander & Wolfe
    1973, Nonparametric Statistical Methods, sections 3.1 and 4.1).

    Args:
        deviation: observed sum of doubled ranks minus its expectation.
        variance: variance of that sum under the null, which ties make smaller; 0 gives p = 1.
        alternative: which tail, or both.
    """
    if variance <= 0:
        return 1.0
    if alternative == "two-sided":
        reach, sides = abs(deviation), 2
    else:
        reach, sides = (deviation if alternative == "greater" else -deviation), 1
    tail = float(special.ndtr((_ONE_STEP - reach) / variance**0.5))
    return max(SMALLEST_P, min(1.0, sides * tail))

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
        values: shape (n,), n >= 1, finite; or (rows, n), each row ranked by itself.
        noise: of the same shape, their noise, in the same unit.
    """
    order = np.lexsort((noise, values))
    ascending, width = (np.take_along_axis(each, order, axis=-1) for each in (values, noise))
    apart = np.diff(ascending) > (width[..., 1:] + width[..., :-1]) / 2
    n = values.shape[-1]
    places = np.arange(n)
    # A group of ties begins after every gap and ends before the next one.
    edge = np.ones((*values.shape[:-1], 1), dtype=bool)
    begins = np.maximum.accumulate(
        np.where(np.concatenate((edge, apart), axis=-1), places, 0), axis=-1
    )
    ends = np.flip(
        np.minimum.accumulate(
            np.flip(np.where(np.concatenate((apart, edge), axis=-1), places, n), axis=-1), axis=-1
        ),
        axis=-1,
    )
    ranks = np.empty(values.shape, dtype=np.int64)
    # Ranks count from 1, so that twice the mean rank of a group is the sum of its ends and 2.
    np.put_along_axis(ranks, order, begins + ends + 2, axis=-1)
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

"""The interval of a standard deviation."""

import math

from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.intervals import Interval, require_level


def sd_interval(sd: float, n: int, level: float) -> Interval:
    """Return the interval of a standard deviation of normal values.

    sd * sqrt((n - 1) / q), with q the chi-square quantiles of n - 1 degrees of freedom (Snedecor &
    Cochran 1989, Statistical Methods).

    Args:
        sd: standard deviation of n values, with n - 1 in the denominator.
        n: number of values, at least 2.
        level: confidence level, above 0 and below 1.

    Raises:
        AnalysisError: n is below 2, or the level is impossible.
    """
    require_level(level)
    if n < 2:
        raise AnalysisError(f"{n} value(s) have no spread; at least two are needed")
    tail = (1 - level) / 2
    ends = [
        sd * math.sqrt((n - 1) / float(special.chdtri(n - 1, each))) for each in (tail, 1 - tail)
    ]
    return Interval(*ends)

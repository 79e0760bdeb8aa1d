"""Intervals of variances and of their ratios, from mean squares of normal data.

A mean square is its expectation times a chi-square over its degrees of freedom.
"""

import math

from scipy import special

from analysis.errors import AnalysisError

Ends = tuple[float, float]


def chi_square_interval(mean_square: float, degrees: float, level: float) -> Ends:
    """Return the equal-tailed interval of a variance (Fisher 1925, Statistical Methods).

    Args:
        mean_square: its unbiased estimate, at least 0; 0 gives (0, 0).
        degrees: of freedom, above 0.
        level: confidence level, above 0 and below 1.
    """
    tail = tail_of(level)
    return (
        degrees * mean_square / float(special.chdtri(degrees, tail)),
        degrees * mean_square / float(special.chdtri(degrees, 1 - tail)),
    )


def ratio_interval(ratio: float, numerator: float, denominator: float, level: float) -> Ends:
    """Return the interval of a ratio of two variances, given that of their mean squares.

    Args:
        ratio: the ratio of two independent mean squares, at least 0.
        numerator: degrees of freedom, above 0.
        denominator: degrees of freedom, above 0.
        level: confidence level, above 0 and below 1.
    """
    tail = tail_of(level)
    return (
        ratio / _f_quantile(numerator, denominator, 1 - tail),
        ratio / _f_quantile(numerator, denominator, tail),
    )


def difference_interval(larger: Ends, smaller: Ends, level: float) -> Ends:
    """Return an interval of the difference of two expected mean squares, which is never below 0.

    The modified large-sample method: exact when either mean square vanishes, and close to its
    level everywhere between (Ting, Burdick, Graybill, Jeyaratnam & Lu 1990, Journal of Statistical
    Computation and Simulation 35, 135-143; Burdick & Graybill 1992, Confidence Intervals on
    Variance Components, section 3.3).

    Args:
        larger: (mean square, degrees of freedom) of the one whose expectation is the larger.
        smaller: the same for the other, independent of it.
        level: confidence level, above 0 and below 1.
    """
    tail = tail_of(level)
    (ms1, df1), (ms2, df2) = larger, smaller
    g1, g2 = (1 - df / float(special.chdtri(df, tail)) for df in (df1, df2))
    h1, h2 = (df / float(special.chdtri(df, 1 - tail)) - 1 for df in (df1, df2))
    high_f, low_f = (_f_quantile(df1, df2, p) for p in (1 - tail, tail))
    g12 = ((high_f - 1) ** 2 - (g1 * high_f) ** 2 - h2**2) / high_f
    h12 = ((1 - low_f) ** 2 - (h1 * low_f) ** 2 - g2**2) / low_f
    below = (g1 * ms1) ** 2 + (h2 * ms2) ** 2 + g12 * ms1 * ms2
    above = (h1 * ms1) ** 2 + (g2 * ms2) ** 2 + h12 * ms1 * ms2
    difference = ms1 - ms2
    return (
        max(0.0, difference - math.sqrt(max(0.0, below))),
        max(0.0, difference + math.sqrt(max(0.0, above))),
    )


def tail_of(level: float) -> float:
    """Return the probability of each tail outside a two-sided interval.

    Raises:
        AnalysisError: the level is not above 0 and below 1.
    """
    if not 0 < level < 1:
        raise AnalysisError(f"the level is {level!r}; allowed: a number above 0 and below 1")
    return (1 - level) / 2


def _f_quantile(numerator: float, denominator: float, probability: float) -> float:
    return float(special.fdtri(numerator, denominator, probability))

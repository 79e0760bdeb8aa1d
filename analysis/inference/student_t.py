"""Student's t: the interval of a mean, and the paired test.

The distribution comes from scipy.special and not from scipy.stats, which wraps the same
functions and takes several times as long to import.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.intervals import require_level
from analysis.inference.paired import Floats, Pairs
from analysis.inference.result import SMALLEST_P, Alternative, TestResult

ONE_PAIR = "A single pair has no spread: there is no t-test and no interval."
NO_SPREAD = (
    "Every pair has the same difference: the t-test is undefined and the interval is a point."
)


@dataclass(frozen=True, slots=True)
class MeanInterval:
    """A mean with its spread and its two-sided t interval.

    Attributes:
        n: number of values.
        mean: their mean; None when n = 0.
        sd: standard deviation with n - 1 in the denominator; None when n < 2.
        standard_error: sd / sqrt(n); None when n < 2.
        low: lower end of the interval; None when n < 2.
        high: upper end of the interval; None when n < 2.
    """

    n: int
    mean: float | None = None
    sd: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None


def mean_interval(values: ArrayLike, level: float) -> MeanInterval:
    """Return the mean of values with its t interval (Student 1908, Biometrika 6, 1-25).

    Equal values have a spread of exactly 0, and the interval is the point itself.

    Args:
        values: shape (n,), finite, in any order; n may be 0.
        level: confidence level, above 0 and below 1.

    Raises:
        AnalysisError: the values are not one-dimensional or not finite, or the level is
            impossible.
    """
    array = np.sort(np.asarray(values, dtype=np.float64), axis=None)
    if np.ndim(values) != 1 or not np.isfinite(array).all():
        raise AnalysisError("a mean needs one series of finite values; exclude the others")
    equal = len(array) > 0 and array[0] == array[-1]
    return _interval(array, level, sd=0.0 if equal else None)


def paired_interval(pairs: Pairs, level: float) -> MeanInterval:
    """Return the mean difference of pairs with its t interval.

    Differences that are equal up to the data's resolution have a spread of exactly 0: the noise
    of the last bit is no measurement of anything.

    Args:
        pairs: the paired values, from `analysis.inference.paired.pair`.
        level: confidence level, above 0 and below 1.
    """
    return _interval(pairs.differences, level, sd=0.0 if pairs.spread_is_noise else None)


def paired_t_test(pairs: Pairs, *, alternative: Alternative = "two-sided") -> TestResult:
    """Test whether the mean of paired differences is zero (Student 1908).

    Args:
        pairs: the paired values, from `analysis.inference.paired.pair`.
        alternative: "two-sided", or the side on which the mean difference is expected.

    Returns:
        t = mean / (sd / sqrt(n)) with n - 1 degrees of freedom. With one pair, or when all
        differences are equal, t is undefined: statistic and p-value are None, and a warning
        says why.
    """
    summary = paired_interval(pairs, level=0.95)
    if summary.mean is None or summary.standard_error is None:
        return _undefined(ONE_PAIR)
    if summary.standard_error == 0.0:
        return _undefined(NO_SPREAD)
    statistic = summary.mean / summary.standard_error
    p_value = t_tail(statistic, pairs.n - 1, alternative)
    return TestResult("paired_t", statistic, p_value, exact=False, p_floor=None)


def t_tail(statistic: float, degrees: float, alternative: Alternative) -> float:
    """Return the p-value of a t statistic, in (0, 1].

    Args:
        statistic: t.
        degrees: degrees of freedom, above 0, not necessarily whole.
        alternative: which tail, or both.
    """
    if alternative == "two-sided":
        return max(SMALLEST_P, float(2 * special.stdtr(degrees, -abs(statistic))))
    side = -statistic if alternative == "greater" else statistic
    return max(SMALLEST_P, float(special.stdtr(degrees, side)))


def _undefined(warning: str) -> TestResult:
    return TestResult("paired_t", None, None, exact=False, p_floor=None, warning=warning)


def _interval(array: Floats, level: float, sd: float | None) -> MeanInterval:
    require_level(level)
    n = len(array)
    if n == 0:
        return MeanInterval(0)
    mean = float(array.mean())
    if n == 1:
        return MeanInterval(1, mean)
    if sd is None:
        sd = _standard_deviation(array)
    error = float(sd / np.sqrt(n))
    reach = float(special.stdtrit(n - 1, 0.5 + level / 2)) * error
    return MeanInterval(n, mean, sd, error, mean - reach, mean + reach)


def _standard_deviation(array: Floats) -> float:
    # Scaling by a power of two rounds nothing, and keeps squares in range.
    exponent = int(np.frexp(np.abs(array).max())[1])
    return float(np.ldexp(np.ldexp(array, -exponent).std(ddof=1), exponent))

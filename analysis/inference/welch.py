"""Welch's t: the test and the interval of two independent means whose spreads may differ."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.inference import grid
from analysis.inference.grid import Floats
from analysis.inference.intervals import require_level
from analysis.inference.result import Alternative, TestResult
from analysis.inference.samples import Samples
from analysis.inference.student_t import t_tail

SINGLE_VALUE = "A sample of one value has no spread: there is no t-test and no interval."
NO_SPREAD_WITHIN = (
    "All values within each sample are equal: the t-test is undefined and the interval is a point."
)


@dataclass(frozen=True, slots=True)
class DifferenceInterval:
    """A difference of two independent means with its two-sided interval.

    Attributes:
        n1: number of values in the first sample.
        n2: number of values in the second sample.
        difference: mean of the first minus mean of the second; None when either is empty.
        standard_error: of the difference, in the same unit; None when it cannot be estimated.
        degrees: degrees of freedom, not necessarily whole; None when there is no spread at all
            or it cannot be estimated.
        low: lower end of the interval; None when there is no standard error.
        high: upper end of the interval; None when there is no standard error.
    """

    n1: int
    n2: int
    difference: float | None = None
    standard_error: float | None = None
    degrees: float | None = None
    low: float | None = None
    high: float | None = None


def welch_t(samples: Samples, *, alternative: Alternative = "two-sided") -> TestResult:
    """Test whether two independent means are equal (Welch 1947, Biometrika 34, 28-35).

    Args:
        samples: the values, from `analysis.inference.samples.samples`.
        alternative: "two-sided", or the side on which first - second is expected.

    Returns:
        t = (mean1 - mean2) / sqrt(s1^2 / n1 + s2^2 / n2), with the degrees of freedom of
        `welch_interval`. With a sample of one value, or when neither sample has any spread beyond
        rounding, t is undefined: statistic and p-value are None, and a warning says why.
    """
    interval = welch_interval(samples, level=0.95)
    if interval.difference is None or interval.standard_error is None:
        return _undefined(SINGLE_VALUE)
    if interval.degrees is None:
        return _undefined(NO_SPREAD_WITHIN)
    statistic = interval.difference / interval.standard_error
    p_value = t_tail(statistic, interval.degrees, alternative)
    return TestResult("welch_t", statistic, p_value, exact=False, p_floor=None)


def welch_interval(samples: Samples, level: float) -> DifferenceInterval:
    """Return the difference of two independent means with its t interval.

    Degrees of freedom are those of Welch 1947 and Satterthwaite 1946 (Biometrics Bulletin 2,
    110-114): with v = s^2 / n, (v1 + v2)^2 / (v1^2 / (n1 - 1) + v2^2 / (n2 - 1)).

    Args:
        samples: the values, from `analysis.inference.samples.samples`.
        level: confidence level, above 0 and below 1.

    Returns:
        The interval. A sample of one value leaves only the difference. A sample whose values are
        equal up to the data's resolution has a spread of exactly 0; if neither has any, the
        interval is the point itself.

    Raises:
        AnalysisError: the level is impossible.
    """
    require_level(level)
    n1, n2 = samples.n1, samples.n2
    difference = float(samples.first.mean() - samples.second.mean())
    if min(n1, n2) < 2:
        return DifferenceInterval(n1, n2, difference)
    exponent = grid.exponent_above(samples.first, samples.second)
    first = _scaled_variance(samples.first, exponent, samples.first_noise)
    second = _scaled_variance(samples.second, exponent, samples.second_noise)
    share1, share2 = first / n1, second / n2
    error = float(np.ldexp(math.sqrt(share1 + share2), exponent))
    if error == 0:
        return DifferenceInterval(n1, n2, difference, 0.0, None, difference, difference)
    degrees = (share1 + share2) ** 2 / (share1**2 / (n1 - 1) + share2**2 / (n2 - 1))
    reach = float(special.stdtrit(degrees, 0.5 + level / 2)) * error
    return DifferenceInterval(
        n1, n2, difference, error, degrees, difference - reach, difference + reach
    )


def _scaled_variance(values: Floats, exponent: int, noise: Floats) -> float:
    """Return the variance in units of 2^(2 exponent), in which squares neither over- nor underflow.

    It is exactly 0 for values that are equal up to their noise.
    """
    if grid.all_equal(values, noise):
        return 0.0
    return float(np.ldexp(values, -exponent).var(ddof=1))


def _undefined(warning: str) -> TestResult:
    return TestResult("welch_t", None, None, exact=False, p_floor=None, warning=warning)

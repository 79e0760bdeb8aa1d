"""The ratio of two independent means, such as a speed-up, with Fieller's interval."""

import math
from dataclasses import dataclass

from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.intervals import require_level
from analysis.inference.samples import Samples
from analysis.inference.student_t import mean_interval


@dataclass(frozen=True, slots=True)
class RatioInterval:
    """A ratio of two independent means with its two-sided interval.

    Attributes:
        n1: number of values in the first sample, the numerator.
        n2: number of values in the second sample, the denominator.
        ratio: mean of the first over mean of the second.
        low: lower end of the interval; None when there is none.
        high: upper end of the interval; None when there is none.
    """

    n1: int
    n2: int
    ratio: float
    low: float | None = None
    high: float | None = None


def ratio_interval(samples: Samples, level: float) -> RatioInterval:
    """Return the ratio of two independent means whose spreads may differ, with its interval.

    The interval holds every ratio r at which first - r second is not shown to have a mean other
    than zero (Fieller 1954, Journal of the Royal Statistical Society B 16, 175-185): with means m
    and v = s^2 / n, |m1 - r m2| <= t sqrt(v1 + r^2 v2). Degrees of freedom are Satterthwaite's at
    the estimated ratio r, (v1 + r^2 v2)^2 / (v1^2 / (n1 - 1) + r^4 v2^2 / (n2 - 1)) (Hasler, Vonk &
    Hothorn 2008, Statistics in Medicine 27, 490-503).

    Args:
        samples: the values, from `analysis.inference.samples.samples`; the second's mean is not 0.
        level: confidence level, above 0 and below 1.

    Returns:
        The interval. A sample of one value leaves only the ratio, and so does a second mean that
        lies so close to zero that the interval has no end. Samples without any spread give the
        point itself.

    Raises:
        AnalysisError: the level is impossible, or the second mean is 0.
    """
    require_level(level)
    first, second = (mean_interval(each, level) for each in (samples.first, samples.second))
    if first.mean is None or not second.mean:
        raise AnalysisError("a ratio needs a mean to divide, and another one that is not 0")
    point = RatioInterval(first.n, second.n, first.mean / second.mean)
    if first.standard_error is None or second.standard_error is None:
        return point
    errors = first.standard_error, second.standard_error
    t = _quantile(point, errors, level)
    ends = _ends((first.mean, second.mean), (t * errors[0], t * errors[1]))
    return point if ends is None else RatioInterval(point.n1, point.n2, point.ratio, *ends)


def _quantile(point: RatioInterval, errors: tuple[float, float], level: float) -> float:
    """Return Student's t at Satterthwaite's degrees of freedom; 0 where there is no spread."""
    first, second = errors[0] ** 2, (point.ratio * errors[1]) ** 2
    if first + second == 0:
        return 0.0
    degrees = (first + second) ** 2 / (first**2 / (point.n1 - 1) + second**2 / (point.n2 - 1))
    return float(special.stdtrit(degrees, 0.5 + level / 2))


def _ends(means: tuple[float, float], reach: tuple[float, float]) -> tuple[float, float] | None:
    """Return the roots of (m1 - r m2)^2 = reach1^2 + r^2 reach2^2; None if they bound nothing."""
    square = means[1] ** 2 - reach[1] ** 2
    if square <= 0:
        return None
    # (m1 m2)^2 - (m1^2 - reach1^2)(m2^2 - reach2^2), written so that nothing cancels.
    root = math.sqrt(
        (means[0] * reach[1]) ** 2 + (means[1] * reach[0]) ** 2 - (reach[0] * reach[1]) ** 2
    )
    middle = means[0] * means[1]
    return (middle - root) / square, (middle + root) / square

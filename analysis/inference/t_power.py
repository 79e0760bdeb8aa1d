"""Power of t-tests, exactly: how likely a true effect is found, and how many runs that takes.

Under a true effect t has a noncentral t distribution (Cohen 1988, Statistical Power Analysis for
the Behavioral Sciences, chapter 2). A two-sided test counts rejections on either
side, as R's `power.t.test(strict = TRUE)` does.
"""

import math
from typing import Literal, get_args

from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.noncentral_t import noncentral_t_cdf, noncentrality_for
from analysis.inference.result import Alternative

Design = Literal["paired", "unpaired"]
"""Pairs of runs and their differences, or two arms of n runs each that share nothing."""

LARGEST_N = 10_000_000
"""Beyond this a sample size is given up on."""

_NEGLIGIBLE = 1e-12
_HALVINGS = 60


def power_of_t(
    effect: float,
    sd: float,
    n: float,
    *,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    design: Design = "paired",
) -> float | None:
    """Return the probability that a t-test finds an effect at the error rate alpha.

    Args:
        effect: true mean difference, arm minus reference, in any unit, with its sign.
        sd: true standard deviation in that unit, 0 or more: of the differences of pairs, or of
            the runs within each arm when they are unpaired.
        n: number of pairs, or of runs in each arm; need not be whole.
        alpha: error rate, above 0 and below 1.
        alternative: what the test holds against the null.
        design: "paired" (n - 1 degrees of freedom) or "unpaired" (2 n - 2).

    Returns:
        Power in [0, 1]; at effect 0 it is alpha. 0 when n is below 2, as no such test is defined.
        None when sd is 0: t has no distribution then.

    Raises:
        AnalysisError: a number is out of its range.
    """
    _require(sd, alpha, alternative, design)
    if not math.isfinite(effect):
        raise AnalysisError(f"the effect is {effect!r}; allowed: a finite number")
    if n < 2:
        return 0.0
    if sd == 0:
        return None
    degrees, size = _degrees(n, design), _size(n, design)
    return _rejection(effect / sd * size, degrees, alpha, alternative)


def sample_size_t(
    effect: float,
    sd: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    design: Design = "paired",
) -> int | None:
    """Return the smallest n whose power reaches the one wanted.

    Args:
        effect: as `power_of_t`.
        sd: as `power_of_t`.
        power: wanted, above alpha and below 1.
        alpha: as `power_of_t`.
        alternative: as `power_of_t`.
        design: as `power_of_t`; for "unpaired" the n is that of each arm.

    Returns:
        At least 2. None when no n reaches it: the effect is 0 or on the other side of a one-sided
        alternative, sd is 0, or more than 10 million runs are needed.

    Raises:
        AnalysisError: a number is out of its range.
    """
    _require(sd, alpha, alternative, design)
    require_power(power, alpha)
    if sd == 0 or not points_to(effect, alternative):
        return None

    def reaches(n: int) -> bool:
        degrees, size = _degrees(n, design), _size(n, design)
        return _rejection(effect / sd * size, degrees, alpha, alternative) >= power

    enough = 2
    while not reaches(enough):
        enough *= 2
        if enough > LARGEST_N:
            return None
    too_few = enough // 2 if enough > 2 else 1
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if reaches(middle) else (middle, enough)
    return enough


def detectable_effect_t(
    sd: float,
    n: int,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    design: Design = "paired",
) -> float | None:
    """Return the smallest effect that n runs find with the power wanted.

    Args:
        sd: as `power_of_t`.
        n: number of pairs, or of runs in each arm.
        power: wanted, above alpha and below 1.
        alpha: as `power_of_t`.
        alternative: as `power_of_t`.
        design: as `power_of_t`.

    Returns:
        Its size, above 0, in the unit of sd. None when n is below 2 or sd is 0.

    Raises:
        AnalysisError: a number is out of its range.
    """
    _require(sd, alpha, alternative, design)
    if n < 2 or sd == 0:
        require_power(power, alpha)
        return None
    error = sd / _size(n, design)
    return detectable_difference(
        error, _degrees(n, design), power=power, alpha=alpha, alternative=alternative
    )


def detectable_difference(
    standard_error: float,
    degrees: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> float:
    """Return the smallest difference that a t-test of this standard error finds.

    Args:
        standard_error: of the difference, above 0, in any unit.
        degrees: degrees of freedom, above 0.
        power: wanted, above alpha and below 1.
        alpha: error rate, above 0 and below 1.
        alternative: what the test holds against the null.

    Returns:
        Its size, above 0, in the unit of the standard error.

    Raises:
        AnalysisError: a number is out of its range.
    """
    require_sd(standard_error)
    require_alpha(alpha)
    require_alternative(alternative)
    require_power(power, alpha)
    critical = _critical(degrees, alpha, alternative)
    # Where only the near tail rejects, P(T > critical) = power has this root; the far tail, if it
    # counts, can only bring the root closer to 0.
    high = noncentrality_for(critical, degrees, 1.0 - power)
    far_tail = noncentral_t_cdf(-critical, degrees, high) if alternative == "two-sided" else 0.0
    if far_tail > _NEGLIGIBLE:
        low = 0.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if _rejection(middle, degrees, alpha, "two-sided") < power:
                low = middle
            else:
                high = middle
    return high * standard_error


def points_to(effect: float, alternative: Alternative) -> bool:
    """Return whether an effect is one that the alternative looks for."""
    if alternative == "two-sided":
        return effect != 0
    return effect > 0 if alternative == "greater" else effect < 0


def require_power(power: float, alpha: float) -> None:
    """Refuse a power that is not above alpha, which any test has, and below 1, which none has."""
    if not alpha < power < 1:
        raise AnalysisError(f"the power is {power!r}; allowed: above alpha ({alpha!r}) and below 1")


def require_alpha(alpha: float) -> None:
    """Refuse an error rate that is not above 0 and below 1."""
    if not 0 < alpha < 1:
        raise AnalysisError(f"alpha is {alpha!r}; allowed: a number above 0 and below 1")


def require_sd(sd: float) -> None:
    """Refuse a standard deviation that is negative or not finite."""
    if not 0 <= sd < float("inf"):
        raise AnalysisError(f"the standard deviation is {sd!r}; allowed: 0 or more, finite")


def require_alternative(alternative: str) -> None:
    """Refuse an unknown alternative."""
    if alternative not in get_args(Alternative):
        listed = ", ".join(repr(each) for each in get_args(Alternative))
        raise AnalysisError(f"the alternative is {alternative!r}; allowed: {listed}")


def _require(sd: float, alpha: float, alternative: str, design: str) -> None:
    require_sd(sd)
    require_alpha(alpha)
    require_alternative(alternative)
    if design not in get_args(Design):
        raise AnalysisError(f"the design is {design!r}; allowed: 'paired', 'unpaired'")


def _degrees(n: float, design: Design) -> float:
    return n - 1 if design == "paired" else 2 * n - 2


def _size(n: float, design: Design) -> float:
    """Return by what an effect in standard deviations is multiplied to give the noncentrality."""
    return math.sqrt(n if design == "paired" else n / 2)


def _critical(degrees: float, alpha: float, alternative: Alternative) -> float:
    tail = alpha / 2 if alternative == "two-sided" else alpha
    return -float(special.stdtrit(degrees, tail))


def _rejection(
    noncentrality: float, degrees: float, alpha: float, alternative: Alternative
) -> float:
    critical = _critical(degrees, alpha, alternative)
    if alternative == "less":
        return noncentral_t_cdf(-critical, degrees, noncentrality)
    # P(T > c) is taken as the lower tail of the mirrored distribution, which keeps its digits.
    above = noncentral_t_cdf(-critical, degrees, -noncentrality)
    if alternative == "greater":
        return above
    return min(1.0, above + noncentral_t_cdf(-critical, degrees, noncentrality))

"""Small telescopes: whether the original could have seen an effect of the re-run's size."""

import math
from dataclasses import dataclass

from scipy import optimize, special

from analysis.audit.estimates import Estimate, t_cdf
from analysis.inference.t_power import detectable_difference, require_alpha, require_power

SMALL_POWER = 1 / 3
"""The "33 %" of d33: an effect that the original would have missed two times in three."""

_AS_GOOD_AS_NORMAL = 1e6
"""From so many degrees of freedom on, t is normal in six digits, and the noncentral t slow."""


@dataclass(frozen=True, slots=True)
class SmallTelescopes:
    """The effect that the original could hardly detect, and the re-run against it.

    Attributes:
        small_effect: d33, with the sign of the original estimate, in its unit.
        p: one-sided p-value of the replication's effect being smaller than that, in the
            original's direction; small when the original was too small a telescope.
    """

    small_effect: float
    p: float


def small_effect(original: Estimate, *, alpha: float = 0.05, power: float = SMALL_POWER) -> float:
    """Return the size of the effect that the original's n and standard error find with that power.

    Simonsohn's d33 (2015, Psychological Science 26, 559-569) for a two-sided t-test, from the
    noncentral t; the standard error is the study's own, so that the effect has the unit of the
    estimate. With a standard error of sqrt(2 / n) it is the standardised one.

    Args:
        original: the study whose n is judged.
        alpha: error rate of its test, above 0 and below the power.
        power: above alpha and below 1.

    Raises:
        AnalysisError: alpha or the power is impossible.
    """
    if original.degrees < _AS_GOOD_AS_NORMAL:
        return detectable_difference(original.se, original.degrees, power=power, alpha=alpha)
    require_alpha(alpha)
    require_power(power, alpha)
    critical = float(special.ndtri(1 - alpha / 2))

    def excess(size: float) -> float:
        return float(special.ndtr(size - critical) + special.ndtr(-size - critical)) - power

    return float(optimize.brentq(excess, 0.0, critical + 40.0, xtol=1e-13)) * original.se


def small_telescopes(
    original: Estimate, replication: Estimate, *, alpha: float = 0.05
) -> SmallTelescopes:
    """Test whether the replication's effect is smaller than what the original could detect.

    The small effect is taken as a fixed number in the estimates' unit and tested by the
    replication's own t. Simonsohn tests standardised effects with the noncentral t instead, which
    supposes that both studies have the same spread among runs.

    Args:
        original: its direction and n make the small effect.
        replication: in the same unit.
        alpha: error rate of the original's two-sided test, above 0 and below 1/3.

    Raises:
        AnalysisError: alpha is impossible.
    """
    direction = math.copysign(1.0, original.estimate)
    size = small_effect(original, alpha=alpha)
    short = (direction * replication.estimate - size) / replication.se
    return SmallTelescopes(direction * size, t_cdf(short, replication.degrees))

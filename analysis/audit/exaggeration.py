"""What a significant result overstates when the true effect is small: type S and type M errors."""

import math
from dataclasses import dataclass

from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.t_power import require_alpha


@dataclass(frozen=True, slots=True)
class DesignErrors:
    """What a significant result of a design is worth when the true effect is a given one.

    Attributes:
        power: chance of a significant result.
        type_s: chance that a significant estimate has the wrong sign.
        exaggeration: by which factor significant estimates overstate the effect on average (type
            M); None for a single degree of freedom, which has no such average.
    """

    power: float
    type_s: float
    exaggeration: float | None


def design_errors(
    true_effect: float, standard_error: float, degrees: float, *, alpha: float = 0.05
) -> DesignErrors:
    """Return power, type S error and exaggeration of a design for an assumed true effect.

    As Gelman & Carlin 2014 define them: the estimate is the effect plus the standard error times
    a t deviate. Their average over simulations is here the integral itself.

    Args:
        true_effect: its size, above 0: from theory or other data, never from these.
        standard_error: of the estimate, above 0, in the same unit.
        degrees: degrees of freedom, above 0; infinite for a normal estimate.
        alpha: error rate of the two-sided test, above 0 and below 1.

    Raises:
        AnalysisError: a number is out of its range.
    """
    require_alpha(alpha)
    numbers = {"true effect": true_effect, "standard error": standard_error}
    for name, number in numbers.items():
        if not 0 < number < math.inf:
            raise AnalysisError(f"the {name} is {number!r}; allowed: a finite number above 0")
    if not degrees > 0:
        raise AnalysisError(f"the degrees of freedom are {degrees!r}; allowed: above 0")
    size = true_effect / standard_error
    critical = smallest_significant_t(degrees, alpha)
    right, wrong = _upper_tail(critical - size, degrees), _upper_tail(critical + size, degrees)
    power = right + wrong
    if degrees <= 1:
        return DesignErrors(power, wrong / power, None)
    # E|D + T| over both tails; by symmetry the wrong one is the upper tail at critical + size.
    average = (
        size * (right - wrong)
        + _tail_moment(critical - size, degrees)
        + _tail_moment(critical + size, degrees)
    ) / power
    return DesignErrors(power, wrong / power, average / size)


def smallest_significant_t(degrees: float, alpha: float) -> float:
    """The t above which a two-sided test is significant, its degrees of freedom maybe infinite."""
    if math.isinf(degrees):
        return -float(special.ndtri(alpha / 2))
    return -float(special.stdtrit(degrees, alpha / 2))


def _upper_tail(bound: float, degrees: float) -> float:
    if math.isinf(degrees):
        return float(special.ndtr(-bound))
    return float(special.stdtr(degrees, -bound))


def _tail_moment(bound: float, degrees: float) -> float:
    """E[T; T > bound] of a t deviate: (v + b²) / (v - 1) times its density at b."""
    if math.isinf(degrees):
        return math.exp(-(bound**2) / 2) / math.sqrt(2 * math.pi)
    log_density = (
        -float(special.betaln(degrees / 2, 0.5))
        - math.log(degrees) / 2
        - (degrees + 1) / 2 * math.log1p(bound**2 / degrees)
    )
    return (degrees + bound**2) / (degrees - 1) * math.exp(log_density)

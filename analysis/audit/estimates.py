"""An estimate with its standard error: its t-test, its interval, and its normal likeness."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.intervals import Interval

Design = Literal["paired", "unpaired"]

_LARGEST = 1e20
"""Products of six such numbers, which the sceptical p takes, stay in range."""

_NEAR_ZERO = 1e-4
"""Below this t, the ratio of t to the z of the same p is the one at 0 in eight digits."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference of two arms as one study estimates it.

    Attributes:
        estimate: the difference, in any unit, at most 1e20 either way.
        se: its standard error in the same unit, from 1e-20 to 1e20.
        n: runs in each arm, or pairs of runs, 2 or more; `math.inf` when the standard error is
            known and everything is normal.
        design: "unpaired" (2 n - 2 degrees of freedom) or "paired" (n - 1).

    Raises:
        AnalysisError: a number is out of its range.
    """

    estimate: float
    se: float
    n: float
    design: Design = "unpaired"

    def __post_init__(self) -> None:
        """Refuse what is no estimate."""
        if not abs(self.estimate) <= _LARGEST:
            raise AnalysisError(
                f"the estimate is {self.estimate!r}; allowed: a finite number, up to {_LARGEST:g}"
            )
        if not 1 / _LARGEST <= self.se <= _LARGEST:
            raise AnalysisError(
                f"the standard error is {self.se!r}; allowed: above 0 and finite, "
                f"{1 / _LARGEST:g} to {_LARGEST:g}"
            )
        if not self.n >= 2:
            raise AnalysisError(
                f"n is {self.n!r}; allowed: 2 or more runs in each arm, or pairs of runs"
            )
        if self.design not in get_args(Design):
            raise AnalysisError(
                f"the design is {self.design!r}; allowed: {', '.join(map(repr, get_args(Design)))}"
            )

    @property
    def degrees(self) -> float:
        """Degrees of freedom of the standard error; may be infinite."""
        return self.n - 1 if self.design == "paired" else 2 * self.n - 2

    @property
    def t(self) -> float:
        """The estimate in standard errors."""
        return self.estimate / self.se

    @property
    def p(self) -> float:
        """Two-sided p-value of the t-test against 0."""
        return 2 * t_cdf(-abs(self.t), self.degrees)

    def interval(self, level: float) -> Interval:
        """The two-sided t interval at a level above 0 and below 1."""
        reach = t_quantile(0.5 + level / 2, self.degrees) * self.se
        return Interval(self.estimate - reach, self.estimate + reach)

    def as_normal(self) -> "Estimate":
        """The same estimate with a wider, known standard error that gives the same p.

        What is derived for normal estimates, such as the sceptical p, takes a standard error from
        a few runs for the truth otherwise: t = 4 on 4 degrees of freedom is z = 2.4.
        """
        wider = self.se * _widening(self.t, self.degrees)
        return Estimate(self.estimate, min(wider, _LARGEST), math.inf)


def t_cdf(t: float, degrees: float) -> float:
    """Return P(T <= t); normal for infinite degrees of freedom."""
    return float(special.ndtr(t) if math.isinf(degrees) else special.stdtr(degrees, t))


def t_quantile(probability: float, degrees: float) -> float:
    """Return the t below which there is the probability given."""
    if math.isinf(degrees):
        return float(special.ndtri(probability))
    return float(special.stdtrit(degrees, probability))


def _widening(t: float, degrees: float) -> float:
    """Return t over the z of the same p, 1 or more."""
    size = abs(t)
    if math.isinf(degrees):
        return 1.0
    if size < _NEAR_ZERO:
        halves = math.lgamma(degrees / 2) - math.lgamma((degrees + 1) / 2)
        return max(1.0, math.exp(halves + 0.5 * math.log(degrees / 2)))
    tail = t_cdf(-size, degrees)
    if tail > 0:
        return max(1.0, size / -float(special.ndtri(tail)))
    # The tail underflows: Wallace 1959 (Annals of Mathematical Statistics 30, 1121-1130).
    z = (8 * degrees + 1) / (8 * degrees + 3) * math.sqrt(degrees * math.log1p(size**2 / degrees))
    return max(1.0, size / z)

"""Effect sizes and their intervals: how large a difference is, on scales without a unit.

Standardised differences (d_z, Hedges' g) divide the mean difference by a spread; their intervals
are exact for normal data. Dominance (superiority, Cliff's delta) counts who is larger how often,
and assumes no distribution.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.inference import grid
from analysis.inference.dominance import paired_dominance, unpaired_dominance
from analysis.inference.intervals import Interval, require_level
from analysis.inference.noncentral_t import noncentrality_interval
from analysis.inference.paired import Pairs
from analysis.inference.samples import Samples, samples
from analysis.inference.student_t import paired_interval

EffectName = Literal["d_z", "hedges_g", "cliffs_delta", "superiority"]
"""What an effect size is called.

- d_z: mean of paired differences over their standard deviation.
- hedges_g: the same without its bias at small n; unpaired, over the pooled standard deviation.
- superiority: how often the first is larger, ties counting half; 0.5 is no difference.
- cliffs_delta: how much more often the first is larger than smaller, 2 * superiority - 1.
"""


@dataclass(frozen=True, slots=True)
class EffectSize:
    """An effect size, first minus second, with its two-sided interval.

    Attributes:
        name: which effect size it is.
        estimate: its value; None when it is undefined, as a standardised difference of values
            without spread is.
        ci_low: lower end of the interval; None when it cannot be estimated.
        ci_high: upper end of the interval; None when it cannot be estimated.
    """

    name: EffectName
    estimate: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None


def small_sample_correction(degrees: float) -> float | None:
    """Return J, by which a standardised difference is multiplied to remove its bias.

    J(m) = Gamma(m / 2) / (sqrt(m / 2) Gamma((m - 1) / 2)) (Hedges 1981, Journal of Educational
    Statistics 6, 107-128, equation 6e). None for m <= 1, where the bias is infinite.

    Args:
        degrees: m, the degrees of freedom of the standard deviation.
    """
    if degrees <= 1:
        return None
    logarithm = special.gammaln(degrees / 2) - special.gammaln((degrees - 1) / 2)
    return float(np.exp(logarithm - 0.5 * np.log(degrees / 2)))


def paired_effect_sizes(pairs: Pairs, level: float) -> tuple[EffectSize, ...]:
    """Return d_z, Hedges' g, Cliff's delta and superiority of paired values.

    - d_z = mean / sd of the differences (Cohen 1988, Statistical Power Analysis for the Behavioral
      Sciences, section 2.3), and hedges_g = J(n - 1) d_z. Both estimate the same population value
      and share its exact interval, from the noncentral t distribution of sqrt(n) d_z. A factor J
      on the interval's ends would take away its exactness.
    - superiority = P(first > second within a pair) + P(tie) / 2, and cliffs_delta = 2 superiority
      - 1, the within-pair dominance d_w of Cliff 1993. Pairs tie at the data's resolution. The
      interval is `analysis.inference.dominance.paired_dominance`'s.

    Args:
        pairs: the paired values, from `analysis.inference.paired.pair`.
        level: confidence level, above 0 and below 1.

    Returns:
        In this order. d_z and hedges_g are undefined with one pair, and when all differences are
        equal up to the data's resolution; hedges_g also with two pairs, where its bias is
        infinite. The other two are always defined.

    Raises:
        AnalysisError: the level is impossible.
    """
    require_level(level)
    delta, interval = paired_dominance(pairs, level)
    summary = paired_interval(pairs, level)
    if summary.mean is None or not summary.sd:
        standardised = (EffectSize("d_z"), EffectSize("hedges_g"))
    else:
        d_z, size = summary.mean / summary.sd, math.sqrt(pairs.n)
        ends = noncentrality_interval(d_z * size, pairs.n - 1, level)
        ends = Interval(ends.low / size, ends.high / size)
        standardised = (
            EffectSize("d_z", d_z, ends.low, ends.high),
            _hedges_g(d_z, pairs.n - 1, ends),
        )
    return (*standardised, *_dominance_sizes(delta, interval))


def unpaired_effect_sizes(
    first: ArrayLike, second: ArrayLike, level: float
) -> tuple[EffectSize, ...]:
    """Return Hedges' g, Cliff's delta and superiority of two independent samples.

    - hedges_g = J(n1 + n2 - 2) (mean1 - mean2) / pooled sd (Hedges 1981). Its interval is the
      exact one of the population value it estimates, for normal data with one common spread.
    - cliffs_delta and superiority as above, over all n1 * n2 pairs of a value from each. The
      interval is `analysis.inference.dominance.unpaired_dominance`'s.

    Args:
        first: shape (n1,), n1 >= 1, finite, in any order.
        second: shape (n2,), n2 >= 1, finite, in the same unit.
        level: confidence level, above 0 and below 1.

    Returns:
        In this order. hedges_g is undefined when neither sample has a spread, or with fewer than
        four values; cliffs_delta and superiority have no interval when a sample has one value.

    Raises:
        AnalysisError: a sample is empty or not finite, or the level is impossible.
    """
    require_level(level)
    both = samples(first, second)
    delta, interval = unpaired_dominance(both, level)
    return (_pooled_g(both, level), *_dominance_sizes(delta, interval))


def _hedges_g(standardised: float, degrees: int, ends: Interval) -> EffectSize:
    correction = small_sample_correction(degrees)
    if correction is None:
        return EffectSize("hedges_g")
    return EffectSize("hedges_g", correction * standardised, ends.low, ends.high)


def _pooled_g(both: Samples, level: float) -> EffectSize:
    degrees = both.n1 + both.n2 - 2
    exponent = grid.exponent_above(both.first, both.second)
    # In units of a power of two, squares neither over- nor underflow.
    first, second = (np.ldexp(each, -exponent) for each in (both.first, both.second))
    squares = 0.0
    if not grid.all_equal(both.first, both.first_noise):
        squares += float(((first - first.mean()) ** 2).sum())
    if not grid.all_equal(both.second, both.second_noise):
        squares += float(((second - second.mean()) ** 2).sum())
    if degrees < 1 or squares == 0.0:
        return EffectSize("hedges_g")
    standardised = float(first.mean() - second.mean()) / math.sqrt(squares / degrees)
    size = math.sqrt(both.n1 * both.n2 / (both.n1 + both.n2))
    ends = noncentrality_interval(standardised * size, degrees, level)
    return _hedges_g(standardised, degrees, Interval(ends.low / size, ends.high / size))


def _dominance_sizes(delta: float, interval: Interval | None) -> tuple[EffectSize, EffectSize]:
    if interval is None:
        return EffectSize("cliffs_delta", delta), EffectSize("superiority", (delta + 1) / 2)
    return (
        EffectSize("cliffs_delta", delta, interval.low, interval.high),
        EffectSize("superiority", (delta + 1) / 2, (interval.low + 1) / 2, (interval.high + 1) / 2),
    )

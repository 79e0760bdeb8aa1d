"""The Bayesian correlated t-test: how probable it is that an arm is worse, equivalent or better.

Corani & Benavoli 2015, Machine Learning 100, 285-304; Benavoli, Corani, Demšar & Zaffalon 2017,
Journal of Machine Learning Research 18(77). The differences are taken for normal with
one common correlation and the prior for uninformative; what they say depends on both.
"""

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike
from scipy import special

from analysis.errors import AnalysisError
from analysis.inference.paired import Pairs
from analysis.inference.student_t import mean_interval, paired_interval


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is believed of a mean difference after seeing the data: a Student distribution.

    The three probabilities sum to 1.

    Attributes:
        p_worse: probability that the mean difference is below -rope.
        p_equivalent: probability that it is within [-rope, rope]; 0 when rope is 0.
        p_better: probability that it is above rope.
        mean: the distribution's centre, the mean difference observed, in the metric's unit.
        scale: its scale, in the same unit.
        degrees: its degrees of freedom.
        low: lower end of the central credible interval.
        high: upper end of the central credible interval.
    """

    p_worse: float
    p_equivalent: float
    p_better: float
    mean: float
    scale: float
    degrees: int
    low: float
    high: float


def bayesian_correlated_t(
    differences: Pairs | ArrayLike,
    *,
    rope: float,
    correlation: float = 0.0,
    level: float = 0.95,
) -> Posterior | None:
    """Return the posterior of a mean difference, and the probabilities of the three regions.

    The mean has a Student distribution with n - 1 degrees of freedom around the observed mean,
    with the scale s * sqrt(1 / n + correlation / (1 - correlation)). Without a correlation that
    is the distribution behind the t-test: `p_worse` at rope 0 is then its one-sided p-value.

    Args:
        differences: arm minus reference, so oriented that above 0 is better: pairs from
            `analysis.inference.paired.pair`, or shape (n,), finite, in any order.
        rope: half the width of the region of practical equivalence around 0, in the metric's
            unit; the smallest difference that matters. 0 for none.
        correlation: between the differences, from 0 for independent runs to below 1; for folds
            or random splits of one data set, the share used for testing (Nadeau & Bengio 2003,
            Machine Learning 52, 239-281).
        level: of the credible interval, above 0 and below 1.

    Returns:
        The posterior; None with fewer than two differences, or when all are equal: they have no
        spread to learn from.

    Raises:
        AnalysisError: differences are not one finite series, or a number is out of its range.
    """
    if not 0 <= rope < float("inf"):
        raise AnalysisError(f"the rope is {rope!r}; allowed: 0 or a finite number above it")
    if not 0 <= correlation < 1:
        raise AnalysisError(
            f"the correlation is {correlation!r}; allowed: a number from 0, and below 1"
        )
    if isinstance(differences, Pairs):
        summary = paired_interval(differences, level)
    else:
        summary = mean_interval(differences, level)
    if summary.mean is None or not summary.sd:
        return None
    degrees = summary.n - 1
    scale = summary.sd * math.sqrt(1 / summary.n + correlation / (1 - correlation))
    if scale == 0.0:
        # The smallest numbers there are: their spread is lost in the product.
        return None
    worse = float(special.stdtr(degrees, (-rope - summary.mean) / scale))
    better = float(special.stdtr(degrees, (summary.mean - rope) / scale))
    equivalent = max(0.0, 1.0 - worse - better) if rope > 0 else 0.0
    reach = float(special.stdtrit(degrees, 0.5 + level / 2)) * scale
    return Posterior(
        worse,
        equivalent,
        better,
        summary.mean,
        scale,
        degrees,
        summary.mean - reach,
        summary.mean + reach,
    )

"""The noncentral t distribution: that of t when the mean is not zero.

T = (Z + noncentrality) / S, with Z standard normal and S the square root of a chi-square variable
over its degrees of freedom (Johnson & Welch 1940, Biometrika 31, 362-389). Power, and intervals of
standardised differences, come from it.
"""

import numpy as np
from scipy import special

from analysis.inference.intervals import Interval

_STEEP = 1000.0
"""Beyond this size of t or of the noncentrality SciPy's series lose digits and take seconds."""

_NODES = np.linspace(-9.0, 9.0, 361)
_WEIGHTS = np.exp(-0.5 * _NODES**2) / np.exp(-0.5 * _NODES**2).sum()

_HALVINGS = 60


def noncentral_t_cdf(t: float, degrees: float, noncentrality: float) -> float:
    """Return P(T <= t), in [0, 1].

    Args:
        t: any finite number.
        degrees: degrees of freedom, above 0, not necessarily whole.
        noncentrality: any finite number.
    """
    if max(abs(t), abs(noncentrality)) <= _STEEP:
        return min(1.0, max(0.0, float(special.nctdtr(degrees, noncentrality, t))))
    if t < 0:
        return 1.0 - noncentral_t_cdf(-t, degrees, -noncentrality)
    if t == 0:
        return float(special.ndtr(-noncentrality))
    # T <= t is S >= (Z + noncentrality) / t, whose probability is smooth in Z at this size.
    bounds = np.clip((_NODES + noncentrality) / t, 0.0, 1e100)
    return float(_WEIGHTS @ special.chdtrc(degrees, degrees * bounds**2))


def noncentrality_for(t: float, degrees: float, probability: float) -> float:
    """Return the noncentrality at which P(T <= t) has the value given.

    Args:
        t: any finite number.
        degrees: degrees of freedom, above 0.
        probability: above 0 and below 1; P(T <= t) falls as the noncentrality rises.
    """
    if t < 0:
        return -noncentrality_for(-t, degrees, 1.0 - probability)
    if t <= _STEEP:
        return float(special.nctdtrinc(degrees, probability, t))
    low, high = -40.0, t * float(np.sqrt(special.chdtri(degrees, probability / 2) / degrees)) + 40.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if noncentral_t_cdf(t, degrees, middle) > probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def noncentrality_interval(t: float, degrees: float, level: float) -> Interval:
    """Return the exact interval of the noncentrality, given the t that was observed.

    Its ends are the noncentralities under which a t at least as large, or at least as small, has
    the probability (1 - level) / 2 (Steiger & Fouladi 1997, in What If There Were No Significance
    Tests?, chapter 9; Kelley 2007, Journal of Statistical Software 20(8)).

    Args:
        t: any finite number.
        degrees: degrees of freedom, above 0.
        level: confidence level, above 0 and below 1.
    """
    tail = (1.0 - level) / 2
    return Interval(noncentrality_for(t, degrees, 1.0 - tail), noncentrality_for(t, degrees, tail))

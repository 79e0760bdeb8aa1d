"""Dominance: how much more often values of one arm are larger than those of another.

Delta is P(first > second) - P(first < second) (Cliff 1993, Psychological Bulletin 114, 494-509).
It uses nothing but order, so it needs no normal data and has no unit. Values tie at the data's
resolution.
"""

import math

import numpy as np
from scipy import special

from analysis.inference.intervals import Interval
from analysis.inference.paired import Pairs
from analysis.inference.ranks import doubled_midranks
from analysis.inference.samples import Samples

_HALVINGS = 60


def paired_dominance(pairs: Pairs, level: float) -> tuple[float, Interval]:
    """Return delta within pairs, (wins - losses) / n, with its score interval.

    Wins, losses and ties of independent pairs are trinomial, as discordant and concordant answers
    of matched persons are, so the interval of a difference of paired proportions holds here: Tango
    1998, Statistics in Medicine 17, 891-908. The ends are the deltas that a score test rejects just
    so. Without ties this is Wilson's interval of the share of wins (Wilson 1927, Journal of the
    American Statistical Association 22, 209-212); ties shorten it, and it never has width 0,
    however few the pairs and however clear the outcome.

    Args:
        pairs: the paired values, from `analysis.inference.paired.pair`.
        level: confidence level, above 0 and below 1.

    Returns:
        Delta in [-1, 1], and its interval within [-1, 1].
    """
    wins = int(np.count_nonzero(pairs.signs > 0))
    losses = int(np.count_nonzero(pairs.signs < 0))
    squared_quantile = float(special.ndtri(0.5 + level / 2)) ** 2
    low = _score_end(losses, wins, pairs.n, squared_quantile)
    high = _score_end(wins, losses, pairs.n, squared_quantile)
    return (wins - losses) / pairs.n, Interval(-low, high)


def unpaired_dominance(samples: Samples, level: float) -> tuple[float, Interval | None]:
    """Return delta over all n1 * n2 pairs of values, with its asymmetric interval.

    The variance is Cliff's unbiased estimate, at least (1 - delta^2) / (n1 n2 - 1) as he advises,
    and the interval the one of Feng & Cliff 2004 (Journal of Modern Applied Statistical Methods 3,
    322-332), with Student's quantile at n1 + n2 - 2 degrees of freedom. If delta is 1 or -1 the
    variance is 0; the inner end is then (n - q^2) / (n + q^2) with n the smaller sample's size and
    q that quantile, which is how far a share of n out of n may lie from 1 (Long, Feng & Cliff 2003,
    Handbook of Psychology 2, chapter 25).

    Args:
        samples: the values, from `analysis.inference.samples.samples`.
        level: confidence level, above 0 and below 1.

    Returns:
        Delta in [-1, 1], and its interval within [-1, 1]; None when a sample has one value. Delta
        is 2 U / (n1 n2) - 1 with the U of `mann_whitney`.
    """
    n1, n2 = samples.n1, samples.n2
    ranks = doubled_midranks(samples.values, samples.noise)
    first, second = np.sort(ranks[:n1]), np.sort(ranks[n1:])
    below = np.searchsorted(second, first, side="left")
    up_to = np.searchsorted(second, first, side="right")
    ties = int((up_to - below).sum())
    rows = (below + up_to - n2) / n2
    columns = (
        n1
        - np.searchsorted(first, second, side="left")
        - np.searchsorted(first, second, side="right")
    ) / n1
    delta = int((below + up_to - n2).sum()) / (n1 * n2)
    if min(n1, n2) < 2:
        return delta, None
    squares = (
        n2**2 * float(((rows - delta) ** 2).sum())
        + n1**2 * float(((columns - delta) ** 2).sum())
        - (n1 * n2 - ties - n1 * n2 * delta**2)
    )
    variance = squares / (n1 * n2 * (n1 - 1) * (n2 - 1))
    variance = max(variance, (1 - delta**2) / (n1 * n2 - 1))
    quantile = float(special.stdtrit(n1 + n2 - 2, 0.5 + level / 2))
    return delta, _asymmetric(delta, variance, quantile, min(n1, n2))


def _asymmetric(delta: float, variance: float, quantile: float, smaller: int) -> Interval:
    square = quantile**2
    if abs(delta) == 1.0:
        inner = (smaller - square) / (smaller + square)
        return Interval(inner, 1.0) if delta > 0 else Interval(-1.0, -inner)
    room = 1 - delta**2
    reach = quantile * math.sqrt(variance * (room**2 + square * variance))
    low, high = ((delta * room + sign * reach) / (room + square * variance) for sign in (-1.0, 1.0))
    return Interval(max(-1.0, low), min(1.0, high))


def _score_end(wins: int, losses: int, n: int, squared_quantile: float) -> float:
    """Return the largest delta that the score test does not reject, by halving."""
    low, high = (wins - losses) / n, 1.0
    for _ in range(_HALVINGS):
        delta = (low + high) / 2
        gap = n * delta - (wins - losses)
        if gap**2 > squared_quantile * _score_variance(wins, losses, n, delta):
            high = delta
        else:
            low = delta
    return (low + high) / 2


def _score_variance(wins: int, losses: int, n: int, delta: float) -> float:
    """Return the variance of wins - losses if delta were true (Tango 1998).

    The probability of a loss is then estimated by maximum likelihood, the larger root of
    2 n q^2 + b q + c = 0.
    """
    b = (2 * n - wins + losses) * delta - wins - losses
    c = -losses * delta * (1 - delta)
    loss = (math.sqrt(max(0.0, b**2 - 8 * n * c)) - b) / (4 * n)
    return n * (2 * loss + delta * (1 - delta))

"""The Mann-Whitney U test, which is Wilcoxon's rank-sum test: exact where that is quick.

If both samples came from one distribution, any n1 of the n1 + n2 pooled values could as well have
been the first sample (Mann & Whitney 1947, Annals of Mathematical Statistics 18, 50-60).
"""

import math

import numpy as np
from numpy.typing import NDArray

from analysis.inference.grid import Units
from analysis.inference.ranks import doubled_midranks, normal_p
from analysis.inference.result import Alternative, TestResult
from analysis.inference.samples import Samples

_EXACT_UP_TO_ADDITIONS = 40_000_000
"""Some 50 ms. 50 + 50 values with ties take as many."""

_EXACT_UP_TO_VALUES = 1000
"""The number of splits then stays below 2^1000, which a float can hold."""


def mann_whitney(samples: Samples, *, alternative: Alternative = "two-sided") -> TestResult:
    """Test whether values of one sample tend to be larger than those of another.

    Args:
        samples: the values, from `analysis.inference.samples.samples`.
        alternative: "two-sided", or whether the first sample is expected to be larger
            ("greater") or smaller ("less").

    Returns:
        The result. Its statistic is U of the first sample (R's W): the number of pairs of one
        value from each in which the first is larger, ties counting half; n1 * n2 / 2 is its
        expectation. Two-sided p is the share of the C(n1 + n2, n1) splits of the pooled values
        whose U is at least as far from n1 * n2 / 2 as the one observed, on either side; with ties
        and unequal sizes the sides need not be mirror images, and this is then not twice the
        smaller tail. The floor is one split, or two (two-sided, equal sizes), of all. Samples too
        large to count quickly (beyond about 50 + 50) have p from the normal approximation,
        corrected for ties and continuity, and no floor.
    """
    pooled = doubled_midranks(samples.values, samples.noise)
    n1, n2 = samples.n1, samples.n2
    # Doubled ranks are n + 1 on average, so that the deviation of their sum is whole.
    deviation = int(pooled[:n1].sum()) - n1 * (n1 + n2 + 1)
    statistic = n1 * n2 / 2 + deviation / 2
    # One group's ranks settle the other's, and the smaller group takes fewer steps.
    size, mirror = (n1, 1) if n1 <= n2 else (n2, -1)
    if _is_quick(pooled, size):
        deviations, counts = _splits_by_deviation(pooled, size)
        reached = _reaches(mirror * deviations, deviation, alternative)
        p_value = min(1.0, float(counts[reached].sum()) / math.comb(n1 + n2, n1))
        floor = samples.smallest_share(alternative)
        return TestResult("mann_whitney", statistic, p_value, exact=True, p_floor=floor)
    p_value = normal_p(deviation, _variance(pooled, n1, n2), alternative)
    return TestResult("mann_whitney", statistic, p_value, exact=False, p_floor=None)


def _reaches(deviations: Units, observed: int, alternative: Alternative) -> NDArray[np.bool_]:
    if alternative == "two-sided":
        return np.abs(deviations) >= abs(observed)
    return deviations >= observed if alternative == "greater" else deviations <= observed


def _variance(ranks: Units, n1: int, n2: int) -> float:
    """Return the variance of the sum of n1 ranks drawn from all without replacement."""
    spread = float(((ranks - ranks.mean()) ** 2).sum())
    n = n1 + n2
    return n1 * n2 / (n * (n - 1)) * spread


def _steps(ranks: Units) -> tuple[Units, int]:
    """Return the ranks above the lowest one, in the largest steps that make them whole."""
    above = ranks - ranks.min()
    step = int(np.gcd.reduce(above)) or 1
    return above // step, step


def _width(steps: Units, size: int) -> int:
    """Return how many values the sum of `size` of the steps can take."""
    return int(np.sort(steps)[-size:].sum()) + 1


def _is_quick(ranks: Units, size: int) -> bool:
    additions = len(ranks) * (size + 1) * _width(_steps(ranks)[0], size)
    return len(ranks) <= _EXACT_UP_TO_VALUES and additions <= _EXACT_UP_TO_ADDITIONS


def _splits_by_deviation(ranks: Units, size: int) -> tuple[Units, NDArray[np.float64]]:
    """Count the choices of `size` of the ranks by how far their sum lies from its expectation.

    Counts are whole, and exact up to 2^53; beyond, each is right to 16 digits.

    Returns:
        The possible deviations of the sum of doubled ranks, and the number of choices of each.
    """
    steps, step = _steps(ranks)
    width = _width(steps, size)
    counts = np.zeros((size + 1, width))
    counts[0, 0] = 1
    for each in steps.tolist():
        counts[1:, each:] += counts[:-1, : width - each]
    sums = size * int(ranks.min()) + step * np.arange(width, dtype=np.int64)
    return sums - size * (len(ranks) + 1), counts[size]

"""Wilcoxon's signed-rank test: exact up to 200 pairs, with ties and with pairs that do not differ.

If the two arms of a pair were exchangeable, each ranked difference could as well have had the
other sign (Wilcoxon 1945, Biometrics Bulletin 1, 80-83).
"""

import numpy as np
from numpy.typing import NDArray

from analysis.inference.grid import Units
from analysis.inference.paired import Pairs
from analysis.inference.ranks import doubled_midranks, normal_p
from analysis.inference.result import Alternative, TestResult

EXACT_UP_TO_PAIRS = 200
"""200 steps over at most 40,201 rank sums: a few milliseconds."""


def wilcoxon_signed_rank(pairs: Pairs, *, alternative: Alternative = "two-sided") -> TestResult:
    """Test whether paired values differ, by the ranks of the sizes of their differences.

    All differences are ranked by size, those of zero first and among themselves tied. Only the
    signs of the others are flipped (Pratt 1959, Journal of the American Statistical Association
    54, 655-667): with the zeros dropped before ranking, as Wilcoxon had it, the evidence for a
    rise can grow when every difference falls.

    Args:
        pairs: the paired values, from `analysis.inference.paired.pair`.
        alternative: "two-sided", or the side on which the differences are expected.

    Returns:
        The result. Its statistic is R+, the sum of the ranks of positive differences (R's V),
        with half of the zeros' ranks added, so that R+ and R- sum to n (n + 1) / 2 (Demšar 2006,
        Journal of Machine Learning Research 7, 1-30; he drops one of an odd number of zeros,
        which this does not). p is the share of the sign patterns whose R+ is at least as far from
        its middle, given the zeros and the ties. All-zero differences give p = 1. The floor is
        2 / 2^n (1 / 2^n one-sided). Beyond 200 pairs p comes from the normal approximation,
        corrected for zeros, ties and continuity, and has no floor.
    """
    zero = pairs.signs == 0
    sizes, noise = (np.where(zero, 0.0, each) for each in (np.abs(pairs.differences), pairs.noise))
    ranks = doubled_midranks(sizes, noise)
    flipped = ranks[~zero]
    positive, total = int(ranks[pairs.signs > 0].sum()), int(flipped.sum())
    statistic = positive / 2 + int(ranks[zero].sum()) / 4
    if pairs.n > EXACT_UP_TO_PAIRS:
        variance = float((flipped.astype(np.float64) ** 2).sum()) / 4
        p_value = normal_p(positive - total / 2, variance, alternative)
        return TestResult("wilcoxon", statistic, p_value, exact=False, p_floor=None)
    sides = 2 if alternative == "two-sided" else 1
    negative = total - positive
    reach = {"greater": positive, "less": negative}.get(alternative, max(positive, negative))
    # Flipping a whole pattern mirrors its sum, so both tails hold the same number.
    share = float(_patterns_by_sum(flipped)[reach:].sum()) / 2.0 ** len(flipped)
    p_value = min(1.0, sides * share)
    return TestResult("wilcoxon", statistic, p_value, exact=True, p_floor=sides / 2**pairs.n)


def _patterns_by_sum(ranks: Units) -> NDArray[np.float64]:
    """Count the sign patterns by the sum of the ranks that they make positive.

    Counts are whole, and exact up to 2^53; beyond, each is right to 16 digits.

    Returns:
        Shape (sum(ranks) + 1,): at place s the number of patterns with the sum s.
    """
    counts = np.ones(1)
    for rank in ranks.tolist():
        longer = np.pad(counts, (0, rank))
        longer[rank:] += counts
        counts = longer
    return counts

"""The paired sign-flip permutation test: exact up to 40 pairs, and safe with tied sums.

If the two arms of a pair were exchangeable, every difference could as well have had the other
sign. The p-value is the share of the 2^n sign patterns whose mean difference is at least as far
from zero as the one observed (Fisher 1935, The Design of Experiments, section 21).
"""

import numpy as np
from numpy.typing import NDArray

from analysis.errors import AnalysisError
from analysis.inference.paired import Pairs
from analysis.inference.result import Alternative, TestResult

EXACT_UP_TO_PAIRS = 40
"""Two halves of 2^20 signed sums each: some 16 MB, and a fraction of a second."""

_LOOKUPS_AT_ONCE = 1 << 18


def sign_flip_test(
    pairs: Pairs,
    *,
    alternative: Alternative = "two-sided",
    rng: np.random.Generator | None = None,
    resamples: int = 100_000,
) -> TestResult:
    """Test whether paired values differ by flipping the signs of their differences.

    Args:
        pairs: the paired values, from `analysis.inference.paired.pair`.
        alternative: "two-sided", or the side on which the mean difference is expected.
        rng: draws the sign patterns when there are more than 40 pairs; not used below that.
        resamples: number of patterns drawn then, at least 1.

    Returns:
        The result; its statistic is the mean difference, first minus second, in the metric's
        unit. All-zero differences give p = 1; p is never 0. Its floor is 2 / 2^n when exact
        (1 / 2^n one-sided), and 1 / (resamples + 1) otherwise.

    Raises:
        AnalysisError: there are more than 40 pairs, and no generator or no resamples.
    """
    sides = 2 if alternative == "two-sided" else 1
    units = -pairs.units if alternative == "less" else pairs.units
    total = int(units.sum())
    threshold = (abs(total) if sides == 2 else total) - pairs.slack
    exact = pairs.n <= EXACT_UP_TO_PAIRS
    if exact:
        p_value = _share_of_patterns(units, threshold, sides)
        p_floor = sides / 2**pairs.n
    else:
        p_value = _share_of_draws(units, threshold, sides, rng, resamples)
        p_floor = 1.0 / (resamples + 1)
    statistic = float(pairs.differences.mean())
    return TestResult("sign_flip", statistic, p_value, exact, p_floor)


def _signed_sums(units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sums under all 2^len(units) sign patterns, ascending."""
    sums = np.zeros(1, dtype=np.int64)
    for unit in units:
        sums = np.concatenate((sums - unit, sums + unit))
    sums.sort()
    return sums


def _share_of_patterns(units: NDArray[np.int64], threshold: int, sides: int) -> float:
    """Count the sign patterns whose sum reaches the threshold, by meeting in the middle.

    Each of the 2^n sums is a sum over the first half plus one over the second. For a sum `a`
    over the first, the partners that lift it to the threshold are the tail of the sorted second
    half that starts at `threshold - a`, so n = 40 takes 2^20 look-ups and not 2^40 sums.
    """
    if sides == 2 and threshold <= 0:
        return 1.0
    middle = len(units) // 2
    first, second = _signed_sums(units[:middle]), _signed_sums(units[middle:])
    below = np.searchsorted(second, threshold - first, side="left")
    beyond = len(first) * len(second) - int(below.sum())
    # Flipping a whole pattern mirrors its sum, so both tails hold the same number.
    return sides * beyond / 2.0 ** len(units)


def _share_of_draws(
    units: NDArray[np.int64],
    threshold: int,
    sides: int,
    rng: np.random.Generator | None,
    resamples: int,
) -> float:
    """Estimate the same share from random patterns, as (b + 1) / (m + 1).

    The observed pattern counts as one of the draws, which keeps the test valid and p above 0
    (Phipson & Smyth 2010, Permutation p-values should never be zero).
    """
    if rng is None or resamples < 1:
        raise AnalysisError(
            f"{len(units)} pairs are too many to enumerate (limit {EXACT_UP_TO_PAIRS}): "
            "a numpy Generator and at least one resample are needed"
        )
    if sides == 2 and threshold <= 0:
        return 1.0
    sums_by_byte = _sums_of_eight(units)
    groups = np.arange(len(sums_by_byte))
    rows_at_once = max(1, _LOOKUPS_AT_ONCE // len(groups))
    beyond = 0
    for start in range(0, resamples, rows_at_once):
        rows = min(rows_at_once, resamples - start)
        signs = rng.integers(0, 256, size=(rows, len(groups)), dtype=np.uint8)
        sums = sums_by_byte[groups, signs].sum(axis=1)
        reached = np.abs(sums) if sides == 2 else sums
        beyond += int(np.count_nonzero(reached >= threshold))
    return (beyond + 1) / (resamples + 1)


def _sums_of_eight(units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for every eight units, their sums under the 256 sign patterns that a byte can hold.

    One random byte then flips eight pairs at once. Shape: (ceil(n / 8), 256).
    """
    eights = np.pad(units, (0, -len(units) % 8)).reshape(-1, 8)
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1)
    sums: NDArray[np.int64] = eights @ (2 * bits.astype(np.int64) - 1).T
    return sums

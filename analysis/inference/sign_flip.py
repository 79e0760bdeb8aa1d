"""The paired sign-flip permutation test: exact up to 40 pairs, and safe with tied sums.

If the two arms of a pair were exchangeable, every difference could as well have had the other
sign. The p-value is the share of the 2^n sign patterns whose mean difference is at least as far
from zero as the one observed (Fisher 1935, The Design of Experiments, section 21).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.errors import AnalysisError
from analysis.inference.paired import Pairs

EXACT_UP_TO_PAIRS = 40
"""Two halves of 2^20 signed sums each: some 16 MB, and a fraction of a second."""

_LOOKUPS_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True)
class SignFlipResult:
    """Outcome of a two-sided sign-flip test.

    Attributes:
        n: number of pairs, those without a difference included.
        nonzero: number of pairs whose two values differ.
        statistic: mean difference, first minus second, in the metric's unit.
        p_value: in (0, 1].
        exact: True when every sign pattern was counted, False for Monte Carlo.
        p_floor: the smallest p-value that n pairs can give: 2 / 2^n when exact,
            1 / (resamples + 1) otherwise.
    """

    n: int
    nonzero: int
    statistic: float
    p_value: float
    exact: bool
    p_floor: float


def sign_flip_test(
    pairs: Pairs, *, rng: np.random.Generator | None = None, resamples: int = 100_000
) -> SignFlipResult:
    """Test whether paired values differ, two-sided, by flipping the signs of their differences.

    Args:
        pairs: the paired values, from `analysis.inference.paired.pair`.
        rng: draws the sign patterns when there are more than 40 pairs; not used below that.
        resamples: number of patterns drawn then, at least 1.

    Returns:
        The result. All-zero differences give p = 1; p is never 0.

    Raises:
        AnalysisError: there are more than 40 pairs, and no generator or no resamples.
    """
    threshold = abs(int(pairs.units.sum())) - pairs.slack
    exact = pairs.n <= EXACT_UP_TO_PAIRS
    if exact:
        p_value, p_floor = _share_of_patterns(pairs.units, threshold), 2.0 / 2**pairs.n
    else:
        p_value = _share_of_draws(pairs.units, threshold, rng, resamples)
        p_floor = 1.0 / (resamples + 1)
    statistic = float(pairs.differences.mean())
    return SignFlipResult(pairs.n, pairs.nonzero, statistic, p_value, exact, p_floor)


def _signed_sums(units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sums under all 2^len(units) sign patterns, ascending."""
    sums = np.zeros(1, dtype=np.int64)
    for unit in units:
        sums = np.concatenate((sums - unit, sums + unit))
    sums.sort()
    return sums


def _share_of_patterns(units: NDArray[np.int64], threshold: int) -> float:
    """Count the sign patterns whose sum lies at or beyond ±threshold, by meeting in the middle.

    Each of the 2^n sums is a sum over the first half plus one over the second. For a sum `a`
    over the first, the partners that lift it to the threshold are the tail of the sorted second
    half that starts at `threshold - a`, so n = 40 takes 2^20 look-ups and not 2^40 sums.
    """
    if threshold <= 0:
        return 1.0
    middle = len(units) // 2
    first, second = _signed_sums(units[:middle]), _signed_sums(units[middle:])
    below = np.searchsorted(second, threshold - first, side="left")
    beyond = len(first) * len(second) - int(below.sum())
    # Flipping a whole pattern mirrors its sum, so both tails hold the same number.
    return 2.0 * beyond / 2.0 ** len(units)


def _share_of_draws(
    units: NDArray[np.int64], threshold: int, rng: np.random.Generator | None, resamples: int
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
    if threshold <= 0:
        return 1.0
    sums_by_byte = _sums_of_eight(units)
    groups = np.arange(len(sums_by_byte))
    rows_at_once = max(1, _LOOKUPS_AT_ONCE // len(groups))
    beyond = 0
    for start in range(0, resamples, rows_at_once):
        rows = min(rows_at_once, resamples - start)
        signs = rng.integers(0, 256, size=(rows, len(groups)), dtype=np.uint8)
        sums = sums_by_byte[groups, signs].sum(axis=1)
        beyond += int(np.count_nonzero(np.abs(sums) >= threshold))
    return (beyond + 1) / (resamples + 1)


def _sums_of_eight(units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for every eight units, their sums under the 256 sign patterns that a byte can hold.

    One random byte then flips eight pairs at once. Shape: (ceil(n / 8), 256).
    """
    eights = np.pad(units, (0, -len(units) % 8)).reshape(-1, 8)
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1)
    sums: NDArray[np.int64] = eights @ (2 * bits.astype(np.int64) - 1).T
    return sums

"""Pairs of values and their differences, taken at the resolution that the data have.

Every paired test starts here, because the rounding noise in a difference is as large as the
values make it and not as the difference makes it: 0.9501 - 0.9500 and 0.9008 - 0.9007 are not the
same float, yet they are the same difference.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import AnalysisError

Floats = NDArray[np.float64]

_GRID_BITS = 40
_SINGLE_PRECISION_BITS = 23


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Differences of paired values, ascending, so that no result depends on the rows' order.

    Attributes:
        differences: shape (n,), n >= 1, first minus second, in the values' own unit.
        units: shape (n,), the same in whole grid units; a unit is 2^-40 (about 1e-12) of the
            power of two above the largest absolute value.
        slack: by how many units the sums of two sets of differences may lie apart and still be
            tied.
        nonzero: number of pairs whose two values differ by more than their own resolution.
        spread_is_noise: whether all differences are equal up to the data's resolution.
    """

    differences: Floats
    units: NDArray[np.int64]
    slack: int
    nonzero: int
    spread_is_noise: bool

    @property
    def n(self) -> int:
        """Number of pairs."""
        return len(self.differences)


def pair(values: ArrayLike, reference: ArrayLike) -> Pairs:
    """Pair two series by position and take their differences.

    A grid unit is far below the resolution of any metric, and thousands of times the rounding
    noise of a double. Rounding moves a difference by half a unit at most, hence equal sums of
    n differences by n units. Values that are all single-precision floats (a tensor's `.item()`)
    bring noise of 2^-24 of their size instead, which moves equal sums by n * 2^-23.

    Args:
        values: shape (n,), n >= 1, finite, in any unit.
        reference: shape (n,), finite, in the same unit.

    Raises:
        AnalysisError: shapes differ, there is no pair, or a value is not finite.
    """
    first = np.asarray(values, dtype=np.float64)
    second = np.asarray(reference, dtype=np.float64)
    _require_pairs(first, second)
    units, slack = _on_grid(first, second), _slack_of_pairs(first, second)
    return Pairs(
        differences=np.sort(first - second),
        units=np.sort(units),
        slack=int(slack.sum()),
        nonzero=int(np.count_nonzero(np.abs(units) > slack)),
        # Equal differences have a point in common, each within half of its own slack.
        spread_is_noise=bool((2 * units - slack).max() <= (2 * units + slack).min()),
    )


def _require_pairs(first: Floats, second: Floats) -> None:
    if first.ndim != 1 or first.shape != second.shape or len(first) == 0:
        raise AnalysisError(
            "pairs need two equally long series of at least one value; "
            f"shapes given: {first.shape} and {second.shape}"
        )
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise AnalysisError("pairs need finite values; exclude the others, and say so")


def _on_grid(first: Floats, second: Floats) -> NDArray[np.int64]:
    largest = max(float(np.abs(first).max()), float(np.abs(second).max()))
    # Scaling by a power of two rounds nothing, and keeps huge and tiny values in range.
    exponent = int(np.frexp(largest)[1])
    scaled = np.ldexp(first, -exponent) - np.ldexp(second, -exponent)
    units: NDArray[np.int64] = np.rint(np.ldexp(scaled, _GRID_BITS)).astype(np.int64)
    return units


def _slack_of_pairs(first: Floats, second: Floats) -> NDArray[np.int64]:
    """Return how many units each pair's noise is; single precision brings it by its own size."""
    both = np.concatenate((first, second))
    slack = np.ones(len(first), dtype=np.int64)
    with np.errstate(over="ignore", under="ignore"):
        single = np.array_equal(both.astype(np.float32).astype(np.float64), both)
    if single and both.any():
        sizes = np.maximum(np.abs(first), np.abs(second))
        shares = sizes / np.ldexp(1.0, int(np.frexp(sizes.max())[1]))
        slack += np.ceil(np.ldexp(shares, _GRID_BITS - _SINGLE_PRECISION_BITS)).astype(np.int64)
    # Equal values were rounded alike: there is no noise in their difference.
    return np.where(first == second, 0, slack)

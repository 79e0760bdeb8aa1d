"""Pairs of values and their differences, taken at the resolution that the data have.

Every paired test starts here, because the rounding noise in a difference is as large as the
values make it and not as the difference makes it: 0.9501 - 0.9500 and 0.9008 - 0.9007 are not the
same float, yet they are the same difference.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference import grid
from analysis.inference.grid import Floats, Units

__all__ = ["Floats", "Pairs", "pair"]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Differences of paired values, ascending, so that no result depends on the rows' order.

    Attributes:
        differences: shape (n,), n >= 1, first minus second, in the values' own unit.
        noise: shape (n,), in the order of `differences`: by how much each may lie from an equal
            one and still be tied with it; 0 for a pair of identical values, and for whole numbers.
        spread_is_noise: whether all differences are equal up to the data's resolution.
    """

    differences: Floats
    noise: Floats
    spread_is_noise: bool

    @property
    def n(self) -> int:
        """Number of pairs."""
        return len(self.differences)

    @property
    def signs(self) -> Units:
        """Sign of each difference, 0 where it is within its noise; shape (n,)."""
        apparent = np.abs(self.differences) > self.noise
        return np.where(apparent, np.sign(self.differences), 0.0).astype(np.int64)

    @property
    def nonzero(self) -> int:
        """Number of pairs whose two values differ by more than their own resolution."""
        return int(np.count_nonzero(self.signs))


def pair(values: ArrayLike, reference: ArrayLike) -> Pairs:
    """Pair two series by position and take their differences.

    The noise of a difference is that of the larger of its two values: 2^-40 (about 1e-12) of its
    size, or 2^-23 of it when values were rounded to single precision (a tensor's `.item()`), and
    none for whole numbers. No pair's noise depends on the size of another pair.

    Args:
        values: shape (n,), n >= 1, finite, in any unit.
        reference: shape (n,), finite, in the same unit.

    Raises:
        AnalysisError: shapes differ, there is no pair, or a value is not finite.
    """
    first = np.asarray(values, dtype=np.float64)
    second = np.asarray(reference, dtype=np.float64)
    _require_pairs(first, second)
    differences = first - second
    larger = np.where(np.abs(first) >= np.abs(second), first, second)
    # Equal values were rounded alike: there is no noise in their difference.
    noise = np.where(first == second, 0.0, grid.noise_of(larger, first, second))
    order = np.lexsort((noise, differences))
    differences, noise = differences[order], noise[order]
    return Pairs(differences, noise, spread_is_noise=grid.all_equal(differences, noise))


def _require_pairs(first: Floats, second: Floats) -> None:
    if first.ndim != 1 or first.shape != second.shape or len(first) == 0:
        raise AnalysisError(
            "pairs need two equally long series of at least one value; "
            f"shapes given: {first.shape} and {second.shape}"
        )
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise AnalysisError("pairs need finite values; exclude the others, and say so")

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
        units: shape (n,), the same in whole grid units; a unit is 2^-40 (about 1e-12) of the
            power of two above the largest absolute value.
        noise: shape (n,), in the order of `units`: by how many units each difference may lie
            from an equal one and still be tied with it; 0 for a pair of identical values.
        slack: by how many units the sums of two sets of differences may lie apart and still be
            tied.
        nonzero: number of pairs whose two values differ by more than their own resolution.
        spread_is_noise: whether all differences are equal up to the data's resolution.
    """

    differences: Floats
    units: Units
    noise: Units
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
    units, noise = _on_grid(first, second)
    return Pairs(
        differences=np.sort(first - second),
        units=units,
        noise=noise,
        slack=int(noise.sum()),
        nonzero=int(np.count_nonzero(np.abs(units) > noise)),
        spread_is_noise=grid.all_equal(units, noise),
    )


def _require_pairs(first: Floats, second: Floats) -> None:
    if first.ndim != 1 or first.shape != second.shape or len(first) == 0:
        raise AnalysisError(
            "pairs need two equally long series of at least one value; "
            f"shapes given: {first.shape} and {second.shape}"
        )
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise AnalysisError("pairs need finite values; exclude the others, and say so")


def _on_grid(first: Floats, second: Floats) -> tuple[Units, Units]:
    """Return the differences in grid units, ascending, and the noise of each."""
    exponent = grid.exponent_above(first, second)
    one, other = np.ldexp(first, -exponent), np.ldexp(second, -exponent)
    units = grid.to_units(one - other)
    single = grid.all_single_precision(first, second)
    noise = grid.noise_of(np.maximum(np.abs(one), np.abs(other)), single=single)
    # Equal values were rounded alike: there is no noise in their difference.
    noise = np.where(first == second, 0, noise)
    order = np.lexsort((noise, units))
    return units[order], noise[order]

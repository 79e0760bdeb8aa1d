"""Two independent samples, on one grid, so that their ties are ties of the data."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference import grid
from analysis.inference.grid import Floats, Units
from analysis.inference.result import Alternative

LARGEST = 1e300
"""Sums of larger values overflow."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Two series that share nothing, each ascending, so that no result depends on rows' order.

    Attributes:
        first: shape (n1,), n1 >= 1, in the values' own unit.
        second: shape (n2,), n2 >= 1, in the same unit.
        first_units: shape (n1,), `first` in whole units of a grid common to both series; a unit is
            2^-40 (about 1e-12) of the power of two above the largest absolute value.
        second_units: shape (n2,), `second` in the same units.
        first_noise: shape (n1,), by how many units each value of `first` may lie from an equal
            one and still be tied with it.
        second_noise: shape (n2,), the same for `second`.
    """

    first: Floats
    second: Floats
    first_units: Units
    second_units: Units
    first_noise: Units
    second_noise: Units

    @property
    def n1(self) -> int:
        """Size of the first sample."""
        return len(self.first)

    @property
    def n2(self) -> int:
        """Size of the second sample."""
        return len(self.second)

    @property
    def units(self) -> Units:
        """Both samples in grid units, the first one first; shape (n1 + n2,)."""
        return np.concatenate((self.first_units, self.second_units))

    @property
    def noise(self) -> Units:
        """The noise of both, in the order of `units`."""
        return np.concatenate((self.first_noise, self.second_noise))

    @property
    def slack(self) -> int:
        """By how many units n2 * sum(first) - n1 * sum(second) may move and still be tied.

        Two regroupings of the pooled values are compared. Half of a value's noise is the most
        that it is off; it enters the comparison with twice the size of the other group at most,
        and not all values can enter with the larger size: only as many as the smaller group has.
        """
        small, large = sorted((self.n1, self.n2))
        noise = np.sort(self.noise)
        return large * int(noise[large:].sum()) + small * int(noise[:large].sum())

    def smallest_share(self, alternative: Alternative) -> float:
        """Return the smallest p that a count of splits can give at n1 and n2, whatever the data.

        One split of all C(n1 + n2, n1) is the most extreme. With equal sizes its mirror image is
        as extreme on the other side; with unequal sizes there need not be one.
        """
        mirrored = alternative == "two-sided" and self.n1 == self.n2
        return (2 if mirrored else 1) / math.comb(self.n1 + self.n2, self.n1)


def samples(first: ArrayLike, second: ArrayLike) -> Samples:
    """Take two independent series, of any sizes from 1, in any order.

    Args:
        first: shape (n1,), n1 >= 1, finite, in any unit.
        second: shape (n2,), n2 >= 1, finite, in the same unit.

    Raises:
        AnalysisError: a series is empty or not one-dimensional, or a value is not finite, or
            beyond 1e300.
    """
    one, other = (_series(each) for each in (first, second))
    exponent = grid.exponent_above(one, other)
    single = grid.all_single_precision(one, other)
    scaled = [np.ldexp(each, -exponent) for each in (one, other)]
    units = [grid.to_units(each) for each in scaled]
    noise = [grid.noise_of(np.abs(each), single=single) for each in scaled]
    return Samples(one, other, *units, *noise)


def _series(values: ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or len(array) == 0:
        raise AnalysisError(
            f"a sample is one series of at least one value; shape given: {array.shape}"
        )
    if not np.isfinite(array).all():
        raise AnalysisError("samples need finite values; exclude the others, and say so")
    if np.abs(array).max() > LARGEST:
        raise AnalysisError(f"a sample holds a value beyond {LARGEST:g}; use a larger unit")
    return np.sort(array)

"""Two independent samples, with their noise, so that their ties are ties of the data."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError
from analysis.inference import grid
from analysis.inference.grid import Floats
from analysis.inference.result import Alternative

LARGEST = 1e300
"""Sums of larger values overflow."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Two series that share nothing, each ascending, so that no result depends on rows' order.

    Attributes:
        first: shape (n1,), n1 >= 1, in the values' own unit.
        second: shape (n2,), n2 >= 1, in the same unit.
        first_noise: shape (n1,), by how much each value of `first` may lie from an equal
            one and still be tied with it.
        second_noise: shape (n2,), the same for `second`.
    """

    first: Floats
    second: Floats
    first_noise: Floats
    second_noise: Floats

    @property
    def n1(self) -> int:
        """Size of the first sample."""
        return len(self.first)

    @property
    def n2(self) -> int:
        """Size of the second sample."""
        return len(self.second)

    @property
    def values(self) -> Floats:
        """Both samples, the first one first; shape (n1 + n2,)."""
        return np.concatenate((self.first, self.second))

    @property
    def noise(self) -> Floats:
        """The noise of both, in the order of `values`."""
        return np.concatenate((self.first_noise, self.second_noise))

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
    return Samples(one, other, grid.noise_of(one, one, other), grid.noise_of(other, one, other))


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

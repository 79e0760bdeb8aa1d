"""Values in whole units of a grid far finer than the data, so that equal values are seen as equal.

Every test that compares values, ranks or sums counts in these units: 0.9501 - 0.9500 and
0.9008 - 0.9007 are not the same float, yet they are the same difference.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Units = NDArray[np.int64]

GRID_BITS = 40
"""A unit is 2^-40 (about 1e-12) of the power of two above the largest absolute value."""

_SINGLE_PRECISION_BITS = 23


def exponent_above(*series: Floats) -> int:
    """Return the power of two above the largest absolute value of series with at least one value.

    Scaling by it rounds nothing, brings all values into (-1, 1), and keeps huge and tiny values
    in range.
    """
    return int(np.frexp(max(float(np.abs(each).max()) for each in series))[1])


def to_units(scaled: Floats) -> Units:
    """Return scaled values in whole grid units; rounding moves each by half a unit at most."""
    return np.rint(np.ldexp(scaled, GRID_BITS)).astype(np.int64)


def all_single_precision(*series: Floats) -> bool:
    """Return whether every value is a single-precision float, as a tensor's `.item()` is."""
    with np.errstate(over="ignore", under="ignore"):
        return all(
            np.array_equal(each.astype(np.float32).astype(np.float64), each) for each in series
        )


def noise_of(scaled_sizes: Floats, *, single: bool) -> Units:
    """Return by how many units values of these sizes may lie apart and still be equal.

    A unit is thousands of times the rounding noise of a double, so that rounding to the grid is
    all there is: one unit. Single precision brings noise of 2^-24 of a value's size instead,
    which moves two equal values apart by 2^-23 of it.

    Args:
        scaled_sizes: shape (n,), absolute values after scaling, from 0 to 1.
        single: whether the values are single-precision floats.
    """
    noise = np.ones(len(scaled_sizes), dtype=np.int64)
    if single:
        shares = np.ldexp(scaled_sizes, GRID_BITS - _SINGLE_PRECISION_BITS)
        noise += np.ceil(shares).astype(np.int64)
    return noise


def all_equal(units: Units, noise: Units) -> bool:
    """Return whether all values are equal up to their noise.

    Equal values have a point in common, each within half of its own noise.
    """
    return bool((2 * units - noise).max() <= (2 * units + noise).min())

"""By how much values may lie apart and still be equal, and whole numbers for sums of them.

0.9501 - 0.9500 and 0.9008 - 0.9007 are not the same float, yet they are the same difference. Order
is decided value by value, each with the noise of its own size, so that no outlier hides what the
others say. Sums are compared as whole numbers, in which nothing is rounded.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Units = NDArray[np.int64]
Whole = NDArray[Any]
"""Whole numbers: int64, or Python's own (dtype object) where 64 bits are too few."""

GRID_BITS = 40
"""Doubles within 2^-40 (about 1e-12) of their size are equal: thousands of roundings."""

_SINGLE_PRECISION_BITS = 23
_BITS_OF_A_ROUNDED_SINGLE = 20
"""Of 24 bits; a rounded value has five trailing zeros or more once in 32 times."""

_EXACT_BELOW = 2.0**50
"""Beyond, nearly every double is whole, which then says nothing about the data."""

_INT64_BITS = 60
_BITS_OF_THE_SMALLEST = 20


def exponent_above(*series: Floats) -> int:
    """Return the power of two above the largest absolute value of series with at least one value.

    Scaling by it rounds nothing, brings all values into (-1, 1), and keeps huge and tiny values
    in range.
    """
    return int(np.frexp(max(float(np.abs(each).max()) for each in series))[1])


def all_whole(*series: Floats) -> bool:
    """Return whether every value is a whole number, as a count is."""
    return all(np.array_equal(each, np.rint(each)) for each in series)


def all_single_precision(*series: Floats) -> bool:
    """Return whether values are rounded to single precision, as a tensor's `.item()` is.

    Every value is a single-precision float, and they need what it holds: whole numbers do not,
    and neither do numbers of so few bits (0.25, 12.5) that nothing was rounded off.
    """
    if all_whole(*series):
        return False
    with np.errstate(over="ignore", under="ignore"):
        if not all(np.array_equal(each.astype(np.float32), each) for each in series):
            return False
    return any(_needs_many_bits(each) for each in series)


def _needs_many_bits(values: Floats) -> bool:
    scaled = np.ldexp(np.frexp(values)[0], _BITS_OF_A_ROUNDED_SINGLE - 1)
    return not np.array_equal(scaled, np.rint(scaled))


def noise_of(values: Floats, *context: Floats) -> Floats:
    """Return by how much each value may lie from an equal one and still be equal to it.

    2^-40 of its size, or 2^-23 of it in single precision, whose rounding is 2^-24 either way;
    0 for whole numbers below 2^50, which are exact.

    Args:
        values: any shape, finite.
        context: all values that they are compared with, finite; these settle the precision.
            `values` alone when there are none.
    """
    series = context or (values,)
    bits = _SINGLE_PRECISION_BITS if all_single_precision(*series) else GRID_BITS
    sizes = np.abs(values)
    noise: Floats = np.ldexp(sizes, -bits)
    return np.where(sizes < _EXACT_BELOW, 0.0, noise) if all_whole(*series) else noise


def all_equal(values: Floats, noise: Floats) -> bool:
    """Return whether all values are equal up to their noise.

    Equal values have a point in common, each within half of its own noise.
    """
    return bool((values - noise / 2).max() <= (values + noise / 2).min())


def whole_units(values: Floats, noise: Floats) -> tuple[Whole, Whole]:
    """Return values and their noise in whole units that are fine enough for the smallest value.

    Rounding moves a value by half a unit at most, which is added to its noise. Sums of all values
    and of all noise, and of four times as much, stay in range.

    Args:
        values: shape (n,), n >= 1, finite.
        noise: shape (n,), at least 0. Values within it of 0 do not make the unit any finer.
    """
    sizes = np.abs(values)
    exponent, room = exponent_above(values, noise), _INT64_BITS - len(values).bit_length()
    apparent = sizes[sizes > noise]
    span = exponent - int(np.frexp(apparent.min())[1]) if len(apparent) else 0
    if span + _BITS_OF_THE_SMALLEST <= room:
        scaled, width = (np.ldexp(each, room - exponent) for each in (values, noise))
        units = np.rint(scaled)
        inexact = units != scaled
        return units.astype(np.int64), (np.ceil(width) + inexact).astype(np.int64)
    unit = Fraction(2) ** (exponent - span - GRID_BITS)
    exact = [Fraction(each) / unit for each in values.tolist()]
    widths = [-(-Fraction(each) // unit) for each in noise.tolist()]
    inexact_ones = [each.denominator > 1 for each in exact]
    return (
        np.array([round(each) for each in exact], dtype=object),
        np.array([a + b for a, b in zip(widths, inexact_ones, strict=True)], dtype=object),
    )

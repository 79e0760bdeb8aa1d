"""When a spread is nothing but rounding noise, and a scale on which squares stay in range."""

from collections.abc import Iterable

import numpy as np

from analysis.inference import grid
from analysis.inference.grid import Floats


def is_noise(residuals: Floats, values: Floats) -> bool:
    """Return whether residuals of values are no larger than the values' own resolution.

    Accuracies that are equal on paper may differ in their last bits, and so may their means. A
    test or a variance that divides by such a spread has measured nothing.

    Args:
        residuals: any shape, finite; what remains of the values after means were taken off.
        values: any shape, finite, in the same unit, at least one.
    """
    # A mean of whole numbers need not be whole: it has the noise of a double.
    precision = 2.0**-23 if grid.all_single_precision(values) else 2.0**-grid.GRID_BITS
    limit = precision * float(np.abs(values).max())
    return bool(np.abs(residuals).max(initial=0.0) <= limit)


def scaled_series(series: Iterable[Floats]) -> tuple[list[Floats], int]:
    """Return all series divided by one power of two, which rounds nothing, and its exponent.

    Args:
        series: at least one, with at least one value between them; finite.
    """
    listed = list(series)
    exponent = grid.exponent_above(*listed)
    return [np.ldexp(each, -exponent) for each in listed], exponent


def unscaled_square(square: float, exponent: int) -> float:
    """Return a square of scaled values in the squared unit of the values themselves."""
    with np.errstate(under="ignore"):
        return float(np.ldexp(square, 2 * exponent))

"""Mean squares of balanced designs."""

from dataclasses import dataclass

import numpy as np

from analysis.inference.grid import Floats
from analysis.many_arms.resolution import is_noise


@dataclass(frozen=True, slots=True)
class Stratum:
    """A mean square, its degrees of freedom, and how many values share one of its groups."""

    mean_square: float
    degrees: int
    runs: int


def nested_strata(values: Floats) -> list[Stratum]:
    """Return the strata of nested groups, outermost first, and the residual last.

    Args:
        values: shape (groups, groups within these, ..., replicates), each at least 2; finite.
    """
    strata = []
    above = values.mean()
    for depth in range(1, values.ndim + 1):
        means = (
            values.mean(axis=tuple(range(depth, values.ndim))) if depth < values.ndim else values
        )
        shape = means.shape
        degrees = means.size - (means.size // shape[-1] if depth > 1 else 1)
        strata.append(_stratum(means - above, degrees, values))
        above = means[..., np.newaxis]
    return strata


def crossed_strata(values: Floats) -> tuple[Stratum, Stratum, Stratum, Stratum]:
    """Return rows, columns, interaction and residual; the last two are one without replicates.

    Args:
        values: shape (rows, columns) or (rows, columns, replicates), each at least 2; finite.
    """
    cells = values.mean(axis=2) if values.ndim == 3 else values
    mean = values.mean()
    rows, columns = cells.mean(axis=1) - mean, cells.mean(axis=0) - mean
    rest = cells - mean - rows[:, np.newaxis] - columns
    r, c = cells.shape
    interaction = _stratum(rest, (r - 1) * (c - 1), values)
    residual = interaction
    if values.ndim == 3:
        residual = _stratum(values - cells[..., np.newaxis], values.size - r * c, values)
    return _stratum(rows, r - 1, values), _stratum(columns, c - 1, values), interaction, residual


def _stratum(deviations: Floats, degrees: int, values: Floats) -> Stratum:
    runs = values.size // deviations.size
    if is_noise(deviations, values):
        return Stratum(0.0, degrees, runs)
    square = runs * float((deviations**2).sum())
    return Stratum(square / degrees, degrees, runs)

"""Simulated paired experiments, and the sign-flip p-values of many of them at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import AnalysisError
from analysis.inference.grid import GRID_BITS, Floats

ROUNDING = 1e-9
"""Sums that are this close, relative to what was summed, are tied."""

_BLOCK = 16

Draw = Callable[[np.random.Generator], Floats]
"""Draws the next rows of random numbers, always as many."""


class Rows:
    """Rows of random numbers, drawn when first needed, the same however many are asked for."""

    def __init__(self, draw: Draw, rng: np.random.Generator) -> None:
        self._draw = draw
        self._rng = rng
        self._rows = draw(rng)

    def first(self, n: int) -> Floats:
        """Return the first n rows."""
        if len(self._rows) < n:
            missing = -(-(n - len(self._rows)) // _BLOCK)
            more = [self._draw(self._rng) for _ in range(missing)]
            self._rows = np.concatenate((self._rows, *more))
        return self._rows[:n]


def standard_draws(pilot: ArrayLike | None, simulations: int) -> Draw:
    """Return a source of differences with mean 0 and variance 1, a row a pair.

    Args:
        pilot: differences to draw from, centred and scaled; None for normal ones.
        simulations: number of experiments, the length of a row.

    Raises:
        AnalysisError: the pilot is not a finite series of two values or more, or has no spread.
    """
    if pilot is None:
        return lambda rng: rng.standard_normal((_BLOCK, simulations))
    values = np.sort(np.asarray(pilot, dtype=np.float64), axis=None)
    if np.ndim(pilot) != 1 or not np.isfinite(values).all() or len(values) < 2:
        raise AnalysisError("a pilot needs one series of at least two finite differences")
    centred = values - values.mean()
    if np.abs(centred).max() <= ROUNDING * np.abs(values).max():
        raise AnalysisError("all differences of the pilot are equal: there is no spread to draw")
    centred /= np.abs(centred).max()
    standard: Floats = (centred / np.sqrt(np.mean(centred**2))).astype(np.float64)

    def draw(rng: np.random.Generator) -> Floats:
        return np.take(standard, rng.integers(0, len(standard), size=(_BLOCK, simulations)))

    return draw


def sign_draws(patterns: int) -> Draw:
    """Return a source of random signs, a row a pair, a column a pattern."""
    return lambda rng: (2 * rng.integers(0, 2, size=(_BLOCK, patterns)) - 1).astype(np.float64)


def half_of_all_patterns(n: int) -> Floats:
    """Return the patterns with + in the first place; the others are their mirror images.

    Shape: (n, 2^(n - 1)).
    """
    numbers = np.arange(2 ** (n - 1))
    bits = (numbers[np.newaxis, :] >> np.arange(n)[:, np.newaxis]) & 1
    return (1 - 2 * bits[::-1]).astype(np.float64)


def p_values_of(scores: Floats, signs: Floats, sides: int, *, exact: bool) -> Floats:
    """Return the p-value of each experiment: the share of patterns with a sum as large.

    Args:
        scores: shape (experiments, n), signed differences or signed ranks; large sums are extreme.
        signs: shape (n, patterns), half of all patterns or a random sample of them.
        sides: 2 if small sums are extreme as well, otherwise 1.
        exact: whether `signs` are half of all patterns, and not drawn. Drawn ones are joined by
            the observed pattern, (b + 1) / (m + 1) (Phipson & Smyth 2010).
    """
    observed = scores.sum(axis=1)
    thresholds = np.where(sides == 2, np.abs(observed), observed)
    thresholds -= ROUNDING * np.abs(scores).sum(axis=1)
    sums, patterns = scores @ signs, signs.shape[1]
    beyond = _count(np.abs(sums) if sides == 2 else sums, thresholds)
    if not exact:
        beyond, patterns = beyond + 1, patterns + 1
    elif sides == 1:
        # The mirror images of the patterns have the same sums with the other sign.
        beyond, patterns = beyond + _count(-sums, thresholds), 2 * patterns
    return np.asarray(beyond / patterns, dtype=np.float64)


def _count(sums: Floats, thresholds: Floats) -> NDArray[np.int64]:
    return np.asarray(np.count_nonzero(sums >= thresholds[:, np.newaxis], axis=1))


def signed_ranks(differences: Floats) -> Floats:
    """Return the midranks of the sizes in each row, with the signs of the differences.

    Zeros are ranked as well (Pratt 1959). Shape: that of the differences, (experiments, n).
    """
    from scipy.stats import rankdata

    sizes = np.abs(differences)
    largest = sizes.max(initial=0.0)
    if largest > 0:
        # Differences of a pilot that are equal in theory are so up to rounding.
        sizes = np.rint(sizes / largest * 2.0**GRID_BITS)
    return np.asarray(np.sign(differences) * rankdata(sizes, axis=1))

"""The permutation distribution of Friedman's statistic.

If arms did not matter, any order of a block's ranks would be as likely as any other. All orders are
counted where that is cheap, block by block: only the arms' sums of ranks matter, and as all arms
are alike under the null hypothesis, only the sums in ascending order.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, permutations

import numpy as np
from numpy.typing import NDArray

from analysis.errors import AnalysisError
from analysis.inference.grid import Units

STEPS_AT_ONCE = 1_000_000
"""How many (sums so far, order of the next block) a block may take to be counted exactly."""

_MOST_STEPS = 10_000_000
"""How many all blocks together may take: a second. 3 arms then have up to 200 blocks."""

_RANKS_AT_ONCE = 1 << 20
_ROUNDING = 1e-12
_UNCOUNTABLE_ARMS = 9


@dataclass(frozen=True, slots=True)
class Share:
    """Share of arrangements at least as extreme, None if neither counted nor drawn."""

    p_value: float | None
    exact: bool


def permutation_share(
    ranks: Units, spread: int, rng: np.random.Generator | None, resamples: int
) -> Share:
    """Return how often ranks permuted within blocks spread at least as far.

    Args:
        ranks: shape (blocks, arms), doubled midranks within each block.
        spread: the sum over the arms of the squared distance of a rank sum from its expectation,
            in doubled ranks.
        rng: draws arrangements when they are too many to count; None leaves p undefined then.
        resamples: how many to draw, at least 1. The observed one counts as one of them (Phipson &
            Smyth 2010, Permutation p-values should never be zero).

    Raises:
        AnalysisError: there is a generator, and no resamples.
    """
    if resamples < 1:
        raise AnalysisError(f"resamples is {resamples!r}; allowed: a whole number from 1")
    # Blocks in a fixed order make counts and draws independent of the rows' order.
    ordered = np.sort(ranks, axis=1)
    ordered = ordered[np.lexsort(ordered.T)]
    counted = _counted(ordered, spread)
    if counted is not None:
        return Share(counted, exact=True)
    if rng is None:
        return Share(None, exact=False)
    return Share(_drawn(ordered, spread, rng, resamples), exact=False)


def _counted(ordered: Units, spread: int) -> float | None:
    blocks, arms = ordered.shape
    if arms >= _UNCOUNTABLE_ARMS and blocks > 1:
        return None
    # By symmetry the first block's order may be held fixed.
    sums, chances, steps = ordered[:1], np.ones(1), 0
    for ranks in ordered[1:].tolist():
        steps += len(sums) * math.factorial(arms)
        if len(sums) * math.factorial(arms) > STEPS_AT_ONCE or steps > _MOST_STEPS:
            return None
        orders = _orders(tuple(ranks))
        longer = np.sort(sums[:, np.newaxis, :] + orders, axis=2).reshape(-1, arms)
        # With ties or without, each different order stands for equally many.
        weights = np.repeat(chances * (1 / len(orders)), len(orders))
        sums, chances = _merged(longer, weights)
    spreads = ((sums - blocks * (arms + 1)) ** 2).sum(axis=1)
    share = float(chances[spreads >= spread].sum())
    return min(1.0, share) if share < 1 - _ROUNDING else 1.0


@lru_cache(maxsize=1)  # blocks come sorted, so that those that are alike follow each other
def _orders(ranks: tuple[int, ...]) -> Units:
    """Return the different orders of a block's ascending ranks, in lexicographic order."""
    orders: Iterable[tuple[int, ...]] = permutations(ranks)
    if len(set(ranks)) < len(ranks):
        orders = sorted(set(orders))
    flat = np.fromiter(chain.from_iterable(orders), dtype=np.int64)
    return flat.reshape(-1, len(ranks))


def _merged(sums: Units, chances: NDArray[np.float64]) -> tuple[Units, NDArray[np.float64]]:
    base = int(sums.max()) + 1
    if base ** sums.shape[1] < 2**62:
        powers = base ** np.arange(sums.shape[1], dtype=np.int64)
        codes, group = np.unique(sums @ powers, return_inverse=True)
        different = codes[:, np.newaxis] // powers % base
    else:
        different, group = np.unique(sums, axis=0, return_inverse=True)
    merged: NDArray[np.float64] = np.bincount(group.ravel(), weights=chances).astype(np.float64)
    return different, merged


def _drawn(ordered: Units, spread: int, rng: np.random.Generator, resamples: int) -> float:
    blocks, arms = ordered.shape
    at_once = max(1, _RANKS_AT_ONCE // ordered.size)
    beyond = 0
    for start in range(0, resamples, at_once):
        rows = min(at_once, resamples - start)
        drawn = rng.permuted(np.broadcast_to(ordered, (rows, blocks, arms)), axis=2)
        spreads = ((drawn.sum(axis=1) - blocks * (arms + 1)) ** 2).sum(axis=1)
        beyond += int(np.count_nonzero(spreads >= spread))
    return (beyond + 1) / (resamples + 1)

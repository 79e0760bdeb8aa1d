"""Friedman's test of matched arms, on their ranks within blocks.

With two arms it is the sign test. It says that some arms differ, and never which ones: that is for
the tests of `analysis.many_arms.nemenyi`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from scipy import special

from analysis.errors import AnalysisError
from analysis.inference import grid
from analysis.inference.grid import Units
from analysis.inference.ranks import doubled_midranks
from analysis.inference.result import SMALLEST_P
from analysis.many_arms.matching import Matched, MatchedArms, matched_arms
from analysis.many_arms.rank_permutation import permutation_share
from analysis.protocol import Direction

ALL_TIED = "All arms are tied in every block: no test of their ranks is defined."
ONE_BLOCK = (
    "A single block says nothing about ranks: there is no F, and every p is 1 or asymptotic."
)
SAME_ORDER = "Every block ranks the arms alike: F is infinite; read the permutation p instead."


@dataclass(frozen=True, slots=True)
class FriedmanResult:
    """Friedman's test, in three versions that differ in how they find p.

    Attributes:
        arms: k names, in the order of `average_ranks`.
        blocks: number of blocks, n.
        dropped_blocks: blocks left out because they were incomplete.
        direction: which values have rank 1, the best.
        average_ranks: mean over the blocks of each arm's rank, from 1 (best) to k (worst); tied
            arms share the mean of their ranks.
        chi_square: Friedman's statistic, from 0 to n (k - 1); None when all arms are tied in every
            block.
        degrees: its degrees of freedom, k - 1.
        p_value: from the chi-square distribution, which is rough when n is small; None as above.
        f_statistic: Iman and Davenport's F; None when there is one block or all are ranked alike.
        f_degrees: k - 1 and (k - 1)(n - 1).
        f_p: from the F distribution, better than `p_value` for small n; None when F is.
        permutation_p: share of the arrangements of ranks within blocks that give a statistic at
            least as large, in (0, 1]; None when they are too many to count and no generator was
            given.
        exact: whether `permutation_p` counts all arrangements.
        warning: why something is None or weak; None when nothing is amiss.
    """

    arms: tuple[str, ...]
    blocks: int
    dropped_blocks: int
    direction: Direction
    average_ranks: tuple[float, ...]
    chi_square: float | None
    degrees: int
    p_value: float | None
    f_statistic: float | None
    f_degrees: tuple[int, int]
    f_p: float | None
    permutation_p: float | None
    exact: bool
    warning: str | None = None


def friedman(
    values: Matched,
    arms: Sequence[str] | None = None,
    *,
    direction: Direction = "maximize",
    correct_ties: bool = True,
    rng: np.random.Generator | None = None,
    resamples: int = 100_000,
) -> FriedmanResult:
    """Test whether matched arms rank alike (Friedman 1937, JASA 32, 675-701).

    The statistic is (k - 1) S / T, where S is the sum over the arms of (R - n (k + 1) / 2)^2, R an
    arm's sum of ranks, and T the sum of squares of all single ranks about their mean, which makes
    it right with ties (Conover 1999, Practical Nonparametric Statistics, section 5.8). F is
    (n - 1) chi^2 / (n (k - 1) - chi^2) (Iman & Davenport 1980, Communications in Statistics A 9,
    571-595).

    Args:
        values: matched arms, see `analysis.many_arms.matching.matched_arms`.
        arms: names of the columns of a matrix.
        direction: whether the highest or the lowest value of a block has rank 1.
        correct_ties: False takes T as if there were no ties, as Demšar 2006 (JMLR 7, 1-30) does;
            the chi-square is then too small. The permutation p is the same either way.
        rng: draws arrangements when there are too many to count (`rank_permutation`).
        resamples: how many to draw then, at least 1.

    Raises:
        AnalysisError: see `matched_arms`; the direction or the number of resamples is impossible.
    """
    if direction not in get_args(Direction):
        allowed = ", ".join(repr(each) for each in get_args(Direction))
        raise AnalysisError(f"the direction is {direction!r}; allowed: {allowed}")
    matched = matched_arms(values, arms)
    ranks = _ranks_by_block(matched, direction)
    n, k = ranks.shape
    # Everything is counted in doubled ranks, whose mean is k + 1.
    spread = int(((ranks.sum(axis=0) - n * (k + 1)) ** 2).sum())
    total = int(((ranks - (k + 1)) ** 2).sum())
    chi_square, f_statistic, warning = _statistics(ranks, spread, total, correct_ties=correct_ties)
    share = permutation_share(ranks, spread, rng, resamples)
    return FriedmanResult(
        arms=matched.arms,
        blocks=n,
        dropped_blocks=matched.dropped_blocks,
        direction=direction,
        average_ranks=tuple(float(each) / (2 * n) for each in ranks.sum(axis=0)),
        chi_square=chi_square,
        degrees=k - 1,
        p_value=None if chi_square is None else _raised(special.chdtrc(k - 1, chi_square)),
        f_statistic=f_statistic,
        f_degrees=(k - 1, (k - 1) * (n - 1)),
        f_p=_f_p(f_statistic, n, k),
        permutation_p=share.p_value,
        exact=share.exact,
        warning=warning,
    )


def _ranks_by_block(matched: MatchedArms, direction: Direction) -> Units:
    """Return doubled midranks within each block, 2 for the best, of values with noise."""
    values = -matched.values if direction == "maximize" else matched.values
    return doubled_midranks(values, grid.noise_of(values))


def _statistics(
    ranks: Units, spread: int, total: int, *, correct_ties: bool
) -> tuple[float | None, float | None, str | None]:
    n, k = ranks.shape
    if total == 0:
        return None, None, ALL_TIED
    if not correct_ties:
        total = n * k * (k * k - 1) // 3
    chi_square = (k - 1) * spread / total
    if n == 1:
        return chi_square, None, ONE_BLOCK
    if spread == n * total:
        return chi_square, None, SAME_ORDER
    return chi_square, (n - 1) * chi_square / (n * (k - 1) - chi_square), None


def _f_p(f_statistic: float | None, n: int, k: int) -> float | None:
    if f_statistic is None:
        return None
    return _raised(special.fdtrc(k - 1, (k - 1) * (n - 1), f_statistic))


def _raised(p_value: float) -> float:
    return max(SMALLEST_P, float(p_value))

"""What the order of runs does to a paired test, and whether runs at one position are alike."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.inference.corrections import reaches
from analysis.inference.grid import Floats
from analysis.inference.paired import pair
from analysis.inference.result import SMALLEST_P
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.student_t import paired_t_test, t_tail
from analysis.inference.wilcoxon import wilcoxon_signed_rank
from analysis.many_arms.anova import f_tail
from analysis.many_arms.block_anova import block_anova

PairedTest = Literal["paired_t", "wilcoxon", "sign_flip"]

RESAMPLES = 20_000
"""Sign patterns, or splits, drawn where there are too many to count."""

_ORDERS = 2_000
_ORDERS_ONE_BY_ONE = 500
_ONE_BY_ONE_UP_TO_RUNS = 16
"""More runs take a rank or sign-flip test milliseconds, and the t-test stands in for it."""


@dataclass(frozen=True, slots=True)
class RunIndexEffect:
    """Whether runs at the same position of two arms are alike.

    Attributes:
        correlation: Pearson's, of the two arms over the run index; None without spread.
        correlation_p: its two-sided p; None without spread or with fewer than 3 runs.
        intraclass: (MSB - MSE) / (MSB + MSE), the intraclass correlation of single runs with
            arms held fixed, ICC(3, 1); None without spread.
        block_p: p of the run index as a block, F = MSB / MSE, upper tail; None without spread.
    """

    correlation: float | None
    correlation_p: float | None
    intraclass: float | None
    block_p: float | None


@dataclass(frozen=True, slots=True)
class Reorderings:
    """A paired p over random orders of one arm's runs, which say the same if nothing is shared.

    Attributes:
        reordering_test: the paired test that was redone.
        orders: how many orders were drawn.
        significant_share: share of them with p at most alpha.
        smallest_p: over the orders drawn.
        median_p: over the orders drawn.
        largest_p: over the orders drawn.
    """

    reordering_test: str
    orders: int
    significant_share: float
    smallest_p: float
    median_p: float
    largest_p: float


def run_index_effect(better: ArrayLike, worse: ArrayLike) -> RunIndexEffect:
    """Return whether two arms' runs go together over their positions.

    Args:
        better: shape (n,), n >= 1, finite, in the order of the runs.
        worse: shape (n,), the same of the other arm.

    Raises:
        AnalysisError: the series differ in length, are empty or not finite.
    """
    pair(better, worse)
    first, second = (np.asarray(each, dtype=np.float64) for each in (better, worse))
    table = block_anova({"better": first, "worse": second})
    n = len(first)
    if table.warning or table.block_ss is None or not table.error_ss:
        return RunIndexEffect(_correlation(first, second), None, None, None)
    ratio = table.block_ss / table.error_ss
    r = _correlation(first, second)
    return RunIndexEffect(
        correlation=r,
        correlation_p=_correlation_p(r, n),
        intraclass=(ratio - 1) / (ratio + 1),
        block_p=f_tail(ratio, n - 1, n - 1),
    )


def reorderings(
    better: ArrayLike, worse: ArrayLike, *, test: PairedTest, alpha: float, seed: int
) -> Reorderings | None:
    """Return what a paired test gives when one arm's runs are put into random orders.

    Args:
        better: shape (n,), n >= 2, finite.
        worse: shape (n,), the same of the other arm.
        test: the paired test; more than 16 runs are given to the paired t-test instead.
        alpha: error rate that orders are counted by.
        seed: of the orders.

    Returns:
        The spread of p over 2,000 orders (500 for rank and sign-flip tests); None when no order
        has any spread of its differences.
    """
    first, second = (np.sort(np.asarray(each, dtype=np.float64)) for each in (better, worse))
    rng = np.random.default_rng(seed)
    if test == "paired_t" or len(first) > _ONE_BY_ONE_UP_TO_RUNS:
        test, p_values = "paired_t", _t_of_orders(first, second, rng)
    else:
        found = [paired_p(first, rng.permutation(second), test) for _ in range(_ORDERS_ONE_BY_ONE)]
        p_values = np.array([each for each in found if each is not None])
    if len(p_values) == 0:
        return None
    return Reorderings(
        reordering_test=test,
        orders=len(p_values),
        significant_share=float(np.mean([reaches(each, alpha) for each in p_values.tolist()])),
        smallest_p=float(p_values.min()),
        median_p=float(np.median(p_values)),
        largest_p=float(p_values.max()),
    )


def paired_p(better: ArrayLike, worse: ArrayLike, test: PairedTest, seed: int = 0) -> float | None:
    """Return the two-sided p of a paired test of runs at the same positions; None if undefined.

    Args:
        better: shape (n,), n >= 1, finite.
        worse: shape (n,), the same of the other arm.
        test: which test.
        seed: of the sign patterns, drawn beyond 40 pairs.
    """
    pairs = pair(better, worse)
    if test == "paired_t":
        return paired_t_test(pairs).p_value
    if test == "wilcoxon":
        return wilcoxon_signed_rank(pairs).p_value
    rng = np.random.default_rng(seed)
    return sign_flip_test(pairs, rng=rng, resamples=RESAMPLES).p_value


def _t_of_orders(first: Floats, second: Floats, rng: np.random.Generator) -> Floats:
    """Two-sided p of the paired t-test in random orders; orders without spread are left out."""
    n = len(first)
    if n < 2:
        return np.zeros(0)
    differences = first - rng.permuted(np.tile(second, (_ORDERS, 1)), axis=1)
    errors = differences.std(axis=1, ddof=1) / np.sqrt(n)
    noise = 1e-12 * max(np.abs(first).max(), np.abs(second).max())
    statistics = differences.mean(axis=1)[errors > noise] / errors[errors > noise]
    p_values: Floats = np.maximum(2 * special.stdtr(n - 1, -np.abs(statistics)), SMALLEST_P)
    return p_values


def _correlation(first: Floats, second: Floats) -> float | None:
    centred = [each - each.mean() for each in (first, second)]
    scales = [float(np.abs(each).max()) for each in centred]
    noise = [1e-12 * float(np.abs(each).max()) for each in (first, second)]
    if any(scale <= least for scale, least in zip(scales, noise, strict=True)):
        return None
    one, other = (each / scale for each, scale in zip(centred, scales, strict=True))
    r = float(one @ other / np.sqrt((one @ one) * (other @ other)))
    return min(1.0, max(-1.0, r))


def _correlation_p(r: float | None, n: int) -> float | None:
    if r is None or n < 3:
        return None
    rest = 1 - r**2
    return t_tail(r * np.sqrt((n - 2) / rest), n - 2, "two-sided") if rest > 0 else 0.0

"""Which arms differ in their average ranks: Nemenyi's and Bonferroni-Dunn's critical differences.

Both are for after Friedman's test, and both follow Demšar 2006, Statistical Comparisons of
Classifiers over Multiple Data Sets (JMLR 7, 1-30). The variance of ranks is the one without ties;
ties make the ranks vary less, so that with ties these tests are on the safe side.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from scipy import special

from analysis.errors import AnalysisError, UnknownArmError
from analysis.inference.result import SMALLEST_P
from analysis.many_arms.friedman import FriedmanResult
from analysis.many_arms.studentised_range import range_quantile, range_tail

_RANK_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class RankDifference:
    """Two arms' average ranks held against each other.

    Attributes:
        arm: the arm.
        reference: what it is held against.
        difference: average rank of arm - reference; below 0 when the arm ranks better.
        p_value: two-sided, in (0, 1], corrected for all the comparisons of its family.
        significant: whether p is at most alpha.
    """

    arm: str
    reference: str
    difference: float
    p_value: float
    significant: bool


@dataclass(frozen=True, slots=True)
class RankComparisons:
    """A family of comparisons of average ranks.

    Attributes:
        arms: the names, from the best average rank to the worst.
        average_ranks: their average ranks, ascending.
        blocks: number of blocks.
        alpha: family-wise error rate, above 0 and below 1.
        critical_difference: average ranks this far apart differ at alpha.
        differences: one entry a comparison.
        cliques: maximal groups of two or more arms of which none differs from another, each from
            best to worst; empty when only comparisons with a control were made.
    """

    arms: tuple[str, ...]
    average_ranks: tuple[float, ...]
    blocks: int
    alpha: float
    critical_difference: float
    differences: tuple[RankDifference, ...]
    cliques: tuple[tuple[str, ...], ...] = ()


def nemenyi(result: FriedmanResult, alpha: float = 0.05) -> RankComparisons:
    """Compare all pairs of arms (Nemenyi 1963, Distribution-free Multiple Comparisons).

    A difference of average ranks in units of sqrt(k (k + 1) / (12 n)) is held against the range of
    k standard normals. p is asymptotic in the number of blocks.

    Args:
        result: Friedman's test of the arms.
        alpha: family-wise error rate over all pairs, above 0 and below 1.

    Raises:
        AnalysisError: alpha is impossible.
    """
    arms, ranks = _by_rank(result)
    unit = math.sqrt(len(arms) * (len(arms) + 1) / (12 * result.blocks))
    critical = critical_difference(len(arms), result.blocks, alpha)
    differences = tuple(
        RankDifference(
            arm=arms[i],
            reference=arms[j],
            difference=ranks[i] - ranks[j],
            p_value=range_tail((ranks[j] - ranks[i]) / unit, len(arms)),
            significant=_apart(ranks[i], ranks[j], critical),
        )
        for i, j in combinations(range(len(arms)), 2)
    )
    groups = cliques(arms, ranks, critical)
    return RankComparisons(arms, ranks, result.blocks, alpha, critical, differences, groups)


def bonferroni_dunn(result: FriedmanResult, control: str, alpha: float = 0.05) -> RankComparisons:
    """Compare every other arm with a control (Dunn 1961, JASA 56, 52-64).

    A difference of average ranks in units of sqrt(k (k + 1) / (6 n)) is taken for standard normal,
    and its two-sided p multiplied by the k - 1 comparisons made.

    Args:
        result: Friedman's test of the arms.
        control: the arm that the others are held against.
        alpha: family-wise error rate over the k - 1 comparisons, above 0 and below 1.

    Raises:
        UnknownArmError: the control is none of the arms.
        AnalysisError: alpha is impossible.
    """
    if control not in result.arms:
        raise UnknownArmError(control, result.arms)
    _require_alpha(alpha)
    arms, ranks = _by_rank(result)
    others = len(arms) - 1
    unit = math.sqrt(len(arms) * (len(arms) + 1) / (6 * result.blocks))
    critical = float(-special.ndtri(alpha / (2 * others))) * unit
    against = ranks[arms.index(control)]
    differences = tuple(
        RankDifference(
            arm=arm,
            reference=control,
            difference=rank - against,
            p_value=_bonferroni(abs(rank - against) / unit, others),
            significant=_apart(rank, against, critical),
        )
        for arm, rank in zip(arms, ranks, strict=True)
        if arm != control
    )
    return RankComparisons(arms, ranks, result.blocks, alpha, critical, differences)


def critical_difference(arms: int, blocks: int, alpha: float = 0.05) -> float:
    """Return Nemenyi's critical difference of average ranks, q sqrt(k (k + 1) / (12 n)).

    Demšar 2006, section 3.2.2; q is the upper quantile of the studentised range with infinite
    degrees of freedom, and Demšar's tables hold q / sqrt(2).

    Args:
        arms: k, at least 2.
        blocks: n, at least 1.
        alpha: family-wise error rate, above 0 and below 1.

    Raises:
        AnalysisError: an argument is out of range.
    """
    if blocks < 1:
        raise AnalysisError(f"the number of blocks is {blocks!r}; allowed: a whole number from 1")
    return range_quantile(alpha, arms) * math.sqrt(arms * (arms + 1) / (12 * blocks))


def cliques(
    arms: Sequence[str], average_ranks: Sequence[float], critical: float
) -> tuple[tuple[str, ...], ...]:
    """Return the maximal groups of arms whose average ranks lie closer than a critical difference.

    These are the bars of a critical-difference diagram. Groups overlap: that two arms share one
    does not say that they are equal.

    Args:
        arms: names, in any order.
        average_ranks: in the same order.
        critical: the critical difference, in ranks.

    Returns:
        Groups of two or more, each from best to worst, in the order of their best arm.
    """
    ranked = sorted(zip(average_ranks, arms, strict=True))
    groups: list[tuple[str, ...]] = []
    reached = 0
    for start, (best, _) in enumerate(ranked):
        end = start + 1
        while end < len(ranked) and not _apart(ranked[end][0], best, critical):
            end += 1
        if end > reached and end - start > 1:
            groups.append(tuple(arm for _, arm in ranked[start:end]))
        reached = max(reached, end)
    return tuple(groups)


def _apart(rank: float, other: float, critical: float) -> bool:
    return abs(rank - other) >= critical - _RANK_NOISE


def _bonferroni(statistic: float, comparisons: int) -> float:
    return max(SMALLEST_P, min(1.0, comparisons * 2 * float(special.ndtr(-statistic))))


def _by_rank(result: FriedmanResult) -> tuple[tuple[str, ...], tuple[float, ...]]:
    ranked = sorted(zip(result.average_ranks, result.arms, strict=True))
    return tuple(arm for _, arm in ranked), tuple(rank for rank, _ in ranked)


def _require_alpha(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise AnalysisError(f"alpha is {alpha!r}; allowed: a number above 0 and below 1")

"""Intervals over test examples, and McNemar's tests, as tables."""

from collections.abc import Sequence

from analysis.presentation.numbers import (
    MISSING,
    decimals_for,
    format_interval,
    format_number,
    format_p,
)
from analysis.presentation.wording import comparison_decimals
from analysis.results import Comparison
from analysis.variance.intervals import Ends
from analysis.variance.mcnemar import McNemarResult
from analysis.variance.two_way_bootstrap import TwoWayInterval

Row = tuple[str, ...]

# Metrics may have been stored in single precision; shares of examples are exact.
_SAME = 1e-6


def two_way_rows(intervals: Sequence[tuple[Comparison, TwoWayInterval]]) -> tuple[Row, ...]:
    """Return one row a comparison, a header first.

    Where the comparison is of the same accuracies over the same seeds, its difference is written
    as it is elsewhere; where the protocol's metric is another one, at decimals of its own.
    """
    header = (
        "comparison",
        "seeds",
        "examples",
        "difference",
        "over seeds",
        "over examples",
        "both",
    )
    return (header, *(_row(comparison, each) for comparison, each in intervals))


def mcnemar_rows(found: Sequence[tuple[int, McNemarResult]]) -> tuple[Row, ...]:
    """Return one row a seed, a header first."""
    header = ("seed", "both", "only arm", "only reference", "neither", "p", "mid-p")
    return (
        header,
        *(
            (
                str(seed),
                str(each.both),
                str(each.only_arm),
                str(each.only_reference),
                str(each.neither),
                format_p(each.p_value),
                format_p(each.mid_p),
            )
            for seed, each in found
        ),
    )


def _row(comparison: Comparison, each: TwoWayInterval) -> Row:
    difference, decimals = each.estimate, decimals_for((each.high - each.low) / 4, each.estimate)
    if comparison.difference is not None and abs(comparison.difference - difference) < _SAME:
        difference, decimals = comparison.difference, comparison_decimals(comparison)
    return (
        comparison.label,
        str(each.seeds),
        str(each.examples),
        format_number(difference, decimals),
        _ends(each.seeds_only, decimals),
        _ends(each.examples_only, decimals),
        format_interval(each.low, each.high, decimals),
    )


def _ends(ends: Ends | None, decimals: int) -> str:
    return MISSING if ends is None else format_interval(*ends, decimals)

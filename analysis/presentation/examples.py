"""Intervals over test examples, and McNemar's tests, as tables."""

from collections.abc import Sequence

from analysis.presentation.numbers import (
    MISSING,
    decimals_for,
    format_interval,
    format_number,
    format_p,
)
from analysis.variance.intervals import Ends
from analysis.variance.mcnemar import McNemarResult
from analysis.variance.two_way_bootstrap import TwoWayInterval

Row = tuple[str, ...]


def two_way_rows(intervals: Sequence[tuple[str, TwoWayInterval]]) -> tuple[Row, ...]:
    """Return one row a comparison, a header first."""
    header = (
        "comparison",
        "seeds",
        "examples",
        "difference",
        "over seeds",
        "over examples",
        "both",
    )
    return (header, *(_row(label, each) for label, each in intervals))


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


def _row(label: str, each: TwoWayInterval) -> Row:
    decimals = decimals_for((each.high - each.low) / 4, each.estimate)
    return (
        label,
        str(each.seeds),
        str(each.examples),
        format_number(each.estimate, decimals),
        _ends(each.seeds_only, decimals),
        _ends(each.examples_only, decimals),
        format_interval(each.low, each.high, decimals),
    )


def _ends(ends: Ends | None, decimals: int) -> str:
    return MISSING if ends is None else format_interval(*ends, decimals)

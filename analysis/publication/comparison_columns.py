"""Columns of a table of comparisons: what each shows, how it is headed and explained."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from analysis.presentation.numbers import decimals_for, format_percent
from analysis.presentation.wording import comparison_decimals
from analysis.publication import comparison_words as words
from analysis.publication.best_arms import BestArms
from analysis.publication.columns import Column
from analysis.publication.compared import effect_size, is_paired
from analysis.publication.entries import (
    Entry,
    count_entry,
    data_entry,
    estimate_entry,
    interval_entry,
    nothing_entry,
    number_entry,
    p_entry,
    spread_entry,
    text_entry,
)
from analysis.results import ArmSummary, Comparison, Comparisons

ColumnKey = Literal[
    "arm",
    "reference",
    "n",
    "pairs",
    "mean",
    "interval",
    "difference",
    "p",
    "p_adjusted",
    "decision",
    "effect_size",
]
"""Columns of a table of comparisons, in the order in which they stand by default."""

KEYS: tuple[ColumnKey, ...] = get_args(ColumnKey)
_TEXT_COLUMNS = frozenset({"arm", "reference", "decision"})


@dataclass(frozen=True, slots=True)
class Row:
    """An arm in a cell, and one comparison of it; None when it was held against nothing."""

    arm: ArmSummary
    comparison: Comparison | None


def rows_of(results: Comparisons) -> list[Row]:
    """Return a row an arm and comparison, cell by cell."""
    rows: list[Row] = []
    for summary in sorted(results.arms, key=lambda each: results.cells.index(each.cell)):
        own = [
            each
            for each in results.comparisons
            if (each.cell, each.arm) == (summary.cell, summary.arm)
        ]
        rows += [Row(summary, each) for each in own] or [Row(summary, None)]
    return rows


def column(key: ColumnKey, rows: Sequence[Row], results: Comparisons, best: BestArms) -> Column:
    """Return a column; names and means of the best arms are bold."""
    header, latex_header, explanation = _headers(key, results)
    make = _ENTRIES[key]
    entries = [make(row, results) for row in rows]
    if key in {"arm", "mean"}:
        bold = [best.marks(row.arm.cell, row.arm.arm) for row in rows]
        entries = [
            each.in_bold() if mark else each for each, mark in zip(entries, bold, strict=True)
        ]
    align: Literal["left", "right"] = "left" if key in _TEXT_COLUMNS else "right"
    return Column(header, tuple(entries), align, explanation, latex_header=latex_header)


def _headers(key: ColumnKey, results: Comparisons) -> tuple[str, str, str]:
    """Return a column's header in plain text and in LaTeX, and what the caption says about it."""
    level = format_percent(1 - results.protocol.alpha)
    effect = ("d_z", "$d_z$") if is_paired(results) else ("g", "$g$")
    headers: dict[ColumnKey, tuple[str, str, str]] = {
        "n": ("n", "$n$", ""),
        "mean": ("mean ± sd", "", words.mean_words()),
        "interval": (f"mean's {level} interval", "", words.interval_words(results)),
        "difference": (f"difference [{level}]", "", words.difference_words(results)),
        "p": ("p", "$p$", words.p_words(results)),
        "p_adjusted": ("p corr", r"$p_{\mathrm{corr}}$", words.corrected_words(results)),
        "effect_size": (*effect, words.effect_words(results)),
        "decision": ("decision", "", words.decision_words(results)),
    }
    return headers.get(key, (key, "", ""))


def factor_columns(rows: Sequence[Row], results: Comparisons) -> list[Column]:
    """Return the levels of factors, for programs; a factor never hides another quantity."""
    taken = {name for names in _FIELDS.values() for name in names} | {"bold"}
    factors = [factor for cell in results.cells[:1] for factor, _ in cell]
    columns = []
    for factor in factors:
        name = f"factor {factor}" if factor in taken else factor
        entries = tuple(data_entry(name, dict(row.arm.cell)[factor]) for row in rows)
        columns.append(Column(name, entries, is_data_only=True))
    return columns


def marks_column(rows: Sequence[Row], best: BestArms) -> Column:
    """Return which rows are bold, for programs; no value where nobody knows."""
    entries = [data_entry("bold", best.marks(row.arm.cell, row.arm.arm)) for row in rows]
    return Column("bold", tuple(entries), is_data_only=True)


def _mean(row: Row, results: Comparisons) -> Entry:
    arm = row.arm
    return spread_entry(arm.mean, arm.sd, _mean_decimals(arm, results))


def _interval(row: Row, results: Comparisons) -> Entry:
    arm = row.arm
    decimals = _mean_decimals(arm, results)
    low, high = _FIELDS["interval"]
    return interval_entry(arm.ci_low, arm.ci_high, decimals, (low, high))


def _of_comparison(
    key: ColumnKey, make: Callable[[Comparison, Comparisons], Entry]
) -> Callable[[Row, Comparisons], Entry]:
    """Return a function that makes a column's entry, or a dash where nothing was compared."""

    def entry(row: Row, results: Comparisons) -> Entry:
        if row.comparison is None:
            return nothing_entry(*_FIELDS[key])
        return make(row.comparison, results)

    return entry


def _difference(comparison: Comparison, results: Comparisons) -> Entry:
    own = comparison_decimals(comparison)
    known = [each for each in results.comparisons if each.standard_error]
    decimals = _evened(own, map(comparison_decimals, known))
    return estimate_entry(comparison.difference, comparison.ci_low, comparison.ci_high, decimals)


def _mean_decimals(arm: ArmSummary, results: Comparisons) -> int:
    known = (each for each in results.arms if each.standard_error)
    others = (decimals_for(each.standard_error, each.mean) for each in known)
    return _evened(decimals_for(arm.standard_error, arm.mean), others)


def _evened(own: int, others: Iterable[int]) -> int:
    """Return an estimate's decimals in a column: one fewer than its own where others have fewer.

    Two significant digits of a standard error become one at worst, and the numbers of a column
    have the same decimals unless their precision differs by a power of ten.
    """
    return max(min((own, *others)), own - 1)


def _p(comparison: Comparison, results: Comparisons) -> Entry:
    return p_entry("p", comparison.p_value, results.protocol.alpha)


def _p_adjusted(comparison: Comparison, results: Comparisons) -> Entry:
    return p_entry("p_adjusted", comparison.p_adjusted, results.protocol.alpha)


_FIELDS: dict[ColumnKey, tuple[str, ...]] = {
    "arm": ("arm",),
    "reference": ("reference",),
    "n": ("n",),
    "pairs": ("pairs",),
    "mean": ("mean", "sd"),
    "interval": ("mean_ci_low", "mean_ci_high"),
    "difference": ("difference", "ci_low", "ci_high"),
    "p": ("p",),
    "p_adjusted": ("p_adjusted",),
    "decision": ("decision",),
    "effect_size": ("effect_size",),
}

_ENTRIES: dict[ColumnKey, Callable[[Row, Comparisons], Entry]] = {
    "arm": lambda row, _: text_entry("arm", row.arm.arm),
    "n": lambda row, _: count_entry("n", row.arm.n),
    "mean": _mean,
    "interval": _interval,
    "reference": _of_comparison(
        "reference", lambda each, _: text_entry("reference", each.reference)
    ),
    "pairs": _of_comparison("pairs", lambda each, _: count_entry("pairs", each.n)),
    "difference": _of_comparison("difference", _difference),
    "p": _of_comparison("p", _p),
    "p_adjusted": _of_comparison("p_adjusted", _p_adjusted),
    "decision": _of_comparison("decision", lambda each, _: text_entry("decision", each.decision)),
    "effect_size": _of_comparison(
        "effect_size", lambda each, _: number_entry("effect_size", effect_size(each), 2)
    ),
}

"""Everything that was computed about comparisons, as tables: all tests, effects and intervals."""

from collections.abc import Callable

from analysis.inference.bootstrap import TRUSTED_FROM
from analysis.presentation.numbers import (
    decimals_for,
    format_interval,
    format_number,
    format_p,
)
from analysis.presentation.wording import TEST_NAMES, comparison_decimals
from analysis.results import Comparison, Comparisons

Row = tuple[str, ...]

EFFECT_NAMES = {
    "d_z": "d_z",
    "hedges_g": "Hedges' g",
    "cliffs_delta": "Cliff's δ",
    "superiority": "superiority",
}


def test_rows(results: Comparisons) -> tuple[Row, ...]:
    """Return every test of every comparison, a header first."""
    header = ("comparison", "test", "n", "statistic", "p", "exact", "floor", "decides")
    return (header, *_rows(results, _tests))


def effect_rows(results: Comparisons) -> tuple[Row, ...]:
    """Return every effect size with its interval, a header first."""
    return (("comparison", "effect", "estimate", "interval"), *_rows(results, _effects))


def interval_rows(results: Comparisons) -> tuple[Row, ...]:
    """Return the intervals of every difference, a header first."""
    few = any(0 < min(each.n, each.n_reference) < TRUSTED_FROM for each in results.comparisons)
    bca = f"BCa interval (too narrow below n = {TRUSTED_FROM})" if few else "BCa interval"
    header = ("comparison", "difference", "t interval", bca, "equivalence interval")
    posterior = any(each.posterior for each in results.comparisons)
    extra = ("P(worse)", "P(equivalent)", "P(better)") if posterior else ()
    return ((*header, *extra), *_rows(results, lambda each: _intervals(each, posterior=posterior)))


def _rows(results: Comparisons, of_one: Callable[[Comparison], list[Row]]) -> list[Row]:
    return [(each.label, *row) for each in results.comparisons for row in of_one(each)]


def _tests(comparison: Comparison) -> list[Row]:
    n = str(comparison.n) if comparison.is_paired else f"{comparison.n}, {comparison.n_reference}"
    return [
        (
            TEST_NAMES[each.name],
            n,
            format_number(each.statistic, decimals_for(None, each.statistic)),
            format_p(each.p_value),
            "yes" if each.exact else "no",
            format_p(each.p_floor) if each.p_floor is not None else "none",
            "yes" if each.name == comparison.decisive_test else "",
        )
        for each in comparison.tests
    ]


def _effects(comparison: Comparison) -> list[Row]:
    return [
        (
            EFFECT_NAMES[each.name],
            format_number(each.estimate, 2),
            format_interval(each.ci_low, each.ci_high, 2),
        )
        for each in comparison.effect_sizes
    ]


def _intervals(comparison: Comparison, *, posterior: bool) -> list[Row]:
    decimals = comparison_decimals(comparison)
    found = comparison.posterior
    shares = (found.p_worse, found.p_equivalent, found.p_better) if found else (None,) * 3
    return [
        (
            format_number(comparison.difference, decimals),
            format_interval(comparison.ci_low, comparison.ci_high, decimals),
            format_interval(comparison.bca_low, comparison.bca_high, decimals),
            format_interval(comparison.equivalence_low, comparison.equivalence_high, decimals),
            *((format_number(share, 3) for share in shares) if posterior else ()),
        )
    ]

"""What a figure shows, said in words made from the same numbers, for those who cannot see it."""

from analysis.presentation.numbers import (
    count_of,
    decimals_for,
    format_interval,
    format_number,
    format_percent,
)
from analysis.presentation.wording import comparison_decimals
from analysis.results import ArmSummary, Comparison, Comparisons, cell_label


def describe_distributions(results: Comparisons) -> str:
    """Return an alternative text for `analysis.figures.distributions`."""
    metric = results.protocol.metric
    level = format_percent(1 - results.protocol.alpha)
    arms = "; ".join(_arm(each) for each in results.arms)
    return (
        f"Every run's {metric} by arm, with quartiles, and each arm's mean with its {level} "
        f"interval. {arms}."
    )


def describe_differences(results: Comparisons) -> str:
    """Return an alternative text for `analysis.figures.differences`."""
    metric = results.protocol.metric
    level = format_percent(1 - results.protocol.alpha)
    rows = "; ".join(_comparison(each) for each in results.comparisons)
    kind = "Mean paired differences" if results.design == "paired" else "Differences of means"
    return f"{kind} in {metric} with their {level} intervals. {rows}."


def _arm(summary: ArmSummary) -> str:
    decimals = decimals_for(summary.standard_error, summary.mean)
    text = f"{summary.arm}{cell_label(summary.cell)}: {count_of(summary.n, 'run')}"
    if summary.n == 0:
        return text
    text += f", mean {format_number(summary.mean, decimals)}"
    if summary.ci_low is None:
        return text
    return f"{text} ({format_interval(summary.ci_low, summary.ci_high, decimals)})"


def _comparison(comparison: Comparison) -> str:
    decimals = comparison_decimals(comparison)
    text = f"{comparison.label}: {format_number(comparison.difference, decimals)}"
    if comparison.ci_low is not None:
        interval = format_interval(comparison.ci_low, comparison.ci_high, decimals)
        text += f" ({interval}; {comparison.runs})"
    return f"{text}, {comparison.decision}"

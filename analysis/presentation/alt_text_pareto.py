"""What the figure of a Pareto front shows, said in words made from the same numbers."""

from analysis.inference.student_t import MeanInterval
from analysis.pareto.result import Configuration, ParetoFront
from analysis.pareto.text import format_share, heading
from analysis.presentation.numbers import (
    count_of,
    decimals_for,
    format_interval,
    format_number,
    format_percent,
)


def describe_pareto_front(front: ParetoFront) -> str:
    """Return an alternative text for `analysis.figures.pareto_front`."""
    rows = "; ".join(_configuration(each) for each in front.configurations)
    members = ", ".join(each.label for each in front.front) or "none"
    return (
        f"{heading(front)}: means with their {format_percent(front.level)} intervals. "
        f"On the front by their means: {members}. {rows}."
    )


def _configuration(each: Configuration) -> str:
    if each.n == 0:
        return f"{each.label}: no complete run"
    means = ", ".join(_mean(name, summary) for name, summary in each.means.items())
    place = "the knee of the front" if each.is_knee else "on the front"
    text = f"{each.label}: {count_of(each.n, 'run')}, {means}, "
    text += place if each.on_front else "dominated"
    if each.probability_on_front is None:
        return text
    return f"{text}, on the front in a share of {format_share(each.probability_on_front)}"


def _mean(name: str, summary: MeanInterval) -> str:
    decimals = decimals_for(summary.standard_error, summary.mean)
    text = f"{name} {format_number(summary.mean, decimals)}"
    if summary.low is None:
        return text
    return f"{text} ({format_interval(summary.low, summary.high, decimals)})"

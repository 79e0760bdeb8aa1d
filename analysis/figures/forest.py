"""Every difference with its interval: a forest plot."""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.style import (
    BLUE,
    GREEN,
    INK,
    MOST_PANELS,
    VERMILLION,
    left_out,
    legend,
    name_rows,
    note,
    panels,
    style,
    title_cell,
    wrapped,
)
from analysis.presentation.numbers import format_percent
from analysis.results import Comparison, Comparisons, Decision


@dataclass(frozen=True, slots=True)
class _Mark:
    marker: str
    colour: str
    filled: bool


_MARKS: dict[Decision, _Mark] = {
    "better": _Mark("^", BLUE, filled=True),
    "worse": _Mark("v", VERMILLION, filled=True),
    "equivalent": _Mark("s", GREEN, filled=True),
    "undecided": _Mark("o", INK, filled=False),
}


def differences(results: Comparisons) -> Figure:
    """Draw every difference with its interval: a forest plot.

    Returns:
        A figure 6.5 inches wide, one row a comparison. The line at zero means no difference; a
        band shows the smallest effect declared to matter. Markers tell the decision by shape.
    """
    cells = tuple(dict.fromkeys(each.cell for each in results.comparisons))
    shown = cells[:MOST_PANELS]
    rows = [[each for each in results.comparisons if each.cell == cell] for cell in shown]
    references = {each.reference for each in results.comparisons}
    with style():
        figure, axes_of = panels([len(each) for each in rows])
        for axes, cell, comparisons in zip(axes_of, shown, rows, strict=True):
            _draw_null(axes, results.protocol.smallest_effect)
            for row, comparison in enumerate(comparisons):
                _draw_difference(axes, row, comparison)
            name_rows(axes, [_row_name(each, references) for each in comparisons])
            title_cell(axes, cell)
        axes_of[-1].set_xlabel(_difference_label(results, references))
        legend(figure, _decision_handles(results), left_out(len(cells)))
    return figure


def _draw_null(axes: Axes, smallest_effect: float | None) -> None:
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    if smallest_effect is not None:
        axes.axvspan(
            -smallest_effect, smallest_effect, color=INK, alpha=0.12, linewidth=0, zorder=0
        )


def _draw_difference(axes: Axes, row: int, comparison: Comparison) -> None:
    mark = _MARKS[comparison.decision]
    if comparison.difference is None:
        note(axes, row, "no pairs" if comparison.is_paired else "no runs")
        return
    if comparison.ci_low is not None and comparison.ci_high is not None:
        ends = [comparison.ci_low, comparison.ci_high]
        axes.plot(ends, [row, row], color=mark.colour, linewidth=1.6, solid_capstyle="butt")
    axes.plot(comparison.difference, row, **_marker(mark))


def _marker(mark: _Mark) -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": mark.marker,
        "markersize": 6.5,
        "markeredgecolor": mark.colour,
        "markeredgewidth": 1.4,
        "markerfacecolor": mark.colour if mark.filled else "none",
    }


def _row_name(comparison: Comparison, references: set[str]) -> str:
    if len(references) == 1:
        return wrapped(comparison.arm)
    return f"{wrapped(comparison.arm, 1)}\n− {wrapped(comparison.reference, 1)}"


def _difference_label(results: Comparisons, references: set[str]) -> str:
    level = format_percent(1 - results.protocol.alpha)
    against = f" to {wrapped(next(iter(references)), 1)}" if len(references) == 1 else ""
    better = "right" if results.protocol.maximizes else "left"
    metric = wrapped(results.protocol.metric, 1)
    return f"difference{against} in {metric}, {level} interval (better to the {better})"


def _decision_handles(results: Comparisons) -> list[Line2D]:
    present = {each.decision for each in results.comparisons}
    handles = [
        Line2D([], [], label=decision, **_marker(mark))
        for decision, mark in _MARKS.items()
        if decision in present
    ]
    margin = results.protocol.smallest_effect
    if margin is not None:
        label = f"within ±{margin:g}"
        handles.append(
            Line2D([], [], color=INK, alpha=0.12, linewidth=8, label=label, solid_capstyle="butt")
        )
    return handles

"""The expected best of k runs: what "best of k" reports grow to by trying alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.errors import AnalysisError
from analysis.figures.charts import (
    Look,
    band,
    chart,
    legend_below,
    legend_rows,
    logarithmic,
    look,
    short,
    whole_numbers,
)
from analysis.figures.style import style
from analysis.presentation.numbers import format_percent

BestPoint = tuple[int, float, float | None, float | None]
"""k, the expected best of k runs, and the ends of its interval (None when there is none)."""

_SPAN_FOR_LOG = 50


def best_of_n(
    curves: Mapping[str, Sequence[BestPoint]],
    metric: str,
    *,
    level: float | None = 0.95,
    unit: str = "runs",
) -> Figure:
    """Draw the expected best of k runs against k, with a band for each arm.

    The expected best grows with k whatever the arm; arms can be compared at the same k only
    (Dodge, Gururangan, Card, Schwartz & Smith 2019, Show Your Work, EMNLP).

    Args:
        curves: for each arm its points (k, expected best, lower end, upper end), in any order;
            k >= 1, both ends or neither may be None.
        metric: its name.
        level: of the bands, in (0, 1); None when the points have none.
        unit: what k counts, in the plural.

    Returns:
        A figure 6.5 inches wide.

    Raises:
        AnalysisError: there is no arm, or an arm has no point.
    """
    if not curves or not all(curves.values()):
        raise AnalysisError("a figure of the expected best needs an arm, and a point for each arm")
    ordered = {arm: sorted(points, key=lambda each: each[0]) for arm, points in curves.items()}
    labels = [short(each) for each in ordered]
    with style():
        figure, axes = chart(legend_rows(labels))
        handles = [
            _draw(axes, points, label, look(number), len(labels))
            for number, (points, label) in enumerate(zip(ordered.values(), labels, strict=True))
        ]
        largest = max(k for points in ordered.values() for k, *_ in points)
        if largest >= _SPAN_FOR_LOG:
            logarithmic(axes)
        else:
            whole_numbers(axes)
        axes.set_xlabel(f"k, number of {unit}")
        axes.set_ylabel(_value_label(metric, ordered, level))
        legend_below(figure, handles)
    return figure


def _draw(axes: Axes, points: Sequence[BestPoint], label: str, own: Look, arms: int) -> Line2D:
    banded = [
        (k, (low, high)) for k, _, low, high in points if low is not None and high is not None
    ]
    if banded:
        band(axes, [k for k, _ in banded], [ends for _, ends in banded], own, arms)
    settings: dict[str, Any] = {
        "color": own.colour,
        "linestyle": own.dashes,
        "linewidth": 1.5,
        "marker": own.marker,
        "markersize": 4,
        "label": label,
    }
    places, values = [each[0] for each in points], [each[1] for each in points]
    axes.plot(places, values, markevery=max(1, len(points) // 8), **settings)
    return Line2D([], [], **settings)


def _value_label(
    metric: str, curves: Mapping[str, Sequence[BestPoint]], level: float | None
) -> str:
    banded = any(low is not None for points in curves.values() for _, _, low, _ in points)
    label = f"expected best {short(metric)} of k"
    return f"{label}\nband: {format_percent(level)} interval" if banded and level else label

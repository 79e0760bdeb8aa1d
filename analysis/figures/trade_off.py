"""A metric against what it costs: one point a configuration, a line along each arm."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.charts import (
    Look,
    chart,
    legend_below,
    legend_rows,
    logarithmic,
    look,
    mean_label,
    require_positive,
    short,
    with_runs,
)
from analysis.figures.labels import NamedPoint, name_points
from analysis.figures.style import style
from analysis.presentation.numbers import count_of
from analysis.presentation.points import Point, PointSeries, read_points

_MARKER_POINTS = 6.0
_ABOUT_THE_SAME = 1.25
_PIECES_OF_A_LINE = 24


def trade_off(
    points: pd.DataFrame,
    *,
    x: str,
    y: str,
    log_x: bool = True,
    level: float | None = 0.95,
) -> Figure:
    """Draw a metric against a cost, with an interval at every point and a line along each arm.

    A line joins an arm's points by ascending cost; nothing was measured between them. A label that
    arms share stands once, at the highest of their points, where their costs are about the same.

    Args:
        points: columns ``cost``, ``mean``, ``low``, ``high``, ``arm`` and ``label`` (such as
            "k=5"; may be empty), and ``n`` where it is known; one row a point.
        x: name of the cost.
        y: name of the metric.
        log_x: whether the x axis is logarithmic.
        level: of the intervals, in (0, 1); None when they are of another kind.

    Returns:
        A figure 6.5 inches wide. The legend counts the runs behind each arm's means.

    Raises:
        AnalysisError: as `analysis.presentation.points.read_points` does, or a cost is not above 0
            on a logarithmic axis.
    """
    series = read_points(points, across="cost", series="arm", label="label")
    if log_x:
        require_positive(x, [point.x for each in series for point in each.points])
    labels = [with_runs(each.name, each.runs) for each in series]
    with style():
        figure, axes = chart(legend_rows(labels) + 1)
        handles: list[Artist] = [
            _draw(axes, each, label, look(number))
            for number, (each, label) in enumerate(zip(series, labels, strict=True))
        ]
        axes.margins(0.08)
        if log_x:
            logarithmic(axes)
        axes.set_xlim(*axes.get_xlim())
        axes.set_ylim(*axes.get_ylim())
        axes.set_xlabel(short(x))
        drawn_as = "line" if any(each.has_intervals for each in series) else None
        axes.set_ylabel(mean_label(y, drawn_as, level))
        legend_below(figure, handles, _title(series))
        unnamed = name_points(figure, axes, _named(series), _obstacles(axes, series))
        if unnamed:
            axes.set_title(f"{count_of(unnamed, 'label')} left out for want of room", fontsize=8)
    return figure


def _draw(axes: Axes, series: PointSeries, label: str, own: Look) -> Line2D:
    for each in series.points:
        if each.interval is not None:
            axes.vlines(each.x, *each.interval, color=own.colour, linewidth=1.0)
    settings: dict[str, Any] = {
        "color": own.colour,
        "linestyle": own.dashes,
        "linewidth": 1.0,
        "marker": own.marker,
        "markersize": _MARKER_POINTS,
        "label": label,
    }
    places, means = [each.x for each in series.points], [each.mean for each in series.points]
    axes.plot(places, means, **settings)
    return Line2D([], [], **settings)


def _named(series: Sequence[PointSeries]) -> list[NamedPoint]:
    """Return every point, those that carry a label first; the others only take up room."""
    alike: dict[str, list[Point]] = {}
    for arm in series:
        for point in arm.points:
            alike.setdefault(point.label, []).append(point)
    named: list[NamedPoint] = []
    unnamed: list[NamedPoint] = []
    for label, points in alike.items():
        highest = max(points, key=lambda each: each.mean)
        costs = [each.x for each in points]
        once = min(costs) > 0 and max(costs) <= _ABOUT_THE_SAME * min(costs)
        for each in points:
            has_name = label and (each is highest or not once)
            place = NamedPoint(
                each.x, each.mean, short(label) if has_name else "", _MARKER_POINTS / 2
            )
            (named if has_name else unnamed).append(place)
    return named + unnamed


def _obstacles(
    axes: Axes, series: Sequence[PointSeries]
) -> list[tuple[float, float, float, float]]:
    """Return what labels had better not stand on: intervals, and the lines in short pieces."""
    lines = [(each.x, *ends) for arm in series for each in arm.points if (ends := each.interval)]
    obstacles = [(x, low, x, high) for x, low, high in lines]
    share = np.linspace(0, 1, _PIECES_OF_A_LINE + 1)[:, np.newaxis]
    for arm in series:
        seen = axes.transData.transform([(each.x, each.mean) for each in arm.points])
        for start, end in pairwise(seen):
            path = axes.transData.inverted().transform(start + share * (end - start))
            obstacles += [(*here, *there) for here, there in pairwise(path.tolist())]
    return obstacles


def _title(series: Sequence[PointSeries]) -> str | None:
    """Say which points could not be drawn."""
    lost = sum(len(each.without_mean) for each in series)
    return f"{count_of(lost, 'point')} without a mean" if lost else None

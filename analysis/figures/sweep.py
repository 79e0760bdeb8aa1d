"""A metric against a swept parameter: means, their intervals, and the value without it."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
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
    mean_label,
    require_positive,
    short,
    with_runs,
)
from analysis.figures.style import INK, style
from analysis.presentation.points import PointSeries, Reference, read_points

_MOST_BARRED = 2
_REFERENCE = Look(INK, (0, (4, 2)), "")


def sweep(
    points: pd.DataFrame,
    *,
    x: str,
    y: str,
    log_x: bool = False,
    reference: Reference | tuple[float, ...] | None = None,
    level: float | None = 0.95,
) -> Figure:
    """Draw the mean of a metric against a swept parameter, with its interval at every value.

    Intervals are bars where there are one or two groups; bands join them. A band says nothing
    about values between those that were tried.

    Args:
        points: columns ``x``, ``mean``, ``low``, ``high`` and ``n`` (may be missing where it is not
            known), one row a value that was tried; with a column ``group``, a line a group.
        x: name of the swept parameter.
        y: name of the metric.
        log_x: whether the x axis is logarithmic.
        reference: the mean without the swept treatment, drawn as a level line with its interval;
            None for none.
        level: of the intervals, in (0, 1); None when they are of another kind.

    Returns:
        A figure 6.5 inches wide. The legend counts the runs behind each mean; values without a
        finite mean are left out, and the figure says which.

    Raises:
        AnalysisError: as `analysis.presentation.points.read_points` does; a value was tried twice
            in a group, or is not above 0 on a logarithmic axis.
    """
    series = read_points(points, across="x", series="group" if "group" in points else None)
    _require_once(series)
    places = [point.x for each in series for point in each.points]
    if log_x:
        require_positive(x, places)
    beside = None if reference is None else Reference(*reference)
    labels = [with_runs(each.name or "mean", each.runs) for each in series]
    if beside:
        labels.append(with_runs(beside.name, beside.runs))
    with style():
        figure, axes = chart(legend_rows(labels) + 1)
        handles: list[Artist] = [
            _draw(axes, each, label, look(number), len(series))
            for number, (each, label) in enumerate(zip(series, labels, strict=False))
        ]
        if log_x:
            logarithmic(axes)
        if beside:
            handles.append(_draw_reference(axes, beside, labels[-1]))
        axes.set_xlabel(short(x))
        drawn_as = "band" if any(each.has_intervals for each in series) else None
        axes.set_ylabel(mean_label(y, drawn_as, level))
        legend_below(figure, handles, _title(series))
    return figure


def _require_once(series: Sequence[PointSeries]) -> None:
    for each in series:
        places = [point.x for point in each.points]
        if repeated := sorted({place for place in places if places.count(place) > 1}):
            group = f" of the group {each.name!r}" if each.name else ""
            raise AnalysisError(
                f"There are several rows{group} with x = {repeated[0]:g}: give one mean a value."
            )


def _draw(axes: Axes, series: PointSeries, label: str, own: Look, groups: int) -> Line2D:
    for stretch in series.banded_stretches():
        places = [each.x for each in stretch]
        ends = [each.interval for each in stretch if each.interval is not None]
        band(axes, places, ends, own, groups)
        if groups <= _MOST_BARRED:
            lows, highs = [low for low, _ in ends], [high for _, high in ends]
            axes.vlines(places, lows, highs, color=own.colour, linewidth=1.1)
    settings: dict[str, Any] = {
        "color": own.colour,
        "linestyle": own.dashes,
        "linewidth": 1.5,
        "marker": own.marker,
        "markersize": 5,
        "label": label,
    }
    axes.plot([each.x for each in series.points], [each.mean for each in series.points], **settings)
    return Line2D([], [], **settings)


def _draw_reference(axes: Axes, reference: Reference, label: str) -> Line2D:
    if reference.interval is not None:
        axes.axhspan(*reference.interval, color=INK, alpha=0.08, linewidth=0, zorder=0)
        for end in reference.interval:
            axes.axhline(end, color=INK, linewidth=0.5, alpha=0.5, linestyle=_REFERENCE.dashes)
    settings: dict[str, Any] = {"color": INK, "linestyle": _REFERENCE.dashes, "linewidth": 1.1}
    axes.axhline(reference.mean, **settings)
    return Line2D([], [], label=label, **settings)


def _title(series: Sequence[PointSeries]) -> str | None:
    """Say where nothing could be drawn."""
    lost = [(each.name, each.without_mean) for each in series if each.without_mean]
    parts = [
        f"{short(name)}: {listed}" if name else listed
        for name, places in lost
        if (listed := ", ".join(f"{place:g}" for place in places))
    ]
    return f"no mean at {'; '.join(parts)}" if parts else None

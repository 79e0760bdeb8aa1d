"""One small histogram an arm on a common axis, beside the normal curve with the same moments."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from analysis.figures.charts import axes_of_chart, legend_below, short
from analysis.figures.style import BLUE, INK, MOST_PANELS, VERMILLION, WIDTH_INCHES, style
from analysis.inference.paired import Floats
from analysis.presentation.numbers import decimals_for, format_number
from analysis.runs import arms_in, finite_values, read_runs

_PANEL_INCHES = 1.25
_MOST_IN_ONE_COLUMN = 6
_MOST_BINS = 60
_MEAN: dict[str, Any] = {"color": INK, "linewidth": 1.2}
_MEDIAN: dict[str, Any] = {"color": INK, "linewidth": 1.2, "linestyle": (0, (1.5, 1.5))}
_NORMAL: dict[str, Any] = {"color": VERMILLION, "linewidth": 1.4}


def histograms(frame: pd.DataFrame, *, arm: str, metric: str) -> Figure:
    """Draw how every arm's runs are spread, one histogram an arm, all with the same bins.

    The curve is the normal density with the arm's own mean and standard deviation, at the height
    that the histogram has. A histogram of few runs tells little of a distribution's shape; a test
    of normality beside it tells what can be told.

    Args:
        frame: long form, one row a run.
        arm: column that names the arm.
        metric: column of the metric.

    Returns:
        A figure 6.5 inches wide. Bins are whole multiples of the smallest step between values, so
        that none is fuller only because more of the possible values fall into it. Missing and
        infinite values are left out and counted in the title. Of more than 24 arms the first 24
        are drawn, and the figure says so.

    Raises:
        AnalysisError: as `analysis.compare` does, for the same faults of the frame.
    """
    (runs,) = read_runs(frame, metric=metric, arm=arm, block=None, within=())
    names = arms_in(frame, arm)
    shown = names[:MOST_PANELS]
    values = [finite_values(runs.of(each)) for each in shown]
    edges = bin_edges(values)
    with style():
        figure, axes_of = _panels(len(shown))
        for axes, name, own in zip(axes_of, shown, values, strict=True):
            _draw(axes, own, edges)
            axes.set_title(_title(name, own, len(runs.of(name))), fontsize=8)
            if axes.xaxis.get_tick_params()["labelbottom"]:
                axes.set_xlabel(short(metric))
        figure.supylabel("runs", fontsize=9)
        if len(shown) < len(names):
            figure.suptitle(f"{len(shown)} of {len(names)} arms shown", fontsize=9)
        legend_below(
            figure,
            [
                Rectangle((0, 0), 1, 1, color=BLUE, alpha=0.45, linewidth=0, label="runs"),
                Line2D([], [], label="normal, same mean and sd", **_NORMAL),
                Line2D([], [], label="mean", **_MEAN),
                Line2D([], [], label="median", **_MEDIAN),
            ],
        )
    return figure


def bin_edges(values: Sequence[Floats]) -> Floats:
    """Return common edges of bins as wide as the typical arm asks for.

    The width is that of Freedman & Diaconis 1981, ``2 · IQR · n^(−1/3)``, the median over arms,
    rounded to a whole multiple of the smallest step between values; edges lie half a step beside
    the values, so that none falls on one.

    Args:
        values: of each arm, finite, shape (n,); any may be empty.
    """
    everything = np.unique(np.concatenate([np.empty(0), *values]))
    if len(everything) == 0:
        return np.array([0.0, 1.0])
    low, high = float(everything[0]), float(everything[-1])
    if low == high:
        margin = abs(low) * 0.05 or 0.5
        return np.array([low - margin, high + margin])
    step = _smallest_step(everything)
    widths = [_freedman_diaconis(each) for each in values if len(each) > 1]
    wanted = max(float(np.median(widths)) if widths else 0.0, (high - low) / _MOST_BINS)
    width = step * max(1, round(wanted / step))
    count = math.floor((high - low) / width + 1e-9) + 1
    start = low - step / 2
    return np.asarray(start + width * np.arange(count + 1))


def _smallest_step(values: Floats) -> float:
    """Return the grid that values lie on, such as 1/360; a tiny part of their range if none."""
    gaps = np.diff(values)
    reach = float(values[-1] - values[0])
    smallest = float(gaps[gaps > 1e-9 * reach].min())
    multiples = (values - values[0]) / smallest
    on_grid = np.allclose(multiples, np.rint(multiples), atol=1e-3)
    return smallest if on_grid else reach * 1e-6


def _freedman_diaconis(values: Floats) -> float:
    low, high = np.quantile(values, (0.25, 0.75))
    return float(2 * (high - low) / len(values) ** (1 / 3))


def _panels(count: int) -> tuple[Figure, list[Axes]]:
    columns = 1 if count <= _MOST_IN_ONE_COLUMN else 2
    rows = math.ceil(count / columns)
    height = _PANEL_INCHES * rows + 0.8
    figure = Figure(figsize=(WIDTH_INCHES, height), layout="constrained")
    grid = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel())
    for place, axes in enumerate(grid[:count]):
        axes_of_chart(axes)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
        axes.tick_params(labelbottom=place + columns >= count)
    for axes in grid[count:]:
        axes.remove()
    return figure, grid[:count]


def _draw(axes: Axes, values: Floats, edges: Floats) -> None:
    if len(values) == 0:
        axes.text(0.01, 0.5, "no finite values", transform=axes.transAxes, va="center", fontsize=8)
        return
    axes.hist(values, bins=list(edges), color=BLUE, alpha=0.45, edgecolor="white", linewidth=0.5)
    mean, sd = float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0
    if sd > 0:
        across = np.linspace(min(mean - 3.2 * sd, edges[0]), max(mean + 3.2 * sd, edges[-1]), 400)
        density = np.exp(-0.5 * ((across - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
        axes.plot(across, len(values) * (edges[1] - edges[0]) * density, **_NORMAL)
    axes.axvline(mean, **_MEAN)
    axes.axvline(float(np.median(values)), **_MEDIAN)


def _title(arm: str, values: Floats, rows: int) -> str:
    lost = f" ({rows - len(values)} not finite)" if len(values) < rows else ""
    text = f"{short(arm)}: n = {len(values)}{lost}"
    if len(values) == 0:
        return text
    mean, median = float(values.mean()), float(np.median(values))
    if len(values) == 1:
        return f"{text}, value {format_number(mean, decimals_for(None, mean))}"
    sd = float(values.std(ddof=1))
    decimals = decimals_for(sd / math.sqrt(len(values)), mean)
    moments = [("mean", mean), ("median", median), ("sd", sd)]
    written = ", ".join(f"{name} {format_number(each, decimals)}" for name, each in moments)
    return f"{text}\n{written}"

"""Every run of every arm, with quartiles, and each arm's mean with its interval."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.style import (
    BLUE,
    INK,
    MOST_PANELS,
    left_out,
    legend,
    name_rows,
    note,
    panels,
    style,
    title_cell,
    wrapped,
)
from analysis.inference.paired import Floats
from analysis.presentation.numbers import format_percent
from analysis.results import ArmSummary, Comparisons
from analysis.runs import CellRuns, finite, read_runs

_MOST_SHAPES = 5000
"""Runs beyond which a PDF or SVG holds them as an image and not as shapes."""

_RUN: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 3.6,
    "markeredgewidth": 0,
    "color": BLUE,
    "alpha": 0.55,
}


def distributions(
    frame: pd.DataFrame,
    results: Comparisons,
    *,
    arm: str = "arm",
    block: str | None = "seed",
    within: Sequence[str] = (),
) -> Figure:
    """Draw every run of every arm, its quartiles, and its mean with its interval.

    Args:
        frame: the frame that was compared.
        results: what `compare` made of it.
        arm: column that names the arm.
        block: column that matches runs; None when nothing does.
        within: columns of factors; every combination of levels has a panel.

    Returns:
        A figure 6.5 inches wide, one row an arm; the control's mean is a dashed line.

    Raises:
        AnalysisError: as `analysis.compare` does, for the same faults of the frame.
    """
    factors = (within,) if isinstance(within, str) else tuple(within)
    metric = results.protocol.metric
    cells = read_runs(frame, metric=metric, arm=arm, block=block, within=factors)
    shown = cells[:MOST_PANELS]
    summaries = [[each for each in results.arms if each.cell == runs.cell] for runs in shown]
    with style():
        figure, axes_of = panels([len(each) for each in summaries])
        for axes, runs, arms in zip(axes_of, shown, summaries, strict=True):
            _draw_runs(axes, runs, arms)
            _draw_means(axes, arms, results.protocol.control)
            name_rows(axes, [wrapped(each.arm) for each in arms])
            title_cell(axes, runs.cell)
        axes_of[-1].set_xlabel(metric)
        legend(figure, _distribution_handles(results), left_out(len(cells)))
    return figure


def _draw_runs(axes: Axes, runs: CellRuns, arms: Sequence[ArmSummary]) -> None:
    zorder = 2.0
    if sum(each.n for each in arms) > _MOST_SHAPES:
        # All that lies below becomes one image; an image an arm would take gigabytes.
        zorder = 0.5
        axes.set_rasterization_zorder(0.75)
    for row, each in enumerate(arms):
        values = np.sort(np.asarray(finite(runs.of(each.arm)), dtype=np.float64))
        if len(values) == 0:
            continue
        _draw_quartiles(axes, row, values)
        axes.plot(values, row + _spread_out(len(values)), zorder=zorder, **_RUN)


def _draw_quartiles(axes: Axes, row: int, values: Floats) -> None:
    """Draw a box from the lower to the upper quartile with a line at the median.

    Drawn by hand, because seaborn 0.13's box plot passes an argument that matplotlib 3.11
    deprecates and 3.13 will refuse. It needs no whiskers: every run is there as a point.
    """
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    axes.barh(
        row, high - low, height=0.5, left=low, fill=False, edgecolor=INK, linewidth=0.7, alpha=0.6
    )
    axes.plot([middle, middle], [row - 0.25, row + 0.25], color=INK, linewidth=1.0)


def _spread_out(n: int) -> Floats:
    """Return vertical offsets in ±0.2 that keep neighbours apart, the same ones every time.

    Multiples of the golden ratio, modulo 1, fill an interval evenly in any order; random jitter
    would need a seed and would clump.
    """
    steps = np.arange(n, dtype=np.float64) * 0.6180339887498949 + 0.5
    offsets: Floats = (steps % 1.0 - 0.5) * 0.4
    return offsets


def _draw_means(axes: Axes, arms: Sequence[ArmSummary], control: str) -> None:
    for row, each in enumerate(arms):
        if each.mean is None:
            note(axes, row, "no finite values")
            continue
        low = each.mean if each.ci_low is None else each.ci_low
        high = each.mean if each.ci_high is None else each.ci_high
        axes.plot([low, high], [row + 0.38] * 2, color=INK, linewidth=1.6, solid_capstyle="butt")
        axes.plot(each.mean, row + 0.38, marker="D", color=INK, markersize=4.5)
        if each.arm == control:
            axes.axvline(each.mean, color=INK, linewidth=0.7, linestyle=(0, (4, 3)), zorder=0)


def _distribution_handles(results: Comparisons) -> list[Line2D]:
    level = format_percent(1 - results.protocol.alpha)
    return [
        Line2D([], [], label="one run", **_RUN),
        Line2D([], [], marker="D", color=INK, markersize=4.5, label=f"mean, {level} interval"),
        Line2D(
            [], [], linestyle=(0, (4, 3)), linewidth=0.7, color=INK, label="mean of the control"
        ),
    ]

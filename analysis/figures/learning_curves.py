"""Learning curves: the mean of every arm at every step, with a band."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.charts import (
    Look,
    band,
    chart,
    legend_below,
    legend_rows,
    look,
    short,
    whole_numbers,
)
from analysis.figures.style import style
from analysis.presentation.curves import ArmCurve, BandKind, band_label, summarise_curves

_MARKS_ON_A_LINE = 8


def learning_curves(
    frame: pd.DataFrame,
    metric: str,
    *,
    arm: str = "arm",
    block: str = "seed",
    step: str = "step",
    kind: BandKind = "interval",
    level: float = 0.95,
) -> Figure:
    """Draw the mean of every arm at every step, with a band around it.

    The band holds at each step by itself; it is no band for the curve as a whole.

    Args:
        frame: long form, one row a run and step.
        metric: column of the metric.
        arm: column that names the arm.
        block: column that tells an arm's runs apart, such as the seed.
        step: column of the step, such as the epoch; whole or fractional numbers.
        kind: "interval" for the t interval of the mean, "sd" for one standard deviation either
            way. The axis says which.
        level: of the interval, above 0 and below 1.

    Returns:
        A figure 6.5 inches wide. Steps at which an arm has one run have a mean and no band;
        missing and infinite values are left out, and the legend tells how many runs remain.

    Raises:
        AnalysisError: as `analysis.presentation.curves.summarise_curves` does.
    """
    curves = summarise_curves(
        frame, metric, arm=arm, block=block, step=step, kind=kind, level=level
    )
    labels = [f"{short(each.arm)} ({each.runs})" for each in curves]
    with style():
        figure, axes = chart(legend_rows(labels))
        handles = [
            _draw(axes, curve, label, look(number), len(curves))
            for number, (curve, label) in enumerate(zip(curves, labels, strict=True))
        ]
        if all(value.is_integer() for each in curves for value in each.steps):
            whole_numbers(axes)
        axes.set_xlabel(short(step))
        banded = any(curve.has_band for curve in curves)
        note = f"\n{band_label(kind, level)}" if banded else ""
        axes.set_ylabel(f"mean {short(metric)}{note}")
        legend_below(figure, handles)
    return figure


def _draw(axes: Axes, curve: ArmCurve, label: str, own: Look, arms: int) -> Line2D:
    for steps, ends in curve.banded_stretches():
        band(axes, steps, ends, own, arms)
    settings: dict[str, Any] = {
        "color": own.colour,
        "linestyle": own.dashes,
        "linewidth": 1.5,
        "marker": own.marker,
        "markersize": 4,
        "label": label,
    }
    axes.plot(curve.steps, curve.means, markevery=_marked(curve.steps), **settings)
    return Line2D([], [], **settings)


def _marked(steps: Sequence[float]) -> int:
    return max(1, len(steps) // _MARKS_ON_A_LINE)

"""Learning curves: the mean of every arm at every step, with a band."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.charts import (
    Look,
    axes_of_chart,
    band,
    chart,
    legend_below,
    legend_rows,
    look,
    short,
    whole_numbers,
)
from analysis.figures.style import BLUE, INK, MOST_PANELS, WIDTH_INCHES, style
from analysis.presentation.curves import ArmCurve, BandKind, band_label, summarise_curves

_MARKS_ON_A_LINE = 8
_MOST_ARMS_TOGETHER = 6
_COLUMNS = 3
_PANEL_INCHES = 1.5
_PANEL_LOOK = Look(BLUE, "-", "")
_CONTROL_DASHES = (0, (4, 2))


def learning_curves(
    frame: pd.DataFrame,
    metric: str,
    *,
    arm: str = "arm",
    block: str = "seed",
    step: str = "step",
    kind: BandKind = "interval",
    level: float = 0.95,
    control: str | None = None,
) -> Figure:
    """Draw the mean of every arm at every step, with a band around it.

    More than six arms have a panel each, with the same axes, and with the control's mean dashed in
    all of them. The band holds at each step by itself; it is no band for the curve as a whole.

    Args:
        frame: long form, one row a run and step.
        metric: column of the metric.
        arm: column that names the arm.
        block: column that tells an arm's runs apart, such as the seed.
        step: column of the step, such as the epoch; whole or fractional numbers.
        kind: "interval" for the t interval of the mean, "sd" for one standard deviation either
            way. The axis says which.
        level: of the interval, above 0 and below 1.
        control: the arm whose mean is drawn in every panel; None for none.

    Returns:
        A figure 6.5 inches wide. Steps at which an arm has one run have a mean and no band;
        missing and infinite values are left out, and the legend or the panel's title tells how
        many runs remain. Of more than 24 arms the first 24 are drawn, and the figure says so.

    Raises:
        AnalysisError: as `analysis.presentation.curves.summarise_curves` does.
    """
    curves = summarise_curves(
        frame, metric, arm=arm, block=block, step=step, kind=kind, level=level
    )
    banded = any(curve.has_band for curve in curves)
    label = f"mean {short(metric)}" + (f"\n{band_label(kind, level)}" if banded else "")
    with style():
        if len(curves) > _MOST_ARMS_TOGETHER:
            return _panels(curves, short(step), label, control)
        return _together(curves, short(step), label)


def _together(curves: Sequence[ArmCurve], step: str, label: str) -> Figure:
    """Draw all arms into one chart."""
    labels = [f"{short(each.arm)} ({each.runs})" for each in curves]
    figure, axes = chart(legend_rows(labels))
    handles = [
        _draw(axes, curve, name, look(number), len(curves))
        for number, (curve, name) in enumerate(zip(curves, labels, strict=True))
    ]
    if _are_counted(curves):
        whole_numbers(axes)
    axes.set_xlabel(step)
    axes.set_ylabel(label)
    legend_below(figure, handles)
    return figure


def _panels(curves: Sequence[ArmCurve], step: str, label: str, control: str | None) -> Figure:
    """Draw every arm into a panel of its own, beside the control's mean."""
    shown = curves[:MOST_PANELS]
    reference = next((each for each in curves if each.arm == control), None)
    rows = math.ceil(len(shown) / _COLUMNS)
    figure = Figure(figsize=(WIDTH_INCHES, _PANEL_INCHES * rows + 0.7), layout="constrained")
    for axes, curve in zip(_grid(figure, rows, len(shown)), shown, strict=True):
        _draw(axes, curve, "", _PANEL_LOOK, 1)
        if reference is not None and curve is not reference:
            axes.plot(reference.steps, reference.means, **_control_line())
        axes.set_title(f"{short(curve.arm)}\n{curve.runs}", fontsize=8)
        if axes.xaxis.get_tick_params()["labelbottom"]:
            axes.set_xlabel(step)
        if _are_counted(curves):
            whole_numbers(axes)
    if len(shown) < len(curves):
        figure.suptitle(f"{len(shown)} of {len(curves)} arms shown", fontsize=9)
    figure.supylabel(label, fontsize=9, multialignment="center")
    if reference is not None:
        line = Line2D(
            [], [], label=f"mean of {short(reference.arm)}, the control", **_control_line()
        )
        legend_below(figure, [line])
    return figure


def _grid(figure: Figure, rows: int, panels: int) -> Iterator[Axes]:
    """Yield panels with common axes, row by row; those at the foot of a column have numbers."""
    grid = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    for place, axes in enumerate(grid):
        if place >= panels:
            axes.remove()
            continue
        axes_of_chart(axes)
        axes.tick_params(labelbottom=place + _COLUMNS >= panels, labelleft=place % _COLUMNS == 0)
        yield axes


def _control_line() -> dict[str, Any]:
    return {"color": INK, "linestyle": _CONTROL_DASHES, "linewidth": 0.9}


def _are_counted(curves: Sequence[ArmCurve]) -> bool:
    return all(value.is_integer() for each in curves for value in each.steps)


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

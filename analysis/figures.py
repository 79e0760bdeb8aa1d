"""Figures of a comparison: every arm's runs, and every difference with its interval.

Figures are made without pyplot, and no setting outlives a call. Nothing is told by colour alone,
names are never read as formulas, and text stays text.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.numbers import format_percent
from analysis.paired import Floats
from analysis.results import ArmSummary, Comparison, Comparisons, Decision, cell_label
from analysis.runs import Cell, CellRuns, finite, read_runs

WIDTH_INCHES = 6.5
"""The text width of a one-column page."""

MOST_PANELS = 24
"""More factor cells than this are not drawn; the figure says how many were left out."""

INK = "#1b1b1b"
"""Colour of all text, axes and intervals. SVG output turns it into the page's text colour."""

# Okabe & Ito 2008, Color Universal Design: told apart with any colour vision.
_BLUE, _VERMILLION, _GREEN = "#0072B2", "#D55E00", "#009E73"

_ROW_INCHES = 0.36
_LINE_CHARACTERS = 26


@dataclass(frozen=True, slots=True)
class _Mark:
    marker: str
    colour: str
    filled: bool


_RUN: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 3.6,
    "markeredgewidth": 0,
    "color": _BLUE,
    "alpha": 0.55,
}

_MARKS: dict[Decision, _Mark] = {
    "better": _Mark("^", _BLUE, filled=True),
    "worse": _Mark("v", _VERMILLION, filled=True),
    "equivalent": _Mark("s", _GREEN, filled=True),
    "undecided": _Mark("o", INK, filled=False),
}


def distributions(
    frame: pd.DataFrame,
    results: Comparisons,
    *,
    arm: str = "arm",
    block: str = "seed",
    within: Sequence[str] = (),
) -> Figure:
    """Draw every run of every arm, its quartiles, and its mean with its interval.

    Args:
        frame: the frame that was compared.
        results: what `compare` made of it.
        arm: column that names the arm.
        block: column that pairs runs.
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
    with _style():
        figure, panels = _panels([len(each) for each in summaries])
        for axes, runs, arms in zip(panels, shown, summaries, strict=True):
            _draw_runs(axes, runs, arms)
            _draw_means(axes, arms, results.protocol.control)
            _name_rows(axes, [_wrapped(each.arm) for each in arms])
            _title(axes, runs.cell)
        panels[-1].set_xlabel(metric)
        _legend(figure, _distribution_handles(results), _left_out(len(cells)))
    return figure


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
    with _style():
        figure, panels = _panels([len(each) for each in rows])
        for axes, cell, comparisons in zip(panels, shown, rows, strict=True):
            _draw_null(axes, results.protocol.smallest_effect)
            for row, comparison in enumerate(comparisons):
                _draw_difference(axes, row, comparison)
            _name_rows(axes, [_row_name(each, references) for each in comparisons])
            _title(axes, cell)
        panels[-1].set_xlabel(_difference_label(results, references))
        _legend(figure, _decision_handles(results), _left_out(len(cells)))
    return figure


@contextmanager
def _style() -> Iterator[None]:
    """Set matplotlib's defaults for one figure, and put the old ones back."""
    own: dict[Any, Any] = {
        "text.parse_math": False,
        "axes.formatter.useoffset": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.titlesize": 9,
        "axes.titlelocation": "left",
        "axes.labelsize": 9,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "ytick.left": False,
        "legend.fontsize": 8,
        "legend.frameon": False,
        "font.family": "sans-serif",
    }
    inked: dict[Any, Any] = dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK
    )
    with sns.axes_style("ticks"), mpl.rc_context({**own, **inked}):
        yield


def _panels(rows: Sequence[int]) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels one below the other, as high as their rows need."""
    heights = [max(1, each) + 0.6 for each in rows] or [1.6]
    height = _ROW_INCHES * sum(heights) + 0.25 * len(heights) + 0.75
    figure = Figure(figsize=(WIDTH_INCHES, height), layout="constrained")
    grid = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)
    return figure, list(grid[:, 0])


def _draw_runs(axes: Axes, runs: CellRuns, arms: Sequence[ArmSummary]) -> None:
    for row, each in enumerate(arms):
        values = np.sort(np.asarray(finite(runs.of(each.arm)), dtype=np.float64))
        if len(values) == 0:
            continue
        _draw_quartiles(axes, row, values)
        axes.plot(values, row + _spread_out(len(values)), **_RUN)


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
            _note(axes, row, "no finite values")
            continue
        low = each.mean if each.ci_low is None else each.ci_low
        high = each.mean if each.ci_high is None else each.ci_high
        axes.plot([low, high], [row + 0.38] * 2, color=INK, linewidth=1.6, solid_capstyle="butt")
        axes.plot(each.mean, row + 0.38, marker="D", color=INK, markersize=4.5)
        if each.arm == control:
            axes.axvline(each.mean, color=INK, linewidth=0.7, linestyle=(0, (4, 3)), zorder=0)


def _draw_null(axes: Axes, smallest_effect: float | None) -> None:
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    if smallest_effect is not None:
        axes.axvspan(
            -smallest_effect, smallest_effect, color=INK, alpha=0.12, linewidth=0, zorder=0
        )


def _draw_difference(axes: Axes, row: int, comparison: Comparison) -> None:
    mark = _MARKS[comparison.decision]
    if comparison.difference is None:
        _note(axes, row, "no pairs")
        return
    if comparison.ci_low is not None and comparison.ci_high is not None:
        ends = [comparison.ci_low, comparison.ci_high]
        axes.plot(ends, [row, row], color=mark.colour, linewidth=1.6, solid_capstyle="butt")
    axes.plot(comparison.difference, row, **_marker(mark))


def _note(axes: Axes, row: int, text: str) -> None:
    axes.text(0.01, row, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8)


def _marker(mark: _Mark) -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": mark.marker,
        "markersize": 6.5,
        "markeredgecolor": mark.colour,
        "markeredgewidth": 1.4,
        "markerfacecolor": mark.colour if mark.filled else "none",
    }


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(len(names) - 0.3, -0.6)
    axes.grid(axis="x", color=INK, alpha=0.12, linewidth=0.6)
    axes.set_axisbelow(True)


def _wrapped(name: str, lines: int = 2) -> str:
    """Break a name into lines; of one that is too long, keep its beginning and its end."""
    room = lines * _LINE_CHARACTERS
    if len(name) > room:
        half = room // 2 - 1
        name = f"{name[:half].rstrip()}…{name[-half:].lstrip()}"
    return "\n".join(wrap(name, _LINE_CHARACTERS, max_lines=lines, placeholder="…")) or name


def _title(axes: Axes, cell: Cell) -> None:
    if cell:
        axes.set_title(cell_label(cell).strip(" ()"))


def _row_name(comparison: Comparison, references: set[str]) -> str:
    if len(references) == 1:
        return _wrapped(comparison.arm)
    return f"{_wrapped(comparison.arm, 1)}\n− {_wrapped(comparison.reference, 1)}"


def _difference_label(results: Comparisons, references: set[str]) -> str:
    level = format_percent(1 - results.protocol.alpha)
    against = f" to {_wrapped(next(iter(references)), 1)}" if len(references) == 1 else ""
    better = "right" if results.protocol.maximizes else "left"
    metric = _wrapped(results.protocol.metric, 1)
    return f"difference{against} in {metric}, {level} interval (better to the {better})"


def _distribution_handles(results: Comparisons) -> list[Line2D]:
    level = format_percent(1 - results.protocol.alpha)
    return [
        Line2D([], [], label="one run", **_RUN),
        Line2D([], [], marker="D", color=INK, markersize=4.5, label=f"mean, {level} interval"),
        Line2D(
            [], [], linestyle=(0, (4, 3)), linewidth=0.7, color=INK, label="mean of the control"
        ),
    ]


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


def _left_out(cells: int) -> str | None:
    return f"{MOST_PANELS} of {cells} cells shown" if cells > MOST_PANELS else None


def _legend(figure: Figure, handles: list[Line2D], title: str | None) -> None:
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), title=title)

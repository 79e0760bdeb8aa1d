"""Means at every combination of two parameters: coloured cells with their values written in."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from analysis.errors import AnalysisError, NoRunsError, NotNumericError
from analysis.figures.charts import legend_below, short
from analysis.figures.colours import SCALE, colour_bar_below, scale_between, text_colour
from analysis.figures.labels import measure
from analysis.figures.style import INK, WIDTH_INCHES, style
from analysis.inference.paired import Floats
from analysis.presentation.numbers import count_of, decimals_for, format_number

_ROW_INCHES = 0.3
_LARGEST_TYPE, _SMALLEST_TYPE = 8.0, 5.0
_SHARE_OF_THE_RANGE = 4
_FRAME_MARGIN = 0.06


def heat_map(
    table: pd.DataFrame,
    *,
    x: str,
    y: str,
    value: str,
    marked: pd.DataFrame | None = None,
    decimals: int | None = None,
    marked_as: str = "best, and not told apart from it",
) -> Figure:
    """Draw a table of means as coloured cells, with every mean written into its cell.

    Args:
        table: means; its index are the levels of `y`, from top to bottom, its columns those of
            `x`. A missing or infinite mean is hatched.
        x: name of the parameter across.
        y: name of the parameter downward.
        value: name of the metric.
        marked: true where a cell is to have a frame; same index and columns as `table`; None
            frames nothing.
        decimals: of the means; None writes as many as tell a quarter of their range apart, with
            two digits.
        marked_as: what the frame says.

    Returns:
        A figure 6.5 inches wide. Cells too small for a legible number are left without one, and
        the figure says so.

    Raises:
        NoRunsError: the table has no cell.
        NotNumericError: a mean is not a number.
        AnalysisError: `marked` has other rows or columns than the table.
    """
    means = _values(table)
    frames = _marks(table, marked)
    known = means[np.isfinite(means)]
    scale = scale_between(*((known.min(), known.max()) if len(known) else (0.0, 1.0)))
    with style():
        figure = Figure(
            figsize=(WIDTH_INCHES, _ROW_INCHES * len(table) + 1.5), layout="constrained"
        )
        axes = figure.subplots()
        axes.pcolormesh(np.ma.masked_invalid(means), cmap=SCALE, norm=scale, edgecolor="face")
        _name_sides(axes, table, x, y)
        colour_bar_below(figure, axes, scale, f"mean {short(value)}")
        handles = _hatch(axes, means) + _frame(axes, frames, means, scale, marked_as)
        legend_below(figure, handles)
        places = _decimals(known) if decimals is None else decimals
        if not _write(figure, axes, means, frames, scale, places):
            axes.set_title("the cells are too small for their values to be written in", fontsize=8)
    return figure


def _values(table: pd.DataFrame) -> Floats:
    if table.empty:
        raise NoRunsError
    try:
        columns = [pd.to_numeric(table.iloc[:, place]) for place in range(table.shape[1])]
    except (TypeError, ValueError) as error:
        raise NotNumericError("value", str(error)) from error
    return np.column_stack([each.to_numpy(dtype=np.float64, na_value=np.nan) for each in columns])


def _marks(table: pd.DataFrame, marked: pd.DataFrame | None) -> NDArray[np.bool_]:
    if marked is None:
        return np.zeros(table.shape, dtype=bool)
    if not (table.index.equals(marked.index) and table.columns.equals(marked.columns)):
        raise AnalysisError(
            "marked has other rows or columns than the table of means: give it the same index and "
            "columns, in the same order"
        )
    return marked.to_numpy(dtype=bool)


def _decimals(known: Floats) -> int:
    if len(known) == 0:
        return 0
    reach = float(known.max() - known.min())
    return decimals_for(reach / _SHARE_OF_THE_RANGE, float(known.max()))


def _name_sides(axes: Axes, table: pd.DataFrame, x: str, y: str) -> None:
    rows, columns = table.shape
    axes.set_xticks(np.arange(columns) + 0.5, _names(list(table.columns)), parse_math=False)
    axes.set_yticks(np.arange(rows) + 0.5, _names(list(table.index)), parse_math=False)
    axes.set_ylim(rows, 0)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel(short(x))
    axes.set_ylabel(short(y))
    # Names that would run into one another stand upright.
    boxes = measure(axes.get_figure(), axes.get_xticklabels())  # type: ignore[arg-type]
    if any(left.x1 > right.x0 for left, right in pairwise(boxes)):
        axes.tick_params(axis="x", labelrotation=90)


def _names(levels: Sequence[object]) -> list[str]:
    return [f"{each:g}" if isinstance(each, float) else short(str(each)) for each in levels]


def _hatch(axes: Axes, means: Floats) -> list[Artist]:
    """Hatch the cells without a mean, and return what the legend says of them."""
    lost = np.argwhere(~np.isfinite(means))
    look: dict[str, Any] = {
        "fill": False,
        "hatch": "////",
        "edgecolor": INK,
        "linewidth": 0.4,
        "alpha": 0.5,
    }
    for row, column in lost:
        axes.add_patch(Rectangle((column, row), 1, 1, **look))
    if len(lost) == 0:
        return []
    return [Rectangle((0, 0), 1, 1, label=f"no mean ({count_of(len(lost), 'cell')})", **look)]


def _frame(
    axes: Axes, frames: NDArray[np.bool_], means: Floats, scale: Normalize, label: str
) -> list[Artist]:
    """Frame the marked cells, and return what the legend says of them."""
    places = np.argwhere(frames & np.isfinite(means))
    side = 1 - 2 * _FRAME_MARGIN
    for row, column in places:
        colour = text_colour(SCALE(scale(means[row, column])))
        corner = (column + _FRAME_MARGIN, row + _FRAME_MARGIN)
        axes.add_patch(Rectangle(corner, side, side, fill=False, edgecolor=colour, linewidth=1.6))
    if len(places) == 0:
        return []
    return [Rectangle((0, 0), 1, 1, fill=False, edgecolor=INK, linewidth=1.6, label=label)]


def _write(
    figure: Figure,
    axes: Axes,
    means: Floats,
    frames: NDArray[np.bool_],
    scale: Normalize,
    decimals: int,
) -> bool:
    """Write every mean into its cell; False where the cells are too small for that."""
    texts = [
        axes.text(
            column + 0.5,
            row + 0.5,
            format_number(float(mean), decimals),
            ha="center",
            va="center",
            fontsize=_LARGEST_TYPE,
            fontweight="bold" if frames[row, column] else "normal",
            color=text_colour(SCALE(scale(mean))),
            in_layout=False,
        )
        for (row, column), mean in np.ndenumerate(means)
        if np.isfinite(mean)
    ]
    widest = max((each.width for each in measure(figure, texts)), default=1.0)
    cell = axes.get_window_extent().width / means.shape[1]
    size = min(_LARGEST_TYPE, _LARGEST_TYPE * 0.82 * cell / widest)
    for each in texts:
        if size < _SMALLEST_TYPE:
            each.remove()
        else:
            each.set_fontsize(size)
    return bool(size >= _SMALLEST_TYPE)

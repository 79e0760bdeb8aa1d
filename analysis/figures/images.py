"""Rows of small images: pictures as they are, and maps in the colours of a stated scale."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from analysis.errors import AnalysisError
from analysis.figures.colours import SCALE, colour_bar_in, scale_between
from analysis.figures.image_layout import TYPE_SIZE, GridPlan, one_line_each
from analysis.figures.style import WIDTH_INCHES, style
from analysis.inference.paired import Floats

_FEWEST_PIXELS = 256
"""Images are enlarged to this by repeating pixels: viewers smooth what they enlarge themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One cell of a grid.

    Attributes:
        pixels: grey ``(h, w)`` or red, green and blue ``(h, w, 3)``, in [0, 1]; of a map
            ``(h, w)``, any finite numbers.
        is_map: whether the numbers are drawn in the colours of a scale.
        low: the map's number for the darkest colour; None takes its smallest.
        high: the map's number for the lightest colour; None takes its largest.
        note: a few words below the picture; empty for none.
    """

    pixels: NDArray[np.generic]
    is_map: bool = False
    low: float | None = None
    high: float | None = None
    note: str = ""

    def scale(self) -> Normalize:
        """The scale of a map."""
        values = np.asarray(self.pixels, dtype=np.float64)
        low = float(values.min()) if self.low is None else self.low
        high = float(values.max()) if self.high is None else self.high
        return scale_between(low, high)


Cell = Picture | NDArray[np.generic] | None


def image_grid(
    rows: Sequence[Sequence[Cell]],
    *,
    titles: Sequence[str],
    row_names: Sequence[str],
    map_label: str = "",
) -> Figure:
    """Draw rows of images, every pixel as a square of one colour.

    Maps that share a scale have its key below the grid. Where maps have scales of their own, the
    key says so, and each states its two ends below itself.

    Args:
        rows: the cells of each row; a bare array is a picture in [0, 1], or in [0, 255] where its
            numbers are unsigned bytes; None leaves a cell empty, with a dash in it.
        titles: of the columns.
        row_names: of the rows.
        map_label: what the maps' numbers are.

    Returns:
        A figure 6.5 inches wide.

    Raises:
        AnalysisError: there is no row or no column, a row has another number of cells than there
            are titles, a name is missing, or an array is no image.
    """
    cells = _cells(rows, titles, row_names)
    maps = [each for row in cells for each in row if each is not None and each.is_map]
    ends = {(scale.vmin, scale.vmax) for scale in (each.scale() for each in maps)}
    own_scales = len(ends) > 1
    notes = own_scales or any(each and each.note for row in cells for each in row)
    with style():
        plan = GridPlan.of(_aspect(cells), titles, row_names, has_notes=notes, has_key=bool(maps))
        figure = Figure(figsize=(WIDTH_INCHES, plan.height))
        for row, (name, cells_of_row) in enumerate(zip(row_names, cells, strict=True)):
            for column, cell in enumerate(cells_of_row):
                axes = figure.add_axes(plan.cell(row, column))
                _draw(axes, cell, own_scale=own_scales)
                # An axis without a word still takes a third of the time of drawing its cell.
                axes.xaxis.set_visible(bool(axes.get_xlabel()))
                axes.yaxis.set_visible(column == 0)
                if row == 0:
                    plan.name_column(axes, titles[column])
                if column == 0:
                    axes.set_ylabel(
                        one_line_each(name), rotation=0, ha="right", va="center", fontsize=TYPE_SIZE
                    )
        if maps:
            scale = Normalize(0, 1) if own_scales else maps[0].scale()
            where = ", each from its smallest (0) to its largest (1), written below it"
            label = f"{map_label or 'map'}{where if own_scales else ''}"
            colour_bar_in(figure.add_axes(plan.key()), scale, label)
    return figure


def _cells(
    rows: Sequence[Sequence[Cell]], titles: Sequence[str], row_names: Sequence[str]
) -> list[list[Picture | None]]:
    if not rows or not titles:
        raise AnalysisError("a grid of images needs at least one row and one column")
    if len(row_names) != len(rows):
        raise AnalysisError(f"there are {len(rows)} rows and {len(row_names)} names of rows")
    for name, row in zip(row_names, rows, strict=True):
        if len(row) != len(titles):
            raise AnalysisError(
                f"the row {name!r} has {len(row)} cells, and there are {len(titles)} titles"
            )
    return [[_picture(cell) for cell in row] for row in rows]


def _picture(cell: Cell) -> Picture | None:
    if cell is None:
        return None
    picture = cell if isinstance(cell, Picture) else Picture(cell)
    pixels = np.asarray(picture.pixels)
    is_image = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)
    if not is_image or pixels.size == 0 or (picture.is_map and pixels.ndim != 2):
        allowed = "(h, w)" if picture.is_map else "(h, w) or (h, w, 3)"
        raise AnalysisError(f"an array of the shape {pixels.shape} is no image; allowed: {allowed}")
    if not np.isfinite(pixels).all():
        raise AnalysisError("an image holds missing or infinite numbers")
    return picture


def _aspect(cells: Sequence[Sequence[Picture | None]]) -> float:
    """Return height over width of the highest picture."""
    shapes = [each.pixels.shape for row in cells for each in row if each is not None]
    return max((shape[0] / shape[1] for shape in shapes), default=1.0)


def _draw(axes: Axes, cell: Picture | None, *, own_scale: bool) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    if cell is None:
        axes.text(0.5, 0.5, "–", transform=axes.transAxes, ha="center", va="center", fontsize=9)
        return
    axes.imshow(enlarged(_colours(cell)), interpolation="none")
    notes = [cell.note] if cell.note else []
    if own_scale and cell.is_map:
        scale = cell.scale()
        notes.append(f"{scale.vmin:.2g} to {scale.vmax:.2g}")
    if notes:
        axes.set_xlabel(", ".join(notes), fontsize=6.5, labelpad=1.5)


def _colours(picture: Picture) -> Floats:
    """Return red, green and blue in [0, 1], ``(h, w, 3)``."""
    if picture.is_map:
        return np.asarray(SCALE(picture.scale()(np.asarray(picture.pixels, dtype=np.float64))))[
            ..., :3
        ]
    pixels = np.asarray(picture.pixels)
    unit = pixels / 255 if pixels.dtype == np.uint8 else np.clip(pixels.astype(np.float64), 0, 1)
    return unit if unit.ndim == 3 else np.repeat(unit[..., np.newaxis], 3, axis=2)


def enlarged(pixels: Floats) -> Floats:
    """Repeat every pixel until the image has 256 a side or more; its squares stay squares."""
    times = -(-_FEWEST_PIXELS // max(pixels.shape[:2]))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)

"""Where the pictures of a grid, their names and their key stand, worked out in inches.

Constrained layout cut titles of two lines off where pictures keep their shape (matplotlib 3.11).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.charts import short
from analysis.figures.labels import measure
from analysis.figures.style import WIDTH_INCHES

TYPE_SIZE = 8.0
"""Of names, in points."""

_UPRIGHT_SIZE, _SMALLEST_SIZE = 7.0, 5.5
_WIDEST_CELL_INCHES = 1.05
_GAP_INCHES = 0.05
_EDGE_INCHES = 0.1
_NOTE_INCHES = 0.15
_KEY_INCHES = 0.6
_BAR_INCHES = 0.1


@dataclass(frozen=True, slots=True)
class GridPlan:
    """Where everything stands, in inches.

    Attributes:
        left: room for the names of rows.
        top: room for the titles.
        wide: width of a cell.
        high: its height.
        below: between a cell and the next row.
        height: of the figure.
        type_size: of the titles, in points.
        upright: whether the titles stand upright, because they are too long for their columns.
    """

    left: float
    top: float
    wide: float
    high: float
    below: float
    height: float
    type_size: float
    upright: bool

    @classmethod
    def of(
        cls,
        aspect: float,
        titles: Sequence[str],
        row_names: Sequence[str],
        *,
        has_notes: bool,
        has_key: bool,
    ) -> "GridPlan":
        """Plan a grid.

        Args:
            aspect: height over width of a cell.
            titles: of the columns; at least one.
            row_names: of the rows.
            has_notes: whether a line of small type stands below cells.
            has_key: whether the key of a scale stands below the grid.
        """
        left = max(_sizes(row_names), default=(0.0, 0.0))[0] + 2 * _GAP_INCHES
        room = (WIDTH_INCHES - left - _EDGE_INCHES) / len(titles) - _GAP_INCHES
        wide = min(_WIDEST_CELL_INCHES, room)
        high = wide * aspect
        sizes = _sizes(titles)
        shrunk = TYPE_SIZE * min(1.0, wide / max(_GAP_INCHES, *(width for width, _ in sizes)))
        upright = shrunk < _SMALLEST_SIZE
        type_size = _UPRIGHT_SIZE if upright else shrunk
        tallest = max(width if upright else height for width, height in sizes)
        top = tallest * type_size / TYPE_SIZE + 3 * _GAP_INCHES
        below = _NOTE_INCHES * has_notes + _GAP_INCHES
        height = top + len(row_names) * (high + below) + _KEY_INCHES * has_key + _EDGE_INCHES
        return cls(left, top, wide, high, below, height, type_size, upright)

    def cell(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Left, bottom, width and height as shares of the figure."""
        left = self.left + column * (self.wide + _GAP_INCHES)
        top = self.top + row * (self.high + self.below)
        return self._shares(left, self.height - top - self.high, self.wide, self.high)

    def key(self) -> tuple[float, float, float, float]:
        """The same for the key of the maps' colours."""
        wide = WIDTH_INCHES - self.left - 2 * _EDGE_INCHES
        return self._shares(self.left, _KEY_INCHES - 2 * _BAR_INCHES, wide, _BAR_INCHES)

    def name_column(self, axes: Axes, title: str) -> None:
        """Write a column's title above its first cell."""
        axes.set_title(
            one_line_each(title),
            loc="center",
            fontsize=self.type_size,
            rotation=90 if self.upright else 0,
            pad=3,
        )

    def _shares(
        self, left: float, bottom: float, wide: float, high: float
    ) -> tuple[float, float, float, float]:
        return (
            left / WIDTH_INCHES,
            bottom / self.height,
            wide / WIDTH_INCHES,
            high / self.height,
        )


def _sizes(names: Sequence[str]) -> list[tuple[float, float]]:
    """Return how wide and high each name is, in inches."""
    canvas = Figure(figsize=(WIDTH_INCHES, 1))
    texts = [canvas.text(0, 0, one_line_each(each), fontsize=TYPE_SIZE) for each in names]
    return [(box.width / canvas.dpi, box.height / canvas.dpi) for box in measure(canvas, texts)]


def one_line_each(name: str) -> str:
    """Keep the lines that a name has; shorten each."""
    return "\n".join(short(each) for each in name.split("\n"))

"""What all figures share: size, type, ink and colours, panels, row names, the legend.

Figures are made without pyplot, and no setting outlives a call. Nothing is told by colour alone,
names are never read as formulas, and text stays text.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import wrap
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.results import cell_label
from analysis.runs import Cell

WIDTH_INCHES = 6.5
"""The text width of a one-column page."""

MOST_PANELS = 24
"""More factor cells than this are not drawn; the figure says how many were left out."""

INK = "#1b1b1b"
"""Colour of all text, axes and intervals. SVG output turns it into the page's text colour."""

# Okabe & Ito 2008, Color Universal Design: told apart with any colour vision.
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"

_ROW_INCHES = 0.36
_LINE_CHARACTERS = 26


@contextmanager
def style() -> Iterator[None]:
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


def panels(rows: Sequence[int]) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels one below the other, as high as their rows need."""
    heights = [max(1, each) + 0.6 for each in rows] or [1.6]
    height = _ROW_INCHES * sum(heights) + 0.25 * len(heights) + 0.75
    figure = Figure(figsize=(WIDTH_INCHES, height), layout="constrained")
    grid = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)
    return figure, list(grid[:, 0])


def note(axes: Axes, row: int, text: str) -> None:
    """Write a few words in a row that has nothing to draw."""
    axes.text(0.01, row, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8)


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows from top to bottom, and lay light lines behind them."""
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(len(names) - 0.3, -0.6)
    axes.grid(axis="x", color=INK, alpha=0.12, linewidth=0.6)
    axes.set_axisbelow(True)


def wrapped(name: str, lines: int = 2) -> str:
    """Break a name into lines; of one that is too long, keep its beginning and its end."""
    room = lines * _LINE_CHARACTERS
    if len(name) > room:
        half = room // 2 - 1
        name = f"{name[:half].rstrip()}…{name[-half:].lstrip()}"
    return "\n".join(wrap(name, _LINE_CHARACTERS, max_lines=lines, placeholder="…")) or name


def title_cell(axes: Axes, cell: Cell) -> None:
    """Say above a panel which factor levels it shows."""
    if cell:
        axes.set_title(cell_label(cell).strip(" ()"))


def left_out(cells: int) -> str | None:
    """Say how many cells were left out; None when all are shown."""
    return f"{MOST_PANELS} of {cells} cells shown" if cells > MOST_PANELS else None


def legend(figure: Figure, handles: list[Line2D], title: str | None) -> None:
    """Put the legend below all panels."""
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), title=title)

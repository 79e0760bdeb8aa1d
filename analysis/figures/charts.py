"""What charts with two axes share: the frame, looks that differ in grey too, a legend that fits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from analysis.errors import AnalysisError
from analysis.figures.labels import measure
from analysis.figures.style import BLUE, GREEN, INK, VERMILLION, WIDTH_INCHES, wrapped
from analysis.presentation.numbers import format_percent

# The rest of Okabe & Ito 2008; their yellow is left out, too pale for a line on white.
_PURPLE, _ORANGE, _SKY = "#CC79A7", "#E69F00", "#56B4E9"

_COLOURS = (BLUE, VERMILLION, GREEN, _PURPLE, _ORANGE, _SKY, INK)
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
_MARKERS = ("o", "s", "^", "v", "D", "P", "X", "<", ">")

_HEIGHT_INCHES = 3.6
_LEGEND_ROW_INCHES = 0.185
_HANDLE_INCHES = 0.68
_HANDLE_LENGTH = 3.2
_ARMS_WITH_FULL_BANDS = 6
_MOST_LEGEND_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Look:
    """How one arm is drawn. No two of the first 252 have colour, dashes and marker in common."""

    colour: str
    dashes: Any
    marker: str


def look(number: int) -> Look:
    """Return the look of an arm by its place; neighbours differ in all three."""
    return Look(
        _COLOURS[number % len(_COLOURS)],
        _DASHES[number % len(_DASHES)],
        _MARKERS[number % len(_MARKERS)],
    )


def chart(legend_rows: int = 1) -> tuple[Figure, Axes]:
    """Return a figure of the text's width with one pair of axes and room for a legend below."""
    height = _HEIGHT_INCHES + _LEGEND_ROW_INCHES * legend_rows
    figure = Figure(figsize=(WIDTH_INCHES, height), layout="constrained")
    axes = figure.subplots()
    axes_of_chart(axes)
    return figure, axes


def axes_of_chart(axes: Axes) -> None:
    """Give a pair of axes both spines, a light grid and plain numbers."""
    axes.spines["left"].set_visible(True)
    axes.tick_params(axis="y", left=True)
    axes.grid(color=INK, alpha=0.12, linewidth=0.6)
    axes.set_axisbelow(True)
    for axis in (axes.xaxis, axes.yaxis):
        plain_numbers(axis)


def plain_numbers(axis: Axis) -> None:
    """Write ticks as they are, without a common offset or power set as a formula."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.7g}".replace("-", "−")))


def whole_numbers(axes: Axes) -> None:
    """Put the x axis's ticks at whole numbers only, for what is counted."""
    low, high = axes.get_xlim()
    if high - low < 1:
        middle = round((low + high) / 2)
        axes.set_xlim(middle - 1.2, middle + 1.2)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def logarithmic(axes: Axes) -> None:
    """Make the x axis logarithmic with ticks that are plain numbers."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    decades = math.log10(high / low)
    subdivisions = (1.0, 2.0, 5.0) if decades < 4 else (1.0,)
    axes.xaxis.set_major_locator(LogLocator(subs=subdivisions, numticks=20))
    axes.xaxis.set_minor_formatter(NullFormatter())
    plain_numbers(axes.xaxis)


def require_positive(name: str, values: Sequence[float]) -> None:
    """Refuse what a logarithmic axis cannot show.

    Raises:
        AnalysisError: a value is not above 0.
    """
    lowest = min(values, default=1.0)
    if lowest <= 0:
        raise AnalysisError(
            f"{name!r} has a value of {lowest:g}, which a logarithmic axis cannot show: "
            "leave log_x out"
        )


def mean_label(metric: str, drawn_as: str | None, level: float | None) -> str:
    """Name an axis of means, and say what the drawn intervals are.

    Args:
        metric: its name.
        drawn_as: what the intervals are drawn as, such as "band"; None when there are none.
        level: of the intervals; None when they are of another kind than that of the mean.
    """
    label = f"mean {short(metric)}"
    if drawn_as is None:
        return label
    kind = "interval" if level is None else f"{format_percent(level)} interval of the mean"
    return f"{label}\n{drawn_as}: {kind}"


def band(
    axes: Axes,
    x: Sequence[float],
    ends: Sequence[tuple[float, float]],
    own: Look,
    arms: int,
) -> None:
    """Fill the area between the lower and the upper ends, the more lightly the more arms there are.

    The edges have the line's dashes, so that bands that overlap can be told apart in grey.
    """
    low, high = [each for each, _ in ends], [each for _, each in ends]
    strength = min(1.0, _ARMS_WITH_FULL_BANDS / arms)
    axes.fill_between(x, low, high, color=own.colour, alpha=0.16 * strength, linewidth=0)
    edge: dict[str, Any] = {"color": own.colour, "alpha": 0.5 * strength, "linewidth": 0.5}
    axes.plot(x, low, linestyle=own.dashes, **edge)
    axes.plot(x, high, linestyle=own.dashes, **edge)


def legend_columns(labels: Sequence[str]) -> int:
    """Return how many columns of a legend fit into the figure's width."""
    canvas = Figure(figsize=(WIDTH_INCHES, 1))
    texts = [canvas.text(0, 0, each, fontsize=8) for each in labels]
    widest = max((each.width / canvas.dpi for each in measure(canvas, texts)), default=0.0)
    fitting = int((WIDTH_INCHES - 0.2) / (widest + _HANDLE_INCHES))
    return max(1, min(_MOST_LEGEND_COLUMNS, len(labels), fitting))


def legend_rows(labels: Sequence[str]) -> int:
    """Return how many rows the legend of these labels has."""
    return math.ceil(len(labels) / legend_columns(labels)) if labels else 0


def legend_below(figure: Figure, handles: Sequence[Artist], title: str | None = None) -> None:
    """Put the legend below the axes, in as many columns as fit."""
    if not handles:
        return
    labels = [str(each.get_label()) for each in handles]
    figure.legend(
        handles=list(handles),
        loc="outside lower center",
        ncols=legend_columns(labels),
        title=title,
        title_fontsize=8,
        handlelength=_HANDLE_LENGTH,
    )


def with_runs(name: str, runs: str) -> str:
    """Return a name for the legend with how many runs are behind it, if that is known."""
    return f"{short(name)} ({runs})" if runs else short(name)


def short(name: str) -> str:
    """Return a name on one line; of one that is too long, its beginning and its end."""
    return wrapped(name, 1)

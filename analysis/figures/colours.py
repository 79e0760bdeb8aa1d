"""Colours that stand for numbers: one scale for all figures, and text that is read on it."""

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure

from analysis.figures.charts import plain_numbers
from analysis.figures.style import INK

# Made for all kinds of colour vision, and it grows lighter all the way, so that it survives grey
# print (Nuñez, Anderton & Renslow 2018, PLoS ONE 13:e0199239).
SCALE = colormaps["cividis"]

# Not the ink: SVG output gives ink the page's text colour, which may be light on a light cell.
_BLACK, _WHITE = "#000000", "#ffffff"


def scale_between(low: float, high: float) -> Normalize:
    """Return the scale from low to high; equal ends, as of a single value, are moved apart."""
    if low == high:
        margin = abs(low) * 0.01 or 1.0
        return Normalize(low - margin, high + margin)
    return Normalize(low, high)


def text_colour(background: tuple[float, ...]) -> str:
    """Return black or white, whichever has the higher contrast (WCAG 2.1, contrast ratio).

    Args:
        background: red, green and blue in [0, 1].
    """
    light = _luminance(background)
    against_white, against_black = 1.05 / (light + 0.05), (light + 0.05) / 0.05
    return _WHITE if against_white > against_black else _BLACK


def colour_bar_below(figure: Figure, axes: Axes, scale: Normalize, label: str) -> None:
    """Put the key of the scale below the axes."""
    bar = figure.colorbar(
        ScalarMappable(scale, SCALE),
        ax=axes,
        location="bottom",
        fraction=0.05,
        aspect=50,
        pad=0.02,
    )
    _finish(bar, label)


def colour_bar_in(axes: Axes, scale: Normalize, label: str) -> None:
    """Draw the key of the scale into axes of its own, wider than high."""
    figure = axes.get_figure(root=True)
    if figure is not None:
        mappable = ScalarMappable(scale, SCALE)
        _finish(figure.colorbar(mappable, cax=axes, orientation="horizontal"), label)


def _finish(bar: Colorbar, label: str) -> None:
    bar.set_label(label, fontsize=8, color=INK)
    bar.outline.set_visible(False)
    plain_numbers(bar.ax.xaxis)


def _luminance(colour: tuple[float, ...]) -> float:
    """Return the relative luminance of sRGB (WCAG 2.1), from 0 for black to 1 for white."""
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in to_rgb(colour[:3])  # type: ignore[arg-type]
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

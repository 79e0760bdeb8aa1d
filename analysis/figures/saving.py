"""Figures as files for a paper: PDF, SVG or PNG, the same bytes every time."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font
from matplotlib.text import Text

from analysis.errors import AnalysisError

_PNG_DOTS_PER_INCH = 300

# What would change from day to day or from one machine to the next is left out.
_METADATA: dict[str, dict[str, None]] = {
    ".pdf": dict.fromkeys(("CreationDate", "Creator", "Producer")),
    ".svg": dict.fromkeys(("Date", "Creator", "Format", "Type")),
    ".png": dict.fromkeys(("Software",)),
}

# Type 42 embeds a font as it is, so that a PDF's text can be searched, copied and edited; Type 3,
# matplotlib's default, is refused by several publishers.
_SETTINGS: dict[Any, Any] = {
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "analysis",
}


def save_figure(figure: Figure, path: str | Path) -> Path:
    """Write a figure to a file of the kind that its name's suffix says.

    PDF and SVG keep text as text. Characters that the figure's font lacks are taken from another
    installed font that has them; where none has, a box stands in a PDF or PNG, and an SVG leaves
    the choice to whatever shows it.

    Args:
        figure: the figure; it is not changed.
        path: ending in .pdf, .svg or .png (300 dots an inch); an older file is replaced.

    Returns:
        The path.

    Raises:
        AnalysisError: the suffix is another one, or the folder is not there.
    """
    target = Path(path)
    require_figure_file(target)
    suffix = target.suffix.lower()
    buffer = BytesIO()
    with mpl.rc_context(_SETTINGS), _covering_fonts(figure), warnings.catch_warnings():
        # No installed font has the character; the name is still right in an SVG's or PDF's text.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(
            buffer,
            format=suffix.removeprefix("."),
            dpi=_PNG_DOTS_PER_INCH,
            metadata=_METADATA[suffix],
        )
    target.write_bytes(buffer.getvalue())
    return target


def require_figure_file(path: Path) -> None:
    """Refuse a file that no figure can be written to.

    Raises:
        AnalysisError: the suffix is not .pdf, .svg or .png, or the folder is not there.
    """
    if path.suffix.lower() not in _METADATA:
        raise AnalysisError(
            f"the figure's file is called {path.name!r}; allowed: a name that ends in "
            f"{', '.join(_METADATA)}"
        )
    if not path.parent.is_dir():
        raise AnalysisError(f"the folder {str(path.parent)!r} is not there: create it first")


@contextmanager
def _covering_fonts(figure: Figure) -> Iterator[None]:
    """Add fonts that have the characters which a text's own font lacks; take them away after."""
    changed: list[tuple[Text, Any]] = []
    try:
        for text in _texts(figure):
            own = text.get_fontfamily()
            if extra := _families_for(
                text.get_text(), mpl.font_manager.findfont(text.get_fontproperties())
            ):
                changed.append((text, own))
                text.set_fontfamily([*own, *extra])
        yield
    finally:
        for text, own in changed:
            text.set_fontfamily(own)


def _texts(figure: Figure) -> list[Text]:
    return [each for each in figure.findobj(Text) if not each.get_text().isascii()]


def _families_for(text: str, font: str) -> list[str]:
    lacking = {ord(each) for each in text if each.isprintable()} - _characters(font)
    return sorted({family for each in sorted(lacking) if (family := _family_with(each))})


@cache
def _characters(font: str) -> frozenset[int]:
    return frozenset(get_font(font).get_charmap())


@cache
def _family_with(character: int) -> str | None:
    """Return the first installed family, by name, of which a font has the character."""
    regular = sorted(
        {
            (each.name, each.fname)
            for each in fontManager.ttflist
            if each.weight in {400, "normal", "regular"} and each.style == "normal"
        }
    )
    for family, path in regular:
        # Fonts that only say "no such character" have every character.
        if "LastResort" in Path(path).name:
            continue
        if character in _characters(path):
            return family
    return None

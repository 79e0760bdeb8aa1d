"""Figures as SVG text to put inside an HTML page: the same bytes every time, and in its colours."""

import re
import warnings
from hashlib import sha256
from html import escape
from io import StringIO
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from analysis.figures import INK

_SALT = "analysis"
_FITTING = 'style="max-width: 100%; height: auto"'
_IDENTIFIER = re.compile(r'(\bid="|url\(#|href="#)')


def to_svg(figure: Figure, description: str | None = None) -> str:
    """Return a figure as an SVG element that needs nothing from outside itself.

    The background is transparent and the ink takes the page's text colour (`currentColor`), so a
    figure reads on light and dark pages. Text stays text, set in the page's sans-serif fonts.
    Identifiers carry a prefix of their own, so that several figures can share a page.

    Args:
        figure: the figure; it is not changed.
        description: what it shows, for those who cannot see it.

    Returns:
        The element, without an XML declaration. The same figure gives the same text.
    """
    buffer = StringIO()
    settings: dict[Any, Any] = {"svg.hashsalt": _SALT, "svg.fonttype": "none"}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # The page's fonts set the text, so glyphs that matplotlib's own font lacks do no harm.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(buffer, format="svg", transparent=True, metadata=metadata)
    text = buffer.getvalue()
    element = text[text.index("<svg") :].replace(INK, "currentColor")
    prefix = f"f{sha256(element.encode()).hexdigest()[:8]}-"
    element = _IDENTIFIER.sub(rf"\g<1>{prefix}", element)
    return element.replace("<svg ", f"<svg {_FITTING} {_accessible(description)} ", 1)


def _accessible(description: str | None) -> str:
    if description is None:
        return 'aria-hidden="true"'
    return f'role="img" aria-label="{escape(description, quote=True)}"'

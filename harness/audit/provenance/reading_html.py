"""Reads pages and figures: rows of tables, paragraphs, labels, and what is drawn."""

import hashlib
from collections.abc import Sequence
from html.parser import HTMLParser

from harness.audit.provenance.units import Cell, Kind, Unit, squeezed

_BLOCKS = frozenset(
    {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption", "caption", "summary", "pre"}
    | {"title", "text", "desc", "div", "section", "header", "footer", "main", "nav", "dt", "dd"}
)
_UNREAD = frozenset({"style", "script"})
# Bold stays, as stars, because it has a meaning in a table of results.
_BOLD = frozenset({"b", "strong"})
_SPOKEN = ("aria-label", "alt")
_DRAWN = ("d", "points", "transform", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry")
_SIZES = ("width", "height", "style", "fill", "stroke", "href", "xlink:href", "viewbox")


class _Reader(HTMLParser):
    """Collects units while it reads.

    Attributes:
        units: what was found so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.units: list[Unit] = []
        self._text: list[str] = []
        self._line = 1
        self._unread = 0
        self._heading = ""
        self._caption = ""
        self._cells: list[tuple[bool, str]] | None = None
        self._columns: tuple[str, ...] = ()
        self._in_cell = False
        self._in_head = False
        self._tables = 0
        self._pre = False
        self._drawing: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        self._attributes(tag, attrs)
        if tag in _UNREAD:
            self._flush()
            self._unread += 1
        elif tag in _BOLD:
            self._text.append("**")
        elif tag == "table":
            self._flush()
            self._tables += 1
            self._columns, self._caption = (), f"table {self._tables}"
        elif tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self._flush()
            self._cells, self._line = [], self.getpos()[0]
        elif tag in {"td", "th"}:
            self._text, self._in_cell = [], True
        elif tag in _BLOCKS and not self._in_cell:
            self._flush()
            self._line = self.getpos()[0]
            self._pre = tag == "pre"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element without content, such as a path."""
        self._attributes(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag in _BOLD:
            self._text.append("**")
        elif tag in {"td", "th"} and self._cells is not None:
            self._cells.append((tag == "th", squeezed("".join(self._text))))
            self._text, self._in_cell = [], False
        elif tag == "tr":
            self._row()
        elif tag == "thead":
            self._in_head = False
        elif tag == "svg":
            self._flush()
            self._drawn()
        elif tag in _BLOCKS and not self._in_cell:
            self._ended(tag)

    def handle_data(self, data: str) -> None:
        """Take a text."""
        if not self._unread:
            if not self._text:
                self._line = self.getpos()[0]
            self._text.append(data)

    def close(self) -> None:
        """Take what is left."""
        super().close()
        self._flush()

    def _ended(self, tag: str) -> None:
        text = squeezed("".join(self._text))
        if tag in {"h2", "h3"} and text:
            self._heading = text
        if tag == "caption" and text:
            self._caption = f"{self._heading}: {text[:40]}" if self._heading else text[:60]
        self._flush()
        self._pre = False

    def _attributes(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in _SPOKEN and value:
                self._add("words", (Cell("", squeezed(value)),), self.getpos()[0])
        if tag == "svg":
            self._drawing = []
        if self._drawing is not None:
            given = dict(attrs)
            shape = [f"{name}={given[name]}" for name in (*_DRAWN, *_SIZES) if name in given]
            self._drawing.append(f"{tag} {' '.join(shape)}")

    def _drawn(self) -> None:
        if self._drawing is not None:
            shape = hashlib.sha256("\n".join(self._drawing).encode()).hexdigest()[:12]
            self._add("drawing", (Cell("", f"shapes-{shape}"),), self.getpos()[0])
        self._drawing = None

    def _row(self) -> None:
        cells, self._cells = self._cells or [], None
        texts = tuple(text for _, text in cells)
        if self._in_head or (cells and all(is_head for is_head, _ in cells) and not self._columns):
            self._columns = texts
            found = tuple(Cell("", text) for text in texts)
            self._add("header", found, self._line, self._caption)
            return
        above = (*self._columns, *("" for _ in texts))
        found = tuple(Cell(above[place], text) for place, text in enumerate(texts))
        self._add("row", found, self._line, self._caption)

    def _flush(self) -> None:
        text, self._text = "".join(self._text), []
        lines = text.split("\n") if self._pre else [squeezed(text)]
        for place, line in enumerate(lines):
            if line.strip():
                number = self._line + (place if self._pre else 0)
                self._add("words", (Cell("", squeezed(line)),), number)

    def _add(self, kind: Kind, cells: tuple[Cell, ...], line: int, table: str = "") -> None:
        self.units.append(Unit(line, kind, table, cells))


def read_html(text: str) -> list[Unit]:
    """The units of a page, or of an SVG figure."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.units

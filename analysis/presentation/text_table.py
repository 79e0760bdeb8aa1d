"""Tables as plain text."""

from collections.abc import Sequence

Row = Sequence[str]

_TEXT_COLUMNS = frozenset(
    {
        "arm",
        "comparison",
        "configuration",
        "decision",
        "dominated by",
        "effect",
        "not told apart from",
        "reference",
        "source",
        "test",
    }
)


_CONTROL = {
    code: chr(code).encode("unicode_escape").decode()
    for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0xD800, 0xE000))
}
"""Characters that would move a terminal's cursor, colour what follows, or cannot be written."""


def printable(text: str) -> str:
    """Return text with its control characters, line ends among them, as escapes."""
    return text.translate(_CONTROL)


def aligned(rows: Sequence[Row]) -> str:
    """Return rows, a header first, as lines: words to the left of their column, numbers right."""
    rows = [[printable(text) for text in row] for row in rows]
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    pads = [str.ljust if column[0] in _TEXT_COLUMNS else str.rjust for column in columns]
    lines = [
        "  ".join(pad(text, width) for text, width, pad in zip(row, widths, pads, strict=True))
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)

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


def aligned(rows: Sequence[Row]) -> str:
    """Return rows, a header first, as lines: words to the left of their column, numbers right."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    pads = [str.ljust if column[0] in _TEXT_COLUMNS else str.rjust for column in columns]
    lines = [
        "  ".join(pad(text, width) for text, width, pad in zip(row, widths, pads, strict=True))
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)

"""Which files can be read, and how."""

from pathlib import PurePath

from harness.audit.provenance.reading_html import read_html
from harness.audit.provenance.reading_latex import read_latex
from harness.audit.provenance.reading_text import (
    read_delimited,
    read_json,
    read_lines,
    read_markdown,
)
from harness.audit.provenance.units import Unit

READABLE = (".html", ".svg", ".tex", ".md", ".csv", ".tsv", ".json", ".txt")
"""Endings of files whose numbers are read; of others only the bytes are compared."""


def is_readable(name: str) -> bool:
    """Whether a file's numbers are read."""
    return PurePath(name).suffix.lower() in READABLE


def read_units(name: str, content: bytes) -> list[Unit]:
    """The units of a file, in its order; one that is not what its name says is read line by line.

    Args:
        name: the file's name; its ending says how it is read.
        content: the file.
    """
    text = content.decode("utf-8", "backslashreplace")
    match PurePath(name).suffix.lower():
        case ".html" | ".svg":
            return read_html(text)
        case ".tex":
            return read_latex(text)
        case ".md":
            return read_markdown(text)
        case ".csv":
            return read_delimited(text, _delimiter(text))
        case ".tsv":
            return read_delimited(text, "\t")
        case ".json":
            try:
                return read_json(text)
            except (ValueError, RecursionError):
                return read_lines(text)
        case _:
            return read_lines(text)


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","

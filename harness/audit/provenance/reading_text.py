"""Reads Markdown, delimited and JSON files, and plain text."""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from harness.audit.provenance.units import Cell, Unit, squeezed

_SEPARATOR = re.compile(r"\|?[\s:|-]*-[\s:|-]*")
_PIPE = re.compile(r"(?<!\\)\|")
_NAMES = ("arm", "trial", "reference", "name", "id", "metric")


def read_lines(text: str) -> list[Unit]:
    """Every line as words."""
    return [
        Unit(number, "words", "", (Cell("", squeezed(line)),))
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]


def read_markdown(text: str) -> list[Unit]:
    """Rows of pipe tables, and lines."""
    lines = text.splitlines()
    units: list[Unit] = []
    columns: tuple[str, ...] = ()
    count = 0
    for number, line in enumerate(lines, start=1):
        below = lines[number] if number < len(lines) else ""
        if not line.lstrip().startswith("|"):
            columns = ()
            units += [Unit(number, "words", "", (Cell("", squeezed(line)),))] * bool(line.strip())
            continue
        texts = _cells(line)
        if not columns and _SEPARATOR.fullmatch(below.strip() or "x"):
            columns, count = texts, count + 1
            cells = tuple(Cell("", text) for text in texts)
            units.append(Unit(number, "header", f"table {count}", cells))
        elif not _SEPARATOR.fullmatch(line.strip()):
            units.append(_row(number, f"table {count}", columns, texts))
    return units


def read_delimited(text: str, delimiter: str) -> list[Unit]:
    """Rows of a file with a header; comments before it are words."""
    with _fields_of_any_size():
        return _delimited(text, delimiter)


@contextmanager
def _fields_of_any_size() -> Iterator[None]:
    """Lift the limit of a field's size, which is one for the whole process, for a while."""
    before = csv.field_size_limit(10**9)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _delimited(text: str, delimiter: str) -> list[Unit]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    units: list[Unit] = []
    columns: tuple[str, ...] = ()
    for row in reader:
        texts = tuple(squeezed(each) for each in row)
        if not any(texts):
            continue
        if not columns:
            columns = texts
            cells = tuple(Cell("", text) for text in texts)
            units.append(Unit(reader.line_num, "header", "rows", cells))
        else:
            units.append(_row(reader.line_num, "rows", columns, texts))
    return units


def read_json(text: str) -> list[Unit]:
    """Every leaf as a row: its path and its value."""
    # Digits are kept as they are written: a number knows its decimals.
    content = json.loads(text, parse_float=_Digits, parse_int=_Digits)
    return [
        Unit(0, "row", "values", (Cell("", path), Cell(path.rpartition(".")[2], value)))
        for path, value in _leaves(content, "")
    ]


class _Digits(str):
    """A number of a JSON file as it is written."""

    __slots__ = ()


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _leaves(each, f"{path}[{_named(each, place)}]")
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _named(value: Any, place: int) -> str:  # noqa: ANN401 - JSON
    """What a list's member is called, so that its row can be found again."""
    if not isinstance(value, dict):
        return str(place)
    names = [str(value[name])[:40] for name in _NAMES if isinstance(value.get(name), str)]
    return " ".join(names) or str(place)


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(squeezed(each) for each in _PIPE.split(inner))


def _row(line: int, table: str, columns: Sequence[str], texts: Sequence[str]) -> Unit:
    above = (*columns, *("" for _ in texts))
    return Unit(
        line, "row", table, tuple(Cell(above[place], text) for place, text in enumerate(texts))
    )

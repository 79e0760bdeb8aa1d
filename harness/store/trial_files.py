"""Exported trials as files: CSV, Parquet and JSON, without loss.

A file has one row a trial. What is nested (parameters, learning curves, the environment …) stands
in its cell as JSON; floating-point numbers are written in full. A trial's digest is computed again
when it is imported, so an edited parameter or seed is noticed.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from harness.errors import ImportConflictError, InputError, Problem
from harness.store import schema
from harness.store.exchange import COLUMNS, METRIC_PREFIX, Row, json_cell
from harness.store.shapes import require_shape

FORMATS = ("csv", "json", "parquet")

_ROWS_OF_A_GROUP = 10_000
"""Rows that a Parquet file holds together."""

_TEXT = frozenset({"trial", "study", "arm", "state", "results_digest"})
_WHOLE = frozenset({"seed", "trial_version", "attempts"})
_REAL = frozenset({"started_at", "duration_s"})


def format_of(path: Path) -> str:
    """The format that a file's name asks for.

    Raises:
        InputError: if it asks for none of csv, json and parquet.
    """
    form = path.suffix.lstrip(".").lower()
    if form not in FORMATS:
        problem = Problem("this ending names no format", given=path.suffix, allowed=FORMATS)
        raise InputError(problem, path)
    return form


def dump(rows: Sequence[Row], form: str) -> bytes:
    """Rows as the content of a file."""
    content = io.BytesIO()
    names = {name for row in rows for name in row if name.startswith(METRIC_PREFIX)}
    write(content, rows, sorted(names), form)
    return content.getvalue()


def write(file: BinaryIO, rows: Iterable[Row], metrics: Sequence[str], form: str) -> int:
    """Write rows to a file as they come, and return how many there were.

    Args:
        file: where they go; it stays open.
        rows: the rows, of which a thousand are held at once.
        metrics: the columns of metrics that any row has, sorted.
        form: one of FORMATS.
    """
    return _WRITERS[form](file, rows, [*COLUMNS, *metrics])


def load(path: Path) -> list[Row]:
    """The rows of a file that :func:`dump` wrote.

    Raises:
        InputError: if the file cannot be read as what its name says.
        ImportConflictError: if a column is missing or a cell cannot be read, naming the row.
    """
    form = format_of(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(Problem(f"this file cannot be read ({error.strerror})"), path) from None
    try:
        raw = _LOADERS[form](content)
    except (ValueError, RecursionError, csv.Error, OSError) as error:
        raise InputError(Problem(f"this is no {form} file ({error})"), path) from None
    return [_imported(row, number, path) for number, row in enumerate(raw, start=1)]


def _flat(row: Row) -> Row:
    """A row whose cells are numbers, texts or None."""
    return {name: _flat_cell(name, value) for name, value in row.items()}


def _flat_cell(name: str, value: object) -> object:
    if value is None or name in _TEXT | _WHOLE | _REAL or name.startswith(METRIC_PREFIX):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _write_csv(file: BinaryIO, rows: Iterable[Row], columns: Sequence[str]) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    try:
        # Everything is quoted, because csv itself quotes no carriage return and then reads it as
        # the end of a row.
        writer = csv.DictWriter(text, columns, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        count = 0
        for row in rows:
            count += 1
            # repr gives the shortest text that reads back as the same number.
            flat = _flat(row).items()
            writer.writerow({name: repr(v) if isinstance(v, float) else v for name, v in flat})
    finally:
        # The file is the caller's; a wrapper that is forgotten closes it.
        text.detach()
    return count


def _write_json(file: BinaryIO, rows: Iterable[Row], _columns: Sequence[str]) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):
        plain = {name: json_cell(value) for name, value in row.items()}
        text = json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False)
        between = "[\n " if count == 1 else ",\n "
        file.write((between + text.replace("\n", "\n ")).encode())
    file.write(b"\n]\n" if count else b"[]\n")
    return count


def _write_parquet(file: BinaryIO, rows: Iterable[Row], columns: Sequence[str]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    layout = pa.schema([pa.field(name, _arrow_type(name)) for name in columns])
    count, remaining = 0, iter(rows)
    with pq.ParquetWriter(file, layout) as writer:
        while part := [_flat(row) for row in islice(remaining, _ROWS_OF_A_GROUP)]:
            writer.write_table(pa.Table.from_pylist(part, schema=layout))
            count += len(part)
    return count


def _arrow_type(name: str) -> Any:  # noqa: ANN401 - pyarrow is imported late
    import pyarrow as pa

    if name in _WHOLE:
        return pa.int64()
    if name in _REAL or name.startswith(METRIC_PREFIX):
        return pa.float64()
    return pa.string()


def _load_csv(content: bytes) -> list[Row]:
    # A learning curve is one cell, and may be longer than csv's cautious default.
    csv.field_size_limit(2**31 - 1)
    reader = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    if reader.fieldnames is None:
        raise ValueError("it is empty")
    _require_columns(reader.fieldnames)
    return [{name: cell or None for name, cell in row.items()} for row in reader]


def _load_json(content: bytes) -> list[Row]:
    rows = json.loads(content)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("it holds no list of trials")
    return rows


def _load_parquet(content: bytes) -> list[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(content))
        rows: list[Row] = table.to_pylist()
    except pa.ArrowException as error:
        raise ValueError(str(error)) from None
    _require_columns(table.column_names)
    return rows


def _require_columns(names: Sequence[str]) -> None:
    """Refuse a table that was never exported here, also one without rows."""
    missing = [name for name in COLUMNS if name not in names and name not in _OPTIONAL]
    if missing:
        raise ValueError(f"it lacks the columns {', '.join(missing)}")


_WRITERS: dict[str, Callable[[BinaryIO, Iterable[Row], Sequence[str]], int]] = {
    "csv": _write_csv,
    "json": _write_json,
    "parquet": _write_parquet,
}
_LOADERS: dict[str, Callable[[bytes], list[Row]]] = {
    "csv": _load_csv,
    "json": _load_json,
    "parquet": _load_parquet,
}


def _imported(raw: Row, number: int, path: Path) -> Row:
    """One row with every cell as what it was when it was exported."""
    missing = [name for name in COLUMNS if name not in raw and name not in _OPTIONAL]
    if missing:
        problem = Problem(
            f"trial {number} lacks the columns {', '.join(missing)}",
            remedy="import what `harness results export` wrote",
        )
        raise ImportConflictError(problem, path)
    row: Row = dict.fromkeys(COLUMNS)
    for name, cell in raw.items():
        if name not in row and not str(name).startswith(METRIC_PREFIX):
            problem = Problem(f"trial {number}: unknown column", given=str(name), allowed=COLUMNS)
            raise ImportConflictError(problem, path)
        try:
            value = _parsed(name, cell)
        except (ValueError, TypeError) as error:
            problem = Problem(f"trial {number}, {name}: cannot be read ({error})")
            raise ImportConflictError(problem, path) from None
        if value is None and name in COLUMNS and name not in _OPTIONAL:
            raise ImportConflictError(Problem(f"trial {number}, {name}: is empty"), path)
        if value is not None or name in row:
            row[name] = value
    if row["state"] not in {str(state) for state in schema.FINISHED}:
        allowed = tuple(sorted(schema.FINISHED))
        problem = Problem(f"trial {number}: no such state", "state", str(row["state"]), allowed)
        raise ImportConflictError(problem, path)
    return row


_OPTIONAL = frozenset({"facts", "predictions", "attachments", "started_at", "duration_s"})


def _parsed(name: str, cell: Any) -> Any:  # noqa: ANN401 - cells are of many types
    if cell is None:
        return None
    if name in _TEXT:
        return str(cell)
    if name in _WHOLE:
        if isinstance(cell, float) and not cell.is_integer():
            raise ValueError(f"{cell} is no whole number")
        return int(cell)
    if name in _REAL or name.startswith(METRIC_PREFIX):
        return float(cell)
    value = json.loads(cell) if isinstance(cell, str) else cell
    return require_shape(name, value)

"""Carries trials out of the store and into another one: CSV, Parquet, JSON, without loss.

A file has one row a trial. What is nested (parameters, learning curves, the environment …) stands
in its cell as JSON; floating-point numbers are written in full. A trial's digest is computed again
when it is read, so an edited parameter or seed is noticed.
"""

import base64
import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from harness.canonical import digest
from harness.errors import ImportConflictError, InputError, Problem
from harness.store import schema
from harness.store.reading import ResultsReader
from harness.store.rows import chunks
from harness.store.shapes import require_shape

METRIC_PREFIX = "metric:"

COLUMNS = (
    "trial",
    "study",
    "arm",
    "seed",
    "levels",
    "params",
    "what_runs",
    "trial_version",
    "state",
    "attempts",
    "started_at",
    "duration_s",
    "facts",
    "learning_curve",
    "predictions",
    "failures",
    "assets",
    "attachments",
    "environment",
    "results_digest",
)

Row = dict[str, Any]

FORMATS = ("csv", "json", "parquet")

_TEXT = frozenset({"trial", "study", "arm", "state", "results_digest"})
_WHOLE = frozenset({"seed", "trial_version", "attempts"})
_REAL = frozenset({"started_at", "duration_s"})


def export_rows(store: ResultsReader, study: str) -> list[Row]:
    """Every finished trial of a study as a row; the order is that in which they were planned.

    Nested values are Python objects; metrics are keyed ``metric:NAME``.
    """
    trials = schema.trials.c
    return _rows(store, trials.study == study, trials.state.in_(sorted(schema.FINISHED)))


def export_trial(store: ResultsReader, beginning: str) -> Row:
    """One trial that has been begun, as a row.

    Args:
        store: where it is.
        beginning: the first characters of its digest.

    Raises:
        InputError: if no trial's digest begins so, or several do.
    """
    identity = schema.trials.c.digest
    rows = _rows(store, identity.startswith(beginning, autoescape=True))
    if len(rows) != 1:
        several = "several trials begin with this" if rows else "no trial that was begun has this"
        remedy = "`harness results list STUDY --format csv` shows digests in full"
        raise InputError(Problem(f"{several} digest", given=beginning, remedy=remedy))
    return {name: _json_cell(value) for name, value in rows[0].items()}


def _rows(store: ResultsReader, *conditions: sa.ColumnElement[bool]) -> list[Row]:
    trials, runs, environments = schema.trials, schema.runs, schema.environments
    query = (
        sa.select(trials, environments.c.content.label("environment"))
        .join(runs, runs.c.id == trials.c.run_id)
        .join(environments, environments.c.id == runs.c.environment_id)
        .where(*conditions)
        .order_by(trials.c.id)
    )
    with store.database.read() as connection:
        rows = {row.id: _exported(row) for row in connection.execute(query)}
        _add_metrics(connection, rows)
        _add_curves(connection, rows)
        _add_predictions(connection, rows)
        _add_failures(connection, rows)
        _add_assets(connection, rows)
        _add_attachments(connection, rows)
    for row in rows.values():
        row["results_digest"] = results_digest(row)
    return list(rows.values())


def results_digest(row: Row) -> str:
    """Digest of what a trial gave, so that an edited result is noticed when it is imported.

    It guards against accidents. Whoever means to deceive can compute another one.
    """
    results = {
        name: _finite(value)
        for name, value in row.items()
        if name in _RESULTS or name.startswith(METRIC_PREFIX)
    }
    # Files that were exported before there were attachments keep their digests.
    if row.get("attachments"):
        results["attachments"] = row["attachments"]
    return digest("results", results)


_RESULTS = frozenset({"state", "attempts", "started_at", "duration_s", "facts", "predictions"}) | {
    "learning_curve",
    "failures",
    "assets",
}


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Canonical JSON has no NaN and no infinity, and one kind of list."""
    return json.loads(json.dumps(_json_cell(value)))


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
    return _DUMPERS[form](rows)


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


# -- Reading from the store ---------------------------------------------------------------------


def _exported(row: sa.Row[Any, Any]) -> Row:
    return {
        "trial": row.digest,
        "study": row.study,
        "arm": row.arm,
        "seed": row.seed,
        "levels": json.loads(row.levels),
        "params": json.loads(row.params),
        "what_runs": json.loads(row.what_runs),
        "trial_version": row.trial_version,
        "state": row.state,
        "attempts": row.attempts,
        "started_at": row.started_at,
        "duration_s": row.duration_s,
        "facts": json.loads(row.facts) if row.facts else None,
        "learning_curve": [],
        "predictions": None,
        "failures": [],
        "assets": [],
        "attachments": None,
        "environment": json.loads(row.environment),
    }


def _related(
    connection: sa.Connection, table: sa.Table, rows: Mapping[int, Row], *order: str
) -> Iterator[sa.Row[Any, Any]]:
    for chunk in chunks(list(rows)):
        query = sa.select(table).where(table.c.trial_id.in_(chunk))
        yield from connection.execute(query.order_by(*(table.c[name] for name in order)))


def _add_metrics(connection: sa.Connection, rows: Mapping[int, Row]) -> None:
    for row in _related(connection, schema.metrics, rows, "metric"):
        rows[row.trial_id][METRIC_PREFIX + row.metric] = _number(row)


def _add_curves(connection: sa.Connection, rows: Mapping[int, Row]) -> None:
    for row in _related(connection, schema.learning_curves, rows, "step", "metric"):
        value = row.problem or row.value
        rows[row.trial_id]["learning_curve"].append([row.step, row.metric, value])


def _add_predictions(connection: sa.Connection, rows: Mapping[int, Row]) -> None:
    for row in _related(connection, schema.predictions, rows):
        packed = base64.b64encode(row.correct).decode()
        rows[row.trial_id]["predictions"] = {"examples": row.examples, "correct": packed}


def _add_failures(connection: sa.Connection, rows: Mapping[int, Row]) -> None:
    names = ("attempt", "started_at", "duration_s", "error", "traceback")
    for row in _related(connection, schema.attempts, rows, "attempt"):
        rows[row.trial_id]["failures"].append({name: getattr(row, name) for name in names})


def _add_assets(connection: sa.Connection, rows: Mapping[int, Row]) -> None:
    for chunk in chunks(list(rows)):
        query = (
            sa.select(schema.trial_assets.c.trial_id, schema.assets)
            .join(schema.assets, schema.assets.c.id == schema.trial_assets.c.asset_id)
            .where(schema.trial_assets.c.trial_id.in_(chunk))
            .order_by(schema.assets.c.digest)
        )
        for row in connection.execute(query):
            rows[row.trial_id]["assets"].append(
                {
                    "digest": row.digest,
                    "builder": row.builder,
                    **{name: json.loads(getattr(row, name)) for name in _ASSET_JSON},
                    "build_s": row.build_s,
                }
            )


def _add_attachments(connection: sa.Connection, rows: Mapping[int, Row]) -> None:
    for row in _related(connection, schema.attachments, rows, "name"):
        kept = rows[row.trial_id]
        encoded = base64.b64encode(row.content).decode()
        kept["attachments"] = {**(kept["attachments"] or {}), row.name: encoded}


_ASSET_JSON = ("key", "files", "inputs", "facts")


def _number(row: sa.Row[Any, Any]) -> float:
    return float(row.problem) if row.problem else float(row.value)


# -- Files --------------------------------------------------------------------------------------


def _columns(rows: Sequence[Row]) -> list[str]:
    metrics = {name for row in rows for name in row if name.startswith(METRIC_PREFIX)}
    return [*COLUMNS, *sorted(metrics)]


def _flat(row: Row) -> Row:
    """A row whose cells are numbers, texts or None."""
    return {name: _flat_cell(name, value) for name, value in row.items()}


def _flat_cell(name: str, value: object) -> object:
    if value is None or name in _TEXT | _WHOLE | _REAL or name.startswith(METRIC_PREFIX):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _dump_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    # Everything is quoted, because csv itself quotes no carriage return and then reads it as the
    # end of a row.
    writer = csv.DictWriter(text, _columns(rows), lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    # repr gives the shortest text that reads back as the same number.
    writer.writerows(
        {name: repr(cell) if isinstance(cell, float) else cell for name, cell in flat.items()}
        for flat in map(_flat, rows)
    )
    return text.getvalue().encode()


def _dump_json(rows: Sequence[Row]) -> bytes:
    plain = [{name: _json_cell(value) for name, value in row.items()} for row in rows]
    text = json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode() + b"\n"


def _json_cell(value: object) -> object:
    """JSON has no NaN and no infinity; they stand there as text."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _dump_parquet(rows: Sequence[Row]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    flat = [_flat(row) for row in rows]
    fields = [pa.field(name, _arrow_type(name)) for name in _columns(rows)]
    table = pa.Table.from_pylist(flat, schema=pa.schema(fields))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue())


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


_DUMPERS: dict[str, Callable[[Sequence[Row]], bytes]] = {
    "csv": _dump_csv,
    "json": _dump_json,
    "parquet": _dump_parquet,
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

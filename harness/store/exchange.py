"""Trials as rows that leave the store whole; `trial_files` writes them, `importing` enters them."""

import base64
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from harness.canonical import JSON, digest
from harness.errors import InputError, Problem
from harness.store import schema
from harness.store.reading import ResultsReader
from harness.store.rows import chunks

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

_TRIALS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Export:
    """The finished trials of a study at one moment.

    Attributes:
        metrics: the columns of metrics that any of the rows has, sorted.
        rows: a row a trial, in the order in which they were planned. Nested values are Python
            objects; metrics are keyed ``metric:NAME``.
    """

    metrics: Sequence[str]
    rows: Iterator[Row]


def export_rows(store: ResultsReader, study: str) -> list[Row]:
    """All rows that :func:`exported` gives."""
    with exported(store, study) as export:
        return list(export.rows)


@contextmanager
def exported(store: ResultsReader, study: str) -> Iterator[Export]:
    """Every finished trial of a study, whatever other processes finish while rows are taken.

    However many trials there are, a thousand are held at once.
    """
    with store.database.read() as connection:
        yield Export(_metric_columns(connection, study), _rows(connection, *_finished(study)))


def _metric_columns(connection: sa.Connection, study: str) -> list[str]:
    trials, metrics = schema.trials, schema.metrics
    query = (
        sa.select(metrics.c.metric)
        .distinct()
        .join(trials, trials.c.id == metrics.c.trial_id)
        .where(*_finished(study))
    )
    return sorted(METRIC_PREFIX + name for name in connection.scalars(query))


def _finished(study: str) -> tuple[sa.ColumnElement[bool], ...]:
    trials = schema.trials.c
    return trials.study == study, trials.state.in_(sorted(schema.FINISHED))


def export_trial(store: ResultsReader, beginning: str) -> Row:
    """One trial that has been begun, as a row.

    Args:
        store: where it is.
        beginning: the first characters of its digest.

    Raises:
        InputError: if no trial's digest begins so, or several do.
    """
    identity = schema.trials.c.digest
    with store.database.read() as connection:
        rows = [*_rows(connection, identity.startswith(beginning, autoescape=True))]
    if len(rows) != 1:
        several = "several trials begin with this" if rows else "no trial that was begun has this"
        remedy = "`harness results list STUDY --format csv` shows digests in full"
        raise InputError(Problem(f"{several} digest", given=beginning, remedy=remedy))
    return {name: json_cell(value) for name, value in rows[0].items()}


def _rows(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> Iterator[Row]:
    trials = schema.trials.c
    query = sa.select(trials.id).where(*conditions, trials.run_id.is_not(None)).order_by(trials.id)
    environments: dict[int, JSON] = {}
    numbers = list(connection.scalars(query))
    for start in range(0, len(numbers), _TRIALS_AT_ONCE):
        part = numbers[start : start + _TRIALS_AT_ONCE]
        yield from _whole(connection, part, environments)


def _whole(
    connection: sa.Connection, numbers: Sequence[int], environments: dict[int, JSON]
) -> Iterable[Row]:
    """These trials with all that belongs to them; `environments` keeps those that are known."""
    trials, runs = schema.trials, schema.runs
    query = (
        sa.select(trials, runs.c.environment_id)
        .join(runs, runs.c.id == trials.c.run_id)
        .where(trials.c.id.in_(numbers))
        .order_by(trials.c.id)
    )
    rows = {}
    for row in connection.execute(query):
        if row.environment_id not in environments:
            environments[row.environment_id] = _environment(connection, row.environment_id)
        rows[row.id] = {**_exported(row), "environment": environments[row.environment_id]}
    _add_metrics(connection, rows)
    _add_curves(connection, rows)
    _add_predictions(connection, rows)
    _add_failures(connection, rows)
    _add_assets(connection, rows)
    _add_attachments(connection, rows)
    for whole in rows.values():
        whole["results_digest"] = results_digest(whole)
    return rows.values()


def _environment(connection: sa.Connection, number: int) -> JSON:
    columns = schema.environments.c
    content = connection.scalars(sa.select(columns.content).where(columns.id == number)).one()
    environment: JSON = json.loads(content)
    return environment


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
    return json.loads(json.dumps(json_cell(value)))


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


def json_cell(value: object) -> object:
    """JSON has no NaN and no infinity; they stand there as text."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value

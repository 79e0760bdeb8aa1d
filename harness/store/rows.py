"""Writes rows of the results store, inside the caller's transaction."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

import sqlalchemy as sa

from harness.assets import Asset
from harness.canonical import JSON, canonical_json, digest
from harness.outcome import Outcome
from harness.store import schema
from harness.store.ownership import this_process
from harness.store.prepared import Prepared
from harness.store.schema import RunState
from harness.trial import metric_problem

Item = TypeVar("Item")

_RESULT_TABLES = (
    schema.metrics,
    schema.learning_curves,
    schema.predictions,
    schema.attachments,
)

# SQLite takes at most 32,766 values in one statement.
_CHUNK = 10_000


def insert_new(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows; those that would break a unique key are there already and stay as they are."""
    if not rows:
        return
    # Both would take a twentieth of a second to import, which every command waits for.
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    connection.execute(dialect.insert(table).on_conflict_do_nothing(), list(rows))


def chunks(items: Collection[Item]) -> Iterator[list[Item]]:
    """Lists short enough to be the values of one statement."""
    everything = list(items)
    for start in range(0, len(everything), _CHUNK):
        yield everything[start : start + _CHUNK]


def recorded_environment(connection: sa.Connection, environment: Mapping[str, JSON]) -> int:
    """The row of this environment, entered when it is new."""
    content = canonical_json(environment).decode()
    columns = schema.environments.c
    identity = digest("environment", environment)
    insert_new(connection, schema.environments, [{"digest": identity, "content": content}])
    return int(connection.scalars(sa.select(columns.id).where(columns.digest == identity)).one())


def insert_results(connection: sa.Connection, trial_id: int, outcome: Outcome) -> None:
    """Insert the metrics, learning curves, predictions and attachments of a trial."""
    insert_all_results(connection, {trial_id: outcome})


def insert_all_results(connection: sa.Connection, outcomes: Mapping[int, Outcome]) -> None:
    """Insert the metrics, learning curves, predictions and attachments of trials, by number.

    One statement a table, however many trials there are.
    """
    rows: dict[sa.Table, list[dict[str, Any]]] = {
        schema.metrics: [
            {"trial_id": trial, "metric": name, **_value(value)}
            for trial, outcome in outcomes.items()
            for name, value in outcome.metrics.items()
        ],
        schema.learning_curves: [
            {"trial_id": trial, "metric": point.metric, "step": point.step, **_value(point.value)}
            for trial, outcome in outcomes.items()
            for point in outcome.curve
        ],
        schema.attachments: [
            {"trial_id": trial, "name": file.name, "content": file.content}
            for trial, outcome in outcomes.items()
            for file in outcome.attachments
        ],
        schema.predictions: [
            {"trial_id": trial, "examples": saved.count, "correct": saved.packed}
            for trial, outcome in outcomes.items()
            if (saved := outcome.predictions) is not None
        ],
    }
    for table, inserted in rows.items():
        if inserted:
            _inserting(table, tuple(inserted[0])).run_many(connection, inserted)


@cache
def _inserting(table: sa.Table, columns: tuple[str, ...]) -> Prepared:
    return Prepared(sa.insert(table), columns)


def delete_results(connection: sa.Connection, digests: Collection[str]) -> None:
    """Delete the metrics, learning curves, predictions and attachments of trials."""
    for chunk in chunks(digests):
        trials = sa.select(schema.trials.c.id).where(schema.trials.c.digest.in_(chunk))
        for table in _RESULT_TABLES:
            connection.execute(sa.delete(table).where(table.c.trial_id.in_(trials)))


def storable(text: str | None) -> str | None:
    """A text as databases take it.

    The message of an exception may hold a file name that is no Unicode; PostgreSQL has no NUL.
    """
    if text is None:
        return None
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _value(value: float) -> dict[str, Any]:
    problem = metric_problem(value)
    return {"value": None if problem else value, "problem": problem}


def link_asset(connection: sa.Connection, trial_id: int, asset: Asset) -> None:
    """Record that a trial used an asset, and the asset itself when it is new."""
    link_assets(connection, [(trial_id, asset)])


def link_assets(connection: sa.Connection, uses: Sequence[tuple[int, Asset]]) -> None:
    """Record which trials used which assets, and the assets themselves when they are new."""
    numbers: dict[tuple[str, str], int] = {}
    links = []
    for trial_id, asset in uses:
        content = (asset.digest, asset.content_digest)
        if content not in numbers:
            numbers[content] = _recorded_asset(connection, asset)
        links.append({"trial_id": trial_id, "asset_id": numbers[content]})
    insert_new(connection, schema.trial_assets, links)


def _recorded_asset(connection: sa.Connection, asset: Asset) -> int:
    """The number of this asset, entered when it is new."""
    row = {
        "digest": asset.digest,
        "content_digest": asset.content_digest,
        "builder": asset.builder,
        "key": json.dumps(asset.key, sort_keys=True),
        "files": json.dumps([[file.name, file.size_bytes, file.sha256] for file in asset.files]),
        "inputs": json.dumps(asset.inputs),
        "facts": json.dumps(asset.facts, sort_keys=True),
        "build_s": asset.build_s,
    }
    insert_new(connection, schema.assets, [row])
    columns = schema.assets.c
    same = (columns.digest == asset.digest, columns.content_digest == asset.content_digest)
    return int(connection.scalars(sa.select(columns.id).where(*same)).one())


def insert_run(
    connection: sa.Connection,
    environment: Mapping[str, JSON],
    now: float,
    state: RunState,
    study_id: int | None,
    protocol_digest: str | None,
) -> int:
    """Enter a run of this process; its number."""
    owner = this_process()
    inserted = connection.execute(
        sa.insert(schema.runs).values(
            study_id=study_id,
            environment_id=recorded_environment(connection, environment),
            protocol_digest=protocol_digest,
            state=state,
            host=owner.host,
            pid=owner.pid,
            process_started_at=owner.process_started_at,
            started_at=now,
            heartbeat_at=now,
        )
    )
    (run_id,) = inserted.inserted_primary_key or (0,)
    return int(run_id)

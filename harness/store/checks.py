"""Looks for what must never be in a results database: ``harness db check``."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from harness.assets import MANIFEST, read_asset, verify
from harness.errors import AssetError
from harness.store import schema
from harness.store.database import Database
from harness.store.schema import State
from harness.study.planning import PRUNED_BY, trial_digest
from harness.study.sources import VARIED_STREAMS, unlabelled


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One rule, and every place where the database breaks it."""

    rule: str
    faults: tuple[str, ...]


def check_database(database: Database, assets: Path) -> list[CheckResult]:
    """Hold the database against every rule that it must keep.

    Args:
        database: an open database.
        assets: folder of the shared assets; their files are read and compared with checksums.
    """
    results = []
    with database.read() as connection:
        for rule, check in _RULES.items():
            results.append(CheckResult(rule, tuple(_found(check, connection))))
        faults = tuple(_found(lambda connected: _damaged_assets(connected, assets), connection))
    results.append(CheckResult("every asset on disk is the one that was built", faults))
    return results


def _found(
    check: Callable[[sa.Connection], Iterator[str]], connection: sa.Connection
) -> Iterator[str]:
    """What a check finds; that it cannot go on is a finding as well."""
    try:
        yield from check(connection)
    except DBAPIError as error:
        yield f"the database cannot be read: {error.orig}"


def _file_is_sound(connection: sa.Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return
    for (message,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if message != "ok":
            yield str(message)
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there"


def _identities(connection: sa.Connection) -> Iterator[str]:
    for row in connection.execute(sa.select(schema.trials)):
        try:
            params, runs = json.loads(row.params), json.loads(row.what_runs)
            identity = trial_digest(row.study, row.trial_version, runs, params, row.seed)
        except (ValueError, TypeError):
            identity = None
        if identity != row.digest:
            yield f"{_name(row)}: its digest does not follow from what it is"


def _labels(connection: sa.Connection) -> Iterator[str]:
    """Only of trials of sources: what factors a study had may have changed since."""
    for row in connection.execute(sa.select(schema.trials)):
        try:
            runs = json.loads(row.what_runs)
            _, source = unlabelled(json.loads(row.levels), runs)
        except (ValueError, TypeError, AttributeError):
            continue  # the rule before this one has told of it
        if not source:
            yield f"{_name(row)}: varies {', '.join(runs[VARIED_STREAMS])} alone, as no source"


def _metrics_of_complete(connection: sa.Connection) -> Iterator[str]:
    for row in _trials_without(connection, State.COMPLETE, schema.metrics):
        yield f"{_name(row)}: complete, and without a metric"


def _results_of_unfinished(connection: sa.Connection) -> Iterator[str]:
    trials = schema.trials
    unfinished = trials.c.state.in_([State.PLANNED, State.RUNNING, State.STALE])
    for table in (schema.metrics, schema.learning_curves, schema.predictions):
        query = (
            sa.select(trials)
            .where(unfinished, trials.c.id.in_(sa.select(table.c.trial_id)))
            .order_by(trials.c.id)
        )
        for row in connection.execute(query):
            yield f"{_name(row)}: {row.state}, and has rows in {table.name}"


def _owners(connection: sa.Connection) -> Iterator[str]:
    trials = schema.trials
    owned = trials.c.state != State.PLANNED
    for row in connection.execute(sa.select(trials).where(owned, trials.c.run_id.is_(None))):
        yield f"{_name(row)}: {row.state}, and no run owns it"


def _failures_explained(connection: sa.Connection) -> Iterator[str]:
    for row in _trials_without(connection, State.FAILED, schema.attempts):
        yield f"{_name(row)}: failed, and without an error"


def _trials_without(
    connection: sa.Connection, state: State, table: sa.Table
) -> Iterator[sa.Row[tuple[object, ...]]]:
    """Trials in a state that have no row in a table."""
    trials = schema.trials
    query = (
        sa.select(trials)
        .outerjoin(table, table.c.trial_id == trials.c.id)
        .where(trials.c.state == state, table.c.trial_id.is_(None))
    )
    yield from connection.execute(query)


def _prediction_lengths(connection: sa.Connection) -> Iterator[str]:
    predictions = schema.predictions
    query = sa.select(schema.trials, predictions.c.examples, predictions.c.correct).join(
        predictions, predictions.c.trial_id == schema.trials.c.id
    )
    for row in connection.execute(query):
        if len(row.correct) != -(-row.examples // 8):
            yield f"{_name(row)}: {len(row.correct)} bytes for {row.examples} predictions"


def _candidate_numbers(connection: sa.Connection) -> Iterator[str]:
    columns = schema.candidates.c
    count, last = sa.func.count(), sa.func.max(columns.number)
    query = (
        sa.select(columns.study, columns.arm, columns.search_digest, count, last)
        .group_by(columns.study, columns.arm, columns.search_digest)
        .having(count != last + 1)
    )
    for study, arm, search, candidates, number in connection.execute(query):
        yield (
            f"search {search[:12]} ({study}, {arm}): {candidates} recorded, and the last is "
            f"number {number}"
        )


def _pruned_by_searches(connection: sa.Connection) -> Iterator[str]:
    for row in connection.execute(
        sa.select(schema.trials).where(schema.trials.c.state == State.PRUNED)
    ):
        # A text, because what runs may be no JSON, of which another rule tells.
        if f'"{PRUNED_BY}"' not in row.what_runs:
            yield f"{_name(row)}: pruned, and part of no search that prunes"


_RULES: dict[str, Callable[[sa.Connection], Iterator[str]]] = {
    "the file is sound and its references lead somewhere": _file_is_sound,
    "every trial's digest follows from what it is": _identities,
    "every trial of a source of variance names it": _labels,
    "every complete trial has metrics": _metrics_of_complete,
    "no unfinished trial has results": _results_of_unfinished,
    "every trial that was begun has an owner": _owners,
    "every failed trial has an error": _failures_explained,
    "predictions are as long as they say": _prediction_lengths,
    "every search numbers its candidates without a gap": _candidate_numbers,
    "every pruned trial is part of a search that prunes": _pruned_by_searches,
}


def _damaged_assets(connection: sa.Connection, folder: Path) -> Iterator[str]:
    recorded: dict[str, set[str]] = {}
    columns = schema.assets.c
    for address, content in connection.execute(sa.select(columns.digest, columns.content_digest)):
        recorded.setdefault(address, set()).add(content)
    for address, contents in sorted(recorded.items()):
        home = folder / address
        if not (home / MANIFEST).exists():
            continue  # another machine's, or removed to save space
        try:
            asset = read_asset(home)
            verify(asset)
        except AssetError as error:
            yield str(error).splitlines()[0]
        else:
            if asset.content_digest not in contents:
                yield f"the asset {home} is not the one that trials were run with"


def _name(row: sa.Row[tuple[object, ...]]) -> str:
    return f"trial {row.digest[:12]} ({row.study}, {row.arm}, seed {row.seed})"

"""Enters exported trials into the store: all of a file, or nothing of it."""

import base64
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from harness.assets import Asset, AssetFile
from harness.canonical import canonical_json, digest
from harness.errors import ImportConflictError, Problem
from harness.outcome import Outcome
from harness.store import schema
from harness.store.exchange import METRIC_PREFIX, Row, export_rows, results_digest
from harness.store.rows import chunks, insert_new, insert_results, insert_run, link_asset
from harness.store.schema import FINISHED, RunState, State
from harness.store.store import ResultsStore
from harness.study.planning import trial_digest
from harness.study.sources import labels_fit
from harness.trial import Attachment, CurvePoint, Predictions


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did: trials entered, and trials that were there already, equal."""

    entered: int
    already: int


def import_rows(store: ResultsStore, rows: Sequence[Row], source: Path) -> ImportSummary:
    """Enter trials that were exported from another store.

    A trial that is finished here already is left alone if it is the same, and refused otherwise.

    Args:
        store: where they go.
        rows: what :func:`harness.store.trial_files.load` read.
        source: the file, for messages.

    Raises:
        ImportConflictError: if a digest does not follow from its trial, or a finished trial here
            differs from the one in the file; nothing is entered then.
    """
    _check_identities(rows, source)
    for study in {row["study"] for row in rows}:
        store.free_abandoned(study)
    with store.database.write() as connection:
        # Inside the transaction: until its end no other process finishes or begins a trial.
        _check_conflicts(store, rows, source)
        states = _states(connection, [row["trial"] for row in rows])
        _check_idle(states, rows, source)
        runs: dict[str, int] = {}
        entered = 0
        for number, row in enumerate(rows, start=1):
            if states.get(row["trial"]) in FINISHED:
                continue
            try:
                _enter(connection, row, _run_of(connection, row, runs))
            except (DBAPIError, OverflowError, ValueError) as error:
                reason = error.orig if isinstance(error, DBAPIError) else error
                problem = Problem(f"trial {number} cannot be entered ({reason})")
                raise ImportConflictError(problem, source) from None
            entered += 1
    return ImportSummary(entered, len(rows) - entered)


def _run_of(connection: sa.Connection, row: Row, runs: dict[str, int]) -> int:
    """The run that stands for all trials of this import that ran in the same environment."""
    identity = digest("environment", row["environment"])
    if identity not in runs:
        runs[identity] = insert_run(
            connection, row["environment"], time.time(), RunState.IMPORTED, None, None
        )
    return runs[identity]


def _check_identities(rows: Sequence[Row], source: Path) -> None:
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        try:
            identity = trial_digest(
                row["study"], row["trial_version"], row["what_runs"], row["params"], row["seed"]
            )
            results = results_digest(row)
        except (ValueError, TypeError) as error:
            raise ImportConflictError(Problem(f"trial {number}: {error}"), source) from None
        if identity != row["trial"]:
            problem = Problem(
                f"trial {number} is not the trial that its digest names: its study, parameters, "
                "seed or what it runs were changed after it was exported",
                given=str(row["trial"]),
            )
            raise ImportConflictError(problem, source)
        if not labels_fit(row["levels"], row["params"], row["what_runs"]):
            problem = Problem(
                f"trial {number}: its factor levels are not its parameters, or its source of "
                "variance is not what it runs",
                given=json.dumps(row["levels"], ensure_ascii=False),
            )
            raise ImportConflictError(problem, source)
        if results != row["results_digest"]:
            problem = Problem(
                f"trial {number} ({row['arm']}, seed {row['seed']}): its results were changed "
                "after they were exported",
                remedy="import the file as it was exported",
            )
            raise ImportConflictError(problem, source)
        if identity in seen:
            raise ImportConflictError(Problem(f"trial {number} stands there twice"), source)
        seen.add(identity)


def _check_conflicts(store: ResultsStore, rows: Sequence[Row], source: Path) -> None:
    here = {
        row["trial"]: row
        for study in sorted({row["study"] for row in rows})
        for row in export_rows(store, study)
    }
    for number, row in enumerate(rows, start=1):
        known = here.get(row["trial"])
        if known is not None and _results(known) != _results(row):
            problem = Problem(
                f"trial {number} ({row['arm']}, seed {row['seed']}) is finished here with other "
                "results; a finished trial is never overwritten",
                remedy="import into another database: --db OTHER.db",
            )
            raise ImportConflictError(problem, source)


def _check_idle(states: Mapping[str, State], rows: Sequence[Row], source: Path) -> None:
    for number, row in enumerate(rows, start=1):
        if states.get(row["trial"]) == State.RUNNING:
            problem = Problem(
                f"trial {number} ({row['arm']}, seed {row['seed']}) is being run here right now",
                remedy="import when that run has ended",
            )
            raise ImportConflictError(problem, source)


def _results(row: Row) -> dict[str, str]:
    """What must agree for two rows to be the same trial; NaN agrees with NaN."""
    names = ("state", "learning_curve", "predictions", "attachments")
    return {
        name: json.dumps(value, sort_keys=True)
        for name, value in row.items()
        if name in names or name.startswith(METRIC_PREFIX)
    }


def _states(connection: sa.Connection, digests: Sequence[str]) -> dict[str, State]:
    """The state of those trials that are here."""
    columns = schema.trials.c
    found: dict[str, State] = {}
    for chunk in chunks(digests):
        query = sa.select(columns.digest, columns.state).where(columns.digest.in_(chunk))
        found |= {trial: State(state) for trial, state in connection.execute(query)}
    return found


def _enter(connection: sa.Connection, row: Row, run_id: int) -> None:
    columns = schema.trials.c
    trial = {
        "digest": row["trial"],
        "study": row["study"],
        "arm": row["arm"],
        "seed": row["seed"],
        "levels": canonical_json(row["levels"]).decode(),
        "params": canonical_json(row["params"]).decode(),
        "what_runs": canonical_json(row["what_runs"]).decode(),
        "trial_version": row["trial_version"],
        "state": row["state"],
        "run_id": run_id,
        "attempts": row["attempts"],
        "started_at": row["started_at"],
        "duration_s": row["duration_s"],
        "facts": canonical_json(row["facts"]).decode() if row["facts"] else None,
    }
    insert_new(connection, schema.trials, [{**trial, "state": State.PLANNED}])
    # A trial that is only planned here becomes the imported one; a finished one never does.
    unfinished = columns.state.in_([State.PLANNED, State.STALE])
    connection.execute(
        sa.update(schema.trials).where(columns.digest == row["trial"], unfinished).values(**trial)
    )
    trial_id = connection.scalars(sa.select(columns.id).where(columns.digest == row["trial"])).one()
    insert_results(connection, trial_id, _outcome(row))
    _enter_failures(connection, row, trial_id, run_id)
    for asset in _assets(row):
        link_asset(connection, trial_id, asset)


def _enter_failures(connection: sa.Connection, row: Row, trial_id: int, run_id: int) -> None:
    """Enter the failed attempts, numbered after those that the trial has had here."""
    attempts = schema.attempts
    query = sa.select(sa.func.max(attempts.c.attempt)).where(attempts.c.trial_id == trial_id)
    here = connection.scalar(query) or 0
    for failure in row["failures"]:
        numbered = {**failure, "attempt": failure["attempt"] + here}
        connection.execute(sa.insert(attempts).values(trial_id=trial_id, run_id=run_id, **numbered))
    connection.execute(
        sa.update(schema.trials)
        .where(schema.trials.c.id == trial_id)
        .values(attempts=row["attempts"] + here)
    )


def _outcome(row: Row) -> Outcome:
    return Outcome(
        digest=row["trial"],
        state="complete" if row["state"] == State.COMPLETE else "failed",
        started_at=row["started_at"] or 0.0,
        duration_s=row["duration_s"] or 0.0,
        metrics={
            name.removeprefix(METRIC_PREFIX): value
            for name, value in row.items()
            if name.startswith(METRIC_PREFIX)
        },
        curve=tuple(
            CurvePoint(step, metric, float(value)) for step, metric, value in row["learning_curve"]
        ),
        predictions=_predictions(row["predictions"]),
        assets=(),
        facts={},
        attachments=tuple(
            Attachment(name, base64.b64decode(content))
            for name, content in (row["attachments"] or {}).items()
        ),
    )


def _predictions(saved: Mapping[str, Any] | None) -> Predictions | None:
    if saved is None:
        return None
    return Predictions(saved["examples"], base64.b64decode(saved["correct"]))


def _assets(row: Row) -> Iterator[Asset]:
    for asset in row["assets"]:
        yield Asset(
            digest=asset["digest"],
            path=Path(),
            builder=asset["builder"],
            key=asset["key"],
            inputs=tuple(asset["inputs"]),
            files=tuple(AssetFile(*file) for file in asset["files"]),
            facts=asset["facts"],
            build_s=asset["build_s"],
        )

"""The results store: the one place that plans, claims and records trials in the database."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from harness.canonical import JSON, canonical_json, digest
from harness.outcome import Outcome
from harness.store import schema
from harness.store.ownership import Owner
from harness.store.planned import planned_rows
from harness.store.prepared import Prepared
from harness.store.reading import ResultsReader
from harness.store.rows import (
    chunks,
    delete_results,
    insert_all_results,
    insert_new,
    insert_run,
    link_assets,
    storable,
)
from harness.store.schema import TRANSITIONS, RunState, State
from harness.study.model import Study
from harness.study.planning import TrialSpec


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a study by one process."""

    id: int


class ResultsStore(ResultsReader):
    """Trials and everything known of them, in one database that several processes may share.

    A trial goes through the states of :data:`harness.store.schema.TRANSITIONS` and through no
    others; every change of state names the states it may come from, in the same statement, so that
    two processes can never both run or both finish a trial. Finished trials are not modified.
    """

    def __init__(self, db: str | Path | None = None) -> None:
        """Open the store, and make it when there is none.

        Args:
            db: a file or a URL; None takes ``HARNESS_DB``, then ``artifacts/results.db``.

        Raises:
            StoreError: if it cannot be opened.
        """
        super().__init__(db, create=True)

    # -- Runs ------------------------------------------------------------------------------------

    def begin_run(self, study: Study, environment: Mapping[str, JSON]) -> Run:
        """Record that this process begins to run a study, and what it runs on.

        The definition, the protocol and the environment are recorded when they are new.
        """
        now = time.time()
        with self.database.write() as connection:
            study_id = _recorded_study(connection, study, now)
            protocol = _recorded_protocol(connection, study, now)
            run_id = insert_run(connection, environment, now, RunState.RUNNING, study_id, protocol)
        return Run(run_id)

    def record_protocol(self, study: Study) -> None:
        """Record how a study is analysed from now on, when that is new."""
        with self.database.write() as connection:
            _recorded_protocol(connection, study, time.time())

    def heartbeat(self, run: Run) -> None:
        """Show that the run is alive."""
        with self.database.write() as connection:
            connection.execute(
                sa.update(schema.runs)
                .where(schema.runs.c.id == run.id)
                .values(heartbeat_at=time.time())
            )

    def end_run(self, run: Run, state: RunState) -> None:
        """Close a run; trials that it had not finished become stale."""
        with self.database.write() as connection:
            owned = sa.select(schema.trials.c.digest).where(
                schema.trials.c.run_id == run.id, schema.trials.c.state == State.RUNNING
            )
            _move(connection, list(connection.scalars(owned)), State.STALE)
            connection.execute(
                sa.update(schema.runs)
                .where(schema.runs.c.id == run.id)
                .values(state=state, ended_at=time.time())
            )

    # -- Trials ----------------------------------------------------------------------------------

    def add_planned(self, study: Study, specs: Iterable[TrialSpec]) -> None:
        """Enter trials as planned; those that are there already stay as they are.

        Only the names of arms, factors and sources, which are labels and no part of a trial,
        follow the study.
        """
        columns = schema.trials.c
        query = sa.select(columns.digest, columns.arm, columns.levels).where(
            columns.study == study.name
        )
        rows = planned_rows(study, list(specs))
        with self.database.write() as connection:
            there = {trial: (arm, levels) for trial, arm, levels in connection.execute(query)}
            new = [row for row in rows if row["digest"] not in there]
            insert_new(connection, schema.trials, new)
            _label_anew(connection, there, rows)

    def free_abandoned(self, name: str) -> int:
        """Make trials of a study stale whose owner has died; the number of them."""
        trials, runs = schema.trials, schema.runs
        query = (
            sa.select(trials.c.digest, runs)
            .join(runs, runs.c.id == trials.c.run_id)
            .where(trials.c.study == name, trials.c.state == State.RUNNING)
        )
        now = time.time()
        with self.database.write() as connection:
            abandoned = [
                row.digest
                for row in connection.execute(query)
                if not Owner(row.host, row.pid, row.process_started_at).is_alive(
                    row.heartbeat_at, now
                )
            ]
            return len(_move(connection, abandoned, State.STALE))

    def retry_failed(self, digests: Collection[str]) -> int:
        """Plan failed trials again, as a user asked; the number of them.

        What they failed with stays in the table of attempts; the learning curves that they left
        make room for new ones.
        """
        with self.database.write() as connection:
            planned = _move(connection, digests, State.PLANNED)
            delete_results(connection, planned)
            return len(planned)

    def claim(self, run: Run, digests: Collection[str]) -> set[str]:
        """Make this run the owner of trials; those that it got.

        Args:
            run: the run that is going to execute them.
            digests: the trials it would like to have.
        """
        with self.database.write() as connection:
            return _move(
                connection,
                digests,
                State.RUNNING,
                run_id=run.id,
                attempts=schema.trials.c.attempts + 1,
                started_at=time.time(),
            )

    def record(self, run: Run, outcomes: Sequence[Outcome]) -> None:
        """Store finished trials, all of them or none.

        A trial that meanwhile belongs to another run, because this one was silent for too long, is
        left to that run.
        """
        with self.database.write() as connection:
            _record(connection, run, outcomes)

    def record_retry(self, run: Run, outcome: Outcome) -> None:
        """Store an attempt that failed, of a trial that is being tried again."""
        with self.database.write() as connection:
            columns = schema.trials.c
            again = (
                sa.update(schema.trials)
                .where(
                    columns.digest == outcome.digest,
                    columns.run_id == run.id,
                    columns.state == State.RUNNING,
                )
                .values(attempts=columns.attempts + 1)
                .returning(columns.id, (columns.attempts - 1).label("attempts"))
            )
            for trial in connection.execute(again).all():
                _insert_attempts(connection, run, [(trial, outcome)])


def _recorded_study(connection: sa.Connection, study: Study, now: float) -> int:
    definition = study.definition()
    identity = digest("study", definition)
    row = {
        "name": study.name,
        "definition_digest": identity,
        "definition": canonical_json(definition).decode(),
        "recorded_at": now,
    }
    insert_new(connection, schema.studies, [row])
    columns = schema.studies.c
    query = sa.select(columns.id).where(
        columns.name == study.name, columns.definition_digest == identity
    )
    return int(connection.scalars(query).one())


def _recorded_protocol(connection: sa.Connection, study: Study, now: float) -> str:
    protocol = study.definition()["protocol"]
    identity = digest("protocol", protocol)
    finished = sa.select(sa.func.count()).where(
        schema.trials.c.study == study.name, schema.trials.c.state == State.COMPLETE
    )
    row = {
        "study": study.name,
        "digest": identity,
        "protocol": canonical_json(protocol).decode(),
        "first_used_at": now,
        "finished_trials": connection.scalars(finished).one(),
    }
    insert_new(connection, schema.protocols, [row])
    return identity


def _move(
    connection: sa.Connection,
    digests: Collection[str],
    to: State,
    **values: Any,  # noqa: ANN401 - columns of many types
) -> set[str]:
    """Bring trials into a state if they are in one from which it may be reached; those moved."""
    columns = schema.trials.c
    moved: set[str] = set()
    for chunk in chunks(digests):
        statement = (
            sa.update(schema.trials)
            .where(columns.digest.in_(chunk), columns.state.in_(sorted(TRANSITIONS[to])))
            .values(state=to, **values)
            .returning(columns.digest)
        )
        moved.update(connection.scalars(statement))
    return moved


def _label_anew(
    connection: sa.Connection,
    there: Mapping[str, tuple[str, str]],
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """Give trials that are there already the names that the study has for them now.

    Args:
        connection: to write by.
        there: arm and levels of stored trials, by digest.
        rows: the trials as the study has them.
    """
    for row in rows:
        trial, labels = row["digest"], (row["arm"], row["levels"])
        if there.get(trial, labels) != labels:
            connection.execute(
                sa.update(schema.trials)
                .where(schema.trials.c.digest == trial)
                .values(arm=row["arm"], levels=row["levels"])
            )


def _record(connection: sa.Connection, run: Run, outcomes: Sequence[Outcome]) -> None:
    ended = [(_finish(connection, run, outcome), outcome) for outcome in outcomes]
    mine = [(trial, outcome) for trial, outcome in ended if trial is not None]
    _insert_attempts(connection, run, [pair for pair in mine if pair[1].error is not None])
    insert_all_results(connection, {trial.id: outcome for trial, outcome in mine})
    link_assets(
        connection, [(trial.id, asset) for trial, outcome in mine for asset in outcome.assets]
    )


def _finish(connection: sa.Connection, run: Run, outcome: Outcome) -> sa.Row[Any] | None:
    """Bring a trial into the state in which it ended.

    Returns:
        Its number and attempts; None if this run is not executing it any more.
    """
    values = {
        "trial": outcome.digest,
        "run": run.id,
        "began": outcome.started_at,
        "took_s": outcome.duration_s,
        "noted": canonical_json(outcome.facts).decode() if outcome.facts else None,
    }
    return _finished_as(State(outcome.state)).run(connection, values).one_or_none()


@cache
def _finished_as(to: State) -> Prepared:
    columns = schema.trials.c
    before = sa.or_(*(columns.state == state.value for state in sorted(TRANSITIONS[to])))
    return Prepared(
        sa.update(schema.trials)
        .where(
            columns.digest == sa.bindparam("trial"),
            columns.run_id == sa.bindparam("run"),
            before,
        )
        .values(
            state=to.value,
            started_at=sa.bindparam("began"),
            duration_s=sa.bindparam("took_s"),
            facts=sa.bindparam("noted"),
        )
        .returning(columns.id, columns.attempts)
    )


def _insert_attempts(
    connection: sa.Connection, run: Run, ended: Sequence[tuple[sa.Row[Any], Outcome]]
) -> None:
    """Keep what trials failed with."""
    rows = [
        {
            "trial_id": trial.id,
            "attempt": trial.attempts,
            "run_id": run.id,
            "started_at": outcome.started_at,
            "duration_s": outcome.duration_s,
            "error": storable(outcome.error),
            "traceback": storable(outcome.traceback),
        }
        for trial, outcome in ended
    ]
    if rows:
        connection.execute(sa.insert(schema.attempts), rows)

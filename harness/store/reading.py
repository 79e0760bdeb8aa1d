"""Reads what the results store knows; nothing here changes it."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from harness.canonical import JSON
from harness.errors import InputError, Problem, StoreError
from harness.store import schema
from harness.store.database import Database, database_url
from harness.store.metrics import read_final_metrics
from harness.store.notes import read_facts, read_noted_cautions, read_rebuilt_assets
from harness.store.rows import chunks
from harness.store.schema import RunState, State
from harness.store.series import (
    Kept,
    StoredPredictions,
    read_attachment,
    read_curve_metrics,
    read_curves,
    read_kept,
    read_predictions,
)
from harness.store.streaming import streamed
from harness.study.sources import unlabelled
from harness.text import one_line

if TYPE_CHECKING:
    import pandas as pd

# A look-up takes a tenth of the time of a call of the enumeration.
_STATES = {str(state): state for state in State}


@dataclass(frozen=True, slots=True)
class StoredTrial:
    """What the store knows of a trial without its metrics.

    Attributes:
        state: where it stands.
        attempts: how often it was begun.
        duration_s: how long the finished attempt took, in seconds.
        run_id: the run that owns or owned it.
    """

    state: State
    attempts: int
    duration_s: float | None
    run_id: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial failed, in one line and in full."""

    digest: str
    error: str
    traceback: str | None


@dataclass(frozen=True, slots=True)
class ProtocolUse:
    """A protocol that a study has been analysed by.

    Attributes:
        digest: digest of the protocol.
        protocol: the protocol's fields.
        first_used_at: when a run first declared it, in seconds since 1970.
        finished_trials: how many trials of the study were finished then: 0 means that it was
            declared before any result could be seen.
    """

    digest: str
    protocol: Mapping[str, JSON]
    first_used_at: float
    finished_trials: int


class ResultsReader:
    """Answers questions about stored studies.

    Attributes:
        database: the open database.
    """

    def __init__(self, db: str | Path | None = None, *, create: bool = False) -> None:
        """Open the store.

        Args:
            db: a file or a URL; None takes ``HARNESS_DB``, then ``artifacts/results.db``.
            create: whether a database is made when there is none.

        Raises:
            StoreError: if it cannot be opened.
        """
        self.database = Database(database_url(db), create=create)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def stored(self, name: str) -> dict[str, StoredTrial]:
        """Every trial of a study, by digest."""
        columns = schema.trials.c
        query = sa.select(
            columns.digest, columns.state, columns.attempts, columns.duration_s, columns.run_id
        ).where(columns.study == name)
        with self.database.read() as connection:
            return {
                digest: StoredTrial(_STATES[state], attempts, duration_s, run_id)
                for digest, state, attempts, duration_s, run_id in streamed(connection, query)
            }

    def final_metrics(self, name: str) -> dict[str, dict[str, float]]:
        """Final metrics of every complete trial of a study, by digest; NaN and infinity too."""
        with self.database.read() as connection:
            return read_final_metrics(connection, name)

    def kept(self, name: str) -> frozenset[Kept]:
        """What any trial of a study kept beside its metrics."""
        with self.database.read() as connection:
            return read_kept(connection, name)

    def predictions(self, digests: Sequence[str]) -> StoredPredictions:
        """Which test examples these trials got right, as one matrix, in the order of the digests.

        Raises:
            StoreError: if they saved predictions of different numbers of examples.
        """
        with self.database.read() as connection:
            return read_predictions(connection, digests)

    def curves(
        self, digests: Collection[str], metrics: Collection[str] | None = None
    ) -> "pd.DataFrame":
        """The learning curves of these trials: ``trial``, ``step``, ``metric``, ``value``.

        Args:
            digests: the trials.
            metrics: only the curves of these metrics; None for all.
        """
        with self.database.read() as connection:
            return read_curves(connection, digests, metrics)

    def curve_metrics(self, digests: Collection[str]) -> list[str]:
        """The metrics of which any of these trials kept a learning curve, sorted."""
        with self.database.read() as connection:
            return read_curve_metrics(connection, digests)

    def attachment(self, digest: str, name: str) -> bytes | None:
        """A file that a trial kept; None when it kept none of this name."""
        with self.database.read() as connection:
            return read_attachment(connection, digest, name)

    def failures(self, name: str) -> list[Failure]:
        """The last error of every failed trial of a study."""
        trials, attempts = schema.trials, schema.attempts
        query = (
            sa.select(trials.c.digest, attempts.c.error, attempts.c.traceback)
            .join(attempts, attempts.c.trial_id == trials.c.id)
            .where(
                trials.c.study == name,
                trials.c.state == State.FAILED,
                attempts.c.attempt == trials.c.attempts,
            )
            .order_by(trials.c.id)
        )
        with self.database.read() as connection:
            return [Failure(*row) for row in connection.execute(query)]

    def protocols(self, name: str) -> list[ProtocolUse]:
        """Every protocol that a study was run under, the first one first."""
        columns = schema.protocols.c
        query = sa.select(schema.protocols).where(columns.study == name).order_by(columns.id)
        with self.database.read() as connection:
            return [
                ProtocolUse(
                    row.digest, json.loads(row.protocol), row.first_used_at, row.finished_trials
                )
                for row in connection.execute(query)
            ]

    def environments(self, trials: Mapping[int, int]) -> list[tuple[Mapping[str, Any], int]]:
        """The environments that trials ran in, each with the number of trials.

        Args:
            trials: how many trials each run finished, by the run's number.
        """
        runs, environments = schema.runs, schema.environments
        counts: Counter[int] = Counter()
        contents: dict[int, Mapping[str, Any]] = {}
        with self.database.read() as connection:
            for chunk in chunks(trials):
                query = (
                    sa.select(runs.c.id, environments.c.id, environments.c.content)
                    .join(environments, runs.c.environment_id == environments.c.id)
                    .where(runs.c.id.in_(chunk))
                )
                for run, number, content in connection.execute(query):
                    counts[number] += trials[run]
                    contents.setdefault(number, json.loads(content))
        return [(contents[number], counts[number]) for number in sorted(counts)]

    def last_jobs(self, name: str) -> int | None:
        """How many worker processes the last run of a study had; None where none is recorded."""
        runs, studies, environments = schema.runs.c, schema.studies.c, schema.environments.c
        query = (
            sa.select(environments.content)
            .join(schema.runs, runs.environment_id == environments.id)
            .join(schema.studies, studies.id == runs.study_id)
            .where(studies.name == name, runs.state != RunState.IMPORTED)
            .order_by(runs.id.desc())
            .limit(1)
        )
        with self.database.read() as connection:
            content = connection.scalar(query)
        jobs = json.loads(content).get("jobs") if content is not None else None
        return jobs if isinstance(jobs, int) else None

    def facts(self, name: str, digests: AbstractSet[str]) -> list[tuple[Mapping[str, Any], int]]:
        """What these trials of a study noted about how they ran, each kind with their number."""
        with self.database.read() as connection:
            return read_facts(connection, name, digests)

    def rebuilt_assets(self, name: str, digests: AbstractSet[str]) -> list[str]:
        """Builders of assets of which these trials of a study used more than one content."""
        with self.database.read() as connection:
            return read_rebuilt_assets(connection, name, digests)

    def noted_cautions(self, name: str, digests: AbstractSet[str]) -> list[tuple[str, int]]:
        """What these trials of a study and their assets caution against, each with their number."""
        with self.database.read() as connection:
            return read_noted_cautions(connection, name, digests)

    def definitions(self, name: str) -> list[dict[str, Any]]:
        """Every definition under which a study was run, the first one first."""
        columns = schema.studies.c
        query = sa.select(columns.definition).where(columns.name == name).order_by(columns.id)
        with self.database.read() as connection:
            return [json.loads(definition) for definition in connection.scalars(query)]

    def studies(self) -> list[tuple[str, State, int]]:
        """Name, state and number of trials, for every study and state that there is."""
        columns = schema.trials.c
        query = (
            sa.select(columns.study, columns.state, sa.func.count())
            .group_by(columns.study, columns.state)
            .order_by(columns.study, columns.state)
        )
        with self.database.read() as connection:
            return [(name, State(state), count) for name, state, count in connection.execute(query)]

    def definition(self, name: str) -> dict[str, Any]:
        """The latest definition under which a study was run.

        Raises:
            StoreError: if the study was never run.
        """
        columns = schema.studies.c
        query = (
            sa.select(columns.definition)
            .join(schema.runs, schema.runs.c.study_id == columns.id)
            .where(columns.name == name)
            .order_by(schema.runs.c.id.desc())
            .limit(1)
        )
        with self.database.read() as connection:
            definition = connection.scalar(query)
        if definition is None:
            raise StoreError(f"The database {self.database} has no study {name!r}.")
        return dict(json.loads(definition))

    def require_study(self, name: str) -> None:
        """Refuse a name under which nothing is stored.

        Raises:
            InputError: naming the studies that have results.
        """
        names = {study for study, _, _ in self.studies()}
        if name not in names:
            problem = Problem(
                "no trials of this study are stored",
                given=name,
                allowed=tuple(sorted(names)),
                remedy="`harness study run NAME` runs a study; --db names another database",
            )
            raise InputError(problem, str(self.database))

    def trial_rows(
        self, name: str, *, state: str | None = None, arm: str | None = None
    ) -> list[dict[str, Any]]:
        """Every trial of a study as a row with its metrics and its last error's first line.

        Its ``source`` is the source of variance that it varies alone, and ``all`` for most.

        Args:
            name: the study.
            state: only trials in this state.
            arm: only trials of this arm.
        """
        columns = schema.trials.c
        query = sa.select(schema.trials).where(columns.study == name).order_by(columns.id)
        if state is not None:
            query = query.where(columns.state == state)
        if arm is not None:
            query = query.where(columns.arm == arm)
        metrics = self.final_metrics(name)
        errors = {failure.digest: one_line(failure.error) for failure in self.failures(name)}
        with self.database.read() as connection:
            return [
                {
                    "trial": row.digest,
                    "arm": row.arm,
                    "seed": row.seed,
                    **_labels(row),
                    "state": row.state,
                    "duration_s": row.duration_s,
                    "metrics": metrics.get(row.digest, {}),
                    "error": errors.get(row.digest),
                }
                for row in connection.execute(query)
            ]


def _labels(row: sa.Row[Any, Any]) -> dict[str, Any]:
    levels, source = unlabelled(json.loads(row.levels), json.loads(row.what_runs))
    return {"levels": levels, "source": source}

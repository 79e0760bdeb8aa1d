"""The tables of the results store, and which states a trial may go through.

All names carry the prefix ``harness_``, because Optuna keeps its own tables in the same database.
Times are seconds since 1970 in UTC. A change here needs a migration in ``migrations/versions``.
"""

from enum import StrEnum

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class State(StrEnum):
    """Where a trial stands."""

    PLANNED = "planned"
    RUNNING = "running"
    STALE = "stale"
    COMPLETE = "complete"
    FAILED = "failed"
    PRUNED = "pruned"


# From which states a trial may come into each state; anything else is refused. A stale trial's
# owner died, a failed trial's code raised. FAILED → PLANNED is the user's explicit wish to try
# again; what failed before stays in harness_attempts.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.FAILED}),
    State.RUNNING: frozenset({State.PLANNED, State.STALE}),
    State.STALE: frozenset({State.RUNNING}),
    State.COMPLETE: frozenset({State.RUNNING}),
    State.FAILED: frozenset({State.RUNNING}),
    State.PRUNED: frozenset({State.RUNNING}),
}

FINISHED = frozenset({State.COMPLETE, State.FAILED, State.PRUNED})


def _one_of(column: str, values: type[StrEnum]) -> sa.CheckConstraint:
    words = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({words})", name=column)


class RunState(StrEnum):
    """Where a run stands: one execution of ``harness study run``, or one import."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    IMPORTED = "imported"


studies = sa.Table(
    "harness_studies",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("definition_digest", sa.String(64), nullable=False),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.Double, nullable=False),
    sa.UniqueConstraint("name", "definition_digest"),
)

protocols = sa.Table(
    "harness_protocols",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("protocol", sa.Text, nullable=False),
    sa.Column("first_used_at", sa.Double, nullable=False),
    sa.Column("finished_trials", sa.Integer, nullable=False),
    sa.UniqueConstraint("study", "digest"),
)

environments = sa.Table(
    "harness_environments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("content", sa.Text, nullable=False),
)

runs = sa.Table(
    "harness_runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study_id", sa.ForeignKey("harness_studies.id")),
    sa.Column("environment_id", sa.ForeignKey("harness_environments.id"), nullable=False),
    sa.Column("protocol_digest", sa.String(64)),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("process_started_at", sa.Double, nullable=False),
    sa.Column("started_at", sa.Double, nullable=False),
    sa.Column("heartbeat_at", sa.Double, nullable=False),
    sa.Column("ended_at", sa.Double),
    _one_of("state", RunState),
)

trials = sa.Table(
    "harness_trials",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    # A finished trial is never run twice: one row an identity.
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("study", sa.Text, nullable=False),
    sa.Column("arm", sa.Text, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("levels", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("what_runs", sa.Text, nullable=False),
    sa.Column("trial_version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("run_id", sa.ForeignKey("harness_runs.id")),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("started_at", sa.Double),
    sa.Column("duration_s", sa.Double),
    sa.Column("facts", sa.Text),
    sa.Index(None, "study", "state"),
    _one_of("state", State),
)

metrics = sa.Table(
    "harness_metrics",
    metadata,
    sa.Column("trial_id", sa.ForeignKey("harness_trials.id"), primary_key=True),
    sa.Column("metric", sa.Text, primary_key=True),
    # Null when the value is NaN or infinite; `problem` then says which.
    sa.Column("value", sa.Double),
    sa.Column("problem", sa.String(4)),
    sa.CheckConstraint("(value IS NULL) = (problem IS NOT NULL)", name="value_or_problem"),
)

learning_curves = sa.Table(
    "harness_learning_curves",
    metadata,
    sa.Column("trial_id", sa.ForeignKey("harness_trials.id"), primary_key=True),
    sa.Column("metric", sa.Text, primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("value", sa.Double),
    sa.Column("problem", sa.String(4)),
    sa.CheckConstraint("(value IS NULL) = (problem IS NOT NULL)", name="value_or_problem"),
)

predictions = sa.Table(
    "harness_predictions",
    metadata,
    sa.Column("trial_id", sa.ForeignKey("harness_trials.id"), primary_key=True),
    sa.Column("examples", sa.Integer, nullable=False),
    sa.Column("correct", sa.LargeBinary, nullable=False),
)

attachments = sa.Table(
    "harness_attachments",
    metadata,
    sa.Column("trial_id", sa.ForeignKey("harness_trials.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

candidates = sa.Table(
    "harness_candidates",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study", sa.Text, nullable=False),
    sa.Column("arm", sa.Text, nullable=False),
    # Of everything that suggestions depend on, so that another search has candidates of its own.
    sa.Column("search_digest", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    # The declared values, the grid, or the version of Optuna that drew them.
    sa.Column("suggested_by", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.Double, nullable=False),
    sa.UniqueConstraint("search_digest", "number"),
    sa.Index(None, "study", "arm"),
)

attempts = sa.Table(
    "harness_attempts",
    metadata,
    sa.Column("trial_id", sa.ForeignKey("harness_trials.id"), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.ForeignKey("harness_runs.id"), nullable=False),
    sa.Column("started_at", sa.Double, nullable=False),
    sa.Column("duration_s", sa.Double, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("traceback", sa.Text),
)

assets = sa.Table(
    "harness_assets",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    # An asset that is removed and built again may come out as another one, with another torch say.
    sa.Column("content_digest", sa.String(64), nullable=False),
    sa.Column("builder", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("files", sa.Text, nullable=False),
    sa.Column("inputs", sa.Text, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("build_s", sa.Double, nullable=False),
    sa.UniqueConstraint("digest", "content_digest"),
)

trial_assets = sa.Table(
    "harness_trial_assets",
    metadata,
    sa.Column("trial_id", sa.ForeignKey("harness_trials.id"), primary_key=True),
    sa.Column("asset_id", sa.ForeignKey("harness_assets.id"), primary_key=True),
)

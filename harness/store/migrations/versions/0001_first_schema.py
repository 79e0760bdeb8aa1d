"""The first schema."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring a database to this schema."""
    op.create_table(
        "harness_assets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("builder", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("build_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harness_assets")),
        sa.UniqueConstraint(
            "digest", "content_digest", name=op.f("uq_harness_assets_digest_content_digest")
        ),
    )
    op.create_table(
        "harness_environments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harness_environments")),
        sa.UniqueConstraint("digest", name=op.f("uq_harness_environments_digest")),
    )
    op.create_table(
        "harness_protocols",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.Double(), nullable=False),
        sa.Column("finished_trials", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harness_protocols")),
        sa.UniqueConstraint("study", "digest", name=op.f("uq_harness_protocols_study_digest")),
    )
    op.create_table(
        "harness_studies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition_digest", sa.String(length=64), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harness_studies")),
        sa.UniqueConstraint(
            "name", "definition_digest", name=op.f("uq_harness_studies_name_definition_digest")
        ),
    )
    op.create_table(
        "harness_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=True),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("protocol_digest", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("heartbeat_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'finished', 'interrupted', 'imported')",
            name=op.f("ck_harness_runs_state"),
        ),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["harness_environments.id"],
            name=op.f("fk_harness_runs_environment_id_harness_environments"),
        ),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["harness_studies.id"],
            name=op.f("fk_harness_runs_study_id_harness_studies"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harness_runs")),
    )
    op.create_table(
        "harness_trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("levels", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("what_runs", sa.Text(), nullable=False),
        sa.Column("trial_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'running', 'stale', 'complete', 'failed', 'pruned')",
            name=op.f("ck_harness_trials_state"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["harness_runs.id"], name=op.f("fk_harness_trials_run_id_harness_runs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harness_trials")),
        sa.UniqueConstraint("digest", name=op.f("uq_harness_trials_digest")),
    )
    op.create_index(
        op.f("ix_harness_trials_study_state"), "harness_trials", ["study", "state"], unique=False
    )
    op.create_table(
        "harness_attempts",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["harness_runs.id"], name=op.f("fk_harness_attempts_run_id_harness_runs")
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["harness_trials.id"],
            name=op.f("fk_harness_attempts_trial_id_harness_trials"),
        ),
        sa.PrimaryKeyConstraint("trial_id", "attempt", name=op.f("pk_harness_attempts")),
    )
    op.create_table(
        "harness_learning_curves",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("problem", sa.String(length=4), nullable=True),
        sa.CheckConstraint(
            "(value IS NULL) = (problem IS NOT NULL)",
            name=op.f("ck_harness_learning_curves_value_or_problem"),
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["harness_trials.id"],
            name=op.f("fk_harness_learning_curves_trial_id_harness_trials"),
        ),
        sa.PrimaryKeyConstraint(
            "trial_id", "metric", "step", name=op.f("pk_harness_learning_curves")
        ),
    )
    op.create_table(
        "harness_metrics",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("problem", sa.String(length=4), nullable=True),
        sa.CheckConstraint(
            "(value IS NULL) = (problem IS NOT NULL)",
            name=op.f("ck_harness_metrics_value_or_problem"),
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["harness_trials.id"],
            name=op.f("fk_harness_metrics_trial_id_harness_trials"),
        ),
        sa.PrimaryKeyConstraint("trial_id", "metric", name=op.f("pk_harness_metrics")),
    )
    op.create_table(
        "harness_predictions",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("correct", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["harness_trials.id"],
            name=op.f("fk_harness_predictions_trial_id_harness_trials"),
        ),
        sa.PrimaryKeyConstraint("trial_id", name=op.f("pk_harness_predictions")),
    )
    op.create_table(
        "harness_trial_assets",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"],
            ["harness_assets.id"],
            name=op.f("fk_harness_trial_assets_asset_id_harness_assets"),
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["harness_trials.id"],
            name=op.f("fk_harness_trial_assets_trial_id_harness_trials"),
        ),
        sa.PrimaryKeyConstraint("trial_id", "asset_id", name=op.f("pk_harness_trial_assets")),
    )

"""Small files that are kept with a trial."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring a database to this schema."""
    op.create_table(
        "harness_attachments",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"],
            ["harness_trials.id"],
            name=op.f("fk_harness_attachments_trial_id_harness_trials"),
        ),
        sa.PrimaryKeyConstraint("trial_id", "name", name=op.f("pk_harness_attachments")),
    )

"""Alembic's entry point: migrates over the connection that ``upgrade`` hands it."""

from alembic import context

from harness.store.database import VERSION_TABLE
from harness.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()

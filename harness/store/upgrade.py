"""Brings a database written by an older harness up to the current schema."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from harness.errors import StoreError
from harness.store.database import current_version, open_engine, shown, stored_version


def script_directory() -> ScriptDirectory:
    """The migrations that this harness knows."""
    return ScriptDirectory.from_config(_config())


def upgrade(url: sa.URL) -> tuple[str, str]:
    """Apply the missing migrations, all of them or none.

    Args:
        url: address of an existing database.

    Returns:
        The schema before and after.

    Raises:
        StoreError: if it cannot be opened, has no tables of harness, or has a newer schema.
    """
    try:
        return _upgraded(url)
    except DBAPIError as error:
        raise StoreError(f"The database {shown(url)} cannot be upgraded: {error.orig}") from error


def _upgraded(url: sa.URL) -> tuple[str, str]:
    engine = open_engine(url, create=False).execution_options(harness_write=True)
    with engine.begin() as connection:
        before = stored_version(connection)
        if before is None:
            raise StoreError(f"The database {shown(url)} has no results of harness in it.")
        if before not in {script.revision for script in script_directory().walk_revisions()}:
            raise StoreError(
                f"The database {shown(url)} has schema {before}, unknown to this harness.\n"
                "Install the harness that wrote it."
            )
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, current_version()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config

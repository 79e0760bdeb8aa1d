import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from harness.errors import StoreError
from harness.store.checks import check_database
from harness.store.database import VERSION_TABLE, current_version, database_url, open_engine
from harness.store.exchange import export_rows
from harness.store.migrations import HEAD
from harness.store.schema import metadata
from harness.store.store import ResultsStore
from harness.store.upgrade import script_directory, upgrade

KEPT = sorted((Path(__file__).parent / "databases").glob("schema_*.db"))


@pytest.fixture(params=KEPT, ids=lambda path: path.stem)
def kept(request, tmp_path):
    """A database as an earlier harness left it."""
    return Path(shutil.copy(request.param, tmp_path / "results.db"))


@pytest.fixture
def migrated(tmp_path):
    """A database whose schema only migrations have made."""
    engine = open_engine(database_url(tmp_path / "migrated.db"), create=True)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        with context.begin_transaction(), _operations(context):
            for script in reversed(list(script_directory().walk_revisions())):
                script.module.upgrade()
    return engine


def _operations(context):
    from alembic.operations import Operations

    return Operations.context(context)


def differences(engine):
    """How a database differs from the schema in code, harness's tables only."""
    with engine.connect() as connection:
        ours = {
            "include_object": lambda _object, name, kind, *_: (
                kind != "table" or name.startswith("harness_")
            ),
            "version_table": VERSION_TABLE,
            "compare_type": True,
            "compare_server_default": True,
        }
        return compare_metadata(MigrationContext.configure(connection, opts=ours), metadata)


def definitions(engine):
    """Every table as SQLite has it, with its checks, which compare_metadata overlooks."""
    inspector = sa.inspect(engine)
    return {
        table: {
            kind: sorted(map(str, getattr(inspector, f"get_{kind}")(table)))
            for kind in ("columns", "check_constraints", "foreign_keys", "unique_constraints")
        }
        for table in inspector.get_table_names()
        if table != VERSION_TABLE
    }


def test_there_is_a_kept_database_of_every_schema():
    revisions = {script.revision for script in script_directory().walk_revisions()}
    assert {path.stem.removeprefix("schema_") for path in KEPT} == revisions


def test_an_old_database_becomes_a_current_sound_one_that_keeps_its_results(kept, tmp_path):
    with closing(sqlite3.connect(kept)) as connection:
        (before,) = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()
        (trials,) = connection.execute("SELECT count(*) FROM harness_trials").fetchone()
    assert upgrade(database_url(kept)) == (before, current_version())
    store = ResultsStore(kept)
    assert differences(store.database.engine) == []
    results = check_database(store.database, tmp_path / "assets")
    assert [fault for result in results for fault in result.faults] == []
    assert len(export_rows(store, "kept")) == trials > 0


def test_upgrading_twice_changes_nothing(kept):
    upgrade(database_url(kept))
    assert upgrade(database_url(kept)) == (HEAD, HEAD)


def test_migrations_make_the_schema_that_a_new_database_has(migrated, store):
    assert differences(migrated) == []
    assert differences(store.database.engine) == []
    assert definitions(migrated) == definitions(store.database.engine)


def test_a_missing_column_would_be_noticed(migrated):
    with migrated.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE harness_trials DROP COLUMN facts")
    assert differences(migrated) != []


def test_the_version_in_code_is_the_latest_migration():
    assert script_directory().get_heads() == [HEAD]


def test_the_version_has_a_table_of_its_own(store):
    names = set(sa.inspect(store.database.engine).get_table_names())
    assert "harness_alembic_version" in names
    assert "alembic_version" not in names
    assert all(name.startswith("harness_") for name in names)


def test_optunas_tables_in_the_same_database_survive(kept):
    with closing(sqlite3.connect(kept)) as connection:
        connection.executescript(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);"
            "INSERT INTO alembic_version VALUES ('v3.2.0.a');"
            "CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER);"
            "INSERT INTO trials VALUES (1, 7);"
        )
    upgrade(database_url(kept))
    ResultsStore(kept)
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("v3.2.0.a",)]
        assert connection.execute("SELECT * FROM trials").fetchall() == [(1, 7)]


@pytest.mark.parametrize(
    ("prepare", "fault"),
    [
        (lambda path: path.unlink(missing_ok=True), "There is no database"),
        (lambda path: path.write_bytes(b"a long text and no database " * 200), "not a database"),
        (lambda path: path.write_bytes(b""), "no results of harness in it"),
    ],
)
def test_what_is_no_database_of_harness_is_not_upgraded(tmp_path, prepare, fault):
    prepare(tmp_path / "results.db")
    with pytest.raises(StoreError, match=fault):
        upgrade(database_url(tmp_path / "results.db"))


def test_a_newer_database_is_not_touched(store, sql):
    sql(store, "UPDATE harness_alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="9999, unknown to this harness"):
        upgrade(store.database.url)
    assert store.database.schema_version() == "9999"

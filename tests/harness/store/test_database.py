import multiprocessing
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from harness.errors import InputError, SchemaVersionError, StoreError
from harness.store.database import (
    DEFAULT_DATABASE,
    Database,
    current_version,
    database_exists,
    database_url,
)
from harness.store.reading import ResultsReader
from harness.store.store import ResultsStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results.db"


def pragma(connection, name):
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_a_connection_writes_ahead_durably_and_minds_references(store):
    for mode in (store.database.read, store.database.write):
        with mode() as connection:
            assert pragma(connection, "journal_mode") == "wal"
            assert pragma(connection, "synchronous") == 2
            assert pragma(connection, "foreign_keys") == 1
            assert pragma(connection, "busy_timeout") == 60_000


def test_a_reader_sees_one_moment_while_another_writes(store, sql):
    with store.database.read() as connection:
        count = sa.text("SELECT count(*) FROM harness_environments")
        assert connection.scalar(count) == 0
        sql(store, "INSERT INTO harness_environments (digest, content) VALUES ('a', '{}')")
        assert connection.scalar(count) == 0
    with store.database.read() as connection:
        assert connection.scalar(count) == 1


def insert_twice(store):
    row = sa.text("INSERT INTO harness_environments (digest, content) VALUES ('a', '{}')")
    with store.database.write() as connection:
        connection.execute(row)
        connection.execute(row)


def test_a_failed_write_leaves_nothing(store):
    with pytest.raises(sa.exc.IntegrityError):
        insert_twice(store)
    with store.database.read() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM harness_environments")) == 0


def open_stores(paths, start, results):
    for path in paths:
        start.wait()
        try:
            results.put(ResultsStore(path).database.schema_version())
        except Exception as error:  # noqa: BLE001 - the parent shows it
            results.put(repr(error))


def test_many_processes_at_once_make_one_database(tmp_path):
    # Several databases, because processes meet at the worst moment of a new one only now and then.
    paths = [tmp_path / f"{index}.db" for index in range(50)]
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(4), context.Queue()
    workers = [context.Process(target=open_stores, args=(paths, start, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = {results.get(timeout=50) for _ in workers for _ in paths}
    for worker in workers:
        worker.join()
    assert found == {current_version()}
    for path in paths:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT count(*) FROM harness_alembic_version").fetchone()
        assert rows == (1,)


def test_a_reader_makes_no_database_and_says_how_to_make_one(path):
    with pytest.raises(StoreError, match=r"There is no database .*\n.*harness study run"):
        ResultsReader(path)
    assert not path.exists()


@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_is_no_database_is_refused_and_left_alone(path, create):
    content = b"this is a text, and a long one. " * 200
    path.write_bytes(content)
    with pytest.raises(StoreError, match="cannot be opened: file is not a database"):
        Database(database_url(path), create=create)
    assert path.read_bytes() == content


@pytest.mark.parametrize("create", [True, False])
def test_a_folder_is_no_database(tmp_path, create):
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(database_url(tmp_path), create=create)


def test_a_place_inside_of_a_file_is_refused(path):
    path.write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        ResultsStore(path / "results.db")


def test_another_programs_database_is_not_even_touched_by_reading(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="no results of harness in it"):
        ResultsReader(path)
    assert path.read_bytes() == before


def test_tables_can_be_made_beside_another_programs(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE studies (study_id)")
        connection.commit()
    store = ResultsStore(path)
    assert store.studies() == []
    names = set(sa.inspect(store.database.engine).get_table_names())
    assert {name for name in names if not name.startswith("harness_")} == {"studies"}


@pytest.mark.parametrize("version", ["0000", "9999"])
@pytest.mark.parametrize("opener", [ResultsReader, ResultsStore])
def test_an_older_or_newer_schema_is_refused_and_left_as_it_is(store, sql, version, opener):
    sql(store, "UPDATE harness_alembic_version SET version_num = :v", v=version)
    with pytest.raises(SchemaVersionError, match=f"has schema {version}.*\n.*harness db upgrade"):
        opener(store.database.url.database)
    assert store.database.schema_version() == version


def test_the_database_is_named_by_option_then_variable_then_default(monkeypatch, path):
    monkeypatch.setenv("HARNESS_DB", "from_variable.db")
    assert database_url(path).database == str(path)
    assert database_url(None).database == "from_variable.db"
    monkeypatch.setenv("HARNESS_DB", "")
    assert database_url(None).database == str(DEFAULT_DATABASE)


def test_a_file_has_any_name(tmp_path, nasty):
    path = tmp_path / nasty.replace("/", "_")
    store = ResultsStore(path)
    assert path.exists()
    assert str(store.database) == str(path)


def test_a_server_is_named_by_a_url_and_its_password_is_never_shown():
    url = database_url("postgres://user:secret@localhost:1/results")
    assert url.drivername == "postgresql+psycopg"
    assert database_exists("postgres://localhost/results")
    with pytest.raises(StoreError, match="cannot be opened") as refusal:
        Database(url, create=False)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("mysql://localhost/x", "no such kind of database"),
        ("postgresl://localhost/x", "nearest: postgresql"),
        ("postgresql://localhost:port/x", "is no database address"),
        ("://", "is no database address"),
        (":memory:", "would be lost"),
        ("sqlite://", "would be lost"),
        ("sqlite:///:memory:", "would be lost"),
    ],
)
def test_an_address_that_cannot_hold_results_is_refused(address, fault):
    with pytest.raises(InputError, match=fault):
        database_url(address)


def test_a_database_is_there_once_it_is_made(path):
    assert not database_exists(path)
    ResultsStore(path)
    assert database_exists(path)

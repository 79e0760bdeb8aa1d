"""Opens the database: its address, its connections, its transactions, and its schema version."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from harness.errors import InputError, Problem, SchemaVersionError, StoreError
from harness.store.schema import metadata

DEFAULT_DATABASE = Path("artifacts") / "results.db"
VERSION_TABLE = "harness_alembic_version"

_IN_MEMORY = ":memory:"

# Long enough for another process's longest transaction, such as an import of many trials.
_BUSY_TIMEOUT_S = 60

# How long another process needs to change how a new file is written.
_MODE_CHANGE_S = 0.01


def database_url(db: str | Path | None) -> sa.URL:
    """The address of the database.

    Args:
        db: a file, or a URL such as ``postgresql://user@host/name``; None takes ``HARNESS_DB`` and
            then ``artifacts/results.db``.

    Raises:
        InputError: if a URL is no database address.
    """
    address = str(db or os.environ.get("HARNESS_DB") or DEFAULT_DATABASE)
    if "://" not in address and address != _IN_MEMORY:
        return sa.URL.create("sqlite", database=str(Path(address).expanduser()))
    if address in {_IN_MEMORY, "sqlite://"} or address.endswith(f"/{_IN_MEMORY}"):
        problem = Problem(
            "a database in memory would be lost with its process",
            given=address,
            remedy="name a file",
        )
        raise InputError(problem, "--db")
    try:
        url = sa.make_url(address)
    # ValueError: a port that is no number.
    except (ArgumentError, ValueError):
        problem = Problem(
            "is no database address",
            given=address if "@" not in address else "an address with a user, not shown here",
            remedy="name a file, or a URL such as postgresql://user@host/name",
        )
        raise InputError(problem, "--db") from None
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        problem = Problem("no such kind of database", "", url.drivername, ("sqlite", "postgresql"))
        raise InputError(problem, "--db")
    return url


def database_exists(db: str | Path | None) -> bool:
    """Whether a database can be read here; one that answers to a URL is taken to be there."""
    url = database_url(db)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").exists()


def shown(url: sa.URL) -> str:
    """An address for people: a file, or a URL without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.render_as_string(hide_password=True)


class Database:
    """A database with harness's tables.

    Attributes:
        url: its address; shown without a password.
        engine: the SQLAlchemy engine.
    """

    def __init__(self, url: sa.URL, *, create: bool) -> None:
        """Open a database whose schema is the current one.

        Args:
            url: its address.
            create: whether tables are made when there are none.

        Raises:
            StoreError: if it cannot be opened, or does not exist and ``create`` is false.
            SchemaVersionError: if another version of harness wrote it.
        """
        self.url = url
        self.engine = open_engine(url, create=create)
        try:
            self._prepare(create=create)
        except DBAPIError as error:
            raise StoreError(f"The database {self} cannot be opened: {error.orig}") from error

    def __str__(self) -> str:
        return shown(self.url)

    @property
    def files(self) -> list[Path]:
        """The file that the database is in, if it is in one."""
        file = self.url.database if self.url.get_backend_name() == "sqlite" else None
        return [Path(file)] if file else []

    def close(self) -> None:
        """Close all connections; the database opens again when it is used again."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one moment of the database throughout."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that no other writer interrupts: all of it happens, or none."""
        with self._writer.begin() as connection:
            yield connection

    @cached_property
    def _reader(self) -> sa.Engine:
        # Writers on a server read what others have committed meanwhile, and each of their updates
        # names the states that it starts from; only readers need one moment for several queries.
        if self.url.get_backend_name() == "sqlite":
            return self.engine
        return self.engine.execution_options(isolation_level="REPEATABLE READ")

    @cached_property
    def _writer(self) -> sa.Engine:
        return self.engine.execution_options(harness_write=True)

    def _prepare(self, *, create: bool) -> None:
        version = self.schema_version()
        if version is None and create:
            self._create()
            version = self.schema_version()
        if version is None:
            raise StoreError(f"The database {self} has no results of harness in it.")
        if version != current_version():
            raise SchemaVersionError(
                f"The database {self} has schema {version}; this harness works with "
                f"{current_version()}.\n"
                "If the database is the older one, `harness db upgrade` brings it up to date; "
                "if it is the newer one, install the harness that wrote it."
            )

    def schema_version(self) -> str | None:
        """The revision of the schema, or None when the database has no tables of harness."""
        with self.engine.connect() as connection:
            return stored_version(connection)

    def _create(self) -> None:
        # Two processes may both have found the database empty; the second finds it made.
        with self.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(7045920184)"))
            if stored_version(connection) is None:
                metadata.create_all(connection)
                _version_table.create(connection)
                connection.execute(_version_table.insert().values(version_num=current_version()))


_version_table = sa.Table(
    VERSION_TABLE,
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), primary_key=True),
)


def current_version() -> str:
    """The schema revision that this harness works with: the latest migration's."""
    from harness.store.migrations import HEAD

    return HEAD


def stored_version(connection: sa.Connection) -> str | None:
    """The schema revision that is written in a database, or None when there is none."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(sa.select(_version_table.c.version_num)).scalar()


def open_engine(url: sa.URL, *, create: bool) -> sa.Engine:
    """An engine for this address, whatever schema the database has.

    Raises:
        StoreError: if a database file does not exist and ``create`` is false.
        InputError: if the driver is not installed.
    """
    if url.get_backend_name() != "sqlite":
        return _server_engine(url)
    file = Path(url.database or "")
    if create:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"The folder {file.parent} cannot be made ({error.strerror})."
            raise StoreError(message) from None
    elif not file.exists():
        raise StoreError(
            f"There is no database {file}.\n"
            "`harness study run NAME` makes one; --db or HARNESS_DB names another."
        )
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _set_up_sqlite)
    if create:
        event.listen(engine, "connect", _write_ahead)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _server_engine(url: sa.URL) -> sa.Engine:
    try:
        return sa.create_engine(url, isolation_level="READ COMMITTED")
    except (ImportError, NoSuchModuleError) as error:
        problem = Problem(
            f"the driver for this database is not installed ({error})",
            remedy="pip install 'harness[postgres]'",
        )
        raise InputError(problem, "--db") from error


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's own
    # sqlite3 would otherwise begin transactions by itself, deferred, and too late for DDL.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: what was stored survives a power failure, not only the end of the process.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _write_ahead(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's own
    # The mode stays with the file. It is not set where a database is only read, because that file
    # may be another program's.
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            # While several processes change the mode at once, SQLite fails without waiting.
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(_MODE_CHANGE_S)
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    # A deferred transaction that turns into a writer after another one wrote fails at once instead
    # of waiting, so writers say so at the beginning.
    write = connection.get_execution_options().get("harness_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

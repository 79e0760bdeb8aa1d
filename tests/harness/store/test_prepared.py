"""Statements that are worked out once, for the database that they are run on."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from harness.store.prepared import Prepared

metadata = sa.MetaData()
numbers = sa.Table(
    "numbers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("value", sa.Double),
)

INSERT = Prepared(sa.insert(numbers), ("id", "name", "value"))
DOUBLE_IF_SMALL = Prepared(
    sa.update(numbers)
    .where(numbers.c.name == sa.bindparam("wanted"), numbers.c.value < 10)
    .values(value=sa.bindparam("new"))
    .returning(numbers.c.id, numbers.c.value)
)


@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        INSERT.run_many(
            connection,
            [{"id": 1, "name": "a", "value": 0.1}, {"id": 2, "name": "b'?:x", "value": None}],
        )
        yield connection


def test_rows_are_inserted_with_their_values_by_name(connection):
    INSERT.run_many(connection, [{"value": 7.0, "id": 3, "name": "%s"}])
    stored = connection.execute(sa.select(numbers).order_by(numbers.c.id)).all()
    assert stored == [(1, "a", 0.1), (2, "b'?:x", None), (3, "%s", 7.0)]


def test_what_an_update_returns_comes_back(connection):
    assert DOUBLE_IF_SMALL.run(connection, {"wanted": "a", "new": 0.2}).one() == (1, 0.2)


def test_conditions_of_the_statement_itself_hold(connection):
    DOUBLE_IF_SMALL.run(connection, {"wanted": "a", "new": 20.0}).all()
    assert DOUBLE_IF_SMALL.run(connection, {"wanted": "a", "new": 40.0}).all() == []


def test_a_value_that_is_missing_is_named(connection):
    with pytest.raises(KeyError, match="value"):
        INSERT.run_many(connection, [{"id": 3, "name": "c"}])


def test_a_driver_that_takes_values_by_name_gets_them_so():
    class Recorder:
        dialect = postgresql.psycopg.dialect()

        def exec_driver_sql(self, sql, arguments):
            self.seen = sql, arguments

    server = Recorder()
    DOUBLE_IF_SMALL.run(server, {"wanted": "a", "new": 0.2})
    sql, arguments = server.seen
    assert "%(wanted)s" in sql
    assert arguments == {"wanted": "a", "new": 0.2, "value_1": 10}

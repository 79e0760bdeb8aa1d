"""Reads a query's rows a part at a time, so that a million of them are never held at once."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

_ROWS_AT_ONCE = 10_000


def streamed(connection: sa.Connection, query: sa.Executable) -> Iterator[Any]:
    """The rows of a query, in its order."""
    for part in parts(connection, query):
        yield from part


def parts(connection: sa.Connection, query: sa.Executable) -> Iterator[Sequence[sa.Row[Any]]]:
    """The rows of a query, in its order, in lists that are not too long."""
    # The drivers of servers fetch everything before the first row unless they are told this.
    options = {"yield_per": _ROWS_AT_ONCE}
    yield from connection.execute(query, execution_options=options).partitions()

"""Cuts a table that is longer than a page into tables that fit."""

from collections.abc import Iterator
from dataclasses import replace

from analysis.publication.columns import Column
from analysis.publication.printed import PublicationTable

MOST_ROWS = 36
"""Rows of a table, titles of groups among them, that a page has room for beside its caption."""


def pages(table: PublicationTable, most_rows: int = MOST_ROWS) -> tuple[PublicationTable, ...]:
    """Return a table as tables that each fit on a page; groups stay whole where they can.

    The first has the label; the others say in their captions that they go on.

    Args:
        table: the table.
        most_rows: of one page, titles of groups among them; at least 2.
    """
    cuts = list(_cuts(table, most_rows))
    if len(cuts) == 1:
        return (table,)
    return tuple(_page(table, rows, place) for place, rows in enumerate(cuts))


def _cuts(table: PublicationTable, most_rows: int) -> Iterator[range]:
    start, used = 0, 0
    for title, places in table.grouped_rows():
        needed = len(places) + bool(title)
        if used and used + needed > most_rows:
            yield range(start, places.start)
            start, used = places.start, 0
        while used + needed > most_rows:
            # A group that no page has room for.
            end = start + most_rows - bool(title)
            yield range(start, end)
            start, needed = end, places.stop - end + bool(title)
        used += needed
    yield range(start, table.n_rows)


def _page(table: PublicationTable, rows: range, place: int) -> PublicationTable:
    first = place == 0
    return replace(
        table,
        columns=tuple(_rows_of(each, rows) for each in table.columns),
        caption=table.caption if first else f"Continued. {table.caption}",
        label=table.label if first else None,
        groups=tuple(table.groups[each] for each in rows) if table.groups else (),
        row_names=tuple(table.row_names[each] for each in rows) if table.row_names else (),
    )


def _rows_of(column: Column, rows: range) -> Column:
    return replace(column, entries=tuple(column.entries[each] for each in rows))

"""Writes listings to standard output as table, JSON or CSV; all else to standard error."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

Row = Mapping[str, Any]

# A table that is piped is not folded to the width of a terminal that is not there.
_PIPE_WIDTH = 100_000


def listing(rows: Sequence[Row], form: str, *, columns: Sequence[str], empty: str) -> None:
    """Write rows in the form that was asked for.

    Args:
        rows: one mapping a row.
        form: ``table``, ``json`` or ``csv``.
        columns: which keys a table and a CSV file show, in order; JSON has all.
        empty: what a table says when there are no rows, on standard error.
    """
    if form == "json":
        document(list(rows))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    elif rows:
        _table(rows, columns)
    else:
        say(empty)


def document(value: object) -> None:
    """Write a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def say(text: str) -> None:
    """Tell the user something that is not the output."""
    click.echo(text, err=True)


def _table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        numeric = all(isinstance(row.get(column), int | float | None) for row in rows)
        table.add_column(column, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(column))) for column in columns))
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)
    console.print(table)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value)

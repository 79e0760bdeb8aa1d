"""Tables of the paper, put together from columns."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import Comparisons
from analysis.inference.student_t import mean_interval
from analysis.presentation.numbers import decimals_for
from analysis.publication import PublicationTable, publication_table
from analysis.publication.best_arms import BestArms
from analysis.publication.columns import Column
from analysis.publication.comparison_columns import Row, rows_of
from analysis.publication.entries import (
    NOTHING,
    Entry,
    nothing_entry,
    number_entry,
    spread_entry,
)
from harness.answer import Answer
from studies.paper.words import about

Values = npt.NDArray[np.float64]


def comparison_table(
    answer: Answer,
    results: Comparisons,
    stem: str,
    caption: str,
    extra: Mapping[str, Sequence[Column]] | None = None,
    best: BestArms | None = None,
    *,
    block: str | None = "seed",
    words: str | None = None,
) -> PublicationTable:
    """Return the comparisons of a study's protocol as a table.

    Args:
        answer: the study's answer.
        results: its comparisons.
        stem: of the table's files.
        caption: what the table shows; data set, n and test are added.
        extra: columns to put after the column with this header, one entry for each of
            `rows_of(results)`.
        best: the best arms, where they are known already.
        block: column that matches runs; None when nothing does.
        words: on data set and runs, instead of those for arms that share seeds.
    """
    table = publication_table(
        results,
        answer.compared,
        label=f"tab:{stem}",
        caption=f"{caption} {words or about(answer)}",
        block=block,
        best=best,
    )
    columns: list[Column] = []
    for column in table.columns:
        columns.append(column)
        columns += (extra or {}).get("" if column.is_data_only else column.header, ())
    return explained(replace(table, columns=tuple(columns)), _control_words(results))


def explained(table: PublicationTable, reason: str) -> PublicationTable:
    """Return a table with a note that says what its dashes stand for, if it has any."""
    dashes = any(entry.text == NOTHING for column in table.shown for entry in column.entries)
    if not dashes or any(note.startswith(f"{NOTHING}:") for note in table.notes):
        return table
    return replace(table, notes=(*table.notes, f"{NOTHING}: {reason}"))


def column(
    header: str, entries: Sequence[Entry], explanation: str = "", *, rank: int = 0, latex: str = ""
) -> Column:
    """Return a column of numbers."""
    return Column(header, tuple(entries), explanation=explanation, rank=rank, latex_header=latex)


def values_of(frame: pd.DataFrame, metric: str, **where: object) -> Values:
    """The finite values of a metric in the rows with these levels, in their order.

    Without the metric, none.
    """
    if metric not in frame:
        return np.zeros(0)
    rows = frame
    for name, level in where.items():
        rows = rows[rows[name] == level]
    values: Values = rows[metric].to_numpy(dtype=np.float64)
    return values[np.isfinite(values)]


def mean_entry(values: Values, names: tuple[str, str], decimals: int | None = None) -> Entry:
    """Return mean ± standard deviation of values; a dash where there are none.

    Args:
        values: finite.
        names: of the two quantities.
        decimals: None lets them follow the standard error.
    """
    if len(values) == 0:
        return nothing_entry(*names)
    found = mean_interval(values, 0.95)
    error = found.standard_error or None
    places = decimals_for(error, found.mean) if decimals is None else decimals
    return spread_entry(found.mean, found.sd, min(places, 6), names)


def point_entry(value: float | None, decimals: int, names: tuple[str, str, str]) -> Entry:
    """Return an estimate that has no interval, under the names of both."""
    entry = number_entry(names[0], value, decimals)
    return replace(entry, quantities=(*entry.quantities, *nothing_entry(*names[1:]).quantities))


def arm_rows(results: Comparisons) -> list[Row]:
    """The rows of a table of comparisons."""
    return rows_of(results)


def _control_words(results: Comparisons) -> str:
    return f"{results.protocol.control} is what the other arms are compared with."

"""Columns of a table for a paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.errors import AnalysisError
from analysis.presentation.numbers import decimals_for
from analysis.publication.entries import Entry, number_entry, p_entry, text_entry

Align = Literal["left", "right", "center"]


class TableError(AnalysisError):
    """A table cannot be set as it was asked for."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        header: plain text.
        entries: one a row.
        align: where entries stand; the header stands as they do.
        explanation: a sentence for the caption of every table that shows the column.
        rank: 0 when the column is always shown. LaTeX shows the others, 1 first, as long as they
            fit into the width of the page; Markdown and HTML have room for all.
        is_data_only: whether only the CSV file and the macros have it.
        latex_header: LaTeX to use for the header, taken as it is; empty to escape `header`.
    """

    header: str
    entries: tuple[Entry, ...]
    align: Align = "right"
    explanation: str = ""
    rank: int = 0
    is_data_only: bool = False
    latex_header: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the quantities in order: columns of the CSV file."""
        quantities = (each for entry in self.entries for each in entry.quantities)
        names = dict.fromkeys(each.name for each in quantities if each.is_data)
        return tuple(names) or (self.header,)


def text_column(header: str, texts: Sequence[str], *, align: Align = "left") -> Column:
    """Return a column of words."""
    return Column(header, tuple(text_entry(header, each) for each in texts), align)


def number_column(
    header: str,
    values: Sequence[float | None],
    *,
    decimals: int | None = None,
    standard_errors: Sequence[float | None] | None = None,
) -> Column:
    """Return a column of numbers.

    Args:
        header: also the name of the quantity.
        values: None, NaN and infinity show as "n/a".
        decimals: of all of them; None to follow the standard errors, or else each number's needs.
        standard_errors: one a value, in its unit; None when there are none.

    Raises:
        TableError: there are more or fewer standard errors than values.
    """
    errors = [None] * len(values) if standard_errors is None else list(standard_errors)
    if len(errors) != len(values):
        raise TableError(f"{len(errors)} standard errors were given for {len(values)} values.")
    places = (
        decimals_for(error, value) if decimals is None else decimals
        for value, error in zip(values, errors, strict=True)
    )
    entries = (
        number_entry(header, value, each) for value, each in zip(values, places, strict=True)
    )
    return Column(header, tuple(entries))


def p_column(
    header: str, p_values: Sequence[float | None], *, alpha: float | None = None
) -> Column:
    """Return a column of p-values; rounding carries none of them onto alpha."""
    return Column(header, tuple(p_entry(header, each, alpha) for each in p_values))

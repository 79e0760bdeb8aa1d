"""From a frame with one row a run to the values of every arm, by cell and block."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from analysis.errors import (
    AnalysisError,
    MissingColumnError,
    MissingKeyError,
    NoRunsError,
    NotNumericError,
    RepeatedBlockError,
    RepeatedColumnError,
    SharedColumnError,
    TooLargeError,
)
from analysis.inference.paired import Floats

LARGEST = 1e150
"""Squares of larger values overflow."""

MISSING_WORDS = ("", "nan", "na", "n/a", "null", "none")
"""Text that stands for a missing value in a column of numbers, in lower case."""

Level = str | int | float | bool
Cell = tuple[tuple[str, Level], ...]
"""One combination of factor levels: (factor, level) pairs, empty when nothing is crossed."""


@dataclass(frozen=True, slots=True, eq=False)
class CellRuns:
    """The runs made at one combination of factor levels.

    Attributes:
        cell: the combination.
        series: for every arm that ran here, its metric indexed by block, or by row when there are
            no blocks; a value may be missing or infinite, a block occurs once.
        replaced: for every arm, how many of its values stand for missing or infinite ones.
    """

    cell: Cell
    series: Mapping[str, "pd.Series[float]"]
    replaced: Mapping[str, int] = field(default_factory=dict)

    def of(self, arm: str) -> "pd.Series[float]":
        """Return an arm's metric by block; empty when the arm did not run here."""
        return self.series.get(arm, pd.Series(dtype="float64"))


@dataclass(frozen=True, slots=True, eq=False)
class MatchedValues:
    """Two arms' finite values in the blocks that both have.

    Attributes:
        values: shape (n,), the arm's.
        reference: shape (n,), the reference's, in the same blocks.
        dropped_blocks: blocks of either arm that lack a finite value in one of them.
    """

    values: Floats
    reference: Floats
    dropped_blocks: int


def read_runs(
    frame: pd.DataFrame, *, metric: str, arm: str, block: str | None, within: Sequence[str]
) -> tuple[CellRuns, ...]:
    """Group runs by factor levels and arm, indexed by block.

    Args:
        frame: long form, one row a run, in any order.
        metric: column of the metric; what is missing or infinite there is kept as it is.
        arm: column that names the arm.
        block: column that says which runs belong together across arms; None when none do.
        within: columns of factors.

    Returns:
        One entry a combination of levels that occurs, ordered by level.

    Raises:
        MissingColumnError: a column is not there.
        NoRunsError: there are no rows.
        MissingKeyError: a row has no arm, block or level.
        NotNumericError: the metric is not a number somewhere.
        TooLargeError: the metric is finite, and beyond 1e150.
        RepeatedBlockError: an arm has two runs in one block of a cell.
    """
    keys = [arm, *([] if block is None else [block]), *within]
    _require_columns(frame, metric, arm, block, within)
    if frame.empty:
        raise NoRunsError
    for column in keys:
        if rows := int(frame[column].isna().sum()):
            raise MissingKeyError(column, rows)
    tidy = pd.DataFrame(
        {
            "arm": frame[arm].astype(str).to_numpy(),
            "block": np.arange(len(frame)) if block is None else _keys(frame[block]),
            "value": _numeric(frame, metric),
        }
    )
    _require_moderate(tidy, metric)
    return tuple(_by_arm(cell, tidy.iloc[rows]) for cell, rows in _cells(frame, within))


def _require_columns(
    frame: pd.DataFrame, metric: str, arm: str, block: str | None, within: Sequence[str]
) -> None:
    roles = [(arm, "arm"), (block, "block"), *((name, "factor") for name in within)]
    seen: dict[str, str] = {}
    for column, role in [(metric, "metric"), *roles]:
        if column is None:
            continue
        if column not in frame.columns:
            raise MissingColumnError(column, role, frame.columns)
        if column in seen:
            raise SharedColumnError(column, seen[column], role)
        if list(frame.columns).count(column) > 1:
            raise RepeatedColumnError(column)
        seen[column] = role


def arms_in(frame: pd.DataFrame, arm: str) -> tuple[str, ...]:
    """Return the arms in their order: of the categories if there are some, else of appearance."""
    column = frame[arm]
    present = dict.fromkeys(column.astype(str).unique())
    if isinstance(column.dtype, pd.CategoricalDtype):
        named = dict.fromkeys(str(name) for name in column.cat.categories)
        return tuple(name for name in named if name in present)
    return tuple(present)


def finite_values(series: "pd.Series[float]") -> Floats:
    """Return the values that are neither missing nor infinite, shape (n,), in no special order."""
    return _floats(finite(series))


def finite(series: "pd.Series[float]") -> "pd.Series[float]":
    """Return the values that are neither missing nor infinite."""
    return series[np.isfinite(_floats(series))]


def match_blocks(values: "pd.Series[float]", reference: "pd.Series[float]") -> MatchedValues:
    """Pair two arms by the keys of their blocks, never by the order of their rows."""
    complete = finite(values).index.intersection(finite(reference).index, sort=False)
    shared = values.index.intersection(reference.index, sort=False)
    blocks = len(values) + len(reference) - len(shared)
    return MatchedValues(
        values=_floats(values.loc[complete]),
        reference=_floats(reference.loc[complete]),
        dropped_blocks=blocks - len(complete),
    )


def _floats(series: "pd.Series[float]") -> Floats:
    return np.asarray(series, dtype=np.float64)


def _numeric(frame: pd.DataFrame, metric: str) -> Floats:
    column = frame[metric]
    if column.dtype.kind in "mMc":
        raise NotNumericError(metric, f"it holds values of the type {column.dtype}")
    if not is_numeric_dtype(column.dtype):
        column = column.map(_without_missing_words)
    try:
        return pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotNumericError(metric, _first_text(column) or str(error)) from error


def _without_missing_words(value: object) -> object:
    is_word = isinstance(value, str) and value.strip().lower() in MISSING_WORDS
    return None if is_word else value


def _first_text(column: "pd.Series[Any]") -> str | None:
    """Say where the first value stands that is no number; None when that is not the reason."""
    for place, value in enumerate(column.tolist(), start=1):
        if isinstance(value, str) and pd.isna(pd.to_numeric(value, errors="coerce")):
            return f"{value!r} in row {place}"
    return None


def _require_moderate(tidy: pd.DataFrame, metric: str) -> None:
    sizes = tidy["value"].abs()
    if (large := np.isfinite(sizes) & (sizes > LARGEST)).any():
        first = tidy[large].iloc[0]
        raise TooLargeError(metric, str(first["arm"]), float(first["value"]), LARGEST)


def _keys(column: "pd.Series[Any]") -> NDArray[Any]:
    """Return keys of blocks or levels; where text and numbers are mixed, 1, 1.0 and "1" are one.

    Raises:
        AnalysisError: a key is a list or the like.
    """
    if column.dtype != np.dtype(object):
        return column.to_numpy()
    kinds: set[type[object]] = set(map(type, column))
    for kind in kinds:
        if not issubclass(kind, Hashable):
            raise AnalysisError(
                f"The column {column.name!r} holds values of the type {kind.__name__}, which "
                "cannot say where a run belongs. Write text or numbers."
            )
    mixed = str in kinds and len(kinds) > 1
    return (column.map(_as_text) if mixed else column).to_numpy()


def _as_text(key: object) -> str:
    """Write a key as text, and 1.0 as 1: a column with a gap turns whole numbers into floats."""
    return str(int(key)) if isinstance(key, float) and key.is_integer() else str(key)


def _cells(frame: pd.DataFrame, within: Sequence[str]) -> list[tuple[Cell, NDArray[np.int_]]]:
    """Return every combination of levels that occurs, and the places of its rows."""
    if not within:
        return [((), np.arange(len(frame)))]
    levels = pd.DataFrame({place: _keys(frame[name]) for place, name in enumerate(within)})
    codes = levels.groupby(list(levels), sort=False, observed=True).ngroup().to_numpy()
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    firsts = levels.iloc[[rows[0] for rows in groups]].itertuples(index=False, name=None)
    cells = [
        (tuple(zip(within, map(_plain, first), strict=True)), rows)
        for first, rows in zip(firsts, groups, strict=True)
    ]
    return sorted(cells, key=lambda each: [_sort_key(level) for _, level in each[0]])


def _plain(level: object) -> Level:
    value = level.item() if isinstance(level, np.generic) else level
    return value if isinstance(value, str | int | float | bool) else str(value)


def _sort_key(level: Level) -> tuple[bool, float, str]:
    """Sort numbers by size and before text, so that mixed levels have an order too."""
    if isinstance(level, str):
        return (True, 0.0, level)
    return (False, float(level), "")


def _by_arm(cell: Cell, tidy: pd.DataFrame) -> CellRuns:
    values: dict[str, pd.Series[float]] = {}
    for name, rows in tidy.groupby("arm", sort=False):
        series = rows.set_index("block")["value"]
        if repeated := list(series.index[series.index.duplicated()]):
            raise RepeatedBlockError(str(name), str(repeated[0]), cell)
        values[str(name)] = series
    return CellRuns(cell, values)

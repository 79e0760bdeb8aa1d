"""From a frame with one row a run to the values of every arm, by cell and block."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import (
    MissingColumnError,
    MissingKeyError,
    NoRunsError,
    NotNumericError,
    RepeatedBlockError,
    RepeatedColumnError,
    SharedColumnError,
)
from analysis.inference.paired import Floats

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
            "block": np.arange(len(frame)) if block is None else frame[block].to_numpy(),
            "value": _numeric(frame, metric),
        }
    )
    return tuple(_by_arm(cell, tidy[rows]) for cell, rows in _cells(frame, within))


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
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(column.astype(str))
        return tuple(str(name) for name in column.cat.categories if str(name) in present)
    return tuple(dict.fromkeys(column.astype(str)))


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
    try:
        return pd.to_numeric(frame[metric]).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise NotNumericError(metric, str(error)) from error


def _cells(frame: pd.DataFrame, within: Sequence[str]) -> list[tuple[Cell, NDArray[np.bool_]]]:
    if not within:
        return [((), np.ones(len(frame), dtype=np.bool_))]
    codes = frame.groupby(list(within), sort=False, observed=True).ngroup()
    firsts = frame[list(within)][(~codes.duplicated()).to_numpy()]
    numbers = codes.to_numpy()
    cells = [
        (tuple(zip(within, map(_plain, levels), strict=True)), numbers == code)
        for code, levels in enumerate(firsts.itertuples(index=False, name=None))
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

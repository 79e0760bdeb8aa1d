"""Variance by source, arm by arm, and how much of it the runs of one block share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.errors import (
    AnalysisError,
    MissingColumnError,
    MissingKeyError,
    NoRunsError,
    SharedColumnError,
)
from analysis.inference.grid import Floats
from analysis.omnibus import complete_matrix
from analysis.runs import Cell, CellRuns, arms_in, finite_values, read_runs
from analysis.variance.components import NO_RESIDUAL, VarianceComponents, crossed_components
from analysis.variance.intervals import ratio_interval
from analysis.variance.source_results import VarianceSources
from analysis.variance.sources import ALL, decompose
from analysis.variance.strata import crossed_strata


@dataclass(frozen=True, slots=True)
class ArmSources:
    """Where one arm's variance comes from, in one cell.

    Attributes:
        arm: the arm.
        cell: the factor levels, empty when nothing is crossed.
        sources: its variances by source.
    """

    arm: str
    cell: Cell
    sources: VarianceSources

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, numbers, strings and None."""
        return {"arm": self.arm, "cell": dict(self.cell), **self.sources.to_dict()}


@dataclass(frozen=True, slots=True)
class BlockShare:
    """How much of the variance the runs of one block have in common, in one cell.

    Attributes:
        cell: the factor levels, empty when nothing is crossed.
        arms: the arms, whose means are taken out first.
        blocks: number of complete blocks.
        components: the variance between blocks, and what is left within them; a negative estimate
            is 0 there.
        correlation: of two arms' runs in one block, from -1 / (arms - 1) to 1: the intraclass
            correlation ICC(3, 1) of Shrout & Fleiss 1979, Psychological Bulletin 86, 420-428. It
            is not cut off at 0. Pairing multiplies the variance of a difference by 1 minus it.
            None when there is no variance.
        correlation_low: lower end of its interval, which is exact for normal values; None when
            there is no correlation, or when blocks or residuals do not vary at all.
        correlation_high: upper end of it.
        notes: what a reader has to know, one sentence each.
    """

    cell: Cell
    arms: tuple[str, ...]
    blocks: int
    components: VarianceComponents
    correlation: float | None
    correlation_low: float | None = None
    correlation_high: float | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, numbers, strings and None."""
        # Without the shares, which are of a total that the arms' own differences are part of.
        kept = {
            each.name: {"variance": each.variance, "low": each.low, "high": each.high}
            for each in self.components.components
            if each.name != "arm"
        }
        return {
            "cell": dict(self.cell),
            "arms": list(self.arms),
            "blocks": self.blocks,
            "components": kept,
            "correlation": self.correlation,
            "correlation_low": self.correlation_low,
            "correlation_high": self.correlation_high,
            "notes": list(self.notes),
        }


def decompose_by_arm(
    frame: pd.DataFrame,
    metric: str,
    *,
    source: str = "source",
    arm: str = "arm",
    within: Sequence[str] = (),
    level: float = 0.95,
    predictions: Mapping[tuple[str, Cell], ArrayLike] | None = None,
) -> tuple[ArmSources, ...]:
    """Return the variance that each source brings, for every arm in every cell.

    Args:
        frame: one row a run.
        metric: column of the metric.
        source: column that names what was drawn anew; "all" for runs that drew everything.
        arm: column that names the arm.
        within: columns of factors.
        level: confidence level, above 0 and below 1.
        predictions: for some arms and cells, shape (runs, examples), whether each prediction of
            the runs that drew everything was right; adds test examples as a source.

    Returns:
        One entry for every arm and cell that has runs of a source other than "all".

    Raises:
        MissingColumnError: a column is not there.
        SharedColumnError: one column was named for two things.
        NoRunsError: the frame has no rows.
        MissingKeyError: a row has no source, arm or level.
        AnalysisError: as `analysis.variance.sources.decompose`.
    """
    _require_columns(frame, metric, source, arm, within)
    found = []
    for levels, rows in frame.groupby([arm, *within], sort=False, observed=True):
        name, *rest = levels
        cell: Cell = tuple(zip(within, map(_plain, rest), strict=True))
        if set(rows[source].astype(str)) <= {ALL}:
            continue
        known = (predictions or {}).get((str(name), cell))
        sources = decompose(rows, metric, source=source, level=level, predictions=known)
        found.append(ArmSources(str(name), cell, sources))
    return tuple(found)


def require_repeats(frame: pd.DataFrame, source: str, arm: str, within: Sequence[str]) -> None:
    """Refuse a column that names another source in every run, as a column of seeds does.

    Args:
        frame: one row a run.
        source: column that names what was drawn anew.
        arm: column that names the arm.
        within: columns of factors.

    Raises:
        AnalysisError: there are two sources or more beside "all", and none has two runs of one
            arm in one cell.
    """
    keys = [source, arm, *within]
    if len(set(keys)) < len(keys) or not set(keys) <= set(frame.columns):
        return
    named = frame[frame[source].astype(str) != ALL]
    sources, arms = named[source].nunique(), named[arm].nunique()
    if sources < 2 or named.groupby(keys, observed=True).size().max() > 1:
        return
    raise AnalysisError(
        f"the column {source!r} names {sources} sources with a single run each"
        f"{' of an arm' if arms > 1 else ''}: a source is what was varied, such "
        "as initialisation, and its variance takes two runs or more"
    )


def _require_columns(
    frame: pd.DataFrame, metric: str, source: str, arm: str, within: Sequence[str]
) -> None:
    keys = ((source, "source"), (arm, "arm"), *((name, "factor") for name in within))
    roles: dict[str, str] = {}
    for column, role in ((metric, "metric"), *keys):
        if column not in frame.columns:
            raise MissingColumnError(column, role, frame.columns)
        if column in roles:
            raise SharedColumnError(column, roles[column], role)
        roles[column] = role
    if frame.empty:
        raise NoRunsError
    for column, _ in keys:
        if rows := int(frame[column].isna().sum()):
            raise MissingKeyError(column, rows)


def shared_by_block(
    frame: pd.DataFrame,
    metric: str,
    *,
    arm: str = "arm",
    block: str = "seed",
    within: Sequence[str] = (),
    level: float = 0.95,
) -> tuple[BlockShare, ...]:
    """Return how much of the variance the runs of one block share, for every cell.

    Args:
        frame: one row a run.
        metric: column of the metric.
        arm: column that names the arm.
        block: column that matches runs.
        within: columns of factors.
        level: confidence level of the intervals, above 0 and below 1.

    Returns:
        One entry for every cell in which two arms or more have two complete blocks or more.

    Raises:
        AnalysisError: as `analysis.runs.read_runs`.
    """
    names = arms_in(frame, arm) if arm in frame.columns else ()
    cells = read_runs(frame, metric=metric, arm=arm, block=block, within=within)
    shares = (_share(runs, names, level) for runs in cells)
    return tuple(each for each in shares if each is not None)


def _share(runs: CellRuns, names: Sequence[str], level: float) -> BlockShare | None:
    present = tuple(name for name in names if len(finite_values(runs.of(name))))
    if len(present) < 2:
        return None
    values, _ = complete_matrix(runs, present)
    if len(values) < 2:
        return None
    # Sorted, so that no result depends on the rows' order.
    ordered = values[np.lexsort(values.T[::-1])]
    components = crossed_components(ordered, names=("block", "arm", "residual"), level=level)
    correlation, low, high = _correlation(ordered, level)
    return BlockShare(
        cell=runs.cell,
        arms=present,
        blocks=len(values),
        components=components,
        correlation=correlation,
        correlation_low=low,
        correlation_high=high,
        # That a component was negative is what the correlation says.
        notes=tuple(note for note in components.notes if note == NO_RESIDUAL),
    )


def _correlation(values: Floats, level: float) -> tuple[float | None, float | None, float | None]:
    """Return ICC(3, 1) and its interval, from the ratio of the mean squares of (blocks, arms)."""
    blocks, _, residual, _ = crossed_strata(values)
    more = values.shape[1] - 1
    between, within = blocks.mean_square, residual.mean_square
    if between == 0 and within == 0:
        return None, None, None
    correlation = (between - within) / (between + more * within)
    if between == 0 or within == 0:
        return correlation, None, None
    ends = ratio_interval(between / within, blocks.degrees, residual.degrees, level)
    low, high = ((ratio - 1) / (ratio + more) for ratio in ends)
    return correlation, low, high


def _plain(level: object) -> str | int | float | bool:
    value = level.item() if isinstance(level, np.generic) else level
    return value if isinstance(value, str | int | float | bool) else str(value)

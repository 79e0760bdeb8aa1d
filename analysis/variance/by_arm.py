"""Variance by source, arm by arm, and how much of it the runs of one block share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.errors import MissingColumnError, SharedColumnError
from analysis.omnibus import complete_matrix
from analysis.runs import Cell, CellRuns, arms_in, finite_values, read_runs
from analysis.variance.components import VarianceComponents, crossed_components
from analysis.variance.source_results import VarianceSources
from analysis.variance.sources import ALL, decompose


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
        components: the variance between blocks, and what is left within them.
        correlation: the share between blocks, from 0 to 1: the correlation of two arms' runs in
            one block. Pairing multiplies the variance of a difference by 1 minus it. None when
            there is no variance.
    """

    cell: Cell
    arms: tuple[str, ...]
    blocks: int
    components: VarianceComponents
    correlation: float | None

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
            "notes": list(self.components.notes),
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
        AnalysisError: as `analysis.variance.sources.decompose`.
    """
    roles: dict[str, str] = {}
    for column, role in ((source, "source"), (arm, "arm"), *((name, "factor") for name in within)):
        if column not in frame.columns:
            raise MissingColumnError(column, role, frame.columns)
        if column in roles:
            raise SharedColumnError(column, roles[column], role)
        roles[column] = role
    keys = [arm, *within]
    found = []
    for levels, rows in frame.groupby(keys, sort=False, dropna=False, observed=True):
        name, *rest = levels
        cell: Cell = tuple(zip(within, map(_plain, rest), strict=True))
        if set(rows[source].astype(str)) <= {ALL}:
            continue
        known = (predictions or {}).get((str(name), cell))
        sources = decompose(rows, metric, source=source, level=level, predictions=known)
        found.append(ArmSources(str(name), cell, sources))
    return tuple(found)


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
        level: confidence level, above 0 and below 1.

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
    between, residual = components["block"].variance, components["residual"].variance
    total = between + residual
    return BlockShare(
        cell=runs.cell,
        arms=present,
        blocks=len(values),
        components=components,
        correlation=between / total if total > 0 else None,
    )


def _plain(level: object) -> str | int | float | bool:
    value = level.item() if isinstance(level, np.generic) else level
    return value if isinstance(value, str | int | float | bool) else str(value)

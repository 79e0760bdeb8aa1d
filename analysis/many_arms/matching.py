"""Arms that ran in the same blocks, as one complete matrix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.errors import AnalysisError, UnknownArmError
from analysis.inference.grid import Floats
from analysis.runs import LARGEST, arms_in, read_runs


@dataclass(frozen=True, slots=True, eq=False)
class MatchedArms:
    """Several arms' values in the blocks that all of them have.

    Attributes:
        arms: k >= 2 different names.
        values: shape (blocks, k), finite, at least one block. The blocks stand in the order of
            their values, so that no result depends on the rows' order.
        dropped_blocks: blocks that lack a finite value in at least one arm.
    """

    arms: tuple[str, ...]
    values: Floats
    dropped_blocks: int = 0

    @property
    def blocks(self) -> int:
        """Number of complete blocks."""
        return len(self.values)


Matched = MatchedArms | Mapping[str, ArrayLike] | ArrayLike
"""Matched arms, {arm: values by block}, or a matrix of shape (blocks, arms)."""


def matched_arms(values: Matched, arms: Sequence[str] | None = None) -> MatchedArms:
    """Return matched arms from a mapping of series or from a matrix.

    Args:
        values: matched arms already, {arm: shape (blocks,)}, or shape (blocks, arms); finite.
        arms: the names of a matrix's columns, "1", "2", ... when left out. Not for a mapping,
            which brings its own.

    Raises:
        AnalysisError: fewer than two arms, no block, a value that is not finite or beyond 1e150,
            unequal numbers of blocks, or names that do not fit the columns.
    """
    if isinstance(values, MatchedArms):
        return values
    if isinstance(values, Mapping):
        arms, columns = tuple(values), [np.asarray(each, float) for each in values.values()]
        if len({each.shape for each in columns}) > 1:
            shapes = ", ".join(
                f"{arm!r}: {each.shape}" for arm, each in zip(arms, columns, strict=True)
            )
            raise AnalysisError(f"matched arms need one value a block each; shapes: {shapes}")
        values = np.column_stack(columns) if columns else np.empty((0, 0))
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2:
        raise AnalysisError(f"matched arms need shape (blocks, arms); shape given: {matrix.shape}")
    names = tuple(arms) if arms is not None else tuple(str(1 + i) for i in range(matrix.shape[1]))
    _require_matrix(matrix, names)
    return MatchedArms(names, matrix[np.lexsort(matrix.T[::-1])])


def complete_blocks(
    frame: pd.DataFrame,
    *,
    metric: str,
    arm: str,
    block: str,
    arms: Sequence[str] | None = None,
) -> MatchedArms:
    """Return the blocks in which every arm has a finite value.

    Args:
        frame: long form, one row a run, in any order.
        metric: column of the metric.
        arm: column that names the arm.
        block: column that says which runs belong together across arms.
        arms: which arms, and in which order; all of them in their own order when left out.

    Raises:
        UnknownArmError: an arm in `arms` has no runs.
        AnalysisError: fewer than two arms, or no block is complete; and what
            `analysis.runs.read_runs` raises.
    """
    (runs,) = read_runs(frame, metric=metric, arm=arm, block=block, within=())
    known = arms_in(frame, arm)
    names = tuple(arms) if arms is not None else known
    for name in names:
        if name not in known:
            raise UnknownArmError(name, known)
    if len(set(names)) < 2:
        raise AnalysisError(f"many arms need at least two different ones; given: {names}")
    wide = pd.concat([runs.of(name) for name in names], axis="columns", join="outer", sort=False)
    matrix = wide.to_numpy(dtype=np.float64)
    complete = np.isfinite(matrix).all(axis=1)
    if not complete.any():
        raise AnalysisError(
            f"none of {len(matrix)} blocks has a finite {metric!r} in every one of "
            f"{len(names)} arms; compare fewer arms, or run what is missing"
        )
    matched = matched_arms(matrix[complete], names)
    return MatchedArms(names, matched.values, int(np.count_nonzero(~complete)))


def _require_matrix(matrix: Floats, names: tuple[str, ...]) -> None:
    blocks, arms = matrix.shape
    if arms < 2 or blocks == 0:
        raise AnalysisError(
            f"matched arms need at least two arms and one block; given: {arms} and {blocks}"
        )
    if len(names) != arms or len(set(names)) != arms:
        raise AnalysisError(f"{arms} columns need {arms} different names; given: {names}")
    if not np.isfinite(matrix).all():
        raise AnalysisError("matched arms need finite values; drop incomplete blocks, and say so")
    if np.abs(matrix).max() > LARGEST:
        raise AnalysisError(f"a value lies beyond {LARGEST:g}; use a larger unit")

"""Runs by arm, cell and block, as the arrays that a mixed model takes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.errors import AnalysisError, UnknownArmError
from analysis.inference.grid import Floats
from analysis.many_arms.intercepts import Codes
from analysis.runs import CellRuns, finite


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Runs in a fixed order: by cell, by block and by arm.

    Attributes:
        arms: the arms with a finite run, the control first and the others by name.
        values: shape (n,), finite.
        arm_codes: shape (n,), place of the run's arm in `arms`.
        cells: shape (n,), the run's cell, from 0.
        blocks: shape (n,), the run's block, from 0 in each cell.
    """

    arms: tuple[str, ...]
    values: Floats
    arm_codes: Codes
    cells: Codes
    blocks: Codes

    @property
    def one_level(self) -> bool:
        """Whether cell and block cannot be told apart: one cell, or one block in every cell."""
        return bool(self.cells.max() == 0 or self.blocks.max() == 0)

    @property
    def outer(self) -> Codes:
        """The outer random intercept's group of each run."""
        return self.blocks if self.cells.max() == 0 else self.cells

    @property
    def inner(self) -> Codes | None:
        """The inner random intercept's group within the outer one; None with one level."""
        return None if self.one_level else self.blocks

    @property
    def group_counts(self) -> tuple[int, ...]:
        """Number of groups of each random intercept, outermost first."""
        outer = len(np.unique(self.outer))
        return (outer,) if self.one_level else (outer, self._block_count)

    @property
    def _block_count(self) -> int:
        return len(np.unique(np.column_stack((self.cells, self.blocks)), axis=0))

    def level_names(self, cell: str, block: str) -> tuple[str, ...]:
        """Return the names of the random intercepts, given those of the columns."""
        if not self.one_level:
            return (cell, block)
        return (block,) if self.cells.max() == 0 else (cell,)

    def balanced(self) -> Floats | None:
        """Return the values in shape (groups of each level, arms), or None when unbalanced."""
        shape = (int(self.cells.max()) + 1, int(self.blocks.max()) + 1, len(self.arms))
        if len(self.values) != int(np.prod(shape)):
            return None
        # The runs are in order, and no arm occurs twice in a block: a full count is a full grid.
        grid = self.values.reshape(shape)
        if self.one_level:
            return grid.reshape(-1, len(self.arms))
        return grid


def lay_out(cells: Sequence[CellRuns], arms: Sequence[str], control: str) -> Layout:
    """Put the finite runs of all cells into order.

    Args:
        cells: the runs by cell.
        arms: every arm.
        control: the arm that comes first.

    Raises:
        UnknownArmError: the control has no finite run.
        AnalysisError: no other arm has one, or no run is left to estimate the residual from.
    """
    series = [{arm: finite(runs.of(arm)) for arm in arms} for runs in cells]
    present = [arm for arm in arms if any(len(each[arm]) for each in series)]
    if control not in present:
        raise UnknownArmError(control, present)
    # By name, so that the last bits do not depend on which run came first.
    ordered = (control, *sorted(arm for arm in present if arm != control))
    if len(ordered) < 2:
        raise AnalysisError(f"effects need an arm beside the control {control!r}; there is none")
    rows: list[tuple[float, int, int, int]] = []
    kept = [each for each in series if any(len(values) for values in each.values())]
    for cell, by_arm in enumerate(kept):
        keys = {key for values in by_arm.values() for key in values.index}
        for place, key in enumerate(sorted(keys, key=lambda key: (str(type(key)), str(key)))):
            rows += [
                (float(by_arm[arm].loc[key]), code, cell, place)
                for code, arm in enumerate(ordered)
                if key in by_arm[arm].index
            ]
    values = np.array([row[0] for row in rows], dtype=np.float64)
    codes = np.array([row[1:] for row in rows], dtype=np.int64).reshape(-1, 3)
    layout = Layout(ordered, values, *codes.T)
    blocks = max(layout.group_counts)
    if len(values) < blocks + len(ordered):
        raise AnalysisError(
            f"{len(values)} runs are too few for {len(ordered)} arms in {blocks} blocks: "
            "nothing is left to estimate the residual from"
        )
    return layout

"""From a frame with one row a run to the objectives of every configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.paired import Floats
from analysis.results import cell_label
from analysis.runs import Cell, arms_in, read_runs


@dataclass(frozen=True, slots=True, eq=False)
class ConfigurationRuns:
    """The runs of one configuration that have a finite value in every objective.

    Attributes:
        label: the configuration in a few words, such as "kd (blocks_removed = 5)".
        key: its (column, level) pairs.
        blocks: the block of each run; empty when runs have no block.
        values: shape (n, d), in an order that does not depend on the frame's.
        missing: runs left out because an objective was missing or infinite.
    """

    label: str
    key: Cell
    blocks: tuple[object, ...]
    values: Floats
    missing: int

    @property
    def n(self) -> int:
        """Number of runs."""
        return len(self.values)

    def objectives(self) -> list[Floats]:
        """Return each objective's values, shape (n,) each."""
        return list(self.values.T)


def read_configurations(
    frame: pd.DataFrame,
    objectives: Sequence[str],
    configuration: Sequence[str],
    block: str | None,
) -> tuple[ConfigurationRuns, ...]:
    """Group runs by configuration.

    Args:
        frame: long form, one row a run, in any order.
        objectives: columns of the objectives; they may be columns of the configuration too.
        configuration: columns whose levels together name a configuration.
        block: column that says which runs belong together across configurations, or None.

    Returns:
        One entry a configuration, in the order of the first column's levels (of its categories,
        or as they appear), then by the others' levels.

    Raises:
        AnalysisError: as `analysis.runs.read_runs` does, for the same faults of the frame.
    """
    arm, *factors = configuration
    readable, columns = _without_clashes(frame, objectives, configuration)
    # One pass an objective, so that every fault is found and told as it is everywhere else.
    by_objective = [
        _series(readable, column=column, arm=arm, block=block, factors=factors)
        for column in columns
    ]
    tables = {
        key: pd.concat([each[key] for each in by_objective], axis=1) for key in by_objective[0]
    }
    places = {name: place for place, name in enumerate(arms_in(frame, arm))}
    ordered = sorted(tables.items(), key=lambda each: places[str(each[0][0][1])])
    return tuple(_runs(key, table, has_blocks=block is not None) for key, table in ordered)


def _without_clashes(
    frame: pd.DataFrame, objectives: Sequence[str], configuration: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Give an objective that also names configurations a column of its own."""
    names = {name: f"{name} (objective)" for name in objectives if name in configuration}
    copies = {new: frame[old] for old, new in names.items() if old in frame.columns}
    return frame.assign(**copies), [names.get(each, each) for each in objectives]


def _series(
    frame: pd.DataFrame, *, column: str, arm: str, block: str | None, factors: Sequence[str]
) -> Mapping[Cell, "pd.Series[float]"]:
    cells = read_runs(frame, metric=column, arm=arm, block=block, within=factors)
    return {
        ((arm, name), *runs.cell): series for runs in cells for name, series in runs.series.items()
    }


def _runs(key: Cell, table: pd.DataFrame, *, has_blocks: bool) -> ConfigurationRuns:
    values = table.to_numpy(dtype=np.float64)
    complete = np.isfinite(values).all(axis=1)
    kept = values[complete]
    blocks = list(table.index[complete]) if has_blocks else []
    order = _by_block(blocks) if has_blocks else np.lexsort(kept.T[::-1])
    return ConfigurationRuns(
        label=_label(key),
        key=key,
        blocks=tuple(blocks[place] for place in order) if has_blocks else (),
        values=kept[order],
        missing=int((~complete).sum()),
    )


def _by_block(blocks: Sequence[object]) -> list[int]:
    def place(position: int) -> tuple[bool, float, str]:
        block = blocks[position]
        is_number = isinstance(block, int | float | np.number)
        return (not is_number, float(str(block)) if is_number else 0.0, str(block))

    return sorted(range(len(blocks)), key=place)


def _label(key: Cell) -> str:
    (_, name), *levels = key
    return f"{name}{cell_label(tuple(levels))}"

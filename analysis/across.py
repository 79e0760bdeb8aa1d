"""One effect an arm over all data sets or levels: a linear mixed model of several cells."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from analysis.errors import AnalysisError
from analysis.many_arms.mixed_model import arm_effects_across
from analysis.many_arms.mixed_result import MixedModelResult
from analysis.protocol import Protocol
from analysis.runs import CellRuns, finite


@dataclass(frozen=True, slots=True)
class AcrossCells:
    """The arms' effects over all cells at once.

    Attributes:
        cells: number of cells.
        model: the fitted model; None when it cannot be fitted.
        warning: why it cannot; None when it can.
    """

    cells: int
    model: MixedModelResult | None
    warning: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dictionaries, lists, numbers, strings and None."""
        return asdict(self)


def across_cells(
    cells: Sequence[CellRuns], names: Sequence[str], protocol: Protocol
) -> AcrossCells:
    """Fit metric = control + arm + cell + block within cell + residual to all cells.

    Args:
        cells: two or more, with blocks.
        names: the arms, in order.
        protocol: says the control and the level of the intervals.
    """
    rows = [
        (name, f"cell {place}", f"{block!r}", value)
        for place, runs in enumerate(cells)
        for name in names
        for block, value in finite(runs.of(name)).items()
    ]
    frame = pd.DataFrame(rows, columns=["arm", "cell", "block", "value"])
    try:
        model = arm_effects_across(
            frame,
            metric="value",
            arm="arm",
            control=protocol.control,
            cell="cell",
            block="block",
            level=1 - protocol.alpha,
            nouns={"cell": "combinations of levels", "block": "blocks"},
        )
    except AnalysisError as error:
        return AcrossCells(len(cells), None, str(error))
    return AcrossCells(len(cells), model)

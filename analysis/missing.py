"""What becomes of runs whose metric is missing or infinite, as the protocol declares."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.errors import NotFiniteError
from analysis.protocol import Protocol
from analysis.results import cell_label
from analysis.runs import CellRuns, finite, finite_values


def apply_policy(runs: CellRuns, protocol: Protocol, *, matched: bool = False) -> CellRuns:
    """Return a cell's runs as the protocol's `missing` wants them.

    "exclude" leaves them as they are: whoever takes a mean takes the finite values, and counts
    the others. "worst" puts the worst finite value of all arms of the cell in their place, so that
    an arm gains nothing by diverging; where no arm has a finite value there is no worst one, and
    nothing changes.

    Args:
        runs: the runs.
        protocol: says the policy and the direction.
        matched: whether a run that is absent, because another arm has its block and this one has
            not, is missing as well. Where runs are still coming in it is not.

    Raises:
        NotFiniteError: the policy is "fail", and there is such a run.
    """
    if protocol.missing == "exclude":
        return runs
    if matched:
        runs = _with_absent_runs(runs)
    if protocol.missing == "fail":
        _refuse(runs, protocol)
        return runs
    known = [finite_values(series) for series in runs.series.values()]
    values = np.concatenate(known) if known else np.empty(0)
    if len(values) == 0:
        return runs
    worst = float(values.min() if protocol.maximizes else values.max())
    replaced = {arm: len(series) - len(finite(series)) for arm, series in runs.series.items()}
    series = {arm: _filled(series, worst) for arm, series in runs.series.items()}
    return replace(runs, series=series, replaced=replaced)


def _with_absent_runs(runs: CellRuns) -> CellRuns:
    """Give every arm a missing value in each block that some arm has and it has not."""
    blocks = list(dict.fromkeys(key for series in runs.series.values() for key in series.index))
    return replace(runs, series={arm: each.reindex(blocks) for arm, each in runs.series.items()})


def _filled(series: "pd.Series[float]", value: float) -> "pd.Series[float]":
    return series.where(np.isfinite(series.to_numpy(dtype=np.float64)), value)


def _refuse(runs: CellRuns, protocol: Protocol) -> None:
    faults = [
        f"{arm}, {block}{cell_label(runs.cell)}"
        for arm, series in runs.series.items()
        for block in series.index.difference(finite(series).index, sort=False)
    ]
    if faults:
        raise NotFiniteError(protocol.metric, faults)

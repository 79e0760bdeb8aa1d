"""One arm's runs in numbers."""

import numpy as np

from analysis.inference.student_t import mean_interval
from analysis.protocol import Protocol
from analysis.results import ArmSummary
from analysis.runs import CellRuns, finite_values


def summarise(arm: str, runs: CellRuns, protocol: Protocol) -> ArmSummary:
    """Summarise one arm's runs in one cell, over the values that are finite."""
    series = runs.of(arm)
    values = finite_values(series)
    mean = mean_interval(values, 1 - protocol.alpha)
    low, high = (float(values.min()), float(values.max())) if mean.n else (None, None)
    return ArmSummary(
        arm=arm,
        cell=runs.cell,
        n=mean.n,
        missing=len(series) - mean.n,
        replaced=runs.replaced.get(arm, 0),
        mean=mean.mean,
        sd=mean.sd,
        median=float(np.median(values)) if mean.n else None,
        min=low,
        max=high,
        best=high if protocol.maximizes else low,
        ci_low=mean.low,
        ci_high=mean.high,
        standard_error=mean.standard_error,
    )

"""What a figure of learning curves shows: every arm's mean and band, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis.errors import (
    AnalysisError,
    MissingColumnError,
    MissingKeyError,
    NoRunsError,
    RepeatedBlockError,
)
from analysis.inference.paired import Floats
from analysis.presentation.numbers import count_of, format_percent
from analysis.presentation.points import numbers
from analysis.runs import arms_in

BandKind = Literal["interval", "sd"]
"""The t interval of the mean, or one standard deviation of the runs either way."""

Stretch = tuple[list[float], list[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class ArmCurve:
    """One arm's curve. All tuples have one entry a step at which a run has a finite value.

    Attributes:
        arm: the arm's name.
        steps: ascending.
        counts: runs with a finite value.
        means: their mean, in the metric's unit.
        band: (lower, upper) end of the band; None where there is one run.
        missing: values left out because they were missing or infinite.
    """

    arm: str
    steps: tuple[float, ...]
    counts: tuple[int, ...]
    means: tuple[float, ...]
    band: tuple[tuple[float, float] | None, ...]
    missing: int

    @property
    def has_band(self) -> bool:
        """Whether some step has two runs or more."""
        return any(each is not None for each in self.band)

    @property
    def runs(self) -> str:
        """How many runs the means are of: "20 runs", or "12 to 20 runs"."""
        if not self.counts:
            return "no finite values"
        low, high = min(self.counts), max(self.counts)
        return count_of(high, "run") if low == high else f"{low} to {high} runs"

    def banded_stretches(self) -> Iterator[Stretch]:
        """Yield neighbouring steps that have a band, so that none is drawn across a gap."""
        steps: list[float] = []
        ends: list[tuple[float, float]] = []
        for step, each in zip(self.steps, self.band, strict=True):
            if each is not None:
                steps.append(step)
                ends.append(each)
            elif steps:
                yield steps, ends
                steps, ends = [], []
        if steps:
            yield steps, ends


def summarise_curves(
    frame: pd.DataFrame,
    metric: str,
    *,
    arm: str = "arm",
    block: str = "seed",
    step: str = "step",
    kind: BandKind = "interval",
    level: float = 0.95,
) -> tuple[ArmCurve, ...]:
    """Return every arm's mean and band at every step, in the order of the arms.

    Raises:
        MissingColumnError: a column is not there.
        NoRunsError: there are no rows.
        MissingKeyError: a row has no arm, block or step.
        NotNumericError: the metric or the step is not a number somewhere.
        RepeatedBlockError: an arm has two values at one step of one run.
        AnalysisError: the kind of band or the level is impossible.
    """
    if kind not in get_args(BandKind):
        raise AnalysisError(f"kind is {kind!r}; allowed: {', '.join(get_args(BandKind))}")
    if not 0 < level < 1:
        raise AnalysisError(f"level is {level!r}; allowed: a number above 0 and below 1")
    tidy = _tidy(frame, metric, {"arm": arm, "block": block, "step": step})
    grouped = dict(iter(tidy.groupby("arm", sort=False)))
    return tuple(_curve(name, grouped[name], kind, level) for name in arms_in(frame, arm))


def band_label(kind: BandKind, level: float) -> str:
    """Say what the band is."""
    if kind == "sd":
        return "band: one standard deviation either way"
    return f"band: {format_percent(level)} interval of the mean"


def _tidy(frame: pd.DataFrame, metric: str, keys: dict[str, str]) -> pd.DataFrame:
    roles = {metric: "metric", **{column: role for role, column in keys.items()}}
    for column, role in roles.items():
        if column not in frame.columns:
            raise MissingColumnError(column, role, frame.columns)
    if frame.empty:
        raise NoRunsError
    for column in keys.values():
        if rows := int(frame[column].isna().sum()):
            raise MissingKeyError(column, rows)
    tidy = pd.DataFrame(
        {
            "arm": frame[keys["arm"]].astype(str).to_numpy(),
            "block": frame[keys["block"]].to_numpy(),
            "step": numbers(frame, keys["step"]),
            "value": numbers(frame, metric),
        }
    )
    repeated = tidy[tidy.duplicated(["arm", "block", "step"])]
    if len(repeated):
        first = repeated.iloc[0]
        cell = (("step", float(first["step"])),)
        raise RepeatedBlockError(str(first["arm"]), str(first["block"]), cell)
    return tidy.sort_values(["step", "value"])


def _curve(arm: str, rows: pd.DataFrame, kind: BandKind, level: float) -> ArmCurve:
    known = rows[np.isfinite(rows["value"]) & np.isfinite(rows["step"])]
    by_step = known.groupby("step")["value"].agg(["count", "mean", "std"])
    counts = by_step["count"].to_numpy(dtype=np.int64)
    means = by_step["mean"].to_numpy(dtype=np.float64)
    reach = _reach(counts, by_step["std"].to_numpy(dtype=np.float64), kind, level)
    bands = [
        (float(mean - each), float(mean + each)) if n > 1 else None
        for n, mean, each in zip(counts, means, reach, strict=True)
    ]
    return ArmCurve(
        arm=arm,
        steps=tuple(map(float, by_step.index)),
        counts=tuple(map(int, counts)),
        means=tuple(map(float, means)),
        band=tuple(bands),
        missing=len(rows) - len(known),
    )


def _reach(counts: NDArray[np.int64], sd: Floats, kind: BandKind, level: float) -> Floats:
    """Return half the band's height: t times sd / sqrt(n) (Student 1908), or the sd itself."""
    if kind == "sd":
        return sd
    quantiles = special.stdtrit(np.maximum(counts - 1, 1), 0.5 + level / 2)
    return np.asarray(quantiles * sd / np.sqrt(np.maximum(counts, 1)))

"""Means with intervals that are drawn against a number: a swept parameter, or a cost."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError, MissingColumnError, NoRunsError, NotNumericError
from analysis.inference.paired import Floats
from analysis.presentation.numbers import (
    count_of,
    decimals_for,
    format_interval,
    format_number,
)
from analysis.runs import arms_in

_STANDARD_ERRORS_IN_AN_INTERVAL = 4
"""About as many lie between the ends of a 95 % interval; used to choose decimals only."""


class Reference(NamedTuple):
    """A mean that others are seen against, such as the one without the swept treatment.

    Attributes:
        mean: in the metric's unit.
        low: lower end of its interval; None when there is none.
        high: upper end.
        n: runs behind it; None when that is not known.
        name: what it is.
    """

    mean: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    name: str = "without it"

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends; None when one is missing."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def runs(self) -> str:
        """How many runs it is of: "20 runs", or nothing when not known."""
        return "" if self.n is None else count_of(self.n, "run")


@dataclass(frozen=True, slots=True)
class Point:
    """One mean.

    Attributes:
        x: the swept value or the cost.
        mean: finite.
        interval: its lower and upper end; None when there is none.
        n: runs behind it; None when that is not known.
        label: its own name, such as "k=5"; may be empty.
    """

    x: float
    mean: float
    interval: tuple[float, float] | None
    n: int | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class PointSeries:
    """The points of one arm or group.

    Attributes:
        name: of the arm or group; empty when there is only one and it has no name.
        points: by ascending x.
        without_mean: values of x at which there is no mean to show.
    """

    name: str
    points: tuple[Point, ...]
    without_mean: tuple[float, ...]

    @property
    def has_intervals(self) -> bool:
        """Whether some point has one."""
        return any(each.interval is not None for each in self.points)

    @property
    def runs(self) -> str:
        """How many runs a mean is of: "20 runs", "12 to 20 runs", or nothing when not known."""
        if not self.points:
            return "no finite values"
        counts = [each.n for each in self.points if each.n is not None]
        if not counts:
            return ""
        low, high = min(counts), max(counts)
        return count_of(high, "run") if low == high else f"{low} to {high} runs"

    def banded_stretches(self) -> Iterator[list[Point]]:
        """Yield neighbours that have intervals, so that no band is drawn across a gap."""
        stretch: list[Point] = []
        for each in self.points:
            if each.interval is not None:
                stretch.append(each)
            elif stretch:
                yield stretch
                stretch = []
        if stretch:
            yield stretch


def read_points(
    frame: pd.DataFrame,
    *,
    across: str,
    series: str | None,
    label: str | None = None,
) -> tuple[PointSeries, ...]:
    """Read points from a frame with the columns ``mean``, ``low``, ``high`` and, if known, ``n``.

    Args:
        frame: one row a point, in any order.
        across: column of the swept value or the cost.
        series: column of the arm or group; None for a single series without a name.
        label: column of each point's own name.

    Returns:
        The series in the order in which their names appear. A mean that is missing or infinite
        is left out, and its x kept in ``without_mean``; a missing end of an interval leaves the
        interval out.

    Raises:
        MissingColumnError: a column is not there.
        NoRunsError: there are no rows.
        NotNumericError: something is not a number that has to be one.
        AnalysisError: an x is missing or infinite, or an interval's ends are in the wrong order.
    """
    roles = {across: "x", "mean": "mean", "low": "low", "high": "high"}
    roles |= {name: role for name, role in ((series, "group"), (label, "label")) if name}
    for column, role in roles.items():
        if column not in frame.columns:
            raise MissingColumnError(column, role, frame.columns)
    if frame.empty:
        raise NoRunsError
    names = pd.Series([""] * len(frame)) if series is None else frame[series]
    labels = [""] * len(frame) if label is None else frame[label].astype(str).tolist()
    x, means, lows, highs = (numbers(frame, each) for each in (across, "mean", "low", "high"))
    counts = numbers(frame, "n") if "n" in frame.columns else np.full(len(frame), np.nan)
    require_finite(across, x)
    rows = list(zip(x, means, lows, highs, counts, labels, strict=True))
    texts = names.astype(str).tolist()
    return tuple(
        _series(name, [row for row, own in zip(rows, texts, strict=True) if own == name])
        for name in arms_in(names.to_frame("name"), "name")
    )


def numbers(frame: pd.DataFrame, column: str) -> Floats:
    """Return a column as numbers, NaN where they are missing.

    Raises:
        NotNumericError: a value is none.
    """
    try:
        return pd.to_numeric(frame[column]).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise NotNumericError(column, str(error)) from error


def require_finite(column: str, values: Floats) -> None:
    """Refuse places on an axis that do not exist.

    Raises:
        AnalysisError: a value is missing or infinite.
    """
    if bad := int((~np.isfinite(values)).sum()):
        raise AnalysisError(
            f"The column {column!r} is missing or infinite in {count_of(bad, 'row')}, which have "
            "no place on the axis: leave them out."
        )


def describe_point(point: Point | Reference) -> str:
    """Write a mean with its interval and runs, with the digits that it deserves."""
    if point.interval is None:
        shown = format_number(point.mean, decimals_for(None, point.mean))
    else:
        low, high = point.interval
        decimals = decimals_for((high - low) / _STANDARD_ERRORS_IN_AN_INTERVAL, point.mean)
        shown = f"{format_number(point.mean, decimals)} ({format_interval(low, high, decimals)})"
    return shown if point.n is None else f"{shown}, {count_of(point.n, 'run')}"


def _series(
    name: str, rows: Sequence[tuple[float, float, float, float, float, str]]
) -> PointSeries:
    points, lost = [], []
    for x, mean, low, high, n, label in sorted(rows, key=lambda row: row[:4]):
        if not math.isfinite(mean):
            lost.append(float(x))
            continue
        interval = (float(low), float(high)) if math.isfinite(low + high) else None
        if interval is not None and low > high:
            raise AnalysisError(
                f"The interval from {low:g} to {high:g} at {x:g} ends before it begins: "
                "low and high are exchanged."
            )
        count = int(n) if math.isfinite(n) else None
        points.append(Point(float(x), float(mean), interval, count, label))
    return PointSeries(name, tuple(points), tuple(lost))

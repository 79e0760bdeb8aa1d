"""What figures of sweeps, heat maps and trade-offs show, said in words from the same numbers."""

import numpy as np
import pandas as pd

from analysis.presentation.numbers import count_of, format_number
from analysis.presentation.points import PointSeries, Reference, describe_point, read_points


def describe_sweep(
    points: pd.DataFrame,
    *,
    x: str,
    y: str,
    reference: Reference | tuple[float, ...] | None = None,
) -> str:
    """Return an alternative text for `analysis.figures.sweep`, from the same points.

    Raises:
        AnalysisError: as `analysis.presentation.points.read_points` does.
    """
    series = read_points(points, across="x", series="group" if "group" in points else None)
    parts = "; ".join(_swept(each) for each in series)
    text = f"Mean {y} against {x}. {parts}."
    if reference is None:
        return text
    beside = Reference(*reference)
    return f"{text} {beside.name}: {describe_point(beside)}."


def describe_trade_off(points: pd.DataFrame, *, x: str, y: str) -> str:
    """Return an alternative text for `analysis.figures.trade_off`, from the same points.

    Raises:
        AnalysisError: as `analysis.presentation.points.read_points` does.
    """
    series = read_points(points, across="cost", series="arm", label="label")
    parts = "; ".join(_traded(each) for each in series)
    return f"Mean {y} against {x} along each arm. {parts}."


def describe_heat_map(table: pd.DataFrame, *, x: str, y: str, value: str) -> str:
    """Return an alternative text for `analysis.figures.heat_map`: its size and its extremes."""
    stacked = [
        (float(mean), f"{y} = {row}, {x} = {column}")
        for row, means in zip(table.index, table.to_numpy(dtype=np.float64), strict=True)
        for column, mean in zip(table.columns, means, strict=True)
    ]
    known = [each for each in stacked if np.isfinite(each[0])]
    text = f"Mean {value} for {len(table)} values of {y} by {len(table.columns)} of {x}."
    if not known:
        return f"{text} No cell has a mean."
    (lowest, at_lowest), (highest, at_highest) = min(known), max(known)
    text += f" Lowest {_number(lowest)} at {at_lowest}; highest {_number(highest)} at {at_highest}."
    lost = len(stacked) - len(known)
    return f"{text} {count_of(lost, 'cell')} without a mean." if lost else text


def _swept(series: PointSeries) -> str:
    name = f"{series.name}: " if series.name else ""
    if not series.points:
        return f"{name}no finite values"
    return name + ", ".join(f"at {each.x:g} {describe_point(each)}" for each in series.points)


def _traded(series: PointSeries) -> str:
    if not series.points:
        return f"{series.name}: no finite values"
    points = (
        f"{each.label or f'at {each.x:g}'} {describe_point(each)}"
        + (f" at {each.x:g}" if each.label else "")
        for each in series.points
    )
    return f"{series.name}: {', '.join(points)}"


def _number(value: float) -> str:
    return format_number(value, 4) if 0.001 <= abs(value) < 1000 else f"{value:.4g}"

"""What figures of curves and of average ranks show, said in words made from the same numbers."""

from collections.abc import Mapping, Sequence

from analysis.presentation.curves import ArmCurve, BandKind, band_label
from analysis.presentation.numbers import (
    count_of,
    decimals_for,
    format_interval,
    format_number,
    format_percent,
)


def describe_learning_curves(
    curves: Sequence[ArmCurve], metric: str, kind: BandKind = "interval", level: float = 0.95
) -> str:
    """Return an alternative text for `analysis.figures.learning_curves`.

    Args:
        curves: from `analysis.presentation.curves.summarise_curves`.
        metric: its name.
        kind: of the band.
        level: of the interval.
    """
    banded = any(each.has_band for each in curves)
    note = f", {band_label(kind, level)}" if banded else ""
    arms = "; ".join(_last_step(each) for each in curves)
    return f"Mean {metric} of each arm by step{note}. At its last step, {arms}."


def describe_power_curve(
    points: Sequence[tuple[int, float]],
    *,
    target: float | None = 0.8,
    seeds_needed: int | None = None,
    noun: str = "pair",
) -> str:
    """Return an alternative text for `analysis.figures.power_curve`."""
    (low, first), (high, last) = min(points), max(points)
    text = (
        f"Power against the number of {noun}s: {first:.2f} with {count_of(low, noun)}, "
        f"{last:.2f} with {count_of(high, noun)}."
    )
    if target is None:
        return text
    if seeds_needed is None:
        return f"{text} The target is {format_percent(target)}."
    return f"{text} {format_percent(target)} takes {count_of(seeds_needed, noun)}."


def describe_best_of_n(
    curves: Mapping[str, Sequence[tuple[int, float, float | None, float | None]]], metric: str
) -> str:
    """Return an alternative text for `analysis.figures.best_of_n`."""
    arms = "; ".join(_best(arm, points) for arm, points in curves.items())
    return f"Expected best {metric} of k runs against k. {arms}."


def describe_critical_difference(
    average_ranks: Mapping[str, float],
    critical_difference: float | None,
    cliques: Sequence[Sequence[str]],
) -> str:
    """Return an alternative text for `analysis.figures.critical_difference`."""
    ordered = sorted(average_ranks, key=lambda arm: (average_ranks[arm], arm))
    ranks = ", ".join(f"{arm} {average_ranks[arm]:.2f}" for arm in ordered)
    text = f"Average ranks, best first: {ranks}."
    if critical_difference is not None:
        text += f" The critical difference is {critical_difference:.3g}."
    groups = [sorted(each, key=ordered.index) for each in cliques if len(each) > 1]
    if not groups:
        return f"{text} No group of arms is joined."
    listed = "; ".join(", ".join(each) for each in groups)
    return f"{text} Not told apart: {listed}."


def _last_step(curve: ArmCurve) -> str:
    if not curve.steps:
        return f"{curve.arm}: no finite values"
    band, mean = curve.band[-1], curve.means[-1]
    if band is None:
        shown = format_number(mean, decimals_for(None, mean))
    else:
        decimals = decimals_for((band[1] - band[0]) / 4, mean)
        shown = f"{format_number(mean, decimals)} ({format_interval(*band, decimals)})"
    return f"{curve.arm} ({curve.runs}): {shown} at {curve.steps[-1]:g}"


def _best(arm: str, points: Sequence[tuple[int, float, float | None, float | None]]) -> str:
    ordered = sorted(points, key=lambda each: each[0])
    ends = [ordered[0], ordered[-1]] if len(ordered) > 1 else ordered
    shown = ", ".join(f"{value:.6g} at k = {k}" for k, value, *_ in ends)
    return f"{arm}: {shown}"

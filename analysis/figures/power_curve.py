"""Power against the number of seeds: how many it takes to see the effect that matters."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.errors import AnalysisError
from analysis.figures.charts import chart, logarithmic, short, whole_numbers
from analysis.figures.style import BLUE, INK, VERMILLION, style
from analysis.presentation.numbers import count_of, format_percent

_SPAN_FOR_LOG = 100
_MOST_MARKERS = 30


def power_curve(
    points: Sequence[tuple[int, float]],
    *,
    target: float | None = 0.8,
    seeds_needed: int | None = None,
    smallest_effect: float | None = None,
    metric: str = "",
    alpha: float | None = None,
    noun: str = "pair",
) -> Figure:
    """Draw power against the number of runs.

    Args:
        points: (n, power) pairs in any order, n >= 1 and power in [0, 1]; at least one.
        target: the power that was asked for, in (0, 1); None draws none.
        seeds_needed: the smallest n that reaches it; None draws none and says so when there is a
            target that no point reaches.
        smallest_effect: the effect the power is for, in the metric's unit.
        metric: its name.
        alpha: the test's error rate.
        noun: what n counts, such as "pair" or "seed".

    Returns:
        A figure 6.5 inches wide.

    Raises:
        AnalysisError: there is no point, or a number is out of range.
    """
    ordered = sorted(points)
    _require_possible(ordered, target)
    with style():
        figure, axes = chart(0)
        sizes, powers = [n for n, _ in ordered], [power for _, power in ordered]
        marker = "o" if len(points) <= _MOST_MARKERS else None
        axes.plot(sizes, powers, color=BLUE, linewidth=1.6, marker=marker, markersize=4, zorder=3)
        axes.set_ylim(0, 1.06)
        if target is not None:
            _draw_target(axes, target, max(powers))
        if seeds_needed is not None:
            _draw_need(axes, seeds_needed, target, noun)
        if sizes[-1] >= _SPAN_FOR_LOG * sizes[0]:
            logarithmic(axes)
        else:
            whole_numbers(axes)
        axes.set_xlabel(f"{noun}s")
        axes.set_ylabel("power")
        if title := _title(smallest_effect, metric, alpha):
            axes.set_title(title)
    return figure


def _require_possible(points: Sequence[tuple[int, float]], target: float | None) -> None:
    if not points:
        raise AnalysisError("a power curve needs at least one point of (n, power)")
    for n, power in points:
        if n < 1 or not 0 <= power <= 1:
            raise AnalysisError(
                f"the point ({n}, {power}) is impossible; allowed: n from 1, power from 0 to 1"
            )
    if target is not None and not (math.isfinite(target) and 0 < target < 1):
        raise AnalysisError(f"target is {target!r}; allowed: a number above 0 and below 1")


def _draw_target(axes: Axes, target: float, highest: float) -> None:
    axes.axhline(target, color=INK, linewidth=0.9, linestyle=(0, (5, 3)), zorder=2)
    missed = "" if highest >= target else ", not reached by any number shown"
    axes.annotate(
        f"target {format_percent(target)}{missed}",
        (0, target),
        xycoords=("axes fraction", "data"),
        xytext=(4, 3),
        textcoords="offset points",
        fontsize=8,
    )


def _draw_need(axes: Axes, seeds: int, target: float | None, noun: str) -> None:
    axes.axvline(seeds, color=VERMILLION, linewidth=1.1, linestyle=(0, (1, 1.5)), zorder=2)
    if target is not None:
        axes.plot(seeds, target, marker="D", color=VERMILLION, markersize=6, zorder=4)
    low, high = axes.get_xlim()
    on_the_left = seeds > (low + high) / 2
    axes.annotate(
        f"{count_of(seeds, noun)} needed",
        (seeds, 0.04),
        xytext=(-5 if on_the_left else 5, 0),
        textcoords="offset points",
        ha="right" if on_the_left else "left",
        fontsize=8,
    )


def _title(effect: float | None, metric: str, alpha: float | None) -> str:
    where = f" in {short(metric)}" if metric else ""
    parts = [] if effect is None else [f"power to find a difference of {effect:g}{where}"]
    if effect is None and metric:
        parts.append(f"power for {short(metric)}")
    if alpha is not None:
        parts.append(f"alpha {alpha:g}")
    return ", ".join(parts)

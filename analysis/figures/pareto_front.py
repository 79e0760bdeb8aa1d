"""A Pareto front: every configuration with its intervals, and the staircase of the best."""

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.errors import AnalysisError, nearest
from analysis.figures.charts import (
    chart,
    legend_below,
    legend_rows,
    logarithmic,
    require_positive,
    short,
)
from analysis.figures.labels import NamedPoint, name_points
from analysis.figures.style import BLUE, INK, VERMILLION, style
from analysis.pareto.result import Configuration, ParetoFront
from analysis.presentation.numbers import count_of, format_percent

Segment = tuple[float, float, float, float]

_SHARES = (0.05, 0.5, 1.0)
_LARGEST_POINTS = 11.0
_SMALLEST_POINTS = 4.0
_PLAIN_POINTS = 6.5
_MOST_FAR_NAMES = 25


def pareto_front(
    front: ParetoFront, x: str | None = None, y: str | None = None, *, log_x: bool = False
) -> Figure:
    """Draw every configuration in two objectives, and the front as a staircase.

    What lies behind the staircase is dominated. With more than two objectives there is no
    staircase, because a configuration may be on the front for the sake of an objective that is
    not shown.

    Args:
        front: what `analysis.pareto.pareto` returned.
        x: the objective across; None takes the first.
        y: the objective upward; None takes the second.
        log_x: whether the x axis is logarithmic, for an objective that spans decades.

    Returns:
        A figure 6.5 inches wide. Filled markers are on the front by their means, open ones are
        not; a marker's size is the probability of being there, if that is known; a ring is the
        knee.

    Raises:
        AnalysisError: an objective is not one of the front's, both are the same, or a mean is
            not above 0 on a logarithmic axis.
    """
    across, upward = _objectives(front, x, y)
    shown = [each for each in front.configurations if each.n]
    points = [(_mean(each, across), _mean(each, upward)) for each in shown]
    if log_x:
        require_positive(across, [place for place, _ in points])
    level = format_percent(front.level)
    handles = _handles(front, shown, level)
    with style():
        figure, axes = chart(legend_rows([str(each.get_label()) for each in handles]) + 2)
        for configuration, point in zip(shown, points, strict=True):
            _draw(axes, configuration, point, (across, upward))
        axes.margins(0.12)
        if log_x:
            logarithmic(axes)
        axes.set_xlim(*axes.get_xlim())
        axes.set_ylim(*axes.get_ylim())
        lines = _interval_lines(shown, points, (across, upward))
        if len(front.objectives) == 2:
            lines += _draw_staircase(axes, front, across, upward)
        axes.set_xlabel(_axis_label(front, across))
        axes.set_ylabel(_axis_label(front, upward))
        legend_below(figure, handles, _title(front, shown))
        missed = name_points(figure, axes, _named(shown, points), lines)
        _tell(figure, missed)
    return figure


def _objectives(front: ParetoFront, x: str | None, y: str | None) -> tuple[str, str]:
    known = list(front.objectives)
    across = known[0] if x is None else x
    upward = next(each for each in known if each != across) if y is None else y
    for each in (across, upward):
        if each not in front.objectives:
            guess = nearest(each, known)
            hint = f" Did you mean {guess!r}?" if guess else ""
            raise AnalysisError(f"{each!r} is no objective; there are: {known}.{hint}")
    if across == upward:
        raise AnalysisError(f"x and y are both {across!r}; name two objectives of {known}")
    return across, upward


def _mean(configuration: Configuration, objective: str) -> float:
    return configuration.means[objective].mean or 0.0


def _draw(
    axes: Axes,
    configuration: Configuration,
    point: tuple[float, float],
    objectives: tuple[str, str],
) -> None:
    x, y = point
    across, upward = (configuration.means[each] for each in objectives)
    thin: dict[str, Any] = {"color": INK, "linewidth": 0.9, "alpha": 0.7, "zorder": 2}
    if across.low is not None and across.high is not None:
        axes.plot([across.low, across.high], [y, y], **thin)
    if upward.low is not None and upward.high is not None:
        axes.plot([x, x], [upward.low, upward.high], **thin)
    size = _size(configuration.probability_on_front)
    axes.plot(x, y, **_marker(size, on_front=configuration.on_front))
    if configuration.is_knee:
        axes.plot(x, y, **_ring(size))


def _size(share: float | None) -> float:
    """Return a marker's diameter in points; its area grows with the share."""
    if share is None:
        return _PLAIN_POINTS
    smallest, largest = _SMALLEST_POINTS**2, _LARGEST_POINTS**2
    return float((smallest + share * (largest - smallest)) ** 0.5)


def _marker(size: float, *, on_front: bool) -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": "o",
        "markersize": size,
        "markerfacecolor": BLUE if on_front else "none",
        "markeredgecolor": BLUE if on_front else INK,
        "markeredgewidth": 1.1,
        "zorder": 4 if on_front else 3,
    }


def _ring(size: float) -> dict[str, Any]:
    return {
        "linestyle": "none",
        "marker": "o",
        "markersize": size + 6,
        "markerfacecolor": "none",
        "markeredgecolor": VERMILLION,
        "markeredgewidth": 1.6,
        "zorder": 4,
    }


def _interval_lines(
    shown: Sequence[Configuration],
    points: Sequence[tuple[float, float]],
    objectives: tuple[str, str],
) -> list[Segment]:
    lines: list[Segment] = []
    for each, (x, y) in zip(shown, points, strict=True):
        across, upward = (each.means[name] for name in objectives)
        if across.low is not None and across.high is not None:
            lines.append((across.low, y, across.high, y))
        if upward.low is not None and upward.high is not None:
            lines.append((x, upward.low, x, upward.high))
    return lines


def _draw_staircase(axes: Axes, front: ParetoFront, across: str, upward: str) -> list[Segment]:
    """Draw the border of what the front dominates, to the edges of the axes; return its steps."""
    if not front.front:
        return []
    points = sorted({(_mean(each, across), _mean(each, upward)) for each in front.front})
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    worst_y = bottom if front.objectives[upward] == "maximize" else top
    neighbours = list(zip([(left, worst_y), *points[:-1]], points, strict=True))
    if front.objectives[across] == "maximize":
        # A point dominates what lies to its left, so its level begins where the last one's ends.
        corners = [(before, y) for (before, _), (_, y) in neighbours]
        end = (points[-1][0], worst_y)
    else:
        corners = [(x, before) for (_, before), (x, _) in neighbours]
        end = (right, points[-1][1])
    path = [*chain.from_iterable(zip(corners, points, strict=True)), end]
    axes.plot(
        [x for x, _ in path],
        [y for _, y in path],
        color=BLUE,
        linewidth=1.2,
        linestyle=(0, (5, 2)),
        zorder=1,
    )
    return [(*start, *end) for start, end in pairwise(path)]


def _axis_label(front: ParetoFront, objective: str) -> str:
    better = "higher" if front.objectives[objective] == "maximize" else "lower"
    return f"{short(objective)} ({better} is better)"


def _handles(front: ParetoFront, shown: Sequence[Configuration], level: str) -> list[Artist]:
    handles: list[Artist] = []
    for on_front, label in ((True, "on the front"), (False, "dominated")):
        if any(each.on_front == on_front for each in shown):
            marker = _marker(_PLAIN_POINTS, on_front=on_front)
            handles.append(Line2D([], [], label=label, **marker))
    if any(each.low is not None for config in shown for each in config.means.values()):
        handles.append(Line2D([], [], color=INK, linewidth=0.9, label=f"mean, {level} interval"))
    if front.knee is not None:
        handles.append(Line2D([], [], label="knee", **_ring(_PLAIN_POINTS)))
    if any(each.probability_on_front is not None for each in shown):
        handles += [
            Line2D([], [], label=f"P(front) = {share:g}", **_marker(_size(share), on_front=False))
            for share in _SHARES
        ]
    return handles


def _named(
    shown: Sequence[Configuration], points: Sequence[tuple[float, float]]
) -> list[NamedPoint]:
    """Return the points with their names, those on the front first."""
    order = sorted(
        range(len(shown)),
        key=lambda place: (
            not shown[place].on_front,
            -(shown[place].probability_on_front or 0.0),
            shown[place].label,
        ),
    )
    return [
        NamedPoint(
            *points[place],
            name=short(", ".join(str(level) for _, level in shown[place].key)),
            radius=_size(shown[place].probability_on_front) / 2 + 3 * shown[place].is_knee,
            may_be_far=shown[place].on_front or len(shown) <= _MOST_FAR_NAMES,
        )
        for place in order
    ]


def _title(front: ParetoFront, shown: Sequence[Configuration]) -> str:
    """Say what the names are made of, and what is not shown."""
    parts = []
    if shown and len(shown[0].key) > 1:
        parts.append("names: " + ", ".join(short(column) for column, _ in shown[0].key))
    if without := len(front.configurations) - len(shown):
        parts.append(f"{count_of(without, 'configuration')} without a complete run")
    return "; ".join(parts)


def _tell(figure: Figure, unnamed: int) -> None:
    if unnamed and figure.legends:
        title = figure.legends[0].get_title()
        known = [title.get_text()] if title.get_text() else []
        title.set_text("; ".join([*known, f"{count_of(unnamed, 'point')} not named"]))

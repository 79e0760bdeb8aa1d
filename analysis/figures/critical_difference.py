"""A critical-difference diagram: average ranks, and which arms they cannot tell apart.

Demsar 2006, Statistical comparisons of classifiers over multiple data sets, Journal of Machine
Learning Research 7, 1-30.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.errors import AnalysisError, nearest
from analysis.figures.labels import measure
from analysis.figures.style import BLUE, INK, WIDTH_INCHES, style, wrapped

_WIDEST_NAME_INCHES = 1.9
_ROW_INCHES = 0.34
_BAR_INCHES = 0.13
_BAR_SPARE = 0.03
_EDGE_INCHES = 0.1
_LEAST_LINE_INCHES = 0.4
_NAME_POINTS = 8.0
_MOST_TICKS = 12

_LINE: dict[str, Any] = {"color": INK, "linewidth": 0.9, "solid_capstyle": "butt"}


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things stand, in inches from the figure's upper left corner.

    Attributes:
        highest: rank at the right end of the axis.
        names: width of the widest name.
        axis: depth of the axis.
    """

    highest: int
    names: float
    axis: float

    @property
    def side(self) -> float:
        """How far from either edge the names end."""
        return _EDGE_INCHES + self.names

    def at(self, rank: float) -> float:
        """Return where a rank stands."""
        left = self.side + _LEAST_LINE_INCHES
        return left + (rank - 1) / (self.highest - 1) * (WIDTH_INCHES - 2 * left)


def critical_difference(
    average_ranks: Mapping[str, float],
    critical_difference: float | None,
    cliques: Sequence[Sequence[str]],
    *,
    note: str | None = None,
) -> Figure:
    """Draw arms on an axis of average ranks, and bars that join those not told apart.

    Args:
        average_ranks: each arm's average rank, 1 being the best; at least one arm.
        critical_difference: how far two average ranks have to lie apart to differ, above 0; None
            when the groups come from other tests, or there is none.
        cliques: groups of arms that are not told apart; groups of one are not drawn.
        note: what the difference rests on, such as "Nemenyi, alpha 0.05, 20 blocks".

    Returns:
        A figure 6.5 inches wide; the best rank is on the left, and the axis says so.

    Raises:
        AnalysisError: there is no arm, a rank lies outside 1 to the number of arms, the critical
            difference is not above 0, or a group names an unknown arm.
    """
    _require_possible(average_ranks, critical_difference, cliques)
    arms = sorted(average_ranks, key=lambda arm: (average_ranks[arm], arm))
    bars = _stacked([sorted(average_ranks[arm] for arm in set(each)) for each in cliques])
    levels = 1 + max((level for level, _, _ in bars), default=-1)
    depth = 0.65 + (0.2 if note else 0) + (0.4 if critical_difference is not None else 0)
    below = depth + _BAR_INCHES * (levels + 1) + 0.1
    with style():
        names = {arm: wrapped(arm) for arm in arms}
        figure, axes = _canvas(below + _ROW_INCHES * math.ceil(len(arms) / 2))
        fonts = _fitting(figure, list(names.values()))
        frame = _Frame(max(2, len(arms)), max(width for _, width in fonts), depth)
        _draw_axis(axes, frame, note)
        if critical_difference is not None:
            _draw_difference(axes, frame, critical_difference)
        for level, low, high in bars:
            # Arms that tie would otherwise have a bar of no length.
            _draw_bar(axes, frame, level, (low - _BAR_SPARE, high + _BAR_SPARE))
        sizes = dict(zip(arms, (size for size, _ in fonts), strict=True))
        for place, on_the_left, row in _rows(len(arms)):
            arm = arms[place]
            _draw_arm(
                axes,
                frame,
                (names[arm], sizes[arm], average_ranks[arm]),
                below + _ROW_INCHES * row,
                on_the_left=on_the_left,
            )
    return figure


def _require_possible(
    ranks: Mapping[str, float], difference: float | None, cliques: Sequence[Sequence[str]]
) -> None:
    if not ranks:
        raise AnalysisError("a critical-difference diagram needs at least one arm")
    for arm, rank in ranks.items():
        if not 1 <= rank <= len(ranks):
            raise AnalysisError(
                f"the average rank of {arm!r} is {rank}; allowed: 1 to {len(ranks)}, the number "
                "of arms"
            )
    if difference is not None and not (math.isfinite(difference) and difference > 0):
        raise AnalysisError(f"the critical difference is {difference}; allowed: above 0, or None")
    for arm in (arm for each in cliques for arm in each):
        if arm not in ranks:
            guess = nearest(arm, ranks)
            hint = f" Did you mean {guess!r}?" if guess else ""
            raise AnalysisError(f"a group names {arm!r}, which has no rank.{hint}")


def _stacked(groups: Sequence[Sequence[float]]) -> list[tuple[int, float, float]]:
    """Return (level, lowest, highest rank) of each group, on the first level that is free there."""
    ends: list[float] = []
    placed = []
    for low, high in sorted((each[0], each[-1]) for each in groups if len(each) > 1):
        level = next((at for at, end in enumerate(ends) if end < low), len(ends))
        ends[level : level + 1] = [high]
        placed.append((level, low, high))
    return placed


def _canvas(height: float) -> tuple[Figure, Axes]:
    """Return axes whose units are inches from the upper left corner."""
    figure = Figure(figsize=(WIDTH_INCHES, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH_INCHES)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    return figure, axes


def _fitting(figure: Figure, names: Sequence[str]) -> list[tuple[float, float]]:
    """Return for each name the size of its letters in points, and its width in inches.

    A name that is too wide, such as one in wide letters, is set smaller.
    """
    drafts = [figure.text(0, 0, each, fontsize=_NAME_POINTS) for each in names]
    widths = [each.width / figure.dpi for each in measure(figure, drafts)]
    for each in drafts:
        each.remove()
    # Small letters are wider than their size says: they are fitted to the pixels.
    return [
        (_NAME_POINTS, width)
        if width <= _WIDEST_NAME_INCHES
        else (0.9 * _NAME_POINTS * _WIDEST_NAME_INCHES / width, _WIDEST_NAME_INCHES)
        for width in widths
    ]


def _draw_axis(axes: Axes, frame: _Frame, note: str | None) -> None:
    axes.plot([frame.at(1), frame.at(frame.highest)], [frame.axis] * 2, **_LINE)
    stride = math.ceil(frame.highest / _MOST_TICKS)
    for rank in range(1, frame.highest + 1, stride):
        x = frame.at(rank)
        axes.plot([x, x], [frame.axis - 0.06, frame.axis], **_LINE)
        axes.text(x, frame.axis - 0.09, f"{rank}", ha="center", va="bottom", fontsize=8)
    middle = WIDTH_INCHES / 2
    axes.text(middle, 0.08, "average rank (best on the left)", ha="center", va="top", fontsize=9)
    if note:
        axes.text(middle, 0.28, note, ha="center", va="top", fontsize=8)


def _draw_difference(axes: Axes, frame: _Frame, difference: float) -> None:
    """Draw how long the critical difference is, cut off and told so when the axis is shorter."""
    length = min(difference, frame.highest - 1)
    y, left, right = frame.axis - 0.34, frame.at(1), frame.at(1 + length)
    axes.plot([left, right], [y, y], color=BLUE, linewidth=1.4)
    for x in (left, right):
        axes.plot([x, x], [y - 0.04, y + 0.04], color=BLUE, linewidth=1.4)
    longer = " (longer than the axis)" if difference > length else ""
    text = f"critical difference {difference:.3g}{longer}"
    axes.text(left, y - 0.06, text, ha="left", va="bottom", fontsize=8)


def _draw_bar(axes: Axes, frame: _Frame, level: int, ends: tuple[float, float]) -> None:
    y = frame.axis + _BAR_INCHES * (level + 1)
    # Half a line's width: a longer end could seem to join an arm that is not in the group.
    reach = 0.007
    axes.plot(
        [frame.at(ends[0]) - reach, frame.at(ends[1]) + reach],
        [y, y],
        color=BLUE,
        linewidth=4,
        solid_capstyle="butt",
        zorder=3,
    )


def _rows(arms: int) -> list[tuple[int, bool, int]]:
    """Return (place, whether on the left, row) so that no two lines cross.

    The better half is on the left with the best at the top, the other on the right with the worst
    at the top.
    """
    half = math.ceil(arms / 2)
    left = [(place, True, place) for place in range(half)]
    return left + [(place, False, arms - 1 - place) for place in range(half, arms)]


def _draw_arm(
    axes: Axes, frame: _Frame, arm: tuple[str, float, float], y: float, *, on_the_left: bool
) -> None:
    name, size, rank = arm
    x, outward = frame.at(rank), -1 if on_the_left else 1
    side = frame.side if on_the_left else WIDTH_INCHES - frame.side
    start = side + 0.06 * -outward
    axes.plot([x, x, start], [frame.axis, y, y], solid_joinstyle="miter", **_LINE)
    inward, away = ("left", "right") if on_the_left else ("right", "left")
    axes.text(start, y - 0.015, f"{rank:.2f}", ha=inward, va="bottom", fontsize=6.5)
    axes.text(side, y, name, ha=away, va="center", fontsize=size)

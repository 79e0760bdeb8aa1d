"""The candidates of a search in order: every score, and the best so far."""

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.errors import AnalysisError
from analysis.figures.charts import axes_of_chart, legend_below, short, whole_numbers
from analysis.figures.style import BLUE, INK, MOST_PANELS, VERMILLION, WIDTH_INCHES, style
from analysis.presentation.search_history import SearchHistory

_COLUMNS = 3
_PANEL_INCHES = 1.6

_SCORE: dict[str, Any] = {"color": BLUE, "marker": "o", "markersize": 3, "linestyle": "none"}
_BEST: dict[str, Any] = {"color": INK, "linewidth": 1.3, "drawstyle": "steps-post"}
_START: dict[str, Any] = {"color": INK, "linewidth": 0.9, "linestyle": (0, (4, 2))}
_CUT: dict[str, Any] = {"linestyle": "none", "markersize": 4, "clip_on": False}
_PRUNED: dict[str, Any] = {**_CUT, "color": VERMILLION, "marker": "x"}
_FAILED: dict[str, Any] = {**_CUT, "color": INK, "marker": "v"}


def search_history(histories: Sequence[SearchHistory], metric: str, *, maximizes: bool) -> Figure:
    """Draw every arm's candidates into a panel of its own, with common axes.

    Candidates that were pruned or failed have no score; a mark at the foot of the panel stands for
    each. The best so far only ever gets better, whatever is searched, so it is no result.

    Args:
        histories: the arms.
        metric: name of the score.
        maximizes: whether larger scores are better.

    Returns:
        A figure 6.5 inches wide. Of more than 24 arms the first 24 are drawn, and the figure says
        so.

    Raises:
        AnalysisError: there is no arm.
    """
    if not histories:
        raise AnalysisError("a figure of a search needs an arm")
    shown = histories[:MOST_PANELS]
    last = max(each.last for each in shown)
    columns = min(_COLUMNS, len(shown))
    rows = math.ceil(len(shown) / columns)
    with style():
        height = max(_PANEL_INCHES * rows, 2.2) + 0.8
        figure = Figure(figsize=(WIDTH_INCHES, height), layout="constrained")
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for place, axes in enumerate(grid):
            if place >= len(shown):
                axes.remove()
                continue
            _panel(axes, shown[place], last, maximizes=maximizes)
            is_at_foot = place + columns >= len(shown)
            axes.tick_params(labelbottom=is_at_foot, labelleft=place % columns == 0)
            if is_at_foot:
                axes.set_xlabel("candidate")
        if len(shown) < len(histories):
            figure.suptitle(f"{len(shown)} of {len(histories)} arms shown", fontsize=9)
        figure.supylabel(short(metric), fontsize=9)
        legend_below(figure, _handles(shown))
    return figure


def _panel(axes: Axes, history: SearchHistory, last: int, *, maximizes: bool) -> None:
    axes_of_chart(axes)
    # Before the ticks are placed: panels share their limits, and an arm may have one candidate.
    axes.set_xlim(-0.6, last + 0.6)
    whole_numbers(axes)
    axes.set_title(short(history.arm), fontsize=8)
    if history.start is not None:
        axes.axhline(history.start, **_START)
    axes.plot([n for n, _ in history.scores], [score for _, score in history.scores], **_SCORE)
    best = history.best_so_far(maximizes=maximizes)
    axes.plot([n for n, _ in best], [score for _, score in best], **_BEST)
    foot = axes.get_xaxis_transform()
    for numbers, look in ((history.pruned, _PRUNED), (history.failed, _FAILED)):
        # The layout takes an empty line outside of the axes for one at the corner of the figure.
        if numbers:
            axes.plot(numbers, [0.0] * len(numbers), transform=foot, **look)


def _handles(histories: Sequence[SearchHistory]) -> list[Line2D]:
    """The legend: only what is drawn somewhere."""
    entries = [
        ("candidate", _SCORE, any(each.scores for each in histories)),
        ("best so far", _BEST, any(each.scores for each in histories)),
        ("starting point", _START, any(each.start is not None for each in histories)),
        ("pruned", _PRUNED, any(each.pruned for each in histories)),
        ("failed", _FAILED, any(each.failed for each in histories)),
    ]
    return [Line2D([], [], label=label, **look) for label, look, is_drawn in entries if is_drawn]

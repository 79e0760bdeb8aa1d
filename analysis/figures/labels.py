"""Names beside points, moved about until none covers another."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from analysis.figures.style import INK

_SIDES = ((1, 1), (-1, 1), (1, -1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1))
_NEAR_POINTS = (1.0, 5.0, 10.0)
_FAR_POINTS = (16.0, 24.0, 34.0, 46.0, 60.0)
_NAME_POINTS = 7.5
_NEARER_PIXELS = 4.0


@dataclass(frozen=True, slots=True)
class NamedPoint:
    """A point that wants its name beside it.

    Attributes:
        x: in data coordinates.
        y: in data coordinates.
        name: what to write; nothing for a point that only takes up room.
        radius: of its marker, in points.
        may_be_far: whether the name may stand apart, with a thin line to its point.
    """

    x: float
    y: float
    name: str
    radius: float
    may_be_far: bool = True


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a name stands: the offset in points of its side that faces the point."""

    across: float
    up: float
    ha: Any
    va: Any
    is_far: bool


def measure(figure: Figure, artists: Sequence[Artist]) -> list[Bbox]:
    """Return where texts and legends lie in the figure, in pixels, once the layout is settled."""
    with warnings.catch_warnings():
        # What the font lacks is measured as a box.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.draw_without_rendering()
        return [each.get_window_extent() for each in artists]


def name_points(
    figure: Figure,
    axes: Axes,
    points: Sequence[NamedPoint],
    lines: Sequence[tuple[float, float, float, float]] = (),
) -> int:
    """Write names beside their points, the first ones first, where there is room.

    No name covers a marker or another name; lines are avoided where that is possible. A name for
    which there is no room is left out.

    Args:
        figure: what the axes are in.
        axes: drawn, with its limits and the figure's legend settled.
        points: all points, those that matter most first.
        lines: level or upright lines to avoid: (x, y, other x, other y) in data coordinates.

    Returns:
        How many names were left out.
    """
    drafts = [
        figure.text(0, 0, each.name, fontsize=_NAME_POINTS, in_layout=False) for each in points
    ]
    sizes = measure(figure, drafts)
    for each in drafts:
        each.remove()
    pixel = figure.dpi / 72
    room = _Room(
        inside=axes.get_window_extent(),
        centres=[_centre(axes, each) for each in points],
        taken=[_around(axes, each, pixel) for each in points],
        lines=[_line(axes, each) for each in lines],
    )
    missed = 0
    for point, size in zip(points, sizes, strict=True):
        if not point.name:
            continue
        place = room.place(axes, point, size, pixel)
        if place is None:
            missed += 1
        else:
            _write(axes, point, place)
    return missed


@dataclass(slots=True)
class _Room:
    inside: Bbox
    centres: list[tuple[float, float]]
    taken: list[Bbox]
    lines: list[Bbox]

    def place(self, axes: Axes, point: NamedPoint, size: Bbox, pixel: float) -> _Place | None:
        """Take the nearest free place where the name is no other point's, and on no line."""
        centre = _centre(axes, point)
        free = [
            (place, box)
            for place in _places(point)
            if self._is_free(box := _box(centre, size, place, pixel))
        ]
        if not free:
            return None
        # The first of the best: places are in the order of their distance.
        place, box = min(free, key=lambda each: self._faults(centre, *each))
        self.taken.append(box)
        return place

    def _faults(self, centre: tuple[float, float], place: _Place, box: Bbox) -> int:
        own = _distance(centre, box)
        # A thin line says whose name it is that stands apart.
        doubtful = not place.is_far and any(
            _distance(each, box) < own - _NEARER_PIXELS for each in self.centres if each != centre
        )
        return 2 * doubtful + any(box.overlaps(each) for each in self.lines)

    def _is_free(self, box: Bbox) -> bool:
        fits = (
            self.inside.x0 <= box.x0
            and box.x1 <= self.inside.x1
            and self.inside.y0 <= box.y0
            and box.y1 <= self.inside.y1
        )
        return bool(fits) and not any(box.overlaps(each) for each in self.taken)


def _places(point: NamedPoint) -> list[_Place]:
    sides = {1: "left", 0: "center", -1: "right"}
    heights = {1: "bottom", 0: "center", -1: "top"}
    places = []
    for gap in _NEAR_POINTS + (_FAR_POINTS if point.may_be_far else ()):
        for x, y in _SIDES:
            # A corner of the name may stand nearer, where the round marker leaves room.
            distance = (point.radius + gap) * (0.75 if x and y else 1.0) + 0.5
            places.append(
                _Place(x * distance, y * distance, sides[x], heights[y], gap in _FAR_POINTS)
            )
    return places


def _centre(axes: Axes, point: NamedPoint) -> tuple[float, float]:
    x, y = axes.transData.transform((point.x, point.y))
    return float(x), float(y)


def _box(centre: tuple[float, float], size: Bbox, place: _Place, pixel: float) -> Bbox:
    x, y = centre[0] + place.across * pixel, centre[1] + place.up * pixel
    left = {"left": x, "center": x - size.width / 2, "right": x - size.width}[place.ha]
    low = {"bottom": y, "center": y - size.height / 2, "top": y - size.height}[place.va]
    return Bbox.from_bounds(left, low, size.width, size.height).padded(0.75 * pixel)


def _distance(point: tuple[float, float], box: Bbox) -> float:
    across = max(box.x0 - point[0], 0.0, point[0] - box.x1)
    up = max(box.y0 - point[1], 0.0, point[1] - box.y1)
    return math.hypot(across, up)


def _around(axes: Axes, point: NamedPoint, pixel: float) -> Bbox:
    (x, y), reach = _centre(axes, point), 0.7 * point.radius * pixel
    return Bbox.from_extents(x - reach, y - reach, x + reach, y + reach)


def _line(axes: Axes, ends: tuple[float, float, float, float]) -> Bbox:
    (x, y), (other_x, other_y) = axes.transData.transform((ends[:2], ends[2:]))
    return Bbox.from_extents(
        min(x, other_x) - 1, min(y, other_y) - 1, max(x, other_x) + 1, max(y, other_y) + 1
    )


def _write(axes: Axes, point: NamedPoint, place: _Place) -> None:
    line = {"arrowstyle": "-", "color": INK, "linewidth": 0.4, "alpha": 0.6, "shrinkB": 2}
    axes.annotate(
        point.name,
        (point.x, point.y),
        xytext=(place.across, place.up),
        textcoords="offset points",
        ha=place.ha,
        va=place.va,
        fontsize=_NAME_POINTS,
        arrowprops=line if place.is_far else None,
        zorder=5,
        # The layout is settled; a name must not change what it was placed by.
        in_layout=False,
    )

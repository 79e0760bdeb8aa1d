import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.pareto.knee import knee_point

DOWN = ["minimize", "minimize"]


def test_the_knee_is_farthest_from_the_line_between_the_extremes():
    # Scaled to [0, 1]; the distances to x + y = 1 are 0, 0.2, 0.7, 0.1 and 0 over sqrt(2).
    points = [(0, 1), (0.1, 0.7), (0.2, 0.1), (0.85, 0.05), (1, 0)]
    assert knee_point(points, DOWN) == 2


def test_the_knee_of_a_circle_is_its_middle():
    # By symmetry, on (1 - cos a, 1 - sin a).
    angle = np.linspace(0, np.pi / 2, 91)
    points = np.column_stack((1 - np.cos(angle), 1 - np.sin(angle)))
    assert knee_point(points, DOWN) == 45


def test_units_and_directions_do_not_move_the_knee():
    points = np.array([(0, 1), (0.1, 0.7), (0.2, 0.1), (0.85, 0.05), (1, 0)])
    moved = points * (1000, -0.001) + (50, 7)
    assert knee_point(moved, ["minimize", "maximize"]) == 2


def test_dominated_points_have_no_influence():
    points = [(5, 5), (0, 1), (0.2, 0.1), (1, 0), (-0.0, 9)]
    assert knee_point(points, DOWN) == 2


def test_three_objectives_have_a_knee_towards_the_ideal():
    # The three that are best in one objective span x + y + z = 2; the last two lie below it.
    bowl = [(0, 1, 1), (1, 0, 1), (1, 1, 0), (0.4, 0.4, 0.4), (0.3, 0.5, 0.6)]
    assert knee_point(bowl, ["minimize"] * 3) == 3


def test_an_objective_that_does_not_vary_plays_no_part():
    points = [(0, 1, 7), (0.2, 0.1, 7), (1, 0, 7)]
    assert knee_point(points, ["minimize", "minimize", "maximize"]) == 1


@pytest.mark.parametrize(
    "points",
    [
        np.empty((0, 2)),
        [(1, 1)],
        [(0, 1), (1, 0)],
        [(0, 1), (1, 0), (1, 0), (2, 2)],
        [(0, 1), (0.5, 0.5), (1, 0)],
        [(0, 1), (0.6, 0.6), (1, 0)],
        [(0, 1), (0.1, 0.9), (0.3, 0.7), (1, 0)],
    ],
    ids=["none", "one", "two", "two and copies", "straight", "hollow", "straight, uneven"],
)
def test_a_front_that_does_not_bend_towards_the_ideal_has_no_knee(points):
    assert knee_point(points, DOWN) is None


def test_three_objectives_that_span_no_plane_have_no_knee():
    points = [(0, 1, 0), (0.2, 0.1, 0.2), (1, 0, 1)]
    assert knee_point(points, ["minimize"] * 3) is None


def test_of_two_equal_knees_the_same_one_is_named_in_any_order():
    points = np.array([(0, 1), (0.1, 0.5), (0.5, 0.1), (1, 0)])
    chosen = points[knee_point(points, DOWN)]
    assert np.array_equal(points[::-1][knee_point(points[::-1], DOWN)], chosen)


def test_huge_values_do_not_overflow():
    points = np.array([(-1.7, 1.7), (-1.6, -1.6), (1.7, -1.7)]) * 1e308
    assert knee_point(points, DOWN) == 1


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(AnalysisError, match="finite"):
        knee_point([(np.inf, 1)], DOWN)

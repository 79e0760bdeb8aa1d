from itertools import combinations

import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.pareto.hypervolume import hypervolume, hypervolumes


def by_inclusion_and_exclusion(costs, limit):
    """The union of boxes as an alternating sum of their intersections."""
    boxes = [np.maximum(limit - each, 0) for each in costs]
    return sum(
        (-1) ** (size + 1) * float(np.prod(np.min(some, axis=0)))
        for size in range(1, len(boxes) + 1)
        for some in combinations(boxes, size)
    )


@pytest.mark.parametrize("n", [2, 3, 11, 101])
def test_equidistant_points_on_a_line_have_the_known_volume(n):
    # Points (i h, 1 - i h) with h = 1 / (n - 1) and reference (1, 1): the staircase is
    # h * h * (1 + 2 + ... + (n - 2)) = (n - 2) / (2 (n - 1)).
    x = np.linspace(0, 1, n)
    volume = hypervolume(np.column_stack((x, 1 - x)), (1, 1), ["minimize"] * 2)
    assert volume == pytest.approx((n - 2) / (2 * (n - 1)), abs=1e-12)


def test_small_sets_have_the_volume_worked_out_by_hand():
    # Two boxes of 0.2 x 1.2 that share 0.2 x 0.2.
    assert hypervolume([(1, 0), (0, 1)], (1.2, 1.2), ["minimize"] * 2) == pytest.approx(0.44)
    # Three boxes of 1 x 2 x 2 around a corner, 3 * 4 - 3 * 2 + 1.
    cube = [(1, 2, 2), (2, 1, 2), (2, 2, 1)]
    assert hypervolume(cube, (0, 0, 0), ["maximize"] * 3) == pytest.approx(7)
    # The same in four dimensions: 4 * 8 - 6 * 4 + 4 * 2 - 1.
    cube4 = 2 - np.eye(4)
    assert hypervolume(cube4, (0, 0, 0, 0), ["maximize"] * 4) == pytest.approx(15)


@pytest.mark.parametrize("d", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("shape", ["random", "grid", "front"])
def test_both_algorithms_agree_with_inclusion_and_exclusion(d, shape):
    rng = np.random.default_rng(d)
    points = {
        "random": rng.random((9, d)),
        "grid": rng.integers(0, 4, (9, d)) / 3,
        "front": rng.dirichlet(np.ones(d), 9),
    }[shape]
    limit = np.full(d, 0.9)
    expected = by_inclusion_and_exclusion(points, limit)
    assert hypervolume(points, limit, ["minimize"] * d) == pytest.approx(expected, abs=1e-12)
    assert hypervolumes(points[None], limit)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("d", [3, 4, 5])
def test_a_larger_front_agrees_with_points_thrown_at_random(d):
    rng = np.random.default_rng(d)
    front = np.abs(rng.normal(size=(40, d)))
    front /= np.linalg.norm(front, axis=1)[:, None]
    darts = rng.random((200_000, d))
    hit = np.zeros(len(darts), dtype=bool)
    for each in front:
        hit |= (darts <= each).all(axis=1)
    share = hit.mean()
    error = np.sqrt(share * (1 - share) / len(darts))
    volume = hypervolume(front, np.zeros(d), ["maximize"] * d)
    assert abs(volume - share) < 5 * error


def test_points_that_are_not_better_than_the_reference_add_nothing():
    inside, beyond = [(1.0, 1.0)], [(1.0, 1.0), (0.0, 3.0), (2.0, 0.0), (5.0, 5.0)]
    assert hypervolume(inside, (2, 2), ["minimize"] * 2) == 1
    assert hypervolume(beyond, (2, 2), ["minimize"] * 2) == 1
    assert hypervolume([(3.0, 3.0)], (2, 2), ["minimize"] * 2) == 0
    assert hypervolume(np.empty((0, 3)), (2, 2, 2), ["minimize"] * 3) == 0


def test_directions_only_turn_the_axes():
    rng = np.random.default_rng(2)
    points = rng.random((20, 3))
    turned = points * (1, -1, -1)
    volume = hypervolume(points, (1, 1, 1), ["minimize"] * 3)
    same = hypervolume(turned, (1, -1, -1), ["minimize", "maximize", "maximize"])
    assert same == pytest.approx(volume, rel=1e-12)


def test_dominated_points_and_copies_change_nothing():
    front = [(0.0, 0.5, 1.0), (0.5, 0.0, 1.0), (1.0, 1.0, 0.0)]
    more = [*front, front[0], (0.9, 0.9, 1.0)]
    limit, down = (2, 2, 2), ["minimize"] * 3
    assert hypervolume(more, limit, down) == pytest.approx(hypervolume(front, limit, down))


@pytest.mark.parametrize("points", [[(np.nan, 1.0)], [(np.inf, 1.0)]])
def test_values_that_are_not_finite_are_refused(points):
    with pytest.raises(AnalysisError, match="finite"):
        hypervolume(points, (2, 2), ["minimize"] * 2)


def test_a_reference_of_another_length_is_refused():
    with pytest.raises(AnalysisError, match="shape given"):
        hypervolume([(1.0, 1.0)], (2, 2, 2), ["minimize"] * 2)

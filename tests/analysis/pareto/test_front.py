import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.pareto.front import non_dominated


def by_definition(points, signs):
    costs = np.asarray(points, dtype=float) * signs
    return np.array(
        [not any((o <= c).all() and (o < c).any() for o in costs) for c in costs], dtype=bool
    )


def test_a_point_that_is_worse_in_nothing_and_better_in_one_thing_dominates():
    points = [(1, 5), (2, 4), (2, 5), (3, 3), (3, 4)]
    mask = non_dominated(points, ["minimize", "minimize"])
    assert mask.tolist() == [True, True, False, True, False]


def test_directions_can_be_mixed():
    # Hotels: price down, stars up.
    points = [(100, 3), (80, 3), (120, 5), (130, 4)]
    mask = non_dominated(points, ["minimize", "maximize"])
    assert mask.tolist() == [False, True, True, False]


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_copies_of_a_point_on_the_front_are_all_on_it(d):
    points = [[0.0] * d, [1.0] * d, [0.0] * d]
    assert non_dominated(points, ["minimize"] * d).tolist() == [True, False, True]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_mask_is_what_the_definition_says(data):
    d = data.draw(st.integers(1, 5))
    rows = data.draw(
        st.lists(st.lists(st.integers(0, 4), min_size=d, max_size=d), min_size=1, max_size=25)
    )
    directions = data.draw(
        st.lists(st.sampled_from(["minimize", "maximize"]), min_size=d, max_size=d)
    )
    signs = np.array([1 if each == "minimize" else -1 for each in directions])
    assert non_dominated(rows, directions).tolist() == by_definition(rows, signs).tolist()


@pytest.mark.parametrize("d", [2, 3, 4, 6])
def test_random_points_agree_with_the_definition(d):
    points = np.random.default_rng(d).random((300, d))
    expected = by_definition(points, np.ones(d))
    assert np.array_equal(non_dominated(points, ["minimize"] * d), expected)


def test_the_order_of_the_points_does_not_matter():
    rng = np.random.default_rng(1)
    points = rng.integers(0, 10, (200, 3)).astype(float)
    order = rng.permutation(200)
    mask = non_dominated(points, ["maximize"] * 3)
    assert np.array_equal(non_dominated(points[order], ["maximize"] * 3), mask[order])


@pytest.mark.parametrize("d", [2, 3])
def test_a_front_of_a_hundred_thousand_points_is_found_whole(d):
    # On a sphere all points are on the front: the worst case for anything that compares pairs.
    points = np.abs(np.random.default_rng(0).normal(size=(100_000, d)))
    points /= np.linalg.norm(points, axis=1)[:, None]
    inner = points * 0.9
    mask = non_dominated(np.concatenate((points, inner)), ["maximize"] * d)
    assert mask[:100_000].all()
    # Inner points survive only where no neighbour's shell covers them: hardly any do.
    assert mask[100_000:].sum() < 10


def test_no_points_have_no_front_and_one_point_is_its_own():
    assert non_dominated(np.empty((0, 2)), ["minimize", "maximize"]).tolist() == []
    assert non_dominated([[3.0, 4.0]], ["minimize", "maximize"]).tolist() == [True]


def test_infinite_values_have_an_order_and_missing_ones_are_refused():
    assert non_dominated([[np.inf, 1], [0, 1]], ["minimize"] * 2).tolist() == [False, True]
    with pytest.raises(AnalysisError, match="missing value"):
        non_dominated([[np.nan, 1]], ["minimize"] * 2)


def test_a_wrong_direction_or_shape_is_refused_with_what_is_allowed():
    with pytest.raises(AnalysisError, match=r"'maximise'.*Did you mean 'maximize'"):
        non_dominated([[1, 2]], ["maximise", "minimize"])
    with pytest.raises(AnalysisError, match=r"shape given: \(1, 3\)"):
        non_dominated([[1, 2, 3]], ["maximize", "minimize"])

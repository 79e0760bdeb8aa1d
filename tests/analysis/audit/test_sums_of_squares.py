"""The sums of squares of whole numbers, against enumerating the samples."""

from fractions import Fraction
from itertools import combinations_with_replacement

import pytest

from analysis.audit.granules import Interval, WholeNumbers
from analysis.audit.sums_of_squares import (
    Sample,
    chance_of_detection,
    distinct_sums,
    possible_sample,
)


def _scatters_by_sum(n, values):
    """Every sample's n·Q - S², by S."""
    found = {}
    for sample in combinations_with_replacement(values, n):
        total = sum(sample)
        found.setdefault(total, set()).add(n * sum(x * x for x in sample) - total**2)
    return found


def _point(scatter):
    return Interval(Fraction(scatter), Fraction(scatter))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_no_sample_is_called_impossible(n):
    for total, scatters in _scatters_by_sum(n, range(-3, 4)).items():
        for scatter in scatters:
            assert possible_sample(n, [total], _point(scatter)) is not None


@pytest.mark.parametrize("n", [5, 6])
def test_from_five_numbers_on_nothing_else_is_called_possible(n):
    # (x - mean)² ≤ scatter / n ≤ 16, so that these values are all that such samples can have.
    enumerated = _scatters_by_sum(n, range(-4, 6))
    for total in range(n):
        for scatter in range(16 * n + 1):
            possible = possible_sample(n, [total], _point(scatter)) is not None
            assert possible == (scatter in enumerated[total]), (total, scatter)


def test_for_two_numbers_some_impossible_ones_are_let_through():
    # Sum 0 and squares 2: -1 and 1. Sum 0 and squares 4: ±√2, so none, but it is even.
    assert possible_sample(2, [0], _point(2 * 2)) is not None
    assert possible_sample(2, [0], _point(2 * 4)) is not None


@pytest.mark.parametrize("n", [2, 3, 5])
def test_bounds_call_no_sample_impossible_that_keeps_them(n):
    bounds = WholeNumbers(1, 5)
    for total, scatters in _scatters_by_sum(n, range(1, 6)).items():
        for scatter in scatters:
            assert possible_sample(n, [total], _point(scatter), bounds) is not None
        above = Interval(Fraction(max(scatters) + 1), Fraction(10**6))
        assert possible_sample(n, [total], above, bounds) is None


def test_the_sample_found_has_the_scatter_asked_for():
    sample = possible_sample(5, [12], Interval(Fraction(40), Fraction(60)))
    assert sample == Sample(12, 38)
    assert 40 <= 5 * 38 - 12**2 <= 60


def test_sums_that_differ_by_n_allow_the_same():
    assert distinct_sums(5, WholeNumbers(3, 5000)) == range(3, 8)
    assert distinct_sums(5, WholeNumbers(3, 4)) == range(3, 5)


@pytest.mark.parametrize("width", [0.0, 0.5, 3.25])
@pytest.mark.parametrize("sums", [[0], [1], [2, 3], list(range(7))])
def test_the_chance_of_detection_is_the_share_of_intervals_without_a_possible_scatter(sums, width):
    # By counting intervals on a fine grid, far enough up that each scatter is there.
    n, parts = 7, 200
    starts = [Fraction(140 * parts + k, parts) for k in range(2 * n * parts)]
    empty = sum(
        possible_sample(n, sums, Interval(start, start + Fraction(width))) is None
        for start in starts
    )
    assert chance_of_detection(n, sums, width) == pytest.approx(empty / len(starts), abs=0.01)


def test_wide_intervals_catch_nothing():
    assert chance_of_detection(7, [1], 14.0) == 0
    assert chance_of_detection(7, [1], float("inf")) == 0

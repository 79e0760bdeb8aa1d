"""Granules, and the whole numbers of them in a rounding interval."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.granules import (
    Interval,
    WholeNumbers,
    as_float,
    delta_degrees,
    granule_of,
    granules_between,
    nearest_multiples,
    read_granule,
    rounding_interval,
    whole_number,
    whole_numbers,
)
from analysis.audit.printed_numbers import printed
from analysis.errors import AnalysisError


@pytest.mark.parametrize(
    ("granule", "read"),
    [
        ("0.01", Fraction(1, 100)),
        ("1/3", Fraction(1, 3)),
        ("100/10000", Fraction(1, 100)),
        (1, Fraction(1)),
        (Decimal("0.5"), Fraction(1, 2)),
        (Fraction(2, 7), Fraction(2, 7)),
    ],
)
def test_a_granule_is_read_exactly(granule, read):
    assert read_granule(granule) == read


@pytest.mark.parametrize(
    "granule", [0.01, "0", "-1", "1/0", "abc", "nan", Decimal("inf"), None, True]
)
def test_what_is_no_granule_is_refused(granule):
    with pytest.raises(AnalysisError, match="granule"):
        read_granule(granule)


def test_an_accuracys_granule_is_one_example():
    assert granule_of(10_000) == Fraction(1, 10_000)
    assert granule_of(10_000, percent=True) == Fraction(1, 100)


@pytest.mark.parametrize("given", [0, -1, 1.5, float("nan"), "3", None, True])
def test_what_is_no_count_is_refused(given):
    with pytest.raises(AnalysisError, match="whole number from 1 on"):
        whole_number("n", given, least=1)


def test_a_numpy_integer_is_a_count():
    assert whole_number("n", np.int64(3), least=1) == 3


@pytest.mark.parametrize("ddof", [2, -1, 0.5, None, True])
def test_other_denominators_are_refused(ddof):
    with pytest.raises(AnalysisError, match="ddof"):
        delta_degrees(ddof)


def test_no_digit_of_a_long_number_is_lost():
    digits = "0." + "1" * 50
    interval = rounding_interval(printed(digits))
    assert interval.low == Fraction(digits) - Fraction(5, 10**51)
    assert interval.width == Fraction(1, 10**50)


@given(st.fractions(-50, 50, max_denominator=60), st.fractions(0, 9, max_denominator=60))
def test_the_whole_numbers_of_an_interval_are_all_of_them(low, width):
    found = whole_numbers(Interval(low, low + width))
    inside = [k for k in range(-60, 70) if low <= k <= low + width]
    assert list(range(found.first, found.last + 1)) == inside
    assert found.count == len(inside)


def test_squares_are_those_of_the_numbers_from_zero_on():
    assert Interval(Fraction(-1), Fraction(2)).squared() == Interval(Fraction(0), Fraction(4))
    assert Interval(Fraction(1), Fraction(2)).squared() == Interval(Fraction(1), Fraction(4))
    below = Interval(Fraction(-2), Fraction(-1)).squared()
    assert below.low > below.high


def test_bounds_are_counted_in_granules():
    third = Fraction(1, 3)
    assert granules_between("1", "7", third) == WholeNumbers(3, 21)
    assert granules_between("0.2", "0.9", third) == WholeNumbers(1, 2)
    assert granules_between(None, None, third) is None


def test_one_bound_alone_or_bounds_the_wrong_way_round_are_refused():
    with pytest.raises(AnalysisError, match="both bounds or none"):
        granules_between("1", None, Fraction(1))
    with pytest.raises(AnalysisError, match="above high"):
        granules_between("7", "1", Fraction(1))


def test_the_nearest_multiples_stay_within_what_is_allowed():
    fifth = Fraction(1, 5)
    assert nearest_multiples(Fraction(1, 2), fifth, WholeNumbers(0, 5)) == [0.4, 0.6]
    assert nearest_multiples(Fraction(3), fifth, WholeNumbers(0, 5)) == [1.0]


def test_what_no_float_holds_is_infinite():
    assert as_float(Fraction(10**400)) == float("inf")
    assert as_float(Fraction(-(10**400))) == -float("inf")

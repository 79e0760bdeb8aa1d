"""Numbers as papers print them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.printed_numbers import PrintedError, exact, printed


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("92.6", "92.55", "92.65"),
        ("92.60", "92.595", "92.605"),
        ("93", "92.5", "93.5"),
        ("-0.5", "-0.55", "-0.45"),
        (".05", "0.045", "0.055"),
        ("1.2e-5", "0.0000115", "0.0000125"),
        ("1e3", "500", "1500"),
        ("−2.1", "-2.15", "-2.05"),
    ],
)
def test_a_printed_number_stands_for_all_that_round_to_it(text, low, high):
    number = printed(text)
    assert (number.low, number.high) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("text", "relation", "value"),
    [
        ("< 0.001", "<", "0.001"),
        ("<.001", "<", "0.001"),
        ("≤ 0.05", "<=", "0.05"),
        (">= 3", ">=", "3"),
        ("= 0.04", "=", "0.04"),
        ("0.04", "=", "0.04"),
    ],
)
def test_what_stands_before_a_number_is_kept(text, relation, value):
    number = printed(text)
    assert (number.relation, number.value) == (relation, Decimal(value))


def test_both_ways_of_rounding_halves_are_accepted():
    assert printed("2.3").holds(2.25)
    assert printed("2.3").holds(2.35)
    assert not printed("2.3").holds(2.3501)


def test_a_whole_number_was_printed_without_decimals():
    assert printed(118) == printed("118")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-1e9, max_value=1e9))
def test_a_number_rounds_to_itself(value):
    number = printed(str(value))
    assert number.low <= number.value <= number.high
    assert number.decimals == 4


@pytest.mark.parametrize(
    "text",
    ["", "abc", "92,6", "1.2.3", "nan", "inf", "< ", "5 %", "1e9999", "9" * 100, "<b>", "１２"],
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(PrintedError):
        printed(text)


@pytest.mark.parametrize("value", [0.9, True, None, [1]])
def test_what_has_lost_its_digits_is_refused(value):
    with pytest.raises(PrintedError, match="as text"):
        printed(value)


def test_a_mean_cannot_be_printed_with_a_relation():
    with pytest.raises(PrintedError, match="without '<'"):
        exact("< 5")

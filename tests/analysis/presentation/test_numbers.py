import pytest

from analysis.presentation.numbers import (
    count_of,
    decimals_for,
    format_interval,
    format_number,
    format_p,
    format_percent,
    p_statement,
)


@pytest.mark.parametrize(
    ("error", "decimals"), [(0.0012, 4), (0.0996, 2), (0.0994, 3), (1.0, 1), (12.0, 0), (480.0, 0)]
)
def test_decimals_follow_two_digits_of_the_standard_error(error, decimals):
    assert decimals_for(error, 1.0) == decimals


@pytest.mark.parametrize(
    ("estimate", "decimals"), [(0.95, 2), (0.9501, 4), (1 / 3, 6), (12.5, 1), (0.0, 0), (None, 0)]
)
def test_without_a_standard_error_the_estimate_decides(estimate, decimals):
    assert decimals_for(0.0, estimate) == decimals
    assert decimals_for(None, estimate) == decimals


def test_a_rounded_zero_has_no_sign():
    assert format_number(-0.0001, 2) == "0.00"


def test_what_is_missing_says_so():
    assert format_number(None, 2) == format_interval(None, 1.0, 2) == format_p(None) == "n/a"
    assert p_statement(None) == "p undefined"


@pytest.mark.parametrize(
    ("p_value", "text"),
    [
        (1.0, "1.0"),
        (0.313, "0.31"),
        (0.0021, "0.0021"),
        (0.00996, "0.010"),
        (0.00012, "0.00012"),
        (0.0001, "0.00010"),
        (0.000099, "< 0.0001"),
        (1e-300, "< 0.0001"),
    ],
)
def test_p_has_two_significant_digits_and_is_never_zero(p_value, text):
    assert format_p(p_value) == text


@pytest.mark.parametrize(("p_value", "text"), [(0.0496, "0.0496"), (0.04996, "0.04996")])
def test_p_is_never_rounded_onto_alpha(p_value, text):
    assert format_p(p_value, alpha=0.05) == text
    assert format_p(0.05, alpha=0.05) == "0.050"


def test_statements_read_as_prose():
    assert p_statement(0.002) == "p = 0.0020"
    assert p_statement(1e-9) == "p < 0.0001"
    assert format_interval(-0.00301, 0.01, 3) == "-0.003 to 0.010"
    assert format_percent(1 - 0.05) == "95 %"
    assert (count_of(1, "pair"), count_of(20, "pair")) == ("1 pair", "20 pairs")


@pytest.mark.parametrize(
    ("p_value", "text"), [(0.0625, "0.063"), (0.125, "0.13"), (0.03125, "0.031")]
)
def test_a_half_is_rounded_up_so_that_no_floor_is_shown_below_itself(p_value, text):
    assert format_p(p_value) == text

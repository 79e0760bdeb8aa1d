"""GRIM, against scrutiny's documentation and against trying every numerator."""

import json
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit.finding import Outcome
from analysis.audit.printed_numbers import PrintedError
from analysis.audit.shares import grim, grim_mean
from analysis.errors import AnalysisError


def _possible(found):
    return found.outcome is not Outcome.FAIL


# scrutiny 0.6.1, documentation of grim_map(): the data set pigs1.
@pytest.mark.parametrize(
    ("mean", "n", "consistent"),
    [
        ("7.22", 32, True),
        ("4.74", 25, False),
        ("5.23", 29, False),
        ("2.57", 24, False),
        ("6.77", 27, False),
        ("2.68", 28, True),
        ("7.01", 29, False),
        ("7.38", 26, True),
        ("3.14", 27, False),
        ("6.89", 31, False),
        ("5.00", 25, True),
        ("0.24", 28, False),
    ],
)
def test_means_are_judged_as_scrutiny_does(mean, n, consistent):
    found = grim_mean(mean, n)
    assert _possible(found) == consistent
    assert found.values["chance_of_detection"] == pytest.approx(1 - n / 100)


# scrutiny, vignette "GRIM": a mean of 5.27 of 43, and means of scales of several items.
@pytest.mark.parametrize(
    ("mean", "n", "granule", "consistent"),
    [
        ("5.27", 43, "1", False),
        ("5.71", 40, "1", False),
        ("5.71", 40, "1/3", True),
        ("6.92", 30, "1", False),
        ("1.59", 30, "1/2", False),
        ("2.61", 30, "1/2", False),
        ("4.04", 30, "1/3", True),
        ("4.50", 30, "1/3", True),
    ],
)
def test_scales_of_several_items_have_finer_granules(mean, n, granule, consistent):
    assert _possible(grim_mean(mean, n, granule=granule)) == consistent


# scrutiny, vignette "GRIM", section on percentages.
@pytest.mark.parametrize(
    ("value", "items", "consistent", "probability"),
    [
        ("32.5", 438, False, 0.562),
        ("35.6", 455, True, 0.545),
        ("21.7", 501, False, 0.499),
        ("39.3", 516, True, 0.484),
    ],
)
def test_percentages_have_two_decimals_more(value, items, consistent, probability):
    found = grim(value, items, percent=True)
    assert _possible(found) == consistent
    assert found.values["chance_of_detection"] == pytest.approx(probability)


# scrutiny's tests of grim_map(): with n = 40, halves go either way.
@pytest.mark.parametrize(
    ("mean", "consistent"),
    [("7.22", True), ("4.74", False), ("5.23", True), ("2.57", True), ("7.01", False)],
)
def test_both_ways_of_rounding_halves_are_allowed(mean, consistent):
    assert _possible(grim_mean(mean, 40)) == consistent


def test_two_decimal_percent_of_ten_thousand_images_cannot_be_tested():
    found = grim("92.60", 10_000, percent=True)
    assert found.outcome is Outcome.NOT_TESTABLE
    assert found.values["chance_of_detection"] == 0


def test_a_third_decimal_of_one_run_is_caught_and_of_ten_runs_is_not():
    assert grim("92.605", 10_000, percent=True).outcome is Outcome.FAIL
    assert grim("92.605", 10_000, runs=10, percent=True).outcome is Outcome.NOT_TESTABLE
    assert grim("92.605", 1_000, runs=5, percent=True).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("value", "percent"),
    [("1.0001", False), ("-0.01", False), ("101.00", True), ("-1", True), ("100.01", True)],
)
def test_a_value_outside_its_range_fails_even_where_nothing_else_could(value, percent):
    assert grim(value, 10**6, percent=percent).outcome is Outcome.FAIL


@pytest.mark.parametrize(("value", "percent"), [("1", False), ("0", False), ("100.00", True)])
def test_the_ends_of_the_range_are_possible(value, percent):
    assert _possible(grim(value, 50, percent=percent))


def test_a_passing_value_shows_its_numerators():
    found = grim("0.857", 7)
    assert found.outcome is Outcome.PASS
    assert (found.values["sum_first"], found.values["sum_last"]) == (6, 6)
    assert "6 correct answers among 7" in found.detail


def test_a_failing_value_shows_its_neighbours():
    found = grim("0.86", 10)
    assert found.values["nearest"] == [0.8, 0.9]
    assert "0.80000 and 0.90000" in found.detail


@given(
    st.integers(1, 60), st.integers(1, 4), st.integers(0, 10**4), st.integers(1, 4), st.booleans()
)
def test_a_value_is_possible_when_some_numerator_rounds_to_it(
    items, runs, digits, decimals, percent
):
    # Independent: round every k / N both ways with Decimal, instead of an interval.
    value = Decimal(digits).scaleb(-decimals)
    scale, total, unit = (100 if percent else 1), items * runs, Decimal(1).scaleb(-decimals)
    shares = [Decimal(scale * k) / total for k in range(total + 1)]
    rounded = {s.quantize(unit, way) for s in shares for way in (ROUND_HALF_UP, ROUND_HALF_DOWN)}
    assert _possible(grim(f"{value:f}", items, runs=runs, percent=percent)) == (value in rounded)


def test_true_means_of_runs_never_fail():
    rng = np.random.default_rng(5)
    for _ in range(500):
        items, runs, decimals = (
            int(rng.integers(10, 900)),
            int(rng.integers(1, 12)),
            rng.integers(1, 5),
        )
        accuracies = rng.binomial(items, 0.9, runs) / items * 100
        value = f"{accuracies.mean():.{decimals}f}"
        assert _possible(grim(value, items, runs=runs, percent=True)), (value, items, runs)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=40), st.booleans())
def test_means_printed_with_all_their_digits_never_fail(correct, percent):
    mean = np.mean(np.array(correct) / 300 * (100 if percent else 1))
    value = np.format_float_positional(mean, trim="0")
    assert _possible(grim(value, 300, runs=len(correct), percent=percent))


def test_wrong_values_fail_as_often_as_the_chance_says():
    rng = np.random.default_rng(6)
    values = [f"{each:.3f}" for each in rng.uniform(0.2, 0.8, 2000)]
    found = [grim(value, 300).outcome is Outcome.FAIL for value in values]
    assert np.mean(found) == pytest.approx(0.7, abs=0.04)


def test_bounds_leave_fewer_means():
    assert _possible(grim_mean("7.2", 5))
    assert not _possible(grim_mean("7.2", 5, low="1", high="7"))


def test_what_is_missing_is_named():
    assert grim(None, 10).values == {"missing": ["value"]}
    assert grim("0.5", None).outcome is Outcome.MISSING_INPUT
    assert grim_mean(None, None).values == {"missing": ["mean", "n"]}


@pytest.mark.parametrize("items", [0, -5, 2.5, float("nan")])
def test_a_number_of_examples_that_is_none_is_refused(items):
    with pytest.raises(AnalysisError, match="items"):
        grim("0.5", items)


def test_runs_and_relations_are_checked():
    with pytest.raises(AnalysisError, match="runs"):
        grim("0.5", 10, runs=0)
    with pytest.raises(PrintedError, match="without '<'"):
        grim("<0.5", 10)


@pytest.mark.parametrize("mean", ["1e300", "1e-300", "-1e300", "9e399"])
def test_numbers_of_any_size_are_answered(mean):
    found = grim_mean(mean, 40)
    assert len(found.detail) < 200
    json.dumps(found.values, allow_nan=False)

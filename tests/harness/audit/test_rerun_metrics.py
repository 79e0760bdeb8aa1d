import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from harness.audit.rerun.metrics import compare_metric, is_measured_time, same_bits

FINITE = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


def agreement(*given):
    return str(compare_metric("score", *given).agreement)


def test_neighbouring_doubles_differ():
    assert same_bits(0.1 + 0.2, 0.30000000000000004)
    assert not same_bits(0.3, math.nextafter(0.3, 1))


def test_what_a_database_cannot_tell_apart_is_the_same():
    assert same_bits(0.0, -0.0)
    assert same_bits(math.nan, -math.nan)
    assert same_bits(math.inf, math.inf)
    assert not same_bits(math.inf, -math.inf)
    assert not same_bits(math.nan, math.inf)


@given(st.floats(), st.floats())
def test_numbers_have_the_same_bits_when_numpy_says_so(first, second):
    assert same_bits(first, second) == np.array_equal([first], [second], equal_nan=True)


@pytest.mark.parametrize("name", ["latency_ms", "first_call_ms", "train_s", "Build_Seconds"])
def test_a_unit_of_time_at_the_end_makes_a_measured_time(name):
    assert is_measured_time(name)
    assert str(compare_metric(name, 1.0, 2.0, [1.0, 1.1]).agreement) == "measured_time"


@pytest.mark.parametrize("name", ["s", "ms", "loss", "params", "test_accuracy", "ms_ratio", "bias"])
def test_other_names_are_no_measured_times(name):
    assert not is_measured_time(name)


def test_a_measured_time_shows_whether_it_is_the_same_and_by_how_much_it_differs():
    found = compare_metric("latency_ms", 2.0, 3.0, []).document()
    assert (found["difference"], found["relative_difference"]) == (1.0, 0.5)
    assert (found["bit_identical"], found["tolerance"]) == (False, None)


@given(FINITE, st.lists(FINITE, min_size=2, max_size=8))
def test_the_tolerance_is_the_prediction_interval_of_one_more_run(value, others):
    spread = float(np.std(others, ddof=1))
    # Where all are equal up to rounding there is no spread to speak of.
    assume(spread > 1e-6)
    n, mean = len(others), float(np.mean(others))
    reach = stats.t.ppf(0.975, n - 1) * spread * math.sqrt(1 + 1 / n)
    assume(abs(abs(value - mean) - reach) > 1e-6 * (reach + abs(value)))
    found = compare_metric("score", value + 1, value, others)
    assert found.tolerance == pytest.approx(reach)
    assert found.distance == pytest.approx(value - mean, abs=1e-6)
    expected = "within_tolerance" if abs(value - mean) <= reach else "outside_tolerance"
    assert str(found.agreement) == expected


def test_the_same_bits_need_no_tolerance():
    found = compare_metric("score", 0.5, 0.5, [100.0, 101.0])
    assert str(found.agreement) == "bit_identical"
    assert found.finding is None


@pytest.mark.parametrize("others", [[], [0.4], [math.nan, math.nan], [math.inf]])
def test_too_few_other_runs_give_no_tolerance(others):
    assert agreement(0.5, 0.6, others) == "not_testable"


def test_other_runs_without_a_finite_value_are_left_out():
    found = compare_metric("score", 0.5, 0.51, [0.5, math.nan, 0.52, 0.49])
    assert found.document()["other_runs"] == 3


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_became_none_is_outside(value):
    assert agreement(0.5, value, [0.4, 0.5, 0.6]) == "outside_tolerance"


def test_a_number_in_place_of_nan_is_held_against_the_others():
    assert agreement(math.nan, 0.5, [0.4, 0.5, 0.6]) == "within_tolerance"
    assert agreement(math.nan, 9.5, [0.4, 0.5, 0.6]) == "outside_tolerance"


def test_numbers_too_large_to_be_summed_are_not_testable():
    found = compare_metric("score", 1e308, 1.1e308, [1e308, 1.5e308])
    assert str(found.agreement) == "not_testable"
    json.dumps(found.document(), allow_nan=False)


@pytest.mark.parametrize("both", [(None, 1.0), (1.0, None)])
def test_a_metric_of_only_one_of_both_is_missing(both):
    found = compare_metric("score", *both, [1.0, 2.0])
    assert str(found.agreement) == "missing"
    assert not found.identical
    assert found.difference is None


def test_a_relative_difference_from_zero_is_not_given():
    found = compare_metric("score", 0.0, 1.0, [0.0, 1.0])
    assert (found.difference, found.relative_difference) == (1.0, None)


@given(st.floats(), st.floats(), st.lists(st.floats(), max_size=4))
def test_whatever_is_compared_json_can_hold_it(original, rerun, others):
    document = compare_metric("score", original, rerun, others).document()
    json.dumps(document, allow_nan=False)

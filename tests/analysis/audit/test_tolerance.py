"""Whether a re-run agrees with the original runs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.audit.tolerance import rerun_tolerance
from analysis.errors import AnalysisError

RUNS = [92.1, 92.4, 91.8, 92.6, 92.3]


def test_the_tolerance_of_one_more_run_is_the_prediction_interval():
    # t(.975, 4) = 2.776 from any table; the deviation of RUNS is .3050 and its mean 92.24.
    found = rerun_tolerance(RUNS, [92.9])
    assert found.values["tolerance"] == pytest.approx(2.776 * 0.30496 * math.sqrt(1.2), rel=1e-3)
    assert found.values["difference"] == pytest.approx(0.66)
    assert found.outcome == "pass"
    assert rerun_tolerance(RUNS, [93.2]).outcome == "flag"


def test_several_runs_are_held_against_several_by_welchs_interval():
    rerun = [92.9, 93.4, 92.8]
    expected = stats.ttest_ind(rerun, RUNS, equal_var=False).confidence_interval(0.9)
    found = rerun_tolerance(RUNS, rerun, level=0.9)
    assert (found.values["low"], found.values["high"]) == pytest.approx(tuple(expected))
    assert found.outcome == "flag"
    assert rerun_tolerance(RUNS, [92.0, 92.5]).outcome == "pass"


def test_one_original_is_held_against_several_re_runs_likewise():
    one, other = rerun_tolerance(RUNS, [93.2]), rerun_tolerance([93.2], RUNS)
    assert other.outcome == one.outcome == "flag"
    assert other.values["difference"] == -one.values["difference"]
    assert other.values["tolerance"] == one.values["tolerance"]


def test_one_value_against_one_cannot_be_tested():
    found = rerun_tolerance([92.1], [95.0])
    assert found.outcome == "not_testable"
    assert found.values["chance_of_detection"] == 0


def test_where_determinism_is_declared_the_last_bit_counts():
    assert rerun_tolerance(RUNS, list(RUNS), deterministic=True).outcome == "pass"
    found = rerun_tolerance(RUNS, [*RUNS[:4], math.nextafter(92.3, 93)], deterministic=True)
    assert found.outcome == "fail"
    assert found.values["changed_runs"] == [5]
    assert "1 of 5" in found.detail


def test_deterministic_runs_have_an_order():
    assert rerun_tolerance([1.0, 2.0], [2.0, 1.0], deterministic=True).outcome == "fail"


def test_zero_and_minus_zero_are_not_the_same_bits():
    assert rerun_tolerance([0.0], [-0.0], deterministic=True).outcome == "fail"


def test_a_single_deterministic_run_is_enough():
    assert rerun_tolerance([92.1], [92.1], deterministic=True).outcome == "pass"


def test_deterministic_runs_must_be_the_same_ones():
    with pytest.raises(AnalysisError, match="same order"):
        rerun_tolerance(RUNS, RUNS[:3], deterministic=True)


@pytest.mark.parametrize("rerun", [[0.9], [0.9, 0.9]])
def test_equal_runs_agree_with_an_equal_re_run(rerun):
    # 0.1 · 9 is 0.9 but for its last bit.
    assert rerun_tolerance([0.9, 0.1 * 9, 0.9], rerun).outcome == "pass"


@pytest.mark.parametrize("rerun", [[0.91], [0.91, 0.91]])
def test_equal_runs_leave_no_room_and_the_finding_says_so(rerun):
    found = rerun_tolerance([0.9, 0.9, 0.9], rerun)
    assert found.outcome == "flag"
    assert "no spread" in found.detail


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8),
)
def test_without_declared_determinism_nothing_ever_fails(original, rerun):
    assert rerun_tolerance(original, rerun).outcome in {"pass", "flag", "not_testable"}


@given(st.lists(st.floats(allow_nan=False, min_value=-1e300, max_value=1e300), min_size=1))
def test_every_series_is_identical_to_itself(values):
    assert rerun_tolerance(values, values, deterministic=True).outcome == "pass"


@pytest.mark.parametrize(
    ("original", "rerun"),
    [([], [1.0]), ([1.0, 2.0], []), ([1.0, math.nan], [1.0]), ([1.0], [math.inf])],
)
@pytest.mark.parametrize("deterministic", [False, True])
def test_empty_and_infinite_series_are_refused(original, rerun, deterministic):
    with pytest.raises(AnalysisError):
        rerun_tolerance(original, rerun, deterministic=deterministic)


@pytest.mark.parametrize("level", [0, 1, math.nan, 95])
def test_an_impossible_level_is_refused(level):
    with pytest.raises(AnalysisError, match="level"):
        rerun_tolerance(RUNS, [92.0], level=level)


@pytest.mark.parametrize(("n", "again"), [(5, 1), (5, 5), (3, 10)])
def test_honest_re_runs_are_flagged_once_in_twenty(n, again):
    rng = np.random.default_rng(100 * n + again)
    flagged = [
        rerun_tolerance(rng.normal(90, 0.3, n), rng.normal(90, 0.3, again)).outcome == "flag"
        for _ in range(2000)
    ]
    assert np.mean(flagged) == pytest.approx(0.05, abs=0.02)

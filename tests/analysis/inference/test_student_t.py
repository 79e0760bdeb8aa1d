import numpy as np
import pytest
from scipy import stats

from analysis import (
    AnalysisError,
    mean_interval,
    pair,
    paired_interval,
    paired_t_test,
)
from analysis.inference.effect_sizes import paired_effect_sizes
from analysis.inference.student_t import NO_SPREAD, ONE_PAIR

# R's `sleep` data (Student 1908); t.test(extra ~ group, paired = TRUE) prints the numbers below.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_the_sleep_data_give_what_r_prints():
    pairs = pair(SLEEP_1, SLEEP_2)
    result, interval = paired_t_test(pairs), paired_interval(pairs, 0.95)
    assert result.statistic == pytest.approx(-4.0621, abs=5e-5)
    assert result.p_value == pytest.approx(0.002833, abs=5e-7)
    assert interval.low == pytest.approx(-2.4598858, abs=5e-8)
    assert interval.high == pytest.approx(-0.7001142, abs=5e-8)
    assert interval.mean == pytest.approx(-1.58)


def test_the_effect_size_is_t_over_the_root_of_n():
    pairs = pair(SLEEP_1, SLEEP_2)
    assert paired_effect_sizes(pairs, 0.95)[0].estimate == pytest.approx(
        -4.0621277 / 10**0.5, abs=1e-7
    )


@pytest.mark.parametrize("n", [2, 3, 20, 500])
def test_scipy_agrees(n):
    rng = np.random.default_rng(n)
    first, second = rng.normal(size=(2, n))
    theirs = stats.ttest_rel(first, second)
    ours = paired_t_test(pair(first, second))
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-10)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-10)
    interval = paired_interval(pair(first, second), 0.9)
    expected = theirs.confidence_interval(0.9)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


def test_one_pair_has_a_difference_and_nothing_else():
    pairs = pair([0.9], [0.8])
    interval = paired_interval(pairs, 0.95)
    assert interval.mean == pytest.approx(0.1)
    assert (interval.sd, interval.standard_error, interval.low, interval.high) == (None,) * 4
    assert paired_effect_sizes(pairs, 0.95)[0].estimate is None
    assert paired_t_test(pairs).p_value is None
    assert paired_t_test(pairs).warning == ONE_PAIR


def test_differences_that_are_equal_up_to_rounding_have_no_spread():
    first, second = np.array([0.9501, 0.9008, 0.9312]), np.array([0.9500, 0.9007, 0.9311])
    pairs = pair(first, second)
    assert np.ptp(first - second) > 0
    interval = paired_interval(pairs, 0.95)
    assert interval.sd == 0
    assert interval.low == interval.high == interval.mean == pytest.approx(1e-4)
    assert paired_t_test(pairs).p_value is None
    assert paired_t_test(pairs).warning == NO_SPREAD
    assert paired_effect_sizes(pairs, 0.95)[0].estimate is None


def test_no_values_have_no_mean():
    assert mean_interval([], 0.95).mean is None


def test_a_mean_refuses_what_is_not_finite_and_a_level_that_cannot_be():
    with pytest.raises(AnalysisError, match="finite"):
        mean_interval([1.0, np.nan], 0.95)
    with pytest.raises(AnalysisError, match="level"):
        mean_interval([1.0, 2.0], 95)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    samples = np.random.default_rng(5).normal(size=(2000, 6))
    intervals = [mean_interval(each, 0.9) for each in samples]
    covered = np.mean([each.low < 0 < each.high for each in intervals])
    assert covered == pytest.approx(0.9, abs=4 * (0.9 * 0.1 / 2000) ** 0.5)


@pytest.mark.parametrize("unit", [1e-250, 1.0, 1e250])
def test_the_unit_changes_no_verdict_however_large_or_small_it_is(unit):
    values = np.array([1.0, 2.0, 4.0]) * unit
    interval = mean_interval(values, 0.95)
    assert interval.sd / unit == pytest.approx(np.std([1, 2, 4], ddof=1))
    assert paired_t_test(pair(values, np.zeros(3))).statistic == pytest.approx(2.645751311)

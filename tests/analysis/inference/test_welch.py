import numpy as np
import pytest
from scipy import stats

from analysis.errors import AnalysisError
from analysis.inference.samples import samples
from analysis.inference.welch import NO_SPREAD_WITHIN, SINGLE_VALUE, welch_interval, welch_t

# R's `sleep` data (Student 1908); t.test(extra ~ group, data = sleep) prints the numbers below.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_the_sleep_data_give_what_r_prints():
    both = samples(SLEEP_1, SLEEP_2)
    result, interval = welch_t(both), welch_interval(both, 0.95)
    assert result.statistic == pytest.approx(-1.8608, abs=5e-5)
    assert interval.degrees == pytest.approx(17.776, abs=5e-4)
    assert result.p_value == pytest.approx(0.07939, abs=5e-6)
    assert interval.low == pytest.approx(-3.3654832, abs=5e-8)
    assert interval.high == pytest.approx(0.2054832, abs=5e-8)
    assert interval.difference == pytest.approx(-1.58)
    assert (interval.n1, interval.n2) == (10, 10)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(("n1", "n2"), [(2, 2), (2, 30), (15, 4), (400, 300)])
def test_scipy_agrees(n1, n2, alternative):
    rng = np.random.default_rng(n1)
    first, second = rng.normal(size=n1), rng.normal(0.3, 3, size=n2)
    theirs = stats.ttest_ind(first, second, equal_var=False, alternative=alternative)
    ours = welch_t(samples(first, second), alternative=alternative)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-10)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    expected = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.9)
    interval = welch_interval(samples(first, second), 0.9)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("n1", "n2"), [(1, 1), (1, 9), (9, 1)])
def test_a_single_value_leaves_a_difference_and_nothing_else(n1, n2):
    both = samples(np.linspace(0.9, 0.95, n1), np.linspace(0.8, 0.85, n2))
    interval = welch_interval(both, 0.95)
    assert interval.difference is not None
    assert (interval.standard_error, interval.degrees, interval.low, interval.high) == (None,) * 4
    result = welch_t(both)
    assert (result.statistic, result.p_value, result.warning) == (None, None, SINGLE_VALUE)


def test_values_that_are_equal_up_to_rounding_have_no_spread():
    both = samples([0.3, 0.1 + 0.2], [0.1, 0.1])
    assert np.ptp(both.first) > 0
    interval = welch_interval(both, 0.95)
    assert interval.low == interval.high == interval.difference == pytest.approx(0.2)
    assert (interval.standard_error, interval.degrees) == (0, None)
    result = welch_t(both)
    assert (result.statistic, result.p_value, result.warning) == (None, None, NO_SPREAD_WITHIN)


def test_one_sample_without_spread_leaves_the_other_ones_degrees_of_freedom():
    interval = welch_interval(samples([0.3, 0.1 + 0.2, 0.3], [1.0, 2.0, 3.0, 4.0]), 0.95)
    assert interval.degrees == pytest.approx(3)
    assert interval.standard_error == pytest.approx((5 / 3 / 4) ** 0.5)


@pytest.mark.parametrize("unit", [1e-280, 1e-3, 1e280])
def test_neither_the_unit_nor_the_order_changes_the_test(unit):
    expected = welch_t(samples(SLEEP_1, SLEEP_2))
    scaled = samples(np.array(SLEEP_1[::-1]) * unit, np.array(SLEEP_2) * unit)
    assert welch_t(scaled).statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert welch_t(scaled).p_value == pytest.approx(expected.p_value, rel=1e-9)
    assert welch_t(samples(SLEEP_1[::-1], SLEEP_2)) == expected
    assert welch_t(samples(SLEEP_2, SLEEP_1)).statistic == -expected.statistic


def test_numbers_at_the_edge_of_what_a_float_holds_give_an_answer():
    assert welch_t(samples([5e-324, 0.0], [0.0, 0.0])).p_value != 0
    far = samples(np.linspace(1, 1.001, 10_000), np.linspace(0, 0.001, 10_000))
    assert 0 < welch_t(far).p_value < 1e-300


@pytest.mark.parametrize("level", [0, 1, 95, float("nan")])
def test_an_impossible_level_is_refused(level):
    with pytest.raises(AnalysisError, match="level"):
        welch_interval(samples(SLEEP_1, SLEEP_2), level)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(5)
    draws = zip(rng.normal(0, 1, (2000, 20)), rng.normal(0, 3, (2000, 12)), strict=True)
    intervals = [welch_interval(samples(*each), 0.9) for each in draws]
    covered = np.mean([each.low < 0 < each.high for each in intervals])
    assert covered == pytest.approx(0.9, abs=4 * (0.9 * 0.1 / 2000) ** 0.5)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.inference.equivalence import tost_paired, tost_welch
from analysis.inference.paired import pair
from analysis.inference.samples import samples
from analysis.inference.student_t import NO_SPREAD, ONE_PAIR, paired_interval, paired_t_test
from analysis.inference.welch import NO_SPREAD_WITHIN, SINGLE_VALUE, welch_interval

series = st.lists(st.integers(0, 50).map(float), min_size=3, max_size=9)


def with_moments(mean, sd, n):
    """A sample that has exactly this mean and standard deviation."""
    values = np.random.default_rng(n).normal(size=n)
    return mean + sd * (values - values.mean()) / values.std(ddof=1)


def test_lakens_example_of_independent_means():
    # Lakens 2017, Social Psychological and Personality Science 8, 355-362, and the vignette of R's
    # TOSTER: means 5.25 and 5.22, sds 0.95 and 0.83, n 95 and 89, bounds of d = 0.43;
    # t(181.1344) = -2.69, p = 0.004.
    margin = 0.43 * ((0.95**2 + 0.83**2) / 2) ** 0.5
    result = tost_welch(with_moments(5.25, 0.95, 95), with_moments(5.22, 0.83, 89), margin)
    assert result.degrees == pytest.approx(181.1344, abs=1e-4)
    assert (result.difference - margin) / result.standard_error == pytest.approx(-2.69, abs=0.005)
    assert result.p_value == result.p_upper == pytest.approx(0.004, abs=5e-4)
    assert result.p_lower < result.p_upper


def test_the_paired_example_of_pingouin():
    # The documentation of pingouin.tost: bound 0.5, paired, p = 0.955.
    pairs = pair([4, 7, 8, 6, 3, 2], [6, 8, 7, 10, 11, 9])
    assert tost_paired(pairs, 0.5).p_value == pytest.approx(0.955, abs=5e-4)


@given(series, st.floats(0.1, 20), st.sampled_from([0.01, 0.05, 0.2]))
def test_equivalence_at_alpha_is_an_interval_at_1_minus_2_alpha_within_the_margins(
    differences, margin, alpha
):
    pairs = pair(differences, np.full(len(differences), 25.0))
    result, interval = tost_paired(pairs, margin), paired_interval(pairs, 1 - 2 * alpha)
    if result.p_value is None:
        return
    assert (result.p_value < alpha) == (-margin < interval.low and interval.high < margin)


@given(series, series, st.floats(0.1, 20))
def test_so_it_is_for_independent_samples(first, second, margin):
    result = tost_welch(first, second, margin)
    interval = welch_interval(samples(first, second), 0.9)
    if result.p_value is None:
        return
    assert (result.p_value < 0.05) == (-margin < interval.low and interval.high < margin)
    mirrored = tost_welch(second, first, margin)
    assert (mirrored.p_lower, mirrored.p_upper) == pytest.approx((result.p_upper, result.p_lower))


def test_at_a_vanishing_margin_the_lower_test_is_the_one_sided_t_test():
    pairs = pair([0.7, -1.6, 2.0, 3.4], [1.9, 0.8, 1.1, 0.1])
    result = tost_paired(pairs, 1e-12)
    assert result.p_lower == pytest.approx(paired_t_test(pairs, alternative="greater").p_value)
    assert result.p_upper == pytest.approx(paired_t_test(pairs, alternative="less").p_value)
    assert result.p_value >= 0.5


def test_a_huge_margin_gives_a_p_value_above_zero():
    assert 0 < tost_paired(pair([1.0, 2.0] * 500, [1.1, 1.9] * 500), 1e9).p_value < 1e-300


def test_without_a_t_there_is_a_warning_and_no_p_value():
    assert tost_paired(pair([0.9], [0.8]), 0.01).warning == ONE_PAIR
    equal = tost_paired(pair([0.9501, 0.9008], [0.9500, 0.9007]), 0.01)
    assert (equal.p_value, equal.warning) == (None, NO_SPREAD)
    assert equal.difference == pytest.approx(1e-4)
    assert tost_welch([0.9], [0.8, 0.7], 0.01).warning == SINGLE_VALUE
    assert tost_welch([0.9, 0.9], [0.8, 0.8], 0.01).warning == NO_SPREAD_WITHIN


@pytest.mark.parametrize("margin", [0.0, -0.1, float("nan"), float("inf")])
def test_a_margin_is_above_zero_and_finite(margin):
    with pytest.raises(AnalysisError, match="margin"):
        tost_paired(pair([1.0, 2.0], [0.0, 0.5]), margin)
    with pytest.raises(AnalysisError, match="margin"):
        tost_welch([1.0, 2.0], [0.0, 0.5], margin)


def test_the_test_errs_at_most_as_often_as_alpha_on_the_margin():
    rng = np.random.default_rng(0)
    data = rng.normal(1.0, 1.0, size=(4000, 12))
    found = sum(tost_paired(pair(each, np.zeros(12)), 1.0).p_value < 0.05 for each in data)
    assert found / 4000 == pytest.approx(0.05, abs=4 * (0.05 * 0.95 / 4000) ** 0.5)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.inference.effect_sizes import (
    paired_effect_sizes,
    small_sample_correction,
    unpaired_effect_sizes,
)
from analysis.inference.noncentral_t import noncentral_t_cdf
from analysis.inference.paired import pair

# R's `sleep` data (Student 1908).
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

values = st.lists(st.integers(9000, 9999).map(lambda each: each / 10_000), min_size=2, max_size=12)


def by_name(sizes):
    return {each.name: each for each in sizes}


@pytest.mark.parametrize(
    ("degrees", "published"),
    # Hedges 1981, table 1 (c(m), four decimals).
    [(2, 0.5642), (3, 0.7236), (4, 0.7979), (5, 0.8408), (10, 0.9228), (20, 0.9619), (50, 0.9849)],
)
def test_the_correction_is_the_one_that_hedges_tabled(degrees, published):
    assert small_sample_correction(degrees) == pytest.approx(published, abs=6e-5)


def test_the_correction_needs_two_degrees_of_freedom_and_holds_for_many():
    assert small_sample_correction(1) is None
    assert small_sample_correction(1e6) == pytest.approx(1 - 3 / (4e6 - 1), abs=1e-9)


def test_d_z_of_the_sleep_data_is_t_over_the_root_of_n():
    sizes = by_name(paired_effect_sizes(pair(SLEEP_1, SLEEP_2), 0.95))
    # t = -4.0621 (Student 1908, as R prints it).
    assert sizes["d_z"].estimate == pytest.approx(-4.0621277 / 10**0.5, abs=1e-7)
    assert sizes["hedges_g"].estimate == pytest.approx(
        sizes["d_z"].estimate * small_sample_correction(9)
    )
    # One pair ties, and in nine the second is larger.
    assert sizes["superiority"].estimate == pytest.approx(0.05)
    assert sizes["cliffs_delta"].estimate == pytest.approx(-0.9)


def test_the_interval_of_d_is_the_inverse_of_the_noncentral_t():
    pairs = pair(SLEEP_1, SLEEP_2)
    d_z = by_name(paired_effect_sizes(pairs, 0.9))["d_z"]
    t = d_z.estimate * 10**0.5
    assert noncentral_t_cdf(t, 9, d_z.ci_low * 10**0.5) == pytest.approx(0.95, abs=1e-7)
    assert noncentral_t_cdf(t, 9, d_z.ci_high * 10**0.5) == pytest.approx(0.05, abs=1e-7)


def test_both_estimates_of_one_standardised_difference_have_one_interval():
    sizes = by_name(paired_effect_sizes(pair(SLEEP_1, SLEEP_2), 0.95))
    assert sizes["d_z"].ci_low == sizes["hedges_g"].ci_low
    assert sizes["d_z"].ci_high == sizes["hedges_g"].ci_high


def test_the_unpaired_g_of_the_sleep_data_comes_from_students_t():
    sizes = by_name(unpaired_effect_sizes(SLEEP_1, SLEEP_2, 0.95))
    # R: t.test(extra ~ group, var.equal = TRUE) prints t = -1.8608, df = 18.
    expected = -1.8608 * (1 / 10 + 1 / 10) ** 0.5 * (1 - 3 / (4 * 18 - 1))
    assert sizes["hedges_g"].estimate == pytest.approx(expected, abs=2e-4)


def test_cliffs_delta_is_that_of_the_effsize_package():
    # R's effsize documents this example: delta -0.25, interval (-0.7265846, 0.3890062).
    treatment = [10, 10, 20, 20, 20, 30, 30, 30, 40, 50]
    control = [10, 20, 30, 40, 40, 50]
    sizes = by_name(unpaired_effect_sizes(treatment, control, 0.95))
    delta = sizes["cliffs_delta"]
    assert delta.estimate == -0.25
    assert delta.ci_low == pytest.approx(-0.7265846, abs=1e-7)
    assert delta.ci_high == pytest.approx(0.3890062, abs=1e-7)
    superiority = sizes["superiority"]
    assert superiority.estimate == pytest.approx(0.375)
    assert superiority.ci_low == pytest.approx((delta.ci_low + 1) / 2)


@given(values, values)
def test_exchanging_the_arms_mirrors_every_effect_size(first, second):
    for there, back in zip(
        unpaired_effect_sizes(first, second, 0.9),
        unpaired_effect_sizes(second, first, 0.9),
        strict=True,
    ):
        assert_mirrored(there, back)
    n = min(len(first), len(second))
    for there, back in zip(
        paired_effect_sizes(pair(first[:n], second[:n]), 0.9),
        paired_effect_sizes(pair(second[:n], first[:n]), 0.9),
        strict=True,
    ):
        assert_mirrored(there, back)


def assert_mirrored(there, back):
    whole = 1.0 if there.name == "superiority" else 0.0
    if there.estimate is None:
        assert back.estimate is None
        return
    assert there.estimate == pytest.approx(whole - back.estimate, abs=1e-9)
    assert there.ci_low == pytest.approx(whole - back.ci_high, abs=1e-6)
    assert there.ci_high == pytest.approx(whole - back.ci_low, abs=1e-6)
    assert there.ci_low <= there.estimate + 1e-9
    assert there.estimate - 1e-9 <= there.ci_high


def test_what_is_undefined_is_none_and_what_is_not_is_given():
    one = by_name(paired_effect_sizes(pair([0.9], [0.8]), 0.95))
    assert one["d_z"].estimate is one["hedges_g"].estimate is None
    assert one["superiority"].estimate == 1.0
    assert 0 < one["superiority"].ci_low < one["superiority"].ci_high == 1.0
    two = by_name(paired_effect_sizes(pair([0.9, 0.7], [0.8, 0.5]), 0.95))
    assert two["d_z"].estimate == pytest.approx(0.15 / 0.005**0.5)
    assert two["hedges_g"].estimate is None, "the bias of g is infinite with two pairs"
    equal = by_name(
        paired_effect_sizes(pair([0.9501, 0.9008, 0.9312], [0.9500, 0.9007, 0.9311]), 0.95)
    )
    assert equal["d_z"].estimate is None
    assert equal["cliffs_delta"].estimate == 1.0


def test_unpaired_samples_without_spread_or_of_one_value_have_no_g():
    constant = by_name(unpaired_effect_sizes([0.9] * 3, [0.8] * 4, 0.95))
    assert constant["hedges_g"].estimate is None
    assert constant["cliffs_delta"].estimate == 1.0
    single = by_name(unpaired_effect_sizes([0.9], [0.8], 0.95))
    assert single["hedges_g"].estimate is None
    assert single["cliffs_delta"].estimate == 1.0
    assert single["cliffs_delta"].ci_low is None
    one_against_many = by_name(unpaired_effect_sizes([0.9], [0.8, 0.7, 0.6], 0.95))
    assert one_against_many["hedges_g"].estimate is not None
    assert one_against_many["superiority"].ci_high is None


def test_tiny_and_huge_units_change_nothing():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.3, 1, size=9), rng.normal(size=7)
    sizes = unpaired_effect_sizes(first, second, 0.95)
    for unit in (1e-200, 1e200):
        for ours, theirs in zip(
            sizes, unpaired_effect_sizes(unit * first, unit * second, 0.95), strict=True
        ):
            assert ours.estimate == pytest.approx(theirs.estimate)
            assert ours.ci_low == pytest.approx(theirs.ci_low)


def test_an_impossible_level_is_refused():
    with pytest.raises(AnalysisError, match="level"):
        paired_effect_sizes(pair([1.0, 2.0], [0.0, 0.5]), 95)
    with pytest.raises(AnalysisError, match="level"):
        unpaired_effect_sizes([1.0, 2.0], [0.0, 0.5], 0)


@pytest.mark.parametrize(("n", "effect"), [(3, 0.0), (5, 1.0), (20, 0.5)])
def test_the_intervals_of_standardised_differences_cover_as_often_as_they_say(n, effect):
    rng = np.random.default_rng(n)
    differences = rng.normal(effect, 1, size=(2000, n))
    covered = 0
    for each in differences:
        d_z = paired_effect_sizes(pair(each, np.zeros(n)), 0.9)[0]
        covered += d_z.ci_low <= effect <= d_z.ci_high
    assert covered / 2000 == pytest.approx(0.9, abs=4 * (0.09 / 2000) ** 0.5)


@pytest.mark.parametrize("n", [4, 8])
def test_g_has_no_bias(n):
    rng = np.random.default_rng(n)
    first, second = rng.normal(0.8, 1, size=(6000, n)), rng.normal(size=(6000, n))
    estimates = [
        unpaired_effect_sizes(one, other, 0.9)[0].estimate
        for one, other in zip(first, second, strict=True)
    ]
    error = np.std(estimates) / len(estimates) ** 0.5
    assert np.mean(estimates) == pytest.approx(0.8, abs=4 * error)

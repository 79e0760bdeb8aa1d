"""Variances too small to be true, or too unequal for the test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.audit.variances import heteroscedastic, too_small_variance
from analysis.errors import AnalysisError

# R's data set InsectSprays (Beall 1942), counts by spray.
SPRAYS = {
    "A": [10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13],
    "B": [11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    "C": [0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4],
    "D": [3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    "E": [3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4],
    "F": [11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
}

# Hernandez, Chang & Nordling 2025: sixty Monte Carlo runs an arm.
MONTE_CARLO = {
    "student": (0.1175772598870052, 60),
    "kd": (0.11340957627118683, 60),
    "kd_ig": (0.30543785310734467, 60),
    "kd_ig_at": (0.08814946327683629, 60),
}


def of(*arms):
    return {arm: MONTE_CARLO[arm] for arm in arms}


def summarised(groups):
    return {arm: (float(np.var(each, ddof=1)), len(each)) for arm, each in groups.items()}


def test_bartlett_gives_what_rs_help_page_shows():
    # example(bartlett.test) in R: K-squared = 25.96, df = 5, p-value = 9.085e-05.
    values = heteroscedastic(variances=summarised(SPRAYS), equal_variance_test=True).values
    assert values["statistic"] == pytest.approx(25.96, abs=5e-3)
    assert values["degrees"] == [5]
    assert values["p_value"] == pytest.approx(9.085e-05, rel=1e-3)


def test_brown_forsythe_gives_what_rs_car_shows():
    # leveneTest(count ~ spray, InsectSprays) of R's car: F(5, 66) = 3.8214, p = 0.004223.
    values = heteroscedastic(SPRAYS, equal_variance_test=True).values
    assert values["statistic"] == pytest.approx(3.8214, abs=5e-5)
    assert values["degrees"] == [5, 66]
    assert values["p_value"] == pytest.approx(0.004223, abs=5e-7)


@given(st.integers(0, 10**6), st.integers(2, 4))
def test_both_tests_agree_with_scipy(seed, arms):
    rng = np.random.default_rng(seed)
    groups = {str(i): rng.normal(5, 1 + i, size=rng.integers(3, 20)) for i in range(arms)}
    raw = heteroscedastic(groups, equal_variance_test=True).values
    expected = stats.levene(*groups.values(), center="median")
    assert (raw["statistic"], raw["p_value"]) == pytest.approx(tuple(expected))
    if arms > 2:
        values = heteroscedastic(variances=summarised(groups), equal_variance_test=True).values
        bartlett = stats.bartlett(*groups.values())
        assert (values["statistic"], values["p_value"]) == pytest.approx(tuple(bartlett))


def test_the_published_kd_ig_arm_varies_more_than_the_student():
    # Its t, 14.797695309710354 with 118 degrees, and p are published: they come out again.
    t, published_p = 14.797695309710354, 1.174280723515254e-28
    difference = t * ((0.30543785310734467 + 0.1175772598870052) / 60) ** 0.5
    arms = of("kd_ig", "student")
    found = heteroscedastic(variances=arms, equal_variance_test=True, difference=difference)
    assert found.outcome == "flag"
    assert found.values["statistic"] == pytest.approx(2.59776, abs=1e-5)
    assert found.values["p_value"] == pytest.approx(2 * stats.f.sf(2.59776307, 59, 59))
    assert found.values["pooled_p"] == pytest.approx(published_p, rel=1e-9)
    welch = stats.ttest_ind_from_stats(
        difference, arms["kd_ig"][0] ** 0.5, 60, 0.0, arms["student"][0] ** 0.5, 60, equal_var=False
    )
    assert found.values["welch_p"] == pytest.approx(welch.pvalue, rel=1e-9)
    assert 98 < found.values["welch_degrees"] < 99


@pytest.mark.parametrize("arm", ["kd", "kd_ig_at"])
def test_the_other_published_arms_vary_like_the_student(arm):
    assert heteroscedastic(variances=of("student", arm), equal_variance_test=True).outcome == "pass"


def test_four_published_arms_together_are_flagged():
    found = heteroscedastic(variances=MONTE_CARLO, equal_variance_test=True)
    assert (found.outcome, found.values["test"]) == ("flag", "Bartlett")
    assert "kd_ig_at" in found.detail


def test_the_f_test_does_not_depend_on_the_order_of_arms():
    one = heteroscedastic(variances=of("student", "kd_ig"), equal_variance_test=True).values
    other = heteroscedastic(variances=of("kd_ig", "student"), equal_variance_test=True).values
    assert one["p_value"] == pytest.approx(other["p_value"])


def test_raw_values_of_two_arms_bring_their_own_difference():
    groups = {"a": [1.0, 2.0, 3.0, 4.5], "b": [2.0, 9.0, 4.0, 6.0, 25.0]}
    values = heteroscedastic(groups, equal_variance_test=True).values
    welch = stats.ttest_ind(*groups.values(), equal_var=False)
    pooled = stats.ttest_ind(*groups.values())
    assert values["welch_p"] == pytest.approx(welch.pvalue)
    assert values["welch_degrees"] == pytest.approx(welch.df)
    assert values["pooled_p"] == pytest.approx(pooled.pvalue)


def test_a_test_that_needs_no_equal_variances_is_no_fault():
    found = heteroscedastic(variances=of("student", "kd_ig"), equal_variance_test=False)
    assert found.outcome == "not_applicable"
    assert found.values["p_value"] < 0.001


def test_nothing_given_is_missing():
    assert heteroscedastic(equal_variance_test=True).outcome == "missing_input"


@pytest.mark.parametrize(
    "groups",
    [
        {"a": [0.1, 0.1, 0.1], "b": [0.3, 0.3, 0.3]},
        {"a": [0.1, 0.3], "b": [0.7, 5.1]},
        {"a": [0.1 + 0.2, 0.3, 0.3], "b": [0.3, 0.3, 0.3]},
    ],
)
def test_values_whose_distances_from_the_median_are_equal_test_nothing(groups):
    assert heteroscedastic(groups, equal_variance_test=True).outcome == "not_testable"


def test_variances_of_zero_are_no_division():
    nothing = heteroscedastic(variances={"a": (0, 5), "b": (0, 5)}, equal_variance_test=True)
    assert nothing.outcome == "not_testable"
    for arms in ({"a": (0, 5), "b": (1, 5)}, {"a": (1, 5), "b": (0, 5)}):
        found = heteroscedastic(variances=arms, equal_variance_test=True)
        assert (found.outcome, found.values["variance_ratio"]) == ("flag", "inf")
    three = {"a": (0, 5), "b": (1, 5), "c": (1, 5)}
    assert heteroscedastic(variances=three, equal_variance_test=True).outcome == "flag"
    assert (
        heteroscedastic(variances=dict.fromkeys("abc", (0, 5)), equal_variance_test=True).outcome
        == "not_testable"
    )


@pytest.mark.parametrize("unit", [1e-140, 1e140])
def test_the_unit_does_not_matter(unit):
    groups = {"a": np.array([1.0, 2.0, 4.0]), "b": np.array([2.0, 9.0, 30.0])}
    scaled = {arm: unit * each for arm, each in groups.items()}
    one, other = (heteroscedastic(each, equal_variance_test=True) for each in (groups, scaled))
    assert one.values["p_value"] == pytest.approx(other.values["p_value"])
    assert one.values["welch_p"] == pytest.approx(other.values["welch_p"])


@pytest.mark.parametrize(("summaries", "arms"), [(True, 2), (True, 4), (False, 2), (False, 4)])
def test_equal_variances_are_flagged_as_often_as_alpha_says(summaries, arms):
    rng = np.random.default_rng(arms)
    flags = 0
    for _ in range(1500):
        groups = {str(i): rng.normal(i, 1, size=10 + 3 * i) for i in range(arms)}
        given = {"variances": summarised(groups)} if summaries else {"groups": groups}
        flags += heteroscedastic(**given, equal_variance_test=True).outcome == "flag"
    # Brown-Forsythe is a little conservative.
    assert (0.033 if summaries else 0.02) < flags / 1500 < 0.067


@pytest.mark.parametrize(
    "settings",
    [
        {"groups": {"a": [1.0, 2.0]}},
        {"groups": {"a": [1.0, 2.0], "b": [1.0]}},
        {"groups": {"a": [1.0, 2.0], "b": [1.0, float("nan")]}},
        {"groups": {"a": [1.0, 2.0], "b": [1.0, 1e200]}},
        {"variances": {"a": (1.0, 5)}},
        {"variances": {}},
        {"variances": {"a": (-1.0, 5), "b": (1.0, 5)}},
        {"variances": {"a": (1e200, 5), "b": (1.0, 5)}},
        {"variances": {"a": (1.0, 1), "b": (1.0, 5)}},
        {"variances": {"a": (float("nan"), 5), "b": (1.0, 5)}},
        {"variances": {"a": (1.0, 5), "b": (1.0, 5)}, "difference": float("inf")},
        {"variances": {"a": (1.0, 5), "b": (1.0, 5)}, "alpha": 5},
        {"variances": {"a": (1.0, 5), "b": (1.0, 5)}, "groups": {"a": [1.0, 2.0]}},
    ],
)
def test_impossible_groups_are_refused(settings):
    with pytest.raises(AnalysisError):
        heteroscedastic(**settings, equal_variance_test=True)


def test_a_small_deviation_has_the_tabled_tail():
    # Chi-square with 9 degrees of freedom: 1.152 has .001 below it (any printed table).
    limit = (1.152 / 9) ** 0.5
    assert too_small_variance(limit * 1.01, 10, floor_sd=1.0).outcome == "pass"
    found = too_small_variance(limit * 0.99, 10, floor_sd=1.0)
    assert found.outcome == "flag"
    assert found.values["p_value"] < 0.001


def test_a_printed_deviation_counts_as_the_largest_that_rounds_to_it():
    limit = (1.152 / 9) ** 0.5  # 0.3578
    assert too_small_variance(0.35, 10, floor_sd=1.0).outcome == "flag"
    assert too_small_variance("0.35", 10, floor_sd=1.0).outcome == "flag"
    assert too_small_variance("0.3", 10, floor_sd=limit).outcome == "pass"
    assert too_small_variance("0.4", 10, floor_sd=1.0).outcome == "pass"


def test_values_bring_their_own_number():
    rng = np.random.default_rng(0)
    values = rng.normal(size=20)
    found = too_small_variance(values.tolist(), floor_sd=10.0)
    assert (found.outcome, found.values["n"]) == ("flag", 20)
    expected = stats.chi2.cdf(19 * values.var(ddof=1) / 100, 19)
    assert found.values["p_value"] == pytest.approx(expected)


def test_equal_runs_are_flagged_and_never_fail():
    found = too_small_variance([0.9] * 10, floor_sd=0.01)
    assert found.outcome == "flag"
    assert found.values["p_value"] > 0


def test_few_runs_could_hardly_show_it():
    found = too_small_variance(0.9, 3, floor_sd=1.0)
    assert found.outcome == "not_testable"
    rng = np.random.default_rng(0)
    variances = rng.normal(0, 0.5, size=(40_000, 3)).var(axis=1, ddof=1)
    share = np.mean(stats.chi2.cdf(2 * variances, 2) < 0.001)
    assert found.values["chance_of_detection"] == pytest.approx(share, abs=0.0015)


def test_the_published_runs_are_not_too_much_alike():
    student = [91.19, 90.5, 91.32, 91.28, 91.36, 91.35, 91.43, 91.05, 90.86, 91.5]
    # As if every run had its own 10,000 test images.
    assert too_small_variance(student, floor_sd=0.28).outcome == "pass"


def test_without_a_floor_nothing_is_too_small():
    found = too_small_variance(0.01, 10, floor_sd=None)
    assert found.outcome == "missing_input"
    assert "fixed test set" in found.detail


def test_true_normals_are_flagged_once_in_a_thousand():
    rng = np.random.default_rng(0)
    spreads = rng.normal(size=(20_000, 12)).std(axis=1, ddof=1)
    flags = sum(too_small_variance(each, 12, floor_sd=1.0).outcome == "flag" for each in spreads)
    assert 5 <= flags <= 38, "20 expected; four standard deviations"


@pytest.mark.parametrize(
    ("spread", "n", "floor"),
    [
        (0.1, None, 1.0),
        (0.1, 1, 1.0),
        (0.1, 2.5, 1.0),
        (0.1, float("nan"), 1.0),
        (-0.1, 5, 1.0),
        (float("nan"), 5, 1.0),
        (0.1, 5, 0.0),
        (0.1, 5, float("inf")),
        ([0.1], None, 1.0),
        ([], None, 1.0),
        ([0.1, float("nan")], None, 1.0),
        ([0.1, 0.2], 3, 1.0),
        ("x", 5, 1.0),
    ],
)
def test_impossible_deviations_are_refused(spread, n, floor):
    with pytest.raises(AnalysisError):
        too_small_variance(spread, n, floor_sd=floor)

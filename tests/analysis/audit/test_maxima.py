"""Maxima presented as means, and gains inflated by taking them."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from analysis.audit.maxima import best_of_n, expected_maximum_of_normals, max_as_mean
from analysis.errors import AnalysisError

# Hernandez, Chang & Nordling 2025, arXiv 2506.14440: ten published runs an arm.
STUDENT = [91.19, 90.5, 91.32, 91.28, 91.36, 91.35, 91.43, 91.05, 90.86, 91.5]
KD_IG = [92.58, 91.73, 92.08, 92.45, 91.96, 91.58, 91.82, 91.62, 92.13, 92.23]


@pytest.mark.parametrize(
    ("n", "expected"),
    # Harter 1961, Biometrika 48, table 1 (100: as in his larger table).
    [(2, 0.564190), (3, 0.846284), (5, 1.162964), (10, 1.538753), (20, 1.867475), (100, 2.507594)],
)
def test_the_expected_maximum_is_the_tabled_one(n, expected):
    assert expected_maximum_of_normals(n) == pytest.approx(expected, abs=6e-7)


@pytest.mark.parametrize("n", [7, 1000, 10**6, 10**12])
def test_the_expected_maximum_agrees_with_adaptive_integration_of_its_tails(n):
    upper = integrate.quad(lambda x: -np.expm1(n * stats.norm.logcdf(x)), 0, 12, limit=400)[0]
    lower = integrate.quad(lambda x: np.exp(n * stats.norm.logcdf(x)), -12, 0)[0]
    assert expected_maximum_of_normals(n) == pytest.approx(upper - lower, abs=1e-7)


def test_the_expected_maximum_of_one_is_the_mean():
    assert expected_maximum_of_normals(1) == 0


@pytest.mark.parametrize("n", [0, -1, 2.5, True, float("nan"), float("inf"), 10**16])
def test_an_impossible_number_of_normals_is_refused(n):
    with pytest.raises(AnalysisError, match="whole number"):
        expected_maximum_of_normals(n)


@pytest.mark.parametrize(("value", "runs"), [("92.6", KD_IG), ("91.5", STUDENT)])
def test_the_published_headlines_are_maxima(value, runs):
    found = max_as_mean(value, runs)
    assert found.outcome == "flag"
    assert "is the maximum of the 10 runs" in found.detail
    assert found.values["ranks_from_best"] == [1]


@pytest.mark.parametrize("value", ["92.02", "92.0", "92.018"])
def test_a_mean_passes(value):
    assert max_as_mean(value, KD_IG).outcome == "pass"


def test_a_lower_order_statistic_is_named():
    found = max_as_mean("92.45", KD_IG)
    assert found.outcome == "flag"
    assert "is the 2nd best" in found.detail
    assert found.values["ranks_from_best"] == [2]


def test_a_median_is_named():
    found = max_as_mean("91.30", STUDENT)
    assert found.outcome == "flag"
    assert "is the median" in found.detail


def test_a_number_among_the_runs_that_is_no_statistic_of_them_is_flagged_only():
    found = max_as_mean("91.9", KD_IG)
    assert found.outcome == "flag"
    assert "no statistic" in found.detail


@pytest.mark.parametrize("value", ["92.7", "91.5", "92.591"])
def test_a_number_beyond_all_runs_is_impossible(value):
    assert max_as_mean(value, KD_IG).outcome == "fail"


def test_runs_that_may_have_been_rounded_themselves_prove_nothing_on_the_edge():
    # 92.58 may be 92.585 rounded half down.
    assert max_as_mean("92.585", KD_IG).outcome == "flag"
    assert max_as_mean("92.5851", KD_IG).outcome == "fail"


def test_text_keeps_its_trailing_zeros_and_numbers_share_the_finest_grid():
    assert max_as_mean("90.54", ["90.5", "90.52"]).outcome == "pass", "90.5 may be 90.55"
    assert max_as_mean("90.54", ["90.50", "90.52"]).outcome == "fail"
    assert max_as_mean("90.54", [90.5, 90.52]).outcome == "fail"


def test_a_loss_is_best_when_it_is_smallest():
    found = max_as_mean("0.21", [0.25, 0.21, 0.29], direction="minimize")
    assert found.outcome == "flag"
    assert "is the minimum" in found.detail


def test_a_value_that_is_mean_and_maximum_at_its_rounding_passes_and_says_so():
    found = max_as_mean("92", [91.9, 92.1])
    assert found.outcome == "pass"
    assert "also their maximum" in found.detail


def test_a_single_run_says_nothing():
    found = max_as_mean("92.5", [92.5])
    assert found.outcome == "not_testable"
    assert found.values["chance_of_detection"] == 0


@given(
    st.lists(st.integers(0, 10_000), min_size=2, max_size=12),
    st.integers(0, 4),
    st.booleans(),
)
def test_a_true_mean_passes_and_no_order_statistic_fails(counts, decimals, low):
    values = [count / 10_000 for count in counts]
    assert max_as_mean(f"{np.mean(values):.{decimals}f}", values).outcome == "pass"
    extreme = min(values) if low else max(values)
    assert max_as_mean(f"{extreme:.{decimals}f}", values).outcome in {"pass", "flag"}


def test_the_published_gain_is_the_difference_of_maxima():
    found = best_of_n(KD_IG, STUDENT, claimed="1.1")
    assert found.outcome == "flag"
    assert found.values["gain_of_bests"] == pytest.approx(1.08)
    assert found.values["gain_of_means"] == pytest.approx(0.834)
    assert "difference of maxima" in found.detail


def test_the_gain_of_the_means_passes():
    assert best_of_n(KD_IG, STUDENT, claimed="0.83").outcome == "pass"
    assert best_of_n(KD_IG, STUDENT[:7], claimed="0.8").outcome == "pass", "means need no equal n"


def test_a_gain_that_is_neither_is_flagged():
    found = best_of_n(KD_IG, STUDENT, claimed="2.0")
    assert found.outcome == "flag"
    assert "neither" in found.detail


def test_a_gain_may_be_taken_of_rounded_numbers():
    # 92.64 - 91.45 is 1.19; the rounded 92.6 - 91.5 is 1.1.
    assert best_of_n([92.64, 92.0], [91.45, 91.0], claimed="1.1").values["fits_bests"]


def test_without_a_claim_only_unequal_numbers_of_runs_are_flagged():
    assert best_of_n(KD_IG, STUDENT).outcome == "missing_input"
    found = best_of_n(KD_IG, STUDENT[:5])
    assert found.outcome == "flag"
    assert found.values["equal_n"] == 5


def test_the_expected_bests_at_equal_n_are_those_of_all_choices_and_of_normals():
    values = best_of_n(KD_IG, STUDENT[:4], claimed="1.1").values
    brute = np.mean([max(each) for each in combinations(KD_IG, 4)])
    assert values["expected_best_better"] == pytest.approx(brute)
    assert values["expected_best_worse"] == pytest.approx(max(STUDENT[:4]))
    normal = np.mean(KD_IG) + 1.029375 * np.std(KD_IG, ddof=1)  # c_4, Harter 1961
    assert values["normal_expected_best_better"] == pytest.approx(normal, abs=1e-5)


def test_a_gain_is_positive_for_the_better_arm_in_either_direction():
    up = best_of_n(KD_IG, STUDENT, claimed="1.1").values
    negative = [[-each for each in runs] for runs in (KD_IG, STUDENT)]
    down = best_of_n(*negative, claimed="1.1", direction="minimize")
    assert "minima" in down.detail
    for name in ("gain_of_means", "gain_of_bests", "normal_expected_gain", "expected_gain"):
        assert down.values[name] == pytest.approx(up[name])


def test_taking_maxima_inflates_the_gain_of_the_arm_that_varies_more():
    rng = np.random.default_rng(0)
    wide, narrow = rng.normal(0, 2, (4000, 10)), rng.normal(0, 1, (4000, 10))
    gains = wide.max(axis=1) - narrow.max(axis=1)
    error = gains.std() / 4000**0.5
    assert gains.mean() == pytest.approx(expected_maximum_of_normals(10), abs=4 * error)


def test_single_runs_have_no_normal_expectation():
    values = best_of_n([0.9], [0.8], claimed="0.1").values
    assert values["normal_expected_gain"] is None


@pytest.mark.parametrize("runs", [[], "92.5", [float("nan")], [float("inf"), 1.0], [True], ["x"]])
def test_what_are_no_runs_is_refused(runs):
    with pytest.raises(AnalysisError):
        max_as_mean("92.5", runs)
    with pytest.raises(AnalysisError):
        best_of_n(KD_IG, runs)


def test_an_unknown_direction_is_refused():
    with pytest.raises(AnalysisError, match="maximize"):
        max_as_mean("92.5", KD_IG, direction="up")

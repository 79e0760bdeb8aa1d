"""Differences inside the noise of the test set."""

import math

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis.audit.sampling_noise import noise_floor
from analysis.errors import AnalysisError


def test_paired_counts_give_agrestis_standard_error():
    # Agresti, Categorical Data Analysis (2nd ed. 2002), section 10.1: approval in two surveys of
    # the same 1600 people, 150 and 86 changed their mind; difference 0.04, standard error 0.0095.
    found = noise_floor(944 / 1600, 880 / 1600, 1600, only_first_right=150, only_second_right=86)
    assert found.values["standard_error"] == pytest.approx(0.0095, abs=5e-5)
    assert found.values["difference"] == pytest.approx(0.04)
    assert found.outcome == "pass"


def test_without_counts_the_threshold_is_half_a_wald_interval():
    found = noise_floor(0.926, 0.915, 10_000)
    low, high = confint_proportions_2indep(9260, 10_000, 9150, 10_000, method="wald")
    assert found.values["threshold"] == pytest.approx((high - low) / 2, rel=1e-4)


def test_the_published_gains_of_kd_ig_stand_out_and_that_of_ig_does_not():
    # Hernandez et al. 2025: means of ten runs, 10,000 test images.
    assert noise_floor("92.02", "91.18", 10_000, percent=True).outcome == "pass"
    found = noise_floor("91.35", "91.18", 10_000, percent=True)
    assert found.outcome == "flag"
    assert "More runs do not shrink" in found.detail
    assert "paired predictions do" in found.detail


def test_percent_and_fractions_are_the_same():
    one = noise_floor("92.0", "91.0", 500, percent=True).values
    other = noise_floor(0.92, 0.91, 500).values
    assert one["standard_error"] == pytest.approx(other["standard_error"])


def test_paired_predictions_can_show_what_accuracies_alone_cannot():
    assert noise_floor(0.93, 0.92, 2000).outcome == "flag"
    paired = noise_floor(0.93, 0.92, 2000, only_first_right=30, only_second_right=10)
    assert paired.outcome == "pass"


def test_models_that_never_disagree_do_not_differ():
    found = noise_floor(0.9, 0.9, 100, only_first_right=0, only_second_right=0)
    assert (found.outcome, found.values["standard_error"]) == ("flag", 0)


def test_a_difference_of_exactly_the_threshold_is_outside():
    # b + c = 100, b - c = 0 would be 0; here the error is 0.01 and the difference 1.96 of it.
    error = noise_floor(0.5, 0.5, 5000).values["standard_error"]
    assert error == pytest.approx(0.01)
    assert noise_floor(1.0, 1.0 - 1e-9, 5000).values["standard_error"] < 1e-6
    b, c, size = 98, 2, 100
    spread = math.sqrt(b + c - (b - c) ** 2 / size) / size
    at, below = 0.5 + 1.96 * spread, 0.5 + 1.959 * spread
    counts = {"only_first_right": b, "only_second_right": c}
    assert noise_floor(at, 0.5, size, **counts).outcome == "pass"
    assert noise_floor(below, 0.5, size, **counts).outcome == "flag"


def test_counts_of_other_runs_are_told():
    counts = {"only_first_right": 30, "only_second_right": 10}
    assert "other runs" in noise_floor("0.95", "0.90", 2000, **counts).detail
    assert "other runs" not in noise_floor("0.93", "0.92", 2000, **counts).detail


@pytest.mark.parametrize("paired", [True, False])
def test_equal_models_are_passed_in_at_most_five_percent(paired):
    rng = np.random.default_rng(0)
    size, passed = 1000, 0
    for _ in range(2000):
        skill = rng.beta(3, 0.5, size)
        one, other = (rng.uniform(size=size) < skill for _ in range(2))
        b, c = int((one & ~other).sum()), int((other & ~one).sum())
        counts = {"only_first_right": b, "only_second_right": c} if paired else {}
        passed += noise_floor(one.mean(), other.mean(), size, **counts).outcome == "pass"
    if paired:
        assert 0.035 < passed / 2000 < 0.065
    else:
        assert passed / 2000 < 0.05, "agreement makes the unpaired error too large"


def test_a_missing_test_size_is_told():
    assert noise_floor("0.9", "0.8", None).outcome == "missing_input"


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (("92.6", "91.5", 100), {}),
        ((0.9, float("nan"), 100), {}),
        ((-0.1, 0.5, 100), {}),
        ((True, 0.5, 100), {}),
        ((101, 50, 100), {"percent": True}),
        ((0.9, 0.8, 0), {}),
        ((0.9, 0.8, 10.5), {}),
        ((0.9, 0.8, float("nan")), {}),
        ((0.9, 0.8, 100), {"only_first_right": 3}),
        ((0.9, 0.8, 100), {"only_first_right": -3, "only_second_right": 1}),
        ((0.9, 0.8, 100), {"only_first_right": 90, "only_second_right": 11}),
        ((0.9, 0.8, 100), {"only_first_right": float("nan"), "only_second_right": 11}),
        (("x", 0.8, 100), {}),
    ],
)
def test_impossible_numbers_are_refused(arguments, settings):
    with pytest.raises(AnalysisError):
        noise_floor(*arguments, **settings)


def test_a_percentage_given_as_a_fraction_gets_a_hint():
    with pytest.raises(AnalysisError, match="percent=True"):
        noise_floor("92.6", "91.5", 100)

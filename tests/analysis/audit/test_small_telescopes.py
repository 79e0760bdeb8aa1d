"""Small telescopes: the effect that the original's n could hardly detect."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.audit.estimates import Estimate
from analysis.audit.small_telescopes import small_effect, small_telescopes
from analysis.errors import AnalysisError


def cells(n, d=1.0):
    """A standardised difference of two cells of n, as Simonsohn has it."""
    return Estimate(d, math.sqrt(2 / n), n)


def test_twenty_in_a_cell_find_half_a_standard_deviation_one_time_in_three():
    # Cohen 1988, table 2.3.5 (two-sided .05): n = 20, d = .50 has the power .33.
    assert small_effect(cells(20)) == pytest.approx(0.50, abs=0.005)


@pytest.mark.parametrize("n", [2, 3, 5, 10, 20, 64, 200])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_the_original_has_that_power_for_the_small_effect(n, alpha):
    # Independent: SciPy's noncentral t, both tails.
    size = small_effect(cells(n), alpha=alpha)
    law = stats.nct(2 * n - 2, size / math.sqrt(2 / n))
    critical = stats.t.isf(alpha / 2, 2 * n - 2)
    assert law.sf(critical) + law.cdf(-critical) == pytest.approx(1 / 3, abs=1e-6)


def test_known_errors_are_the_limit_of_many_runs():
    many, known = (small_effect(Estimate(1, 1, n)) for n in (400_000, math.inf))
    assert many == pytest.approx(known, rel=1e-5)
    assert stats.norm.sf(1.959964 - known) + stats.norm.cdf(-1.959964 - known) == pytest.approx(
        1 / 3, abs=1e-6
    )


def test_two_and_a_half_times_the_n_rejects_it_four_times_in_five_without_any_effect():
    # Simonsohn 2015: 2.5 times the original n gives about 80 % power to reject d33. In the normal
    # limit it is .78, which he rounds.
    original = Estimate(1, 1, math.inf)
    shift = small_effect(original) / math.sqrt(1 / 2.5)
    assert stats.norm.sf(1.6449 - shift) == pytest.approx(0.80, abs=0.03)


def test_the_small_effect_has_the_originals_direction():
    up = small_telescopes(cells(20), cells(50, 0.1))
    down = small_telescopes(cells(20, -1.0), cells(50, -0.1))
    assert down.small_effect == -up.small_effect < 0
    assert down.p == pytest.approx(up.p)


def test_its_p_is_a_t_test_against_the_small_effect():
    rng = np.random.default_rng(5)
    runs = rng.normal(0.2, 1, 12)
    original = Estimate(1.0, 0.5, 10, "paired")
    replication = Estimate(runs.mean(), stats.sem(runs), 12, "paired")
    found = small_telescopes(original, replication)
    expected = stats.ttest_1samp(runs, found.small_effect, alternative="less").pvalue
    assert found.p == pytest.approx(expected)


def test_true_small_effects_raise_false_alarms_once_in_twenty():
    rng = np.random.default_rng(6)
    original = Estimate(1.0, 0.5, 5)
    size = small_effect(original)
    runs = rng.normal(0, 1, (1000, 2, 5))
    errors = np.sqrt(runs.var(axis=2, ddof=1).sum(axis=1) / 5)
    estimates = size + runs[:, 0].mean(axis=1) - runs[:, 1].mean(axis=1)
    alarms = [
        small_telescopes(original, Estimate(estimate, error, 5)).p <= 0.05
        for estimate, error in zip(estimates, errors, strict=True)
    ]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize("alpha", [0.0, -0.1, 0.5, math.nan])
@pytest.mark.parametrize("n", [10, math.inf])
def test_an_error_rate_above_the_power_is_refused(alpha, n):
    with pytest.raises(AnalysisError, match="allowed"):
        small_effect(Estimate(1, 1, n), alpha=alpha)

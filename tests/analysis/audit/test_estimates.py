"""Estimates: their t-tests, their intervals, and the normal estimates like them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from analysis.audit.estimates import Estimate
from analysis.errors import AnalysisError


def test_an_estimate_has_the_p_and_interval_of_its_t_test():
    rng = np.random.default_rng(1)
    first, second = rng.normal(1, 1, 6), rng.normal(0, 1, 6)
    # SciPy's own two-sample t-test, with equal variances as 2 n - 2 degrees of freedom suppose.
    expected = stats.ttest_ind(first, second)
    ends = expected.confidence_interval(0.9)
    se = math.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 6)
    found = Estimate(first.mean() - second.mean(), se, 6)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.interval(0.9).low == pytest.approx(ends.low)
    assert found.interval(0.9).high == pytest.approx(ends.high)


def test_pairs_have_one_degree_of_freedom_less_than_there_are():
    assert Estimate(1, 1, 5, "paired").degrees == 4
    assert Estimate(1, 1, 5).degrees == 8
    assert math.isinf(Estimate(1, 1, math.inf).degrees)


@given(st.floats(-50, 50), st.integers(2, 500), st.sampled_from(["paired", "unpaired"]))
def test_the_normal_estimate_has_the_same_p_and_a_wider_error(estimate, n, design):
    given_one = Estimate(estimate, 1.0, n, design)
    normal = given_one.as_normal()
    assert normal.se >= 1
    assert normal.p == pytest.approx(given_one.p, rel=1e-6)


def test_t_is_widened_even_where_its_tail_underflows():
    # Independent: the tail's logarithm by integrating the density relative to its value at t.
    t, degrees = 80.0, 1000
    assert stats.t.sf(t, degrees) == 0
    start = stats.t.logpdf(t, degrees)
    rest, _ = integrate.quad(lambda u: math.exp(stats.t.logpdf(t + u, degrees) - start), 0, 5)
    z = -special.ndtri_exp(start + math.log(rest))
    assert Estimate(t, 1.0, 501).as_normal().se == pytest.approx(t / z, rel=1e-3)


def test_a_tiny_t_is_widened_as_one_just_above_it():
    below, above = (Estimate(t, 1.0, 3).as_normal().se for t in (0.99e-4, 1.01e-4))
    assert below == pytest.approx(above, rel=1e-7)


@pytest.mark.parametrize(
    "wrong",
    [
        {"se": 0.0},
        {"se": -1.0},
        {"se": math.nan},
        {"se": math.inf},
        {"estimate": math.nan},
        {"estimate": math.inf},
        {"n": 1},
        {"n": math.nan},
        {"n": -5},
        {"design": "matched"},
    ],
)
def test_what_is_no_estimate_is_refused(wrong):
    with pytest.raises(AnalysisError, match="allowed"):
        Estimate(**({"estimate": 1.0, "se": 1.0, "n": 5} | wrong))

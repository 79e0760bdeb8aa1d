import numpy as np
import pytest

from analysis.inference.noncentral_t import (
    noncentral_t_cdf,
    noncentrality_for,
    noncentrality_interval,
)


def test_limits_are_those_of_kelley():
    # Kelley 2007, Journal of Statistical Software 20(8), and R's MBESS:
    # conf.limits.nct(t.value = 2.83, df = 126, conf.level = 0.95).
    interval = noncentrality_interval(2.83, 126, 0.95)
    assert interval.low == pytest.approx(0.8337502, abs=1e-6)
    assert interval.high == pytest.approx(4.815359, abs=1e-6)


def test_at_t_zero_the_limits_are_the_normal_quantiles():
    interval = noncentrality_interval(0.0, 7, 0.95)
    assert (interval.low, interval.high) == pytest.approx((-1.959964, 1.959964), abs=1e-6)


@pytest.mark.parametrize("degrees", [1, 4, 60, 5000])
@pytest.mark.parametrize("t", [-200.0, -3.0, 0.5, 30.0, 900.0, 1100.0, 1e5, 1e10])
def test_the_ends_have_the_tails_that_define_them(t, degrees):
    interval = noncentrality_interval(t, degrees, 0.9)
    # SciPy's series are good to some 1e-4 close to where they are left for quadrature.
    assert noncentral_t_cdf(t, degrees, interval.low) == pytest.approx(0.95, abs=1e-4)
    assert noncentral_t_cdf(t, degrees, interval.high) == pytest.approx(0.05, abs=1e-4)
    assert interval.low < interval.high


@pytest.mark.parametrize(
    ("t", "degrees", "noncentrality"), [(2.0, 4, 1.0), (1500.0, 6, 1400.0), (-1200.0, 30, -1190.0)]
)
def test_the_distribution_is_that_of_its_definition(t, degrees, noncentrality):
    rng = np.random.default_rng(0)
    normal, square = rng.normal(size=400_000), rng.chisquare(degrees, size=400_000)
    share = np.mean((normal + noncentrality) / np.sqrt(square / degrees) <= t)
    assert noncentral_t_cdf(t, degrees, noncentrality) == pytest.approx(share, abs=0.004)


def test_series_and_quadrature_meet():
    below = noncentral_t_cdf(1000.0, 10, 900.0)
    beyond = noncentral_t_cdf(1000.0 + 1e-6, 10, 900.0)
    assert below == pytest.approx(beyond, abs=1e-4)
    assert noncentral_t_cdf(0.0, 10, 2000.0) == 0.0
    assert noncentrality_for(-2.0, 9, 0.3) == -noncentrality_for(2.0, 9, 0.7)

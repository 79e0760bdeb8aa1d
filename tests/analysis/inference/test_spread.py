import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.inference.spread import sd_interval


def test_the_interval_comes_from_the_tabled_chi_square_quantiles():
    # Chi-square with 9 degrees of freedom: 19.023 at 0.975, 2.700 at 0.025 (any printed table).
    interval = sd_interval(1.0, 10, 0.95)
    assert interval.low == pytest.approx((9 / 19.023) ** 0.5, abs=1e-4)
    assert interval.high == pytest.approx((9 / 2.700) ** 0.5, abs=1e-3)


def test_it_covers_as_often_as_it_says():
    spreads = np.random.default_rng(0).normal(size=(4000, 5)).std(axis=1, ddof=1)
    factor = sd_interval(1.0, 5, 0.9)
    covered = np.mean((spreads * factor.low <= 1) & (spreads * factor.high >= 1))
    assert covered == pytest.approx(0.9, abs=4 * (0.09 / 4000) ** 0.5)


def test_one_value_has_no_spread():
    with pytest.raises(AnalysisError, match="at least two"):
        sd_interval(1.0, 1, 0.95)
